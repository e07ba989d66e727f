"""Two editions side by side; what an opinion rests on carries over only where nothing changed."""

import pytest

from reports.actions.compile import compile_review
from reports.compare import bases, basis, compare
from reports.enums import ReviewKind
from reports.models import Edition, Review
from tests.kept import kept
from tests.world import LATE
from tracking.enums import Status
from tracking.models import ProgressReport

pytestmark = pytest.mark.django_db


@kept
def review(world) -> Review:
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    return Review.objects.create(
        plan=world.plan, kind=ReviewKind.OTHER, title="年度", first_year=111, last_year=111
    )


@kept
def before(review) -> Edition:
    return compile_review(review.pk)


def again(review: Review) -> Edition:
    return compile_review(review.pk)


def test_an_edition_and_itself_differ_in_nothing(before):
    found = compare(before, before)
    assert (found.added, found.removed, found.changed) == ((), (), ())
    assert (found.standing, found.rules, found.head) == ((), (), ())
    assert found.unchanged == before.lines.count()


def test_a_changed_line_names_its_fields(review, before):
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(
        work_done="辦理四場培訓。", completion=60
    )
    found = compare(before, again(review))
    (line,) = found.changed
    assert (line.before.key, line.after.key) == ("111/1.1.1.1/alpha", "111/1.1.1.1/alpha")
    assert {change.name: (change.before, change.after) for change in line.fields} == {
        "work_done": ("辦理三場培訓，共一百二十人次。", "辦理四場培訓。"),
        "completion": (40, 60),
    }
    assert found.unchanged == before.lines.count() - 1
    assert [(row["level"], row["code"]) for row in found.standing] == [("measure", "1.1.1.1")]


def test_a_gap_that_was_filled_is_a_change(review, before, world):
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED, **late(world))
    found = compare(before, again(review))
    (line,) = found.changed
    assert (line.before.kind, line.after.kind) == ("gap", "report")
    names = {change.name for change in line.fields}
    assert {"state", "work_done", "light"} <= names
    moved = {row["code"]: row["after"]["attainment"] for row in found.standing}
    assert moved["1.1.2.1"] == "55.0000"
    assert moved["1.1.2"] == "55.0000"


def late(world) -> dict:
    return {**LATE, "catch_up_on": world.year.closes_on}


def test_lines_that_came_and_went(review, before, world):
    row = world.report("1.1.1.2", "science")
    row.assignments.clear()
    row.delete()
    after = again(review)
    assert [line.key for line in compare(before, after).removed] == ["111/1.1.1.2/science"]
    assert [line.key for line in compare(after, before).added] == ["111/1.1.1.2/science"]


def test_changed_rules_are_told_and_what_they_move(review, before):
    Review.objects.update(rules=review.rules | {"threshold": "90"})
    found = compare(before, again(review))
    (change,) = found.rules
    assert (change.name, change.before, change.after) == ("threshold", "60", "90")
    assert not found.changed
    assert all(row["after"]["below"] for row in found.standing)


def test_a_renumbered_measure_is_the_same_measure(review, before, world):
    for code, other in (("1.1.1.1", "x"), ("1.1.1.2", "1.1.1.1"), ("x", "1.1.1.2")):
        world.version.measures.filter(code=code).update(code=other)
    found = compare(before, again(review))
    assert (found.added, found.removed) == ((), ())
    assert {(line.before.key, line.after.key) for line in found.changed} >= {
        ("111/1.1.1.1/alpha", "111/1.1.1.2/alpha")
    }
    assert {change.name for line in found.changed for change in line.fields} == {"measure"}


def test_the_number_of_queries_does_not_grow(review, before, world, django_assert_num_queries):
    ProgressReport.objects.update(work_done="x", status=Status.ACCEPTED)
    after = again(review)
    with django_assert_num_queries(4):
        compare(before, after)


# --- what opinions rest on ------------------------------------------------------------------------
def test_a_basis_changes_with_its_measure_only(review, before):
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="更多")
    after = again(review)
    old, new = bases(before), bases(after)
    assert old.keys() == new.keys() == {"1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1"}
    assert {code for code in old if old[code] != new[code]} == {"1.1.1.1"}
    for edition, found in ((before, old), (after, new)):
        assert {code: basis(edition, code) for code in found} == found


def test_a_measure_without_lines_rests_on_nothing(before):
    assert basis(before, "9.9.9.9") == basis(before, "8.8.8.8")
    assert len(basis(before, "9.9.9.9")) == 64
