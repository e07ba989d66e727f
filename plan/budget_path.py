"""The path of the government's S&T budget to a share of GDP: sums in Decimal, without the ORM.

Budgets and GDP are in 億元, shares and growth in per cent. Nothing is rounded here but by
`as_printed`; a year for which a figure is missing has no share, and nothing is put in its place.

One ratio only: government S&T budget ÷ GDP (chapter 柒). National R&D expenditure ÷ GDP is another
one and has no place here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

# The long-term aim that chapter 柒 names, in per cent.
TARGET = Decimal("0.7")
# Roots and powers keep some thirty digits, so that a solution put back meets its target.
_PRECISE = Context(prec=34)
_ROUGHER = Context(prec=24)
_HUNDRED = Decimal(100)

Amounts = Mapping[int, Decimal]  # ROC year → 億元
Growth = Decimal | Sequence[Decimal]  # each year's, or year by year and the last one from then on


class BadAssumption(ValueError):
    """An assumption that no sum can be done with. `field` names it, `code` says what is wrong:
    growth (−100 % or less), target (none above zero), target_year (before the first year), start
    (no budget or no GDP in the first year), amount (none above zero).
    """

    def __init__(self, field: str, code: str, value: object = None) -> None:
        super().__init__(f"{field}: {code} ({value})")
        self.field, self.code, self.value = field, code, value


# --- lines ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """Figures of one source; `place` and `page` are where the plan prints them, `sources` those of
    single years.
    """

    code: str
    name: str
    amounts: Amounts
    source: str = ""
    source_url: str = ""
    place: str = ""
    page: int | None = None
    note: str = ""
    sources: Mapping[int, str] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        return sorted(self.amounts)

    def source_of(self, year: int) -> str:
        return self.sources.get(year) or self.source


@dataclass(frozen=True)
class BudgetLine(Line):
    """Budgets of one basis (規劃, 法定, …); `special` says whether 前瞻 special budgets are in.

    Two lines are never joined.
    """

    basis: str = ""
    special: str = ""


@dataclass(frozen=True)
class GdpLine(Line):
    """GDP of one vintage. `assumed` is the yearly growth on which its source itself builds."""

    status: str = ""
    vintage: date | None = None
    assumed: Decimal | None = None


class Back(NamedTuple):
    """A year's GDP found from the year after it: `gdp` = `after` ÷ (1 + `growth` %)."""

    year: int
    gdp: Decimal
    after: Decimal
    growth: Decimal


# --- single sums ----------------------------------------------------------------------------------
def ratio(budget: Decimal | None, gdp: Decimal | None) -> Decimal | None:
    """Budget as per cent of GDP; None where one of them is missing or GDP is not above zero."""
    if budget is None or gdp is None or gdp <= 0:
        return None
    with localcontext(_PRECISE):
        return budget / gdp * _HUNDRED


def ratios(budgets: Amounts, gdp: Amounts) -> dict[int, Decimal | None]:
    """Shares of every year of the budgets, for one basis and one vintage."""
    return {year: ratio(budgets[year], gdp.get(year)) for year in sorted(budgets)}


def as_printed(share: Decimal) -> str:
    """As table 8 prints it: two places, half up, no zero at the end (0.70 → 0.7)."""
    return f"{share.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}"


def grown(amount: Decimal, growth: Decimal, years: int = 1) -> Decimal:
    """The amount after so many years of this growth; fewer than none goes back."""
    with localcontext(_PRECISE):
        return amount * _factor(growth) ** years


def growth_between(first: Decimal, last: Decimal, years: int) -> Decimal:
    """The constant yearly growth in per cent that leads from `first` to `last`; years ≥ 1."""
    if first <= 0 or last <= 0:
        raise BadAssumption("budget", "amount", min(first, last))
    with localcontext(_PRECISE):
        return ((last / first) ** (1 / Decimal(years)) - 1) * _HUNDRED


def growth_in(growth: Growth, step: int) -> Decimal:
    """Growth of the `step`-th year after the first one (1, 2, …)."""
    if isinstance(growth, Decimal):
        return growth
    return growth[min(step, len(growth)) - 1]


def taken_back(line: GdpLine) -> Back | None:
    """GDP of the year before the line begins, by the growth on which its source builds: that of
    110 from table 8's 111. None where the source names no growth.
    """
    if line.assumed is None or not line.amounts:
        return None
    first = min(line.amounts)
    after = line.amounts[first]
    return Back(first - 1, grown(after, line.assumed, -1), after, line.assumed)


def with_year_before(line: GdpLine) -> Amounts:
    """The line's GDP and, where it can be taken back, that of the year before."""
    back = taken_back(line)
    return {back.year: back.gdp, **line.amounts} if back else line.amounts


def project(gdp: Amounts, start: int, growth: Growth, until: int) -> dict[int, Decimal]:
    """GDP up to `until`: as known up to `start`, grown from there on."""
    found = {year: value for year, value in sorted(gdp.items()) if year <= start}
    for year in range(start + 1, until + 1):
        found[year] = grown(found[year - 1], growth_in(growth, year - start))
    return found


def _factor(growth: Decimal) -> Decimal:
    if growth <= -_HUNDRED:
        raise BadAssumption("growth", "growth", growth)
    return 1 + growth / _HUNDRED


