"""What the page 經費 tells: lines by basis and vintage, a scenario, what its target needs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from config.kit.forms import format_number
from config.kit.roc import gregorian_year
from plan import budget_path, money
from plan.assumptions import read_numbers
from plan.budget_path import BudgetLine, GdpLine, Path, ratio, solve, with_year_before
from plan.enums import BudgetBasis, BudgetWay, SeriesSubject
from plan.models import Plan, PlanVersion, Series
from reports.figures.budget import Drawn, Fan, target_words
from reports.forms.budget import AssumptionsForm, basis_words, vintage_words

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
                label = label if gdp_line is own else _("規劃÷所選GDP")
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

    # --- words ----------------------------------------------------------------------------------
    def finding(self) -> str:
        """The h1: whether the scenario reaches its target, and what the target needs."""
        if self.path is None:
            return _("這組假設算不出路徑")
        end, scenario = self.path.at_target, self.path.scenario
        values = {
            "year": scenario.target_year,
            "target": target_words(scenario.target),
            "way": self.way_words(),
            "share": share_words(end.ratio, scenario.target),
            "growth": "" if self.path.required_growth is None else growth_words(
                self.path.required_growth
            ),
        }  # fmt: skip
        if end.ratio is None:
            return _("%(way)s沒有%(year)s年的預算，算不出占GDP多少") % values
        if end.ratio >= scenario.target:
            return _("%(way)s，%(year)s年占GDP %(share)s%%，達到%(target)s%%的目標") % values
        if not values["growth"]:
            return _("%(way)s，%(year)s年占GDP %(share)s%%，不到%(target)s%%") % values
        return (
            _("要在%(year)s年到%(target)s%%，預算每年須增%(growth)s%%；%(way)s只到%(share)s%%")
            % values
        )

    def lede(self) -> str:
        """The answer in 億元, and on which assumptions it stands."""
        path, end = self.path, self.path.at_target
        if path.required_budget is None:
            return _("%(year)s年沒有GDP的數，算不出需要多少。") % {"year": end.year}
        values = {
            "year": end.year,
            "needed": amount(path.required_budget),
            "gap": "" if end.gap is None else amount(abs(end.gap), 1 if abs(end.gap) < 10 else 0),
            "gdp": listed(self.form.cleaned_data["gdp_growth"]),
            "reached": self.reached_words(),
        }
        sentences = [
            _("GDP每年成長%(gdp)s%%時，%(year)s年到目標需要%(needed)s億元") % values,
        ]
        if end.gap is not None:
            words = _("這個情境還差%(gap)s億元") if end.gap > 0 else _("這個情境多出%(gap)s億元")
            sentences.append(words % values)
        if path.reached is not None and path.reached <= path.years[-1].year:
            sentences.append(_("%(reached)s達到目標") % values)
        else:
            sentences.append(_("何時達到：%(reached)s") % values)
        return _("；").join(sentences) + _("。")

    def chart_words(self) -> tuple[str, str]:
        """Title, a question, and the line beneath: what is joined and what the fan is."""
        target = self.path.scenario.target if self.path else budget_path.TARGET
        title = _("政府科技預算什麼時候占GDP %(target)s%%？") % {"target": target_words(target)}
        sub = _("占GDP（%），縱軸不從零起；每條線只連同一基礎、同一GDP版次，沒有數的年留白")
        if self.fan:
            spread = format_number(self.form.cleaned_data["spread"])
            words = (
                _("扇形：預算與GDP的成長各差%(spread)s個百分點")
                if self.path.scenario.budget_growth is not None
                else _("扇形：GDP的成長差%(spread)s個百分點")
            )
            sub += _("。") + words % {"spread": spread}
        return title, sub

    def back_words(self) -> str:
        """How the GDP of the year before the vintage was found, as a sum."""
        if self.back is None:
            return ""
        return _(
            "%(year)s年的GDP是回推的：%(vintage)s的%(next)s年%(after)s億元÷(1＋%(growth)s%%)"
            "＝%(gdp)s億元；%(vintage)s自%(next)s年起每年成長%(growth)s%%。"
        ) % {
            "year": self.back.year,
            "next": self.back.year + 1,
            "vintage": vintage_words(self.gdp_line),
            "after": amount(self.back.after),
            "growth": format_number(self.back.growth),
            "gdp": amount(self.back.gdp, 2),
        }

    def gerd_words(self) -> str:
        """The finding about national R&D: ours in its last year, and how many stand above."""
        if not self.gerd or not self.gerd[0][1]:
            return ""
        (home, ours), others = self.gerd[0], self.gerd[1:]
        year = max(ours)
        above = sum(1 for _name, shares in others if shares.get(year, 0) > ours[year])
        return _("%(year)s年%(home)s的全國研發經費占GDP %(share)s%%，列出的有%(above)s個比這高") % {
            "year": year,
            "home": home,
            "share": f"{ours[year]:.2f}",
            "above": above,
        }

    @property
    def gerd_years(self) -> list[int]:
        return sorted({year for _name, shares in self.gerd for year in shares})

    @property
    def gerd_rows(self) -> list[tuple[str, list[Decimal | None]]]:
        """Country and its share in each of `gerd_years`."""
        years = self.gerd_years
        return [(name, [shares.get(year) for year in years]) for name, shares in self.gerd]

    def way_words(self) -> str:
        given = self.form.cleaned_data
        if given["way"] == BudgetWay.GROWTH:
            return _("照每年增%(growth)s%%") % {"growth": listed(given["budget_growth"])}
        if given["way"] == BudgetWay.FIXED:
            return _("照自訂的預算")
        return _("照規劃")

    def reached_words(self) -> str:
        """In which year the scenario reaches its target, or that it never does."""
        path, given = self.path, self.form.cleaned_data
        if path.reached is None:
            if given["way"] == BudgetWay.GROWTH:
                return _("永遠到不了")
            return _("到%(year)s年還沒達到") % {"year": path.years[-1].year}
        if path.reached > path.scenario.start + 100:
            return _("100年內到不了")
        return _("%(year)s年") % {"year": path.reached}


def share_words(share: Decimal | None, target: Decimal) -> str:
    """Two places; four where two would show a share as its target that is not."""
    if share is None:
        return "—"
    shown = f"{share:.2f}"
    return f"{share:.4f}" if shown == target_words(target) and share < target else shown


def listed(growth: str) -> str:
    """10、8、6 as typed with whatever between."""
    return "、".join(map(format_number, read_numbers(growth)))


def growth_words(growth: Decimal) -> str:
    return f"{growth:.1f}".replace("-", "−")


def _moved(growth: budget_path.Growth | None, by: Decimal) -> budget_path.Growth | None:
    """Growth more or less by so many points, never −100 % or less."""
    if growth is None:
        return None
    if isinstance(growth, Decimal):
        return max(growth + by, _LOWEST)
    return [max(one + by, _LOWEST) for one in growth]


# --- as the page shows it -------------------------------------------------------------------------
class Shown(NamedTuple):
    """A year of the scenario in words; "—" where a figure is missing."""

    year: int
    budget: str
    gdp: str
    ratio: str
    needed: str
    gap: str
    points: str
    even: str
    is_target: bool


def year_rows(path: Path) -> list[Shown]:
    """Every year of the scenario; gaps below zero mean more than the target wants."""
    towards = path.towards()
    return [
        Shown(
            one.year,
            amount(one.budget),
            amount(one.gdp),
            share_words(one.ratio, path.scenario.target),
            amount(one.needed),
            amount(one.gap, 1),
            amount(one.points, 3),
            amount(towards.get(one.year)),
            one.year == path.scenario.target_year,
        )
        for one in path.years
    ]


def amount(value: Decimal | None, places: int = 0) -> str:
    """1,650.2 with a real minus; "—" for what is missing. Never a minus before nothing."""
    if value is None:
        return "—"
    text = f"{round(value, places) + 0:,.{places}f}"
    return text.replace("-", "−")


def signed(value: Decimal) -> str:
    """+116, −43, 0."""
    text = amount(value)
    return f"+{text}" if value > 0 else text


# --- tables: header and rows ----------------------------------------------------------------------
def path_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """The scenario year by year; 億元 and per cent, unrounded shares to six places."""
    towards = page.path.towards() if page.path else {}
    return [
        *("roc_year", "year", "budget_100_million", "gdp_100_million", "percent"),
        *("target_percent", "needed_100_million", "lacking_100_million", "lacking_points"),
        "even_road_100_million",
    ], [
        [
            one.year,
            gregorian_year(one.year),
            *(_places(value, 4) for value in (one.budget, one.gdp)),
            _places(one.ratio, 6),
            page.path.scenario.target,
            *(_places(value, 4) for value in (one.needed, one.gap)),
            _places(one.points, 6),
            _places(towards.get(one.year), 4),
        ]
        for one in (page.path.years if page.path else [])
    ]


def figures_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """Every figure with its basis, vintage and source."""
    return [
        *("roc_year", "year", "series", "basis", "special", "budget_100_million"),
        *("gdp_series", "gdp_vintage", "gdp_taken_back", "gdp_100_million", "percent"),
        *("difference_to_plan_100_million", "source", "source_url"),
    ], [
        [
            row.year,
            gregorian_year(row.year),
            *(row.line.code, row.line.basis, row.line.special, row.budget),
            *(row.gdp_line.code, row.gdp_line.vintage, row.taken_back),
            *(_places(row.gdp, 4), _places(row.ratio, 6)),
            *(row.apart, source_words(row.line, row.year), row.line.source_url),
        ]
        for row in page.rows
    ]


def gerd_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """National R&D expenditure as per cent of GDP: another ratio than the two tables above."""
    return ["roc_year", "year", "country", "gerd_percent_of_gdp"], [
        [year, gregorian_year(year), name, share]
        for name, shares in page.gerd
        for year, share in sorted(shares.items())
    ]


TABLES = {"path": path_table, "figures": figures_table, "gerd": gerd_table}


def source_words(line: budget_path.Line, year: int) -> str:
    """計畫表8（160頁）, or what the administrator named."""
    if not line.place or year in line.sources:
        return line.source_of(year)
    words = _("計畫%(place)s（第%(page)s頁）") if line.page else _("計畫%(place)s")
    return words % {"place": line.place, "page": line.page}


def _places(value: Decimal | None, places: int) -> Decimal | None:
    if value is None:
        return None
    return round(value, places) if value != value.to_integral() else value.to_integral()
