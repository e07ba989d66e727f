"""Figures of several years follow from the yearly ones, and from a correction of one of them."""

from decimal import Decimal

import pytest

from plan.attainment import Effect, Target, effects, to_date

D = Decimal


def test_yearly_values_add_up_to_this_day():
    targets = {110: Target(D(20)), 111: Target(D(30))}
    rows = to_date("count", "yearly", "higher", {110: D(10), 111: D(25)}, targets)
    assert [(row.year, row.total, row.increase) for row in rows] == [
        (110, 10, None),
        (111, 35, None),
    ]
    assert [row.attainment for row in rows] == [50, 70]


def test_a_running_total_tells_what_it_gained():
    rows = to_date("quantity", "cumulative", "higher", {110: D(10), 112: D(22)}, {})
    assert [(row.year, row.total, row.increase) for row in rows] == [(110, 10, None), (112, 22, 12)]


def test_ratios_have_a_mean_and_a_missing_year_makes_it_unknown():
    actuals = {110: D(40), 111: None, 112: D(60)}
    rows = to_date("ratio", "yearly", "higher", actuals, {})
    assert [row.total for row in rows] == [40, None, None]
    rows = to_date("ratio", "yearly", "higher", {110: D(40), 112: D(60)}, {})
    assert rows[-1].total == 50


def test_a_year_with_a_target_but_no_report_leaves_the_sum_unknown():
    targets = {110: Target(D(10)), 111: Target(D(10)), 113: Target(D(10))}
    rows = to_date("count", "yearly", "higher", {110: D(10), 112: D(5)}, targets)
    assert [(row.year, row.actual, row.total) for row in rows] == [
        (110, 10, 10),
        (111, None, None),
        (112, 5, None),
    ]


@pytest.mark.parametrize(
    ("kind", "accumulation", "actuals", "was", "expected"),
    [
        ("count", "yearly", {110: D(15), 111: D(25)}, D(10), [Effect(111, D(35), D(40))]),
        ("ratio", "yearly", {110: D(60), 111: D(80)}, D(40), [Effect(111, D(60), D(70))]),
        (
            "count",
            "cumulative",
            {110: D(15), 111: D(22), 112: D(30)},
            D(10),
            [Effect(111, D(12), D(7), D(27)), Effect(112, D(8), D(8), D(35))],
        ),
        ("count", "cumulative", {110: D(25), 111: D(22)}, D(20),
         [Effect(111, D(2), D(-3), D(27), True)]),
        ("count", "yearly", {110: D(15), 111: D(25)}, None, [Effect(111, None, D(40))]),
        ("count", "cumulative", {110: None, 111: D(22)}, D(10), [Effect(111, D(12), None)]),
        ("count", "yearly", {110: D(10), 111: D(25)}, D(10), []),
        ("count", "yearly", {109: D(3), 110: D(10)}, D(5), []),
    ],
)  # fmt: skip
def test_a_correction_is_followed_through_the_later_years(
    kind, accumulation, actuals, was, expected
):
    assert effects(kind, accumulation, actuals, 110, was) == expected


def test_targets_alone_make_no_year():
    assert to_date("count", "yearly", "higher", {}, {110: Target(D(5))}) == []


def test_every_later_year_is_followed_and_standing_still_is_no_fall():
    yearly = effects("count", "yearly", {110: D(7), 111: D(1), 112: D(2)}, 110, D(5))
    assert yearly == [Effect(111, D(6), D(8)), Effect(112, D(8), D(10))]
    running = effects("count", "cumulative", {110: D(10), 111: D(10)}, 110, D(8))
    assert [(one.after, one.falls) for one in running] == [(D(0), False)]
