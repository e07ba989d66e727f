"""A revision that renumbers measures while a review is open: nothing counts for another one."""

import pytest

from config.kit.errors import NotNow
from plan.actions import versions
from reports.actions.compile import compile_review
from reports.actions.renumbering import renumbered
from reports.actions.reviews import change_rules
from reports.actions.synthesis import prefill, save_conclusion
from reports.calculation import default_rules
from reports.models import Conclusion, Recusal, Review, Seat
from reports.queries.reviews import current_edition
from tests.plan.test_revision_actions import Pen, approve
from tests.reports.synthesis_world import make_opinion, make_review


def swap(world):
    """1.1.1.1 and 1.1.1.2 change places in a revision."""
    draft = versions.open_draft(world.plan, by=world.collator)
    pen = Pen(draft, world.collator)
    first, second = pen.measure("1.1.1.1"), pen.measure("1.1.1.2")
    pen.renumber(first.strategy, order=[second.pk, first.pk])
    approve(world, draft)


def weigh(world, review, weights):
    review = Review.objects.get(pk=review.pk)
    rules = default_rules() | {"weights": weights}
    change_rules(review, rules, reason="政策重點", seen_version=review.version, by=world.reviewer)


def compiled(review, world):
    return compile_review(review.pk, by=world.reviewer).number


def test_what_nobody_wrote_follows_a_renumbering_by_itself(world):
    review = make_review(world)
    prefill(review, current_edition(review), by=world.reviewer)
    swap(world)
    assert compiled(review, world) == 2


def test_a_weight_keeps_the_edition_until_it_is_taken_away(world):
    review = make_review(world)
    weigh(world, review, {"1.1.1.1": {"weight": "5", "reason": "重要"}})
    assert compiled(review, world) == 2
    swap(world)
    with pytest.raises(NotNow, match=r"1\.1\.1\.1（權重）"):
        compiled(review, world)
    assert current_edition(review).number == 2
    weigh(world, review, {})
    # Without the weight the rules and the tree make a new edition again.
    assert compiled(review, world) == 3


def test_each_thing_that_goes_by_a_code_is_named(world):
    review = make_review(world)
    make_opinion(world, review, "1.1.1.1", submitted=False)
    seat = Seat.objects.get(review=review)
    seat.items.create(measure_code="1.1.1.2")
    Recusal.objects.create(seat=seat, measure_code="1.1.1.2", reason="任職", state="proposed")
    prefill(review, current_edition(review), by=world.reviewer)
    row = Conclusion.objects.get(review=review, level="measure", code="1.1.1.1")
    given = [{"text": "辦得不錯。", "lines": ["111/1.1.1.1/alpha"]}]
    save_conclusion(row, paragraphs=given, seen_version=row.version, by=world.reviewer)
    swap(world)
    with pytest.raises(NotNow) as refused:
        compiled(review, world)
    assert "1.1.1.1（專家意見、結論）、1.1.1.2（專家分工、迴避）" in str(refused.value)


def test_what_holds_other_codes_does_not_keep_it(world):
    review = make_review(world)
    make_opinion(world, review, "1.1.2.1")
    swap(world)
    assert compiled(review, world) == 2


def tree(*strategies):
    """A head of one goal with a sub-goal; a strategy is (code, name, {code: lineage})."""
    told = [
        {
            "code": code,
            "name": name,
            "measures": [{"code": one, "lineage": lineage} for one, lineage in held.items()],
        }
        for code, name, held in strategies
    ]
    sub_goal = {"code": "1.1", "name": "甲", "implicit": False, "strategies": told}
    return {"tree": [{"code": "1", "name": "目標", "sub_goals": [sub_goal]}]}


BEFORE = tree(("1.1.1", "子", {"1.1.1.1": "a", "1.1.1.2": "b"}), ("1.1.2", "丑", {"1.1.2.1": "c"}))


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (BEFORE, set()),
        # Ended, begun, renamed.
        (tree(("1.1.1", "寅", {"1.1.1.1": "a", "1.1.1.3": "d"}), ("1.1.2", "丑", {})), set()),
        # Moved up, its old code free.
        (
            tree(("1.1.1", "子", {"1.1.1.1": "b"}), ("1.1.2", "丑", {"1.1.2.1": "c"})),
            {("measure", "1.1.1.1"), ("measure", "1.1.1.2")},
        ),
        # Strategies changed places, their measures with them.
        (
            tree(("1.1.1", "丑", {"1.1.1.1": "c"}), ("1.1.2", "子", {"1.1.2.1": "a"})),
            {("strategy", "1.1.1"), ("strategy", "1.1.2"), ("measure", "1.1.1.1")}
            | {("measure", "1.1.2.1")},
        ),
    ],
)
def test_which_codes_mean_another_thing(after, found):
    assert renumbered(BEFORE, after) == found