# --- a scenario -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Scenario:
    """What somebody assumes. Growth applies from the year after `start`.

    `fixed` are budgets by year, which count instead of growth where `budget_growth` is None; a year
    that they leave out has no budget. Raises BadAssumption.
    """

    start: int
    budget: Decimal
    gdp: Amounts
    gdp_growth: Growth | None
    budget_growth: Growth | None = None
    fixed: Amounts = field(default_factory=dict)
    target: Decimal = TARGET
    target_year: int = 0

    def __post_init__(self) -> None:
        if self.budget <= 0 or self.gdp.get(self.start, Decimal(0)) <= 0:
            raise BadAssumption("start", "start", self.start)
        if self.target <= 0:
            raise BadAssumption("target", "target", self.target)
        if self.target_year < self.start:
            raise BadAssumption("target_year", "target_year", self.target_year)
        for name in ("gdp_growth", "budget_growth"):
            growth = getattr(self, name)
            every = [growth] if isinstance(growth, Decimal) else growth or []
            for one in every:
                if one <= -_HUNDRED:
                    raise BadAssumption(name, "growth", one)
        for amount in self.fixed.values():
            if amount <= 0:
                raise BadAssumption("fixed", "amount", amount)


class Year(NamedTuple):
    """One year of a scenario. The gaps are to the target's share of this year's GDP: 億元 and
    percentage points still lacking, below zero where the budget is above it.
    """

    year: int
    budget: Decimal | None
    gdp: Decimal | None
    ratio: Decimal | None
    needed: Decimal | None
    gap: Decimal | None
    points: Decimal | None


@dataclass(frozen=True)
class Path:
    """What follows from a scenario. `required_growth` is None where the target year is the first
    one; `reached` None where it is never, or not as far as the figures go.
    """

    scenario: Scenario
    years: list[Year]
    required_budget: Decimal | None
    required_growth: Decimal | None
    reached: int | None

    @property
    def at_target(self) -> Year:
        """The target year."""
        return next(one for one in self.years if one.year == self.scenario.target_year)

    def towards(self) -> dict[int, Decimal]:
        """Budgets on the road of constant growth to the target, from the first year on."""
        start, end = self.scenario.start, self.scenario.target_year
        if self.required_growth is None:
            return {}
        return {
            year: grown(self.scenario.budget, self.required_growth, year - start)
            for year in range(start, end + 1)
        }


def required_budget(gdp: Decimal, target: Decimal) -> Decimal:
    """The budget that is `target` per cent of this GDP."""
    with localcontext(_PRECISE):
        return gdp * target / _HUNDRED


def gdp_of(scenario: Scenario, until: int) -> Amounts:
    """GDP by year; where no growth is assumed, only what is known."""
    if scenario.gdp_growth is None:
        return scenario.gdp
    return project(scenario.gdp, scenario.start, scenario.gdp_growth, until)


def budgets_of(scenario: Scenario, until: int) -> dict[int, Decimal]:
    """Budgets from the first year on: grown, or the fixed ones."""
    start = scenario.start
    if scenario.budget_growth is None:
        later = {year: value for year, value in scenario.fixed.items() if start < year <= until}
        return {start: scenario.budget, **later}
    return project({start: scenario.budget}, start, scenario.budget_growth, until)


def solve(scenario: Scenario, until: int = 0) -> Path:
    """The scenario year by year up to `until` or its target year, and what the target needs."""
    last = max(until, scenario.target_year)
    gdp, budgets = gdp_of(scenario, last), budgets_of(scenario, last)
    years = [
        _year(year, budgets.get(year), gdp.get(year), scenario.target)
        for year in range(scenario.start, last + 1)
    ]
    needed = next(one.needed for one in years if one.year == scenario.target_year)
    steps = scenario.target_year - scenario.start
    return Path(
        scenario,
        years,
        required_budget=needed,
        required_growth=growth_between(scenario.budget, needed, steps)
        if steps and needed is not None
        else None,
        reached=year_reached(scenario),
    )


def year_reached(scenario: Scenario) -> int | None:
    """The first year, from the first one on, whose share is the target or more; None for never.

    Year by year while growth changes or budgets are fixed; from then on both grow evenly, so that
    the share does too, and the year is found by logarithms however far away it lies.
    """
    even = scenario.start + max(_steps(scenario.gdp_growth), _steps(scenario.budget_growth))
    if scenario.gdp_growth is None or scenario.budget_growth is None:
        even = max([even, *scenario.fixed, *scenario.gdp])
    gdp, budgets = gdp_of(scenario, even), budgets_of(scenario, even)
    for year in range(scenario.start, even + 1):
        share = ratio(budgets.get(year), gdp.get(year))
        if share is not None and share >= scenario.target:
            return year
    if scenario.gdp_growth is None or scenario.budget_growth is None:
        return None
    share = ratio(budgets[even], gdp[even])
    with localcontext(_PRECISE):
        step = even - scenario.start + 1
        yearly = _factor(growth_in(scenario.budget_growth, step)) / _factor(
            growth_in(scenario.gdp_growth, step)
        )
        if yearly <= 1:
            return None
        exact = (scenario.target / share).ln() / yearly.ln()
    # What logarithms say of a whole number of years lies a hair beside it.
    return even + int(_ROUGHER.create_decimal(exact).to_integral_value(ROUND_CEILING))


def _steps(growth: Growth | None) -> int:
    """After how many years the growth stays the same."""
    return 0 if growth is None or isinstance(growth, Decimal) else len(growth)


def _year(year: int, budget: Decimal | None, gdp: Decimal | None, target: Decimal) -> Year:
    share = ratio(budget, gdp)
    needed = None if gdp is None else required_budget(gdp, target)
    lacks = needed is not None and budget is not None
    return Year(
        year,
        budget,
        gdp,
        share,
        needed,
        gap=needed - budget if lacks else None,
        points=target - share if share is not None else None,
    )
