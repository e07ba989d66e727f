"""The edges of the sums: what is exactly at a limit, missing, or no assumption at all."""

from decimal import Decimal

import pytest

from plan import budget_path
from plan.budget_path import BadAssumption, Scenario

GDP = {110: Decimal(1000), 111: Decimal(1100), 112: Decimal(1200)}


def scenario(**changes) -> Scenario:
    """5 of 1000 in 110; 0.7 % is the target."""
    given = {
        "start": 110, "budget": Decimal(5), "gdp": GDP, "gdp_growth": Decimal(0),
        "budget_growth": Decimal(0), "target_year": 112,
    }  # fmt: skip
    return Scenario(**given | changes)


# --- rounding and refusals ------------------------------------------------------------------------
def test_halves_are_printed_upwards():
    shares = ("0.645", "0.655", "0.6449")
    assert [budget_path.as_printed(Decimal(share)) for share in shares] == ["0.65", "0.66", "0.64"]


def test_the_road_to_the_target_has_a_budget_for_each_of_its_years():
    one = Scenario(110, Decimal(80), {110: Decimal(10_000)}, Decimal(0), target=Decimal("0.9"),
                   target_year=112)  # fmt: skip
    found = budget_path.solve(one, until=115).towards()
    assert list(found) == [110, 111, 112]
    assert found[110] == 80


def test_a_bad_assumption_says_what_it_is():
    with pytest.raises(BadAssumption, match=r"target_year: target_year \(109\)"):
        Scenario(110, Decimal(80), {110: Decimal(10_000)}, Decimal(0), target_year=109)


def test_sums_are_done_to_34_digits_of_positive_amounts():
    one, three = Decimal(1), Decimal(3)
    assert budget_path.ratio(one, three) == Decimal("33." + "3" * 32)
    assert budget_path.ratio(one, one) == 100
    assert [budget_path.ratio(one, Decimal(gdp)) for gdp in (0, -1)] == [None, None]
    assert budget_path.grown(one / three, Decimal(0)) == one / three
    assert len(budget_path.grown(one, Decimal("0.123456789"), 5).as_tuple().digits) == 34
    assert len(budget_path.growth_between(three, Decimal(4), 7).as_tuple().digits) > 28


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 0), (-1, 5), (5, -1), (0, 0)])
def test_growth_leads_from_something_to_something(first, last):
    with pytest.raises(BadAssumption) as refused:
        budget_path.growth_between(Decimal(first), Decimal(last), 2)
    found = refused.value
    assert (found.field, found.code, found.value) == ("budget", "amount", min(first, last))


def test_a_bad_assumption_names_its_field_and_what_is_wrong():
    good = {
        "start": 110, "budget": Decimal(80), "gdp": {110: Decimal(10_000)},
        "gdp_growth": Decimal(0), "target_year": 112,
    }  # fmt: skip

    def refused(**changes) -> tuple:
        with pytest.raises(BadAssumption) as found:
            Scenario(**good | changes)
        return found.value.field, found.value.code, found.value.value

    zero, low = Decimal(0), Decimal(-100)
    assert refused(budget=zero) == refused(gdp={}) == ("start", "start", 110)
    assert refused(gdp={110: zero}) == ("start", "start", 110)
    assert refused(target=zero) == ("target", "target", zero)
    assert refused(target_year=109) == ("target_year", "target_year", 109)
    assert refused(gdp_growth=low) == ("gdp_growth", "growth", low)
    assert refused(budget_growth=[Decimal(3), low]) == ("budget_growth", "growth", low)
    assert refused(fixed={111: zero}) == ("fixed", "amount", zero)
    # One step inside each edge is taken.
    least = Decimal("0.1")
    Scenario(**good | {"budget": least, "gdp": {110: least}, "target": least, "target_year": 110})
    Scenario(**good | {"gdp_growth": Decimal("-99.9"), "fixed": {111: least}})


def test_a_year_of_a_line_has_its_own_source_or_the_lines():
    line = budget_path.Line("x", "預算", {}, source="總表", sources={111: "追加"})
    assert (line.source_of(110), line.source_of(111)) == ("總表", "追加")


