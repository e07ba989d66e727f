"""What the page 經費 tells: lines by basis and vintage, a scenario, what its target needs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from plan import budget_path, money
from plan.budget_path import BudgetLine, GdpLine, Path, ratio, solve, with_year_before
from plan.enums import BudgetBasis, SeriesSubject
from plan.models import Plan, PlanVersion, Series
from reports.figures.budget import Drawn, Fan
from reports.forms.budget import AssumptionsForm, basis_words, vintage_words
from reports.pages.budget_words import amount, signed, source_words

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

_LOWEST = Decimal("-99.99")


def find_plan(slug: str | None, user: "User | AnonymousUser") -> Plan | None:
    """The named plan, if this person may see it; else the newest one in force, those with a planned
    budget before others.
    """
    if slug:
        versions = PlanVersion.objects.visible_to(user).filter(plan=OuterRef("pk"))
        return Plan.objects.filter(Exists(versions), slug=slug).first()
    in_force = PlanVersion.objects.in_force().filter(plan=OuterRef("pk"))
    plans = Plan.objects.filter(Exists(in_force))
    planned = Series.objects.filter(
        plan=OuterRef("pk"), subject=SeriesSubject.BUDGET, basis=BudgetBasis.PLANNED
    )
    found = plans.annotate(planned=Exists(planned))
    return found.order_by("-planned", "-start_year", "slug").first()


class Row(NamedTuple):
    """One figure: a budget of one basis over GDP of one vintage. `apart` is its difference to the
    planned budget of that year in 億元.
    """

    year: int
    line: BudgetLine
    gdp_line: GdpLine
    budget: Decimal
    gdp: Decimal | None
    ratio: Decimal | None
    apart: Decimal | None
    taken_back: bool

    @property
    def basis(self) -> str:
        return basis_words(self.line)

    @property
    def source(self) -> str:
        return source_words(self.line, self.year)

    @property
    def shown(self) -> dict[str, str]:
        """Its numbers as the table writes them."""
        return {
            "budget": amount(self.budget),
            "gdp": amount(self.gdp),
            "ratio": "—" if self.ratio is None else f"{self.ratio:.2f}",
            "apart": "" if self.apart is None else signed(self.apart),
        }

    @property
    def vintage(self) -> str:
        return vintage_words(self.gdp_line)


class Budget:
    """The page for one plan and one address. Without `lines.planned` there is nothing to show."""

    def __init__(self, plan: Plan, given: Mapping, lines: money.Money | None = None) -> None:
        self.plan = plan
        self.lines = lines or money.read(plan)
        self.form = AssumptionsForm(given, self.lines) if self.ready else None

    @property
    def ready(self) -> bool:
        return self.lines.planned is not None and self.lines.own_gdp is not None

    # --- the scenario ---------------------------------------------------------------------------
    @cached_property
    def path(self) -> Path | None:
        """None while the assumptions make no sense; `form` says why."""
        if not self.form.is_valid():
            return None
        return solve(self.form.scenario, until=self.lines.planned.years[-1])

    @cached_property
    def fan(self) -> Fan | None:
        """Both growths a little more and a little less; the budget's only where it grows."""
        if self.path is None or not (spread := self.form.cleaned_data["spread"]):
            return None
        scenario, until = self.path.scenario, self.path.years[-1].year
        shares = []
        for sign in (-1, 1):
            changed = replace(
                scenario,
                gdp_growth=_moved(scenario.gdp_growth, -sign * spread),
                budget_growth=_moved(scenario.budget_growth, sign * spread),
            )
            shares.append({one.year: one.ratio for one in solve(changed, until).years})
        return Fan(*({y: s for y, s in one.items() if s is not None} for one in shares))

    @property
    def gdp_line(self) -> GdpLine:
        """The vintage that the reader chose, else the plan's own."""
        chosen = self.form.data["gdp"]
        return next((one for one in self.lines.gdp if one.code == chosen), self.lines.own_gdp)

    # --- lines and figures ----------------------------------------------------------------------
    def pairs(self) -> Iterator[tuple[BudgetLine, GdpLine]]:
        """The planned path on its own GDP; every other basis, and the plan again, on the chosen."""
        planned, own, chosen = self.lines.planned, self.lines.own_gdp, self.gdp_line
        yield planned, own
        if chosen.code != own.code:
            yield planned, chosen
        for line in self.lines.budgets:
            if line.code != planned.code:
                yield line, chosen

    @cached_property
    def rows(self) -> list[Row]:
        """Every figure of years for which there is any GDP, by year and basis."""
        planned = self.lines.planned
        found = []
        for line, gdp_line in self.pairs():
            gdp = with_year_before(gdp_line)
            for year, budget in sorted(line.amounts.items()):
                if year < min(gdp):
                    continue
                promised = planned.amounts.get(year)
                found.append(
                    Row(
                        year, line, gdp_line, budget, gdp.get(year),
                        ratio(budget, gdp.get(year)),
                        None if line is planned or promised is None else budget - promised,
                        year in gdp and year not in gdp_line.amounts,
                    )
                )  # fmt: skip
        return sorted(found, key=lambda row: row.year)

    @property
    def empty_years(self) -> list[int]:
        """Planned years of which no other basis is known."""
        planned = self.lines.planned
        known = {row.year for row in self.rows if row.line.code != planned.code}
        return [year for year in planned.years if year not in known]

    def drawn(self) -> list[Drawn]:
        """The lines of the chart, the scenario last."""
        planned, own = self.lines.planned, self.lines.own_gdp
        found = []
        for line, gdp_line in self.pairs():
            shares = {
                row.year: row.ratio
                for row in self.rows
                if row.line is line and row.gdp_line is gdp_line
            }
            if not shares:
                continue
            kind, label = "later", basis_words(line)
            if line is planned:
                kind = "planned" if gdp_line is own else "again"
                label = label if gdp_line is own else _("規劃另版")
            found.append(Drawn(label, shares, line.basis, kind))
        if self.path is not None:
            shares = {one.year: one.ratio for one in self.path.years}
            found.append(Drawn(_("情境"), shares, kind="scenario"))
        return found

    @cached_property
    def back(self) -> budget_path.Back | None:
        """How the GDP of the year before the vintage was found, where a figure rests on it."""
        rests = any(row.taken_back for row in self.rows)
        return budget_path.taken_back(self.gdp_line) if rests else None

    @cached_property
    def gerd(self) -> list[tuple[str, Mapping[int, Decimal]]]:
        """National R&D ÷ GDP by country, ours first."""
        return [(line.name or _("臺灣"), line.amounts) for line in self.lines.gerd]

    @property
    def gerd_years(self) -> list[int]:
        return sorted({year for _name, shares in self.gerd for year in shares})

    @property
    def gerd_rows(self) -> list[tuple[str, list[Decimal | None]]]:
        """Country and its share in each of `gerd_years`."""
        years = self.gerd_years
        return [(name, [shares.get(year) for year in years]) for name, shares in self.gerd]


def _moved(growth: budget_path.Growth | None, by: Decimal) -> budget_path.Growth | None:
    """Growth more or less by so many points, never −100 % or less."""
    if growth is None:
        return None
    if isinstance(growth, Decimal):
        return max(growth + by, _LOWEST)
    return [max(one + by, _LOWEST) for one in growth]
