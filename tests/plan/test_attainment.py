"""Attainment is arithmetic: laws that hold for all numbers, and unknown that stays unknown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.attainment import attainment, capped, over_years
from plan.enums import Accumulation, Direction, IndicatorKind

HIGHER, LOWER, WITHIN = Direction.HIGHER, Direction.LOWER, Direction.WITHIN
NUMBER = st.decimals("-1e12", "1e12", places=4)
POSITIVE = st.decimals("0.0001", "1e12", places=4)
MAYBE = st.none() | NUMBER


@pytest.mark.parametrize(
    ("direction", "actual", "target", "low", "high", "expected"),
    [
        (HIGHER, 30, 40, None, None, 75),
        (HIGHER, 60, 40, None, None, 150),
        (HIGHER, 0, 40, None, None, 0),
        (HIGHER, 5, 0, None, None, None),
        (HIGHER, None, 40, None, None, None),
        (HIGHER, 5, None, None, None, None),
        (LOWER, 50, 40, None, None, 80),
        (LOWER, 20, 40, None, None, 200),
        (LOWER, 0, 40, None, None, None),
        (LOWER, 40, 0, None, None, 0),
        (WITHIN, 5, None, 5, 10, 100),
        (WITHIN, 10, None, 5, 10, 100),
        (WITHIN, 11, None, 5, 10, 0),
        (WITHIN, 7, None, None, 10, None),
        (WITHIN, None, None, 5, 10, None),
    ],
)
def test_by_hand(direction, actual, target, low, high, expected):
    numbers = [None if n is None else Decimal(n) for n in (actual, target, low, high)]
    assert attainment(direction, *numbers) == expected


@given(direction=st.sampled_from(Direction), target=MAYBE, low=MAYBE, high=MAYBE)
def test_without_an_actual_it_is_unknown(direction, target, low, high):
    assert attainment(direction, None, target, low, high) is None


@given(direction=st.sampled_from([HIGHER, LOWER]), number=POSITIVE)
def test_reaching_the_target_is_full(direction, number):
    assert attainment(direction, number, number) == 100


@given(target=POSITIVE, one=NUMBER, other=NUMBER)
def test_more_is_better_where_higher_is(target, one, other):
    low, high = sorted((one, other))
    assert attainment(HIGHER, low, target) <= attainment(HIGHER, high, target)


@given(target=POSITIVE, one=POSITIVE, other=POSITIVE)
def test_less_is_better_where_lower_is(target, one, other):
    low, high = sorted((one, other))
    assert attainment(LOWER, low, target) >= attainment(LOWER, high, target)


@given(a=POSITIVE, b=POSITIVE)
def test_higher_and_lower_mirror_each_other(a, b):
    product = attainment(HIGHER, a, b) * attainment(LOWER, a, b)
    assert abs(product - 10_000) < Decimal("1e-9")


@given(actual=NUMBER, whole=st.decimals("-1e12", 0, places=4))
def test_a_share_of_nothing_or_less_is_unknown(actual, whole):
    assert attainment(HIGHER, actual, whole) is None
    assert attainment(LOWER, whole, actual) is None


@given(actual=NUMBER, one=NUMBER, other=NUMBER)
def test_within_is_all_or_nothing(actual, one, other):
    low, high = sorted((one, other))
    assert attainment(WITHIN, actual, None, low, high) == (100 if low <= actual <= high else 0)


@given(value=MAYBE)
def test_capping_keeps_unknown_and_stays_between(value):
    found = capped(value)
    if value is None:
        assert found is None
    else:
        assert 0 <= found <= 100
        assert found == value or not 0 <= value <= 100


# --- several years ---
@pytest.mark.parametrize(
    ("kind", "accumulation", "expected"),
    [
        (IndicatorKind.COUNT, Accumulation.YEARLY, 60),
        (IndicatorKind.QUANTITY, Accumulation.YEARLY, 60),
        (IndicatorKind.RATIO, Accumulation.YEARLY, 20),
        (IndicatorKind.YES_NO, Accumulation.YEARLY, 20),
        (IndicatorKind.COUNT, Accumulation.CUMULATIVE, 30),
        (IndicatorKind.RATIO, Accumulation.CUMULATIVE, 30),
    ],
)
def test_sum_mean_or_last(kind, accumulation, expected):
    assert over_years(kind, accumulation, [Decimal(10), Decimal(20), Decimal(30)]) == expected


KINDS = {"kind": st.sampled_from(IndicatorKind), "accumulation": st.sampled_from(Accumulation)}


@given(**KINDS, values=st.lists(MAYBE, max_size=6))
def test_one_unknown_year_makes_the_whole_unknown_unless_it_is_not_needed(
    kind, accumulation, values
):
    needed = values[-1:] if accumulation == Accumulation.CUMULATIVE else values
    found = over_years(kind, accumulation, values)
    assert (found is None) == (not values or None in needed)


@given(**KINDS, value=NUMBER)
def test_one_year_is_itself(kind, accumulation, value):
    assert over_years(kind, accumulation, [value]) == value
