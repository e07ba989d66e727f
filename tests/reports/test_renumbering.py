"""A revision that renumbers measures while a review is open: what was said of a thing goes with it,
and nothing counts for another one.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ministries.models import AuditEvent
from plan.actions import versions
from plan.actions.revise import Part
from reports.actions import filing
from reports.actions.compile import compile_review
from reports.actions.opinions import Draft, save_opinion, submit_opinion
from reports.actions.reviews import change_rules
from reports.actions.synthesis import mark_ready, prefill, save_conclusion
from reports.calculation import default_rules
from reports.closing import collect, content_digest
from reports.compare import basis
from reports.enums import FilingStep, ReviewState
from reports.models import (
    Citation,
    Comment,
    Conclusion,
    Edition,
    Filing,
    Opinion,
    Recusal,
    Review,
    Seat,
    SnapshotLine,
)
from reports.pages import dossier
from reports.queries.lineage import moves, parted
from reports.queries.reviews import current_edition
from tests.kept import kept
from tests.plan.test_revision_actions import Pen, approve
from tests.reports.synthesis_world import make_opinion, make_review, set_state
from tracking.models import ProgressReport


def revised(world, change):
    """A revision in force; `change` acts on its draft with a pen."""
    draft = versions.open_draft(world.plan, by=world.collator)
    pen = Pen(draft, world.collator)
    change(pen)
    return approve(world, draft)


def swap(world):
    """1.1.1.1 and 1.1.1.2 change places in a revision."""

    def change(pen):
        first, second = pen.measure("1.1.1.1"), pen.measure("1.1.1.2")
        pen.renumber(first.strategy, order=[second.pk, first.pk])

    return revised(world, change)


def weigh(world, review, weights):
    review = Review.objects.get(pk=review.pk)
    rules = default_rules() | {"weights": weights}
    change_rules(review, rules, reason="政策重點", seen_version=review.version, by=world.reviewer)


def compiled(review, world):
    return compile_review(review.pk, by=world.reviewer)


def write(world, review, code, text="辦得不錯。", *, lines=(), opinions=(), level="measure"):
    """A conclusion in a person's words, marked as ready."""
    row = Conclusion.objects.get(review=review, level=level, code=code)
    given = [{"text": text, "lines": list(lines), "opinions": list(opinions)}]
    row = save_conclusion(row, paragraphs=given, seen_version=row.version, by=world.reviewer)
    return mark_ready(row, seen_version=row.version, by=world.reviewer)


# --- codes that change places ---------------------------------------------------------------------
def test_what_nobody_wrote_follows_a_renumbering_by_itself(world):
    review = make_review(world)
    prefill(review, current_edition(review), by=world.reviewer)
    swap(world)
    edition = compiled(review, world)
    assert edition.number == 2
    rows = Conclusion.objects.filter(review=review)
    assert set(rows.values_list("edition", flat=True)) == {edition.pk}
    told = rows.get(level="measure", code="1.1.1.2").paragraphs.first()
    keys = told.citations.filter(line__isnull=False).values_list("line__key", flat=True)
    assert set(keys) == {"111/1.1.1.2/alpha", "111/1.1.1.2/beta"}


def test_a_weight_goes_with_its_measure(world):
    review = make_review(world)
    weigh(world, review, {"1.1.1.1": {"weight": "5", "reason": "重要"}})
    before = compiled(review, world)
    version = Review.objects.get(pk=review.pk).version
    swap(world)
    after = compiled(review, world)
    weights = {"1.1.1.2": {"weight": "5", "reason": "重要"}}
    review.refresh_from_db()
    assert review.rules["weights"] == after.rules["weights"] == weights
    assert Edition.objects.get(pk=before.pk).rules["weights"] == {"1.1.1.1": weights["1.1.1.2"]}
    assert review.version == version + 1
    assert after.standing["measures"]["1.1.1.2"] == before.standing["measures"]["1.1.1.1"]
    assert after.standing["plan"] == before.standing["plan"]
    told = AuditEvent.objects.get(verb="review.renumber")
    assert told.after["codes"] == {"measure:1.1.1.1": "1.1.1.2", "measure:1.1.1.2": "1.1.1.1"}
    # A second run finds the edition, and moves nothing back.
    assert compiled(review, world) == after
    review.refresh_from_db()
    assert review.rules["weights"] == weights


