"""The pages of a rolling revision: who gets which, and what a browser without scripts can do."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from plan.actions import revise, versions
from plan.actions.revise import Part, Why
from plan.enums import Ground, VersionState
from plan.models import Change, PlanVersion
from tests.tracking.pages import fields

WHY = {"ground": "funding", "reason": "實際經費只有規劃的六成。", "basis": "計畫柒、112年法定預算"}


@pytest.fixture
def draft(world) -> PlanVersion:
    return versions.open_draft(world.plan, by=world.collator)


@pytest.fixture
def changed(world, draft) -> PlanVersion:
    why = Why(Ground.REVIEW, "範圍太寬。", "評估第3點")
    revise.split(
        draft,
        draft.measures.get(code="1.1.1.2"),
        parts=[Part("建置運算平臺"), Part("建置資料平臺")],
        why=why,
        seen_edits=1,
        by=world.collator,
    )
    revise.reword(
        draft,
        draft.measures.get(code="1.1.1.1"),
        fields={"name": "培育種子教師"},
        why=why,
        seen_edits=2,
        by=world.collator,
    )
    draft.refresh_from_db()
    return draft


def node_url(draft, level, row) -> str:
    return reverse("revision-node", args=[draft.pk, level, row.pk])


def verb_url(draft, level, row, verb) -> str:
    return reverse("revision-verb", args=[draft.pk, level, row.pk, verb])


def send(client, draft, level, row, verb, **given):
    """Fill the form as it stands on the page and send it."""
    url = verb_url(draft, level, row, verb)
    shown = fields(client.get(node_url(draft, level, row)), url)
    return client.post(url, shown | {f"{verb}-{name}": value for name, value in given.items()})


# --- who ------------------------------------------------------------------------------------------
PAGES = ("revision", "revision-redline", "revision-crosswalk", "revision-vision")
ACTS = ("revision-approve", "revision-discard")


@pytest.mark.parametrize(
    ("person", "reads", "approves", "edits"),
    [
        (None, 404, 302, 302),
        ("officer_a", 404, 404, 404),
        ("expert", 404, 404, 404),
        ("reviewer", 200, 200, 403),
        ("collator", 200, 403, 200),
        ("administrator", 200, 200, 200),
    ],
)
def test_a_draft_is_for_those_at_work_on_it(client, world, changed, person, reads, approves, edits):
    if person:
        client.force_login(world.people[person])
    for name in PAGES:
        assert client.get(reverse(name, args=[changed.pk])).status_code == reads, name
    assert client.get(reverse("revision-approve", args=[changed.pk])).status_code == approves
    assert client.get(reverse("revision-discard", args=[changed.pk])).status_code == edits
    measure = changed.measures.first()
    assert client.get(node_url(changed, "measure", measure)).status_code == edits
    posted = client.post(verb_url(changed, "measure", measure, "end"), {})
    assert posted.status_code == {200: 422}.get(edits, edits)
    listed = client.get(reverse("revision-list"))
    assert listed.status_code == 200
    assert ("第2版" in listed.content.decode()) == (reads == 200)


def test_what_is_approved_is_public_and_takes_no_change(client, world, changed):
    versions.approve_draft(
        changed,
        seen_edits=changed.edits,
        document_number="院臺科字第1號",
        on=timezone.localdate(),
        running_year_rule="stay",
        by=world.reviewer,
    )
    for name in PAGES:
        assert client.get(reverse(name, args=[changed.pk])).status_code == 200
    page = client.get(reverse("revision", args=[changed.pk])).content.decode()
    assert "院臺科字第1號" in page
    assert "collator" not in page
    client.force_login(world.collator)
    refused = client.get(node_url(changed, "measure", changed.measures.first()), follow=True)
    assert "只有滾動修正的草案可以修改" in refused.content.decode()


# --- from opening to approval, without scripts ----------------------------------------------------
def test_open_change_and_approve(client, world):
    client.force_login(world.collator)
    answer = client.post(reverse("revision-list"), {"plan": "small"}, follow=True)
    draft = PlanVersion.objects.get(state=VersionState.DRAFT)
    assert answer.redirect_chain == [(reverse("revision", args=[draft.pk]), 302)]
    one = draft.measures.get(code="1.1.1.1")
    two = draft.measures.get(code="1.1.1.2")
    strategy = draft.strategies.get(code="1.1.1")
    steps = [
        ("measure", one, "reword", {"name": "培育種子教師", **WHY}),
        ("measure", one, "reassign", {"leads": "甲部／科學部、乙部", **WHY}),
        ("measure", two, "split", {"name_1": "運算", "name_2": "資料", "duties_2": "乙部", **WHY}),
        ("strategy", strategy, "add", {"name": "線上課程", **WHY}),
    ]
    for level, row, verb, given in steps:
        answer = send(client, draft, level, row, verb, **given)
        assert answer.status_code == 302, (verb, answer.content.decode()[:3000])
    merged = draft.measures.get(name="線上課程")
    other = draft.measures.get(name="資料")
    answer = send(
        client, draft, "measure", merged, "merge", measures=other.pk, name="線上資料", **WHY
    )
    assert answer.status_code == 302
    moved = draft.measures.get(name="線上資料")
    target = draft.strategies.get(code="1.1.2")
    assert send(client, draft, "measure", moved, "move", under=target.pk, **WHY).status_code == 302
    goal, last = draft.goals.order_by("ordinal")
    url = reverse("revision-verb", args=[draft.pk, "plan", 0, "renumber"])
    shown = fields(client.get(reverse("revision-node", args=[draft.pk, "plan", 0])), url)
    order = {f"renumber-place_{goal.pk}": "2", f"renumber-place_{last.pk}": "1"}
    why = {f"renumber-{name}": value for name, value in WHY.items()}
    assert client.post(url, shown | order | why).status_code == 302
    sub_goal = draft.sub_goals.get(name="智慧應用")
    assert send(client, draft, "sub_goal", sub_goal, "end", **WHY).status_code == 302
    assert [row.code for row in draft.measures.order_by("position")] == [
        "2.1.1.1", "2.1.1.2", "2.1.2.1", "2.1.2.2",
    ]  # fmt: skip
    assert Change.objects.filter(version=draft, ground="funding").count() == 8
    page = client.get(reverse("revision", args=[draft.pk])).content.decode()
    assert "實際經費只有規劃的六成。" in page

    client.force_login(world.reviewer)
    approve = reverse("revision-approve", args=[draft.pk])
    draft.refresh_from_db()
    day = timezone.localdate()
    letter = {
        "seen_edits": draft.edits, "document_number": "院臺科字第2號",
        "on_0": day.year - 1911, "on_1": day.month, "on_2": day.day, "running_year_rule": "follow",
    }  # fmt: skip
    answer = client.post(approve, letter)
    assert answer.status_code == 422
    assert "應用底下沒有任何內容" in answer.content.decode()
    client.force_login(world.collator)
    goal = draft.goals.get(name="應用")
    assert send(client, draft, "goal", goal, "end", **WHY).status_code == 302
    client.force_login(world.reviewer)
    answer = client.post(approve, letter | {"seen_edits": draft.edits + 1}, follow=True)
    assert "已核定並生效" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == VersionState.APPROVED
    assert "移到新版本" in answer.content.decode()


def test_what_was_typed_survives_a_refusal_and_a_faster_colleague(client, world, draft):
    client.force_login(world.collator)
    row = draft.measures.get(code="1.1.1.1")
    answer = send(client, draft, "measure", row, "reword", name="打好的字", **WHY | {"basis": ""})
    assert answer.status_code == 422
    assert "打好的字" in answer.content.decode()
    url = verb_url(draft, "measure", row, "reword")
    shown = fields(client.get(node_url(draft, "measure", row)), url)
    typed = shown | {"reword-name": "打好的字", **{f"reword-{k}": v for k, v in WHY.items()}}
    revise.end(
        draft,
        draft.measures.get(code="1.1.1.2"),
        why=Why("law", "組織調整。", "組織法"),
        seen_edits=1,
        by=world.administrator,
    )
    answer = client.post(url, typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "組織調整。" in page
    assert "打好的字" in page
    again = fields(answer, url)
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert row.name == "打好的字"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("甲部、無此部", "不認得「無此部」"),
        ("甲部／乙部／科學部", "只用一個「／」"),
        ("／乙部", "至少要有一個主辦"),
        ("甲部／甲部", "同一個部會只能列一次"),
    ],
)
def test_bodies_are_written_as_the_cell_prints_them(client, world, draft, typed, sentence):
    client.force_login(world.collator)
    row = draft.measures.get(code="1.1.1.1")
    answer = send(client, draft, "measure", row, "reassign", leads=typed, **WHY)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


# --- comparisons ----------------------------------------------------------------------------------
def test_the_redline_marks_words_and_gives_reasons(client, world, changed):
    client.force_login(world.reviewer)
    page = client.get(reverse("revision-redline", args=[changed.pk])).content.decode()
    assert "培育種子<ins>教</ins>師" in page
    assert "培育種子師<del>資</del>" in page
    assert "範圍太寬。" in page
    assert "建置資料平臺" in page


def test_the_crosswalk_goes_both_ways(client, world, changed):
    client.force_login(world.reviewer)
    url = reverse("revision-crosswalk", args=[changed.pk])
    assert "由新查舊" in client.get(url).content.decode()
    text = client.get(f"{url}?format=csv").content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1:4] == [
        ["1.1.1.1", "培育種子師資", "kept", "1.1.1.1", "培育種子教師"],
        ["1.1.1.2", "建置共用平臺", "split", "1.1.1.2", "建置運算平臺"],
        ["1.1.1.2", "建置共用平臺", "split", "1.1.1.3", "建置資料平臺"],
    ]


def test_pages_take_the_same_queries_however_much_was_changed(
    client, world, changed, django_assert_max_num_queries
):
    client.force_login(world.collator)
    for name in PAGES:
        with django_assert_max_num_queries(32):
            client.get(reverse(name, args=[changed.pk]))
