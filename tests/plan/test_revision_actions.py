"""A rolling revision of the small world's plan, verb by verb, to its approval."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.models import AuditEvent
from plan.actions import revise, versions
from plan.actions.revise import Duties, Part, Why
from plan.enums import Ground, VersionState
from plan.models import Assignment, Change, Goal, LineageEdge, Measure, PlanVersion
from plan.queries import crosswalk, entries, family, redline
from tests.world import make_indicator
from tracking.actions import years
from tracking.actions.lights import set_light
from tracking.enums import Light, Status
from tracking.lights import NO_LIGHT
from tracking.matrix import Matrix
from tracking.models import ProgressReport
from tracking.standing import lights_of_years

WHY = Why(Ground.REVIEW, "期中評估認為範圍太寬。", "期中成果評估第3點")


@pytest.fixture
def draft(world) -> PlanVersion:
    return versions.open_draft(world.plan, by=world.collator)


class Pen:
    """Acts on one draft as the collator, always from what it says now."""

    def __init__(self, draft: PlanVersion, by):
        self.draft, self.by = draft, by

    def __getattr__(self, verb):
        def act(*args, **kwargs):
            self.draft.refresh_from_db()
            given = {"why": WHY, "seen_edits": self.draft.edits, "by": self.by, **kwargs}
            return getattr(revise, verb)(self.draft, *args, **given)

        return act

    def measure(self, code: str) -> Measure:
        return self.draft.measures.get(code=code)


@pytest.fixture
def pen(world, draft) -> Pen:
    return Pen(draft, world.collator)


def approve(world, draft, *, rule="stay", on=None, by=None) -> PlanVersion:
    draft.refresh_from_db()
    return versions.approve_draft(
        draft,
        seen_edits=draft.edits,
        document_number="院臺科字第1120000001號",
        on=on or timezone.localdate(),
        running_year_rule=rule,
        by=by or world.reviewer,
    )


def codes(version: PlanVersion) -> list[str]:
    return list(version.measures.order_by("position").values_list("code", flat=True))


# --- opening --------------------------------------------------------------------------------------
def test_a_draft_is_a_whole_copy_that_keeps_lineage(world, draft):
    old, new = entries(world.version), entries(draft)
    assert new == old
    assert draft.number == 2
    assert draft.based_on == world.version
    assert draft.state == VersionState.DRAFT
    assert draft.level_names == world.version.level_names
    assert draft.revision.opened_by == world.collator
    assert Goal.objects.filter(version=draft).count() == 2
    assert AuditEvent.objects.filter(verb="revision.open").count() == 1


def test_opening_takes_the_same_queries_for_any_tree(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        versions.open_draft(world.plan, by=world.collator)


def test_there_is_one_draft_at_a_time(world, draft):
    with pytest.raises(NotNow, match="已經有一份草案"):
        versions.open_draft(world.plan, by=world.collator)


@pytest.mark.parametrize("person", ["reviewer", "expert", "officer_a", "window_a"])
def test_only_collators_and_administrators_open_and_edit(world, person):
    with pytest.raises(NotAllowed):
        versions.open_draft(world.plan, by=world.people[person])
    draft = versions.open_draft(world.plan, by=world.administrator)
    with pytest.raises(NotAllowed):
        Pen(draft, world.people[person]).end(draft.measures.first())
    assert not Change.objects.exists()


def test_the_version_in_force_takes_no_change(world, draft):
    with pytest.raises(NotNow, match="只有滾動修正的草案"):
        Pen(world.version, world.collator).end(world.measures["1.1.1.1"])


def test_two_editors_are_kept_apart(world, draft, pen):
    pen.end(pen.measure("1.1.2.1"))
    with pytest.raises(StaleVersion):
        revise.end(draft, pen.measure("1.1.1.1"), why=WHY, seen_edits=1, by=world.administrator)


def test_every_change_wants_reason_and_basis(pen):
    with pytest.raises(Invalid) as refusal:
        pen.end(pen.measure("1.1.2.1"), why=Why("whim", " ", ""))
    assert set(refusal.value.errors) == {"ground", "reason", "basis"}
    assert pen.draft.measures.count() == 4


def test_discarding_leaves_nothing_but_the_audit(world, draft, pen):
    pen.end(pen.measure("1.1.2.1"))
    draft.refresh_from_db()
    versions.discard_draft(draft, seen_edits=draft.edits, by=world.collator)
    assert list(world.plan.versions.all()) == [world.version]
    assert not Change.objects.exists()
    event = AuditEvent.objects.get(verb="revision.discard")
    assert event.before["changes"] == [{"kind": "end", "reason": WHY.reason, "basis": WHY.basis}]
    assert Assignment.objects.filter(measure__version=world.version).count() == 9


# --- verbs ----------------------------------------------------------------------------------------
def test_reword_reads_the_items_of_a_description(pen):
    row = pen.measure("1.1.1.1")
    text = "先盤點需求。\n（1） 開設課程\n辦理三種課程。\n（2） 建立名冊。"
    change = pen.reword(row, fields={"name": "培育種子教師", "description": text})
    row.refresh_from_db()
    assert row.name == "培育種子教師"
    assert [(item.marker, item.title, item.text) for item in row.items.all()] == [
        ("（1）", "開設課程", "辦理三種課程。"),
        ("（2）", "", "建立名冊。"),
    ]
    assert (change.before[0]["name"], change.after[0]["name"]) == ("培育種子師資", "培育種子教師")
    with pytest.raises(Invalid, match="文字沒有改變"):
        pen.reword(row, fields={"name": "培育種子教師"})


def test_add_takes_the_bodies_of_the_cell_and_the_next_number(pen):
    strategy = pen.draft.strategies.get(code="1.1.1")
    pen.add("measure", under=strategy, name="開設線上課程")
    row = pen.measure("1.1.1.3")
    assert codes(pen.draft) == ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.2.1", "2.1.1.1"]
    assert Change.objects.get().after[0]["duties"] == "甲部／乙部"
    assert row.assignments.count() == 2


def test_a_number_of_the_version_in_force_is_not_given_to_something_else(pen):
    pen.end(pen.measure("1.1.1.2"))
    pen.add("measure", under=pen.draft.strategies.get(code="1.1.1"), name="別的事")
    assert codes(pen.draft) == ["1.1.1.1", "1.1.1.3", "1.1.2.1", "2.1.1.1"]


def test_end_takes_what_is_under_it(pen):
    pen.end(pen.draft.strategies.get(code="1.1.1"))
    assert codes(pen.draft) == ["1.1.2.1", "2.1.1.1"]
    assert [node["code"] for node in Change.objects.get().before] == [
        "1.1.1", "1.1.1.1", "1.1.1.2",
    ]  # fmt: skip


def test_split_and_merge_leave_edges(world, pen):
    old = {row.code: str(row.lineage) for row in world.version.measures.all()}
    pen.split(
        pen.measure("1.1.1.2"),
        parts=[Part("建置運算平臺"), Part("建置資料平臺", duties=Duties([world.beta.pk]))],
    )
    assert codes(pen.draft) == ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.2.1", "2.1.1.1"]
    assert Change.objects.get().after[0]["duties"] == "甲部、乙部／科學部"
    assert Change.objects.get().after[1]["duties"] == "乙部"
    pen.merge([pen.measure("1.1.1.3"), pen.measure("1.1.2.1")], name="開放資料平臺")
    walk = [
        (pair.old and pair.old.code, pair.new and pair.new.code, pair.kind)
        for pair in crosswalk(pen.draft)
    ]
    assert walk == [
        ("1.1.1.1", "1.1.1.1", "kept"),
        ("1.1.1.2", "1.1.1.2", "split"),
        ("1.1.1.2", "1.1.1.3", "merge"),
        ("1.1.2.1", "1.1.1.3", "merge"),
        ("2.1.1.1", "2.1.1.1", "kept"),
    ]
    merged = pen.measure("1.1.1.3")
    assert merged.assignments.filter(role="lead").count() == 2  # 乙部 and 科學部
    assert LineageEdge.objects.count() == 4
    assert str(LineageEdge.objects.first().predecessor) == old["1.1.1.2"]
    [row] = [row for row in redline(pen.draft) if row.level == "measure"]
    assert row.kinds == ("split", "merge")
    assert [entry.code for entry in row.old] == ["1.1.1.2", "1.1.2.1"]
    assert [entry.code for entry in row.new] == ["1.1.1.2", "1.1.1.3"]


def test_move_carries_what_is_beneath(pen):
    pen.move(pen.draft.strategies.get(code="1.1.2"), under=pen.draft.sub_goals.get(code="2.1"))
    assert codes(pen.draft) == ["1.1.1.1", "1.1.1.2", "2.1.1.1", "2.1.2.1"]
    kinds = {row.new[0].code: row.kinds for row in redline(pen.draft)}
    assert kinds == {"2.1.2": ("move",), "2.1.2.1": ("renumber",)}


def test_renumber_lets_siblings_change_places(pen):
    one, two = pen.draft.goals.order_by("ordinal")
    pen.renumber(None, order=[two.pk, one.pk])
    assert [(row.code, row.name) for row in pen.draft.measures.order_by("position")] == [
        ("1.1.1.1", "試辦智慧巡檢"),
        ("2.1.1.1", "培育種子師資"),
        ("2.1.1.2", "建置共用平臺"),
        ("2.1.2.1", "開放研究資料"),
    ]
    with pytest.raises(Invalid, match="每一項都要排一次"):
        pen.renumber(None, order=[one.pk])


def test_reassigning_a_strategy_reaches_the_measures_that_had_its_bodies(world, pen):
    strategy = pen.draft.strategies.get(code="1.1.1")
    pen.reassign(strategy, duties=Duties([world.science.pk], [world.alpha.pk]))
    strategy.refresh_from_db()
    assert strategy.cell == "科學部／甲部"
    duties = {entry.code: entry.duties for entry in entries(pen.draft)}
    assert duties["1.1.1.1"] == "科學部／甲部"
    assert duties["1.1.1.2"] == "甲部、乙部／科學部"
    with pytest.raises(Invalid, match="至少要有一個主辦"):
        pen.reassign(strategy, duties=Duties([], [world.alpha.pk]))


# --- approval -------------------------------------------------------------------------------------
def test_a_second_person_approves(world, draft, pen):
    pen.end(pen.measure("1.1.2.1"))
    pen.end(pen.draft.strategies.get(code="1.1.2"))
    for person in (world.collator, world.officer_a, world.expert):
        with pytest.raises(NotAllowed):
            approve(world, draft, by=person)
    approve(world, draft, by=world.administrator)


def test_an_administrator_who_took_part_does_not_approve(world, draft):
    Pen(draft, world.administrator).end(draft.measures.get(code="1.1.1.2"))
    with pytest.raises(NotAllowed, match="由別的審查人"):
        approve(world, draft, by=world.administrator)


def test_a_draft_that_says_nothing_new_or_has_hollow_branches_is_refused(world, draft, pen):
    with pytest.raises(Invalid, match="完全相同"):
        approve(world, draft)
    pen.end(pen.measure("1.1.2.1"))
    with pytest.raises(Invalid, match=r"1\.1\.2 開放資源底下沒有任何內容"):
        approve(world, draft)


def test_the_day_is_neither_in_the_future_nor_before_the_last(world, draft, pen):
    pen.end(pen.measure("1.1.1.2"))
    with pytest.raises(Invalid, match="還沒有到"):
        approve(world, draft, on=timezone.localdate() + timedelta(days=1))
    approved = approve(world, draft)
    assert approved.effective_on == timezone.localdate()
    second = versions.open_draft(world.plan, by=world.collator)
    Pen(second, world.collator).end(second.measures.get(code="1.1.2.1"))
    Pen(second, world.collator).end(second.strategies.get(code="1.1.2"))
    with pytest.raises(Invalid, match="生效日要在前一版"):
        approve(world, second)


def test_approval_supersedes_and_dates_the_duties(world, draft, pen):
    today = timezone.localdate()
    pen.reassign(pen.measure("1.1.1.1"), duties=Duties([world.alpha.pk], [world.science.pk]))
    pen.split(pen.measure("1.1.1.2"), parts=[Part("甲"), Part("乙")])
    # A decree of the meantime, about a measure that the revision leaves alone.
    Assignment.objects.filter(measure=world.measures["1.1.2.1"], role="partner").update(
        until=today - timedelta(days=3)
    )
    approved = approve(world, draft)
    world.version.refresh_from_db()
    assert (world.version.state, approved.state) == ("superseded", "approved")
    dated = {
        (row.measure.code, row.ministry.code, row.role): (row.since, row.until)
        for row in Assignment.objects.filter(measure__version=approved).select_related(
            "measure", "ministry"
        )
    }
    assert dated == {
        ("1.1.1.1", "alpha", "lead"): (None, None),
        ("1.1.1.1", "beta", "partner"): (None, today),
        ("1.1.1.1", "science", "partner"): (today, None),
        ("1.1.1.2", "alpha", "lead"): (today, None),
        ("1.1.1.2", "beta", "lead"): (today, None),
        ("1.1.1.2", "science", "partner"): (today, None),
        ("1.1.1.3", "alpha", "lead"): (today, None),
        ("1.1.1.3", "beta", "lead"): (today, None),
        ("1.1.1.3", "science", "partner"): (today, None),
        ("1.1.2.1", "science", "lead"): (None, None),
        ("1.1.2.1", "alpha", "partner"): (None, today - timedelta(days=3)),
        ("2.1.1.1", "beta", "lead"): (None, None),
        ("2.1.1.1", "gamma", "partner"): (None, None),
    }
    event = AuditEvent.objects.get(verb="revision.approve")
    assert event.after["document_number"] == "院臺科字第1120000001號"
    kinds = {row.new[0].code: row.kinds for row in redline(approved)}
    assert kinds == {"1.1.1.1": ("reassign",), "1.1.1.2": ("split",)}


def test_reports_stay_or_follow_and_those_without_an_heir_are_listed(world, draft, pen):
    pen.split(pen.measure("1.1.1.2"), parts=[Part("甲"), Part("乙")])
    strategy = pen.draft.strategies.get(code="1.1.1")
    order = [pen.measure(code).pk for code in ("1.1.1.3", "1.1.1.1", "1.1.1.2")]
    pen.renumber(strategy, order=order)
    filed = world.bring(world.report("1.1.1.1", "beta"), Status.SUBMITTED)
    seen = world.report("1.1.1.1", "alpha").version
    approved = approve(world, draft, rule="follow")
    outcome = approved.revision.outcome
    assert outcome["moved"] == 4
    assert {(row["code"], row["ministry"]) for row in outcome["stayed"]} == {
        ("1.1.1.2", "甲部"), ("1.1.1.2", "乙部"), ("1.1.1.2", "科學部"),
    }  # fmt: skip
    moved = ProgressReport.objects.get(measure__version=approved, measure__code="1.1.1.2")
    assert moved.ministry == world.alpha
    assert moved.version == seen + 1
    assert [duty.measure.version_id for duty in moved.assignments.all()] == [approved.pk]
    filed.refresh_from_db()
    assert filed.measure == world.measures["1.1.1.1"]
    # A second opening adds nothing for what is there under either version.
    assert years.open_year(world.year, by=world.collator).made == 0


def test_under_stay_nothing_moves(world, draft, pen):
    pen.reword(pen.measure("1.1.1.1"), fields={"name": "新的名稱"})
    approved = approve(world, draft, rule="stay")
    assert approved.revision.outcome["moved"] == 0
    assert len(approved.revision.outcome["stayed"]) == ProgressReport.objects.count()
    assert not ProgressReport.objects.filter(measure__version=approved).exists()


def test_a_light_set_after_the_revision_is_seen_with_the_reports_of_its_year(world, draft, pen):
    pen.reword(pen.measure("1.1.1.1"), fields={"name": "新的名稱"})
    for ministry in ("alpha", "beta"):
        world.bring(world.report("1.1.1.1", ministry), Status.ACCEPTED)
    approved = approve(world, draft)
    measure = approved.measures.get(code="1.1.1.1")
    set_light(measure, world.year, light=Light.BEHIND, reason="審查會決定。", by=world.reviewer)
    lights = lights_of_years([world.year], world.reviewer)[world.year.pk]
    assert lights.get(measure.lineage, NO_LIGHT).set_to == Light.BEHIND


def test_the_page_of_a_new_measure_tells_of_those_that_became_it(world, draft, pen, client):
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED, work_done="舊措施做的事。")
    make_indicator(world.measures["1.1.1.2"], world.alpha, world.officer_a)
    pen.split(pen.measure("1.1.1.2"), parts=[Part("建置運算平臺"), Part("建置資料平臺")])
    approved = approve(world, draft)
    new = approved.measures.get(name="建置資料平臺")
    old = Measure.objects.select_related("version").get(version=world.version, code="1.1.1.2")
    assert [row.code for row in family(new).before] == ["1.1.1.2"]
    assert [row.name for row in family(old).after] == [
        "建置運算平臺", "建置資料平臺",
    ]  # fmt: skip
    client.force_login(world.reviewer)
    page = client.get(f"/plan/measures/{new.code}/").content.decode()
    assert "舊措施做的事。" in page
    assert "培訓人次" in page
    past = client.get("/plan/measures/1.1.1.2/?version=1").content.decode()
    assert "建置資料平臺" in past


def test_the_matrix_of_a_year_under_two_versions_has_one_row_a_measure(world, draft, pen):
    strategy = pen.draft.strategies.get(code="1.1.1")
    pen.renumber(strategy, order=[row.pk for row in strategy.measures.order_by("-ordinal")])
    world.bring(world.report("1.1.1.1", "beta"), Status.SUBMITTED)
    approve(world, draft, rule="follow")
    matrix = Matrix(world.year, world.collator, timezone.localdate(), level="measure")
    assert [(line.code, line.name) for line in matrix.lines] == [
        ("1.1.1.1", "建置共用平臺"),
        ("1.1.1.2", "培育種子師資"),
        ("1.1.2.1", "開放研究資料"),
        ("2.1.1.1", "試辦智慧巡檢"),
    ]
    assert sum(sum(cell.states.values()) for cell in matrix.cells.values()) == 8