def test_items_recusals_and_opinions_go_with_their_measure(world):
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1")
    seat = Seat.objects.get(review=review)
    for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1"):
        seat.items.create(measure_code=code)
    Recusal.objects.create(seat=seat, measure_code="1.1.1.2", reason="任職", state="confirmed")
    other = make_opinion(world, review, "1.1.2.1")
    swap(world)
    after = compiled(review, world)
    opinion.refresh_from_db()
    assert (opinion.measure_code, opinion.edition) == ("1.1.1.2", after)
    assert opinion.basis == basis(after, "1.1.1.2")
    assert Recusal.objects.get(seat=seat).measure_code == "1.1.1.1"
    states = {item.code: item.state for item in dossier.items_of(seat, after)}
    assert states == {
        "1.1.1.1": dossier.RECUSED,
        "1.1.1.2": dossier.SUBMITTED,
        "1.1.2.1": dossier.SUBMITTED,
    }
    other.refresh_from_db()
    assert other.edition.number == 1


def test_an_opinion_on_lines_that_changed_is_flagged_under_the_new_code(world):
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1")
    seat = Seat.objects.get(review=review)
    seat.items.create(measure_code="1.1.1.1")
    report = world.report("1.1.1.1", "alpha")
    ProgressReport.objects.filter(pk=report.pk).update(benefit="更正後的效益")
    swap(world)
    after = compiled(review, world)
    opinion.refresh_from_db()
    assert opinion.measure_code == "1.1.1.2"
    [item] = dossier.items_of(seat, after)
    assert item.state == dossier.CHANGED


def test_ministries_read_opinions_of_their_own_measures_only(world, client):
    """1.1.1.2 is of another ministry; the code it takes must not show it the opinion."""
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1", sent_at=timezone.now())
    readers = [
        person
        for person in world.people.values()
        if Opinion.objects.visible_to(person).filter(pk=opinion.pk).exists()
    ]
    swap(world)
    compiled(review, world)
    assert readers == [
        person
        for person in world.people.values()
        if Opinion.objects.visible_to(person).filter(pk=opinion.pk).exists()
    ]


def test_conclusions_go_along_with_comments_and_citations(world):
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1")
    prefill(review, current_edition(review), by=world.reviewer)
    row = write(world, review, "1.1.1.1", lines=["111/1.1.1.1/alpha"], opinions=[opinion.pk])
    naming = write(world, review, "1.1.1", "1.1.1.1優於1.1.1.2。", level="strategy",
                   lines=["111/1.1.1.1/alpha"])  # fmt: skip
    comment = Comment.objects.create(
        conclusion=row, ministry=world.alpha, text="同意。", by=world.window_a
    )
    swap(world)
    after = compiled(review, world)
    row.refresh_from_db()
    assert (row.code, row.edition, row.ready) == ("1.1.1.2", after, True)
    assert [one.text for one in row.paragraphs.all()] == ["辦得不錯。"]
    assert comment.conclusion_id == row.pk
    cited = Citation.objects.get(paragraph__conclusion=row, line__isnull=False)
    assert (cited.line.edition, cited.line.key) == (after, "111/1.1.1.2/alpha")
    assert not cited.flag
    # Words that name a code are for the writer to look at.
    naming.refresh_from_db()
    assert (naming.code, naming.ready, naming.numbers_changed) == ("1.1.1", False, True)


def test_strategies_that_change_places_take_all_beneath_along(world):
    review = make_review(world)
    weigh(world, review, {"1.1.1": {"weight": "3", "reason": "重要"}})
    before = compiled(review, world)
    make_opinion(world, review, "1.1.2.1")
    prefill(review, before, by=world.reviewer)
    row = write(world, review, "1.1.1", level="strategy", lines=["111/1.1.1.1/alpha"])

    def change(pen):
        sub_goal = pen.measure("1.1.1.1").strategy.sub_goal
        order = list(sub_goal.strategies.order_by("-ordinal").values_list("pk", flat=True))
        pen.renumber(sub_goal, order=order)

    revised(world, change)
    after = compiled(review, world)
    review.refresh_from_db()
    assert list(review.rules["weights"]) == ["1.1.2"]
    assert Opinion.objects.get(seat__review=review).measure_code == "1.1.1.1"
    row.refresh_from_db()
    assert (row.level, row.code, row.ready) == ("strategy", "1.1.2", True)
    assert after.standing["strategies"]["1.1.2"] == before.standing["strategies"]["1.1.1"]


