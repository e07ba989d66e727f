"""Agreement of experts: known values, what must hold for all scores, and where nothing can be said.

The known value is computed here once by the textbook's coincidence matrix, apart from the library.
"""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.agreement import agreement, alpha, disagreements, spread

score = st.one_of(st.none(), st.integers(1, 5))
matrices = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(score, min_size=width, max_size=width), min_size=1, max_size=5)
)


def by_the_book(matrix: list[list[int | None]]) -> float | None:
    """Ordinal alpha from coincidences, as the textbook writes it; None where it is undefined."""
    pairs: Counter = Counter()
    for column in zip(*matrix, strict=True):
        given_scores = [one for one in column if one is not None]
        for first, second in permutations(range(len(given_scores)), 2):
            pairs[given_scores[first], given_scores[second]] += 1 / (len(given_scores) - 1)
    totals: Counter = Counter()
    for (first, _second), weight in pairs.items():
        totals[first] += weight
    if len(totals) < 2:
        return None
    number = sum(totals.values())

    def distance(first: int, second: int) -> float:
        low, high = sorted((first, second))
        between = sum(totals[value] for value in range(low, high + 1))
        return (between - (totals[low] + totals[high]) / 2) ** 2

    observed = sum(weight * distance(*pair) for pair, weight in pairs.items())
    expected = sum(
        totals[first] * totals[second] * distance(first, second)
        for first in totals
        for second in totals
    )
    return 1 - (number - 1) * observed / expected


def test_a_worked_example():
    matrix = [[1, 2, 3, 3, 2, 1, 4, 1, 2, None], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5]]
    assert alpha(matrix) == pytest.approx(by_the_book(matrix))
    assert 0.9 < alpha(matrix) < 1


@given(matrices)
def test_it_is_what_the_book_says(matrix):
    found, wanted = alpha(matrix), by_the_book(matrix)
    assert (found is None) == (wanted is None)
    if wanted is not None:
        assert found == pytest.approx(wanted, abs=1e-9)


@given(matrices)
def test_it_never_exceeds_full_agreement(matrix):
    found = alpha(matrix)
    assert found is None or found <= 1


@given(st.lists(st.integers(1, 5), min_size=2, max_size=8), st.integers(2, 4))
def test_experts_who_say_the_same_agree_fully(row, experts):
    assume(len(set(row)) > 1)
    assert alpha([row] * experts) == pytest.approx(1)


@given(matrices, st.randoms())
def test_neither_the_order_of_experts_nor_of_measures_matters(matrix, random):
    rows = random.sample(matrix, len(matrix))
    places = random.sample(range(len(matrix[0])), len(matrix[0]))
    mixed = [[row[place] for place in places] for row in rows]
    assert alpha(mixed) == (
        pytest.approx(alpha(matrix), abs=1e-9) if alpha(matrix) is not None else None
    )


@given(matrices)
def test_a_silent_expert_and_an_unjudged_measure_change_nothing(matrix):
    more = [[*row, None] for row in matrix]
    more.append([None] * len(more[0]))
    assert alpha(more) == (
        pytest.approx(alpha(matrix), abs=1e-9) if alpha(matrix) is not None else None
    )


@pytest.mark.parametrize(
    "matrix",
    [
        [],
        [[]],
        [[3, 4, 5]],
        [[1, None], [None, 2]],
        [[3, 3], [3, 3]],
        [[None], [None]],
        # The only different score stands alone, so it can be compared with nothing.
        [[3, 1], [3, None]],
    ],
)
def test_where_nothing_can_be_said(matrix):
    assert alpha(matrix) is None


OPINIONS = {
    "1.1": {"a": {"x": 5, "y": 1}, "b": {"x": 5, "y": 5}},
    "1.2": {"a": {"x": 2, "y": 2}, "b": {"x": 2, "y": 3}},
    "1.3": {"a": {"x": 4, "y": None}},
}


def test_each_criterion_by_itself():
    found = agreement(OPINIONS, ["x", "y", "z"])
    assert found.compared == 2
    assert found.by_criterion["x"] == pytest.approx(1)
    assert found.by_criterion["y"] < 0.5
    assert found.by_criterion["z"] is None


def test_nobody_said_anything():
    found = agreement({}, ["x"])
    assert (found.by_criterion, found.compared) == ({"x": None}, 0)


def test_the_widest_spread_comes_first_and_agreement_is_left_out():
    found = disagreements({**OPINIONS, "1.4": {"a": {"x": 3}, "b": {"x": 3}}}, ["x", "y"])
    assert [(one.code, one.widest) for one in found] == [("1.1", 4), ("1.2", 1)]
    assert found[0].ranges == {"x": (5, 5), "y": (1, 5)}


@given(st.lists(st.fixed_dictionaries({"x": score, "y": score}), max_size=5))
def test_a_spread_lies_between_nothing_and_four(found):
    one = spread("1.1", found, ["x", "y"])
    assert 0 <= one.widest <= one.total <= 8
    assert one.widest <= 4
    assert all(low <= high for low, high in one.ranges.values())
