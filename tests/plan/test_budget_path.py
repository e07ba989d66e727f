"""The path to 0.7 %: table 8 digit for digit, then solve and check."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan import budget_path
from plan.budget_path import BadAssumption, GdpLine, Scenario

BUDGETS = {111: Decimal(1307), 112: Decimal(1383), 113: Decimal(1453), 114: Decimal(1504),
           115: Decimal(1557)}  # fmt: skip
GDP = {111: Decimal(205441), 112: Decimal(209550), 113: Decimal(213741), 114: Decimal(218016),
       115: Decimal(222376)}  # fmt: skip
TABLE_8 = GdpLine("gdp-table-8", "表8", GDP, assumed=Decimal(2))


def scenario(**changes) -> Scenario:
    given = {
        "start": 111, "budget": BUDGETS[111], "gdp": GDP, "gdp_growth": Decimal("3.5"),
        "budget_growth": Decimal(5), "target_year": 115,
    }  # fmt: skip
    return Scenario(**given | changes)


def places(value: Decimal, count: int = 4) -> str:
    return f"{value:.{count}f}"


# --- the plan's own figures -----------------------------------------------------------------------
def test_table_8_is_printed_again_digit_for_digit():
    shares = budget_path.ratios(BUDGETS, GDP)
    assert [budget_path.as_printed(share) for share in shares.values()] == [
        "0.64", "0.66", "0.68", "0.69", "0.7",
    ]  # fmt: skip
    assert [places(share) for share in shares.values()] == [
        "0.6362", "0.6600", "0.6798", "0.6899", "0.7002",
    ]  # fmt: skip


def test_the_share_of_110_rests_on_gdp_taken_back_by_two_per_cent():
    back = budget_path.taken_back(TABLE_8)
    assert (back.year, back.after, back.growth) == (110, 205441, 2)
    assert places(back.gdp) == "201412.7451"
    assert places(budget_path.ratio(Decimal(1141), back.gdp)) == "0.5665"
    assert budget_path.with_year_before(TABLE_8) == {110: back.gdp, **GDP}
    other = GdpLine("gdp-110", "主計總處", GDP)
    assert budget_path.taken_back(other) is None
    assert budget_path.with_year_before(other) == GDP


def test_growth_applies_from_the_year_after_the_first_one():
    gdp = budget_path.project(GDP, 111, Decimal("3.5"), 115)
    assert {year: places(value, 2) for year, value in gdp.items()} == {
        111: "205441.00", 112: "212631.44", 113: "220073.54", 114: "227776.11", 115: "235748.27",
    }  # fmt: skip
    yearly = budget_path.project(GDP, 111, [Decimal(4), Decimal(0)], 114)
    assert yearly == {111: 205441, 112: Decimal("213658.64"), 113: Decimal("213658.64"),
                      114: Decimal("213658.64")}  # fmt: skip


# --- scenarios ------------------------------------------------------------------------------------
def test_a_scenario_says_what_the_target_needs_and_what_lacks():
    path = budget_path.solve(scenario())
    assert places(path.required_budget) == "1650.2379"
    assert places(path.required_growth) == "6.0029"
    assert path.reached == 118
    rows = [
        (one.year, places(one.budget, 2), places(one.ratio), places(one.gap, 2), places(one.points))
        for one in path.years
    ]
    assert rows == [
        (111, "1307.00", "0.6362", "131.09", "0.0638"),
        (112, "1372.35", "0.6454", "116.07", "0.0546"),
        (113, "1440.97", "0.6548", "99.55", "0.0452"),
        (114, "1513.02", "0.6643", "81.42", "0.0357"),
        (115, "1588.67", "0.6739", "61.57", "0.0261"),
    ]


def test_planned_budgets_with_the_printed_gdp_reach_the_target_in_115():
    path = budget_path.solve(scenario(gdp_growth=None, budget_growth=None, fixed=BUDGETS))
    assert path.required_budget == Decimal("1556.632")
    assert places(path.required_growth) == "4.4666"
    assert path.reached == 115
    assert path.at_target.gap == Decimal("-0.368")


def test_a_year_without_a_figure_is_a_gap():
    fixed = {112: BUDGETS[112], 114: BUDGETS[114]}
    path = budget_path.solve(scenario(budget_growth=None, fixed=fixed), until=116)
    assert [one.year for one in path.years if one.ratio is None] == [113, 115, 116]
    assert [one.year for one in path.years if one.gap is None] == [113, 115, 116]
    assert path.reached is None
    known = budget_path.solve(scenario(gdp_growth=None, target_year=116))
    assert known.required_budget is None and known.required_growth is None


def test_in_its_first_year_a_target_needs_a_budget_and_no_growth():
    path = budget_path.solve(scenario(target_year=111))
    assert places(path.required_budget) == "1438.0870"
    assert path.required_growth is None
    assert path.towards() == {}


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({"budget_growth": Decimal("3.5")}, None),
        ({"budget_growth": Decimal(2)}, None),
        ({"budget_growth": Decimal(2), "target": Decimal("0.6")}, 111),
        ({"budget_growth": [Decimal(14), Decimal(0)]}, 112),
        ({"budget_growth": [Decimal(0), Decimal(20)]}, 113),
        ({"budget_growth": Decimal("3.6")}, 210),
        ({"budget_growth": None, "fixed": BUDGETS}, None),
    ],
)
def test_the_year_in_which_a_growth_reaches_the_target_or_never(changes, reached):
    assert budget_path.year_reached(scenario(**changes)) == reached


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"gdp_growth": Decimal(-100)}, "gdp_growth", "growth"),
        ({"budget_growth": [Decimal(5), Decimal("-100.5")]}, "budget_growth", "growth"),
        ({"target": Decimal(0)}, "target", "target"),
        ({"target_year": 110}, "target_year", "target_year"),
        ({"start": 110}, "start", "start"),
        ({"budget": Decimal(0)}, "start", "start"),
        ({"fixed": {112: Decimal(-1)}}, "fixed", "amount"),
    ],
)
def test_an_assumption_without_sense_is_named(changes, field, code):
    with pytest.raises(BadAssumption) as caught:
        scenario(**changes)
    assert (caught.value.field, caught.value.code) == (field, code)


# --- properties -----------------------------------------------------------------------------------
def decimals(low: str, high: str, count: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=count, allow_nan=False)


GROWTH = decimals("-20", "30")
GROWTHS = st.one_of(GROWTH, st.lists(GROWTH, min_size=1, max_size=6))
SCENARIOS = st.builds(
    Scenario,
    start=st.just(111),
    budget=decimals("1", "5000"),
    gdp=decimals("10000", "900000").map(lambda gdp: {111: gdp}),
    gdp_growth=GROWTHS,
    budget_growth=GROWTHS,
    target=decimals("0.05", "5"),
    target_year=st.integers(112, 140),
)
NEAR = Decimal("1e-20")


@given(SCENARIOS)
def test_the_required_budget_put_back_meets_the_target(one: Scenario):
    path = budget_path.solve(one)
    share = budget_path.ratio(path.required_budget, path.at_target.gdp)
    assert abs(share - one.target) < NEAR


@given(SCENARIOS)
def test_the_required_growth_put_back_meets_the_target(one: Scenario):
    growth = budget_path.solve(one).required_growth
    again = budget_path.solve(Scenario(**{**vars(one), "budget_growth": growth}))
    assert abs(again.at_target.ratio - one.target) < NEAR
    assert abs(again.at_target.gap) < Decimal("1e-12")
    towards = again.towards()
    assert abs(towards[one.target_year] - again.required_budget) < Decimal("1e-12")


@given(SCENARIOS)
def test_the_year_reached_is_the_first_that_meets_the_target(one: Scenario):
    found = budget_path.year_reached(one)
    last = found if found is not None and found < 400 else 400
    shares = [year.ratio for year in budget_path.solve(one, until=last).years if year.year <= last]
    if found == last:
        assert shares[-1] >= one.target - NEAR
        shares = shares[:-1]
    assert all(share < one.target for share in shares)


@given(SCENARIOS, decimals("0.01", "10"))
def test_more_growth_of_gdp_needs_more_and_more_growth_of_the_budget_gives_more(one, more):
    def with_more(name: str):
        growth = getattr(one, name)
        raised = growth + more if isinstance(growth, Decimal) else [it + more for it in growth]
        return budget_path.solve(Scenario(**{**vars(one), name: raised}))

    path = budget_path.solve(one)
    wealthier = with_more("gdp_growth")
    assert wealthier.required_budget > path.required_budget
    assert wealthier.required_growth > path.required_growth
    assert wealthier.at_target.ratio < path.at_target.ratio
    spending = with_more("budget_growth")
    assert spending.at_target.ratio > path.at_target.ratio
    assert spending.at_target.gap < path.at_target.gap
    assert spending.required_budget == path.required_budget


@given(decimals("1", "900000"), GROWTH, st.integers(1, 40))
def test_growth_there_and_back(amount: Decimal, growth: Decimal, years: int):
    there = budget_path.grown(amount, growth, years)
    assert abs(budget_path.grown(there, growth, -years) - amount) < NEAR
    assert abs(budget_path.growth_between(amount, there, years) - growth) < NEAR


@given(SCENARIOS)
def test_gaps_are_of_one_sign_and_of_one_size(one: Scenario):
    for year in budget_path.solve(one).years:
        assert abs(year.points - year.gap / year.gdp * 100) < NEAR