# --- split, merged, ended -------------------------------------------------------------------------
def split(pen):
    """Into two; the first takes over the code."""
    pen.split(pen.measure("1.1.1.1"), parts=[Part("培育"), Part("認證")])


def test_what_was_said_of_a_measure_that_was_split_stays_with_it_and_is_flagged(world, client):
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1")
    weigh(world, review, {"1.1.1.1": {"weight": "5", "reason": "重要"}})
    prefill(review, compiled(review, world), by=world.reviewer)
    row = write(world, review, "1.1.1.1", lines=["111/1.1.1.1/alpha"])
    revised(world, split)
    after = compiled(review, world)
    lineage = SnapshotLine.objects.filter(edition__number=1, key="111/1.1.1.1/alpha").get()
    kept = after.lines.get(year=111, ministry_code="alpha", kind="report")
    assert kept.content["measure"]["lineage"] == lineage.content["measure"]["lineage"]
    row.refresh_from_db()
    opinion.refresh_from_db()
    assert row.code == opinion.measure_code == kept.measure_code == "1.1.1.1@1"
    assert after.rules["weights"].keys() == {"1.1.1.1@1"}
    assert not after.lines.filter(measure_code="1.1.1.1", kind="report").exists()
    assert (row.ready, row.numbers_changed) == (False, True)
    heirs = parted(review, after.head)
    assert list(heirs) == [row.code]
    assert len(heirs[row.code]) == 2
    # The parts are there, with nothing said of them yet.
    assert not Opinion.objects.filter(measure_code__in=heirs[row.code]).exists()
    parts = Conclusion.objects.filter(review=review, level="measure", code__in=heirs[row.code])
    assert parts.count() == 2
    assert not parts.filter(saved_by__isnull=False).exists()
    client.force_login(world.reviewer)
    for name in ("conclusion", "conclusion-edit"):
        page = client.get(reverse(name, args=[review.pk, "measure", row.code])).content.decode()
        assert "代碼已變更" in page
        assert "、".join(heirs[row.code]) in page


# --- filed ----------------------------------------------------------------------------------------
def test_a_filed_review_is_withdrawn_after_a_renumbering(world):
    review = make_review(world)
    opinion = make_opinion(world, review, "1.1.1.1", sent_at=timezone.now())
    weigh(world, review, {"1.1.1.1": {"weight": "5", "reason": "重要"}})
    edition = compiled(review, world)
    prefill(review, edition, by=world.reviewer)
    row = write(world, review, "1.1.1.1", lines=["111/1.1.1.1/alpha"], opinions=[opinion.pk])
    edition.closing = collect(edition)
    edition.save(update_fields=["closing"])
    review = set_state(review, ReviewState.APPROVED)
    filed = filing.file_for_reference(
        review,
        edition=edition,
        step=FilingStep.FOR_REFERENCE,
        document_number="科會前字第1130000001號",
        on=timezone.localdate() - timedelta(days=1),
        addressee="行政院",
        seen_version=review.version,
        by=world.collator,
    )
    swap(world)
    review.refresh_from_db()
    after = filing.withdraw(
        review, reason="數字有誤", seen_version=review.version, by=world.collator
    )
    assert after.number == edition.number + 1
    # What was filed is what it was, to the byte of its content.
    kept = Edition.objects.get(pk=edition.pk)
    assert content_digest(kept) == filed.content_digest
    assert (kept.head, kept.rules, kept.standing) == (edition.head, edition.rules, edition.standing)
    assert Filing.objects.get(pk=filed.pk).edition == kept
    assert set(kept.lines.values_list("key", "digest")) == set(
        edition.lines.values_list("key", "digest")
    )
    texts = {one["code"]: one["paragraphs"][0]["text"] for one in kept.closing["conclusions"]}
    assert texts["1.1.1.1"] == "辦得不錯。"
    # What goes on is under the new codes.
    row.refresh_from_db()
    opinion.refresh_from_db()
    assert row.code == opinion.measure_code == "1.1.1.2"
    assert after.rules["weights"].keys() == {"1.1.1.2"}