def test_growth_that_leaves_nothing_is_no_growth():
    for growth in (Decimal(-100), Decimal("-100.5")):
        with pytest.raises(BadAssumption) as refused:
            budget_path.grown(Decimal(80), growth)
        found = refused.value
        assert (found.field, found.code, found.value) == ("growth", "growth", growth)
    assert budget_path.grown(Decimal(80), Decimal("-99")) == Decimal("0.8")


# --- the year in which the target is reached ------------------------------------------------------
def each(*growth: str) -> list[Decimal]:
    return [Decimal(one) for one in growth]


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        # Exactly the target is enough.
        ({"budget": Decimal(7)}, 110),
        ({"budget": Decimal("6.999")}, None),
        # GDP as far as it is known: 5.5 ÷ 1100, 8.47 ÷ 1210, nothing afterwards.
        ({"gdp_growth": None, "budget_growth": Decimal(20)}, None),
        ({"gdp_growth": None, "budget_growth": Decimal(30)}, 112),
        ({"gdp_growth": None, "budget_growth": each("0", "69")}, 112),
        # Fixed budgets, known for longer than GDP or for as long; others have none.
        ({"budget_growth": None, "fixed": {119: Decimal(7)}}, 119),
        ({"budget_growth": None, "fixed": {119: Decimal("6.999")}}, None),
        ({"gdp_growth": None, "budget_growth": None, "fixed": {112: Decimal("8.4")}}, 112),
        ({"gdp_growth": None, "budget_growth": None, "fixed": {113: Decimal(100)}}, None),
        # What grows last goes on: 5 → 5 → 5.5 → 6.05 → 6.655 → 7.3205.
        ({"budget_growth": each("0", "10")}, 115),
        ({"budget_growth": each("10", "0")}, None),
        # GDP's own list is the longer one: 500 from 112 on.
        ({"gdp_growth": each("0", "-50", "0")}, 112),
        ({"gdp_growth": each("20", "20", "-10"), "budget_growth": Decimal(0)}, 119),
        # A year that has begun counts whole: 5 → 7 takes a hair more than one year.
        ({"budget_growth": Decimal("39.9")}, 112),
        ({"budget_growth": Decimal(40)}, 111),
    ],
)
def test_the_first_year_at_the_target(changes, reached):
    assert budget_path.year_reached(scenario(**changes)) == reached


def test_fixed_budgets_count_after_the_first_year_and_as_far_as_asked():
    fixed = {year: Decimal(year) for year in (109, 110, 111, 112, 113, 114)}
    one = scenario(budget_growth=None, fixed=fixed)
    assert budget_path.budgets_of(one, 113) == {110: 5, 111: 111, 112: 112, 113: 113}


def test_grown_budgets_and_gdp_start_from_the_first_year():
    one = scenario(budget_growth=Decimal(10), gdp_growth=Decimal(50))
    assert budget_path.budgets_of(one, 112) == {110: 5, 111: Decimal("5.5"), 112: Decimal("6.05")}
    assert budget_path.gdp_of(one, 112) == {110: 1000, 111: 1500, 112: 2250}
    assert budget_path.gdp_of(scenario(gdp_growth=None), 115) == GDP


def test_a_path_goes_as_far_as_asked_and_never_ends_before_the_target():
    def years(**given) -> list[int]:
        return [one.year for one in budget_path.solve(scenario(), **given).years]

    assert years() == years(until=111) == years(until=112) == [110, 111, 112]
    assert years(until=114) == [110, 111, 112, 113, 114]


def test_a_year_holds_each_of_its_figures():
    path = budget_path.solve(scenario(gdp_growth=None, budget_growth=None, fixed={111: Decimal(9)}))
    known, above, lacking = path.years
    assert known == (110, 5, 1000, Decimal("0.5"), 7, 2, Decimal("0.2"))
    assert above[:2] + above[4:6] == (111, 9, Decimal("7.7"), Decimal("-1.3"))
    assert lacking == (112, None, 1200, None, Decimal("8.4"), None, None)
    assert (path.required_budget, path.at_target) == (Decimal("8.4"), lacking)
    assert path.reached == 111
    assert f"{path.required_growth:.4f}" == "29.6148"
    without = budget_path.solve(scenario(gdp_growth=None, target_year=113))
    assert without.at_target == (113, 5, None, None, None, None, None)
    assert (without.required_budget, without.required_growth) == (None, None)