# --- forms that were open meanwhile ---------------------------------------------------------------
@kept
def asked(world):
    review = make_review(world, ReviewState.ASSESSING)
    seat = Seat.objects.create(
        review=review, user=world.people["expert"], affiliation="某大學",
        declared_at=timezone.now(), no_interest=True,
    )  # fmt: skip
    for code in ("1.1.1.1", "1.1.1.2"):
        seat.items.create(measure_code=code)
    return review, seat


def test_a_draft_that_was_typed_under_the_old_code(world, client, asked):
    review, seat = asked
    draft = Draft({"relevance": 4}, "規模足夠。", 0, 1)
    save_opinion(seat, measure_code="1.1.1.1", draft=draft, by=seat.user)
    swap(world)
    compiled(review, world)
    client.force_login(seat.user)
    data = {
        **{f"score_{one['key']}": "3" for one in review.criteria},
        "text": "規模足夠，效益可觀。",
        "seen_version": "1",
        "edition": "1",
        "do": "save",
    }
    client.post(reverse("opinion", args=[review.pk, "1.1.1.1"]), data)
    row = Opinion.objects.get(seat=seat)
    assert (row.measure_code, row.text) == ("1.1.1.2", "規模足夠，效益可觀。")
    assert row.edition.number == 2


def test_an_opinion_read_under_the_old_code_is_handed_in_where_nothing_else_changed(world, asked):
    review, seat = asked
    swap(world)
    compiled(review, world)
    draft = Draft({one["key"]: 3 for one in review.criteria}, "規模足夠。", 0, 1)
    row = submit_opinion(seat, measure_code="1.1.1.2", draft=draft, by=seat.user)
    assert (row.edition.number, row.basis) == (2, basis(row.edition, "1.1.1.2"))


def test_the_dossier_opens_every_measure_under_its_new_code(world, client, asked):
    review, seat = asked
    first = {one["lineage"]: one["code"] for one in _measures(current_edition(review))}
    swap(world)
    after = compiled(review, world)
    client.force_login(seat.user)
    page = client.get(reverse("review-dossier", args=[review.pk])).content.decode()
    for one in _measures(after):
        if first[one["lineage"]] in ("1.1.1.1", "1.1.1.2"):
            link = reverse("opinion", args=[review.pk, one["code"]])
            assert link in page
            assert one["name"] in client.get(link).content.decode()


def _measures(edition):
    return [
        measure
        for goal in edition.head["tree"]
        for sub_goal in goal["sub_goals"]
        for strategy in sub_goal["strategies"]
        for measure in strategy["measures"]
    ]


# --- which codes mean another thing ---------------------------------------------------------------
def head(*measures, number=1):
    """A head of one strategy; a measure is (code, lineage)."""
    told = [{"code": code, "lineage": lineage, "ended": False} for code, lineage in measures]
    strategy = {"code": "9.9.9", "name": "子", "measures": told}
    sub_goal = {"code": "9.9", "name": "甲", "implicit": False, "strategies": [strategy]}
    goal = {"code": "9", "name": "目標", "sub_goals": [sub_goal]}
    return {"tree": [goal], "version": {"number": number}}


@pytest.mark.parametrize(
    ("after", "held", "found"),
    [
        ([("1", "a"), ("2", "b")], [], {}),
        # Ended, begun.
        ([("1", "a"), ("3", "c")], [], {}),
        # Moved up, its old code free, and nothing of the ended one left behind under its code.
        ([("1", "b")], [], {"2": "1", "1": "1@1"}),
        ([("2", "a"), ("1", "b")], [], {"1": "2", "2": "1"}),
        # Ended long ago, and its code is given away now.
        ([("1", "a"), ("2", "b"), ("0", "z")], ["0"], {"0": "0@1"}),
    ],
)
def test_moves(world, after, held, found):
    review = Review(plan=world.plan, rules=default_rules())
    got = moves(
        review,
        head(("1", "a"), ("2", "b")),
        head(*after, number=2),
        [("measure", code) for code in held],
    )
    assert got == {("measure", old): ("measure", new) for old, new in found.items()}
