"""What a goal's page joins: measures, indicators, ministries and money, through the years.

Every part is read for one person; what they may not know is left out of the rows. Charts, tables
and files are made from the same rows, so that they can't disagree.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import FilteredRelation, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.prepared import prepared
from plan.attainment import attainment
from plan.enums import IndicatorState
from plan.models import Indicator, Measure
from reports.figures.lights import Part
from reports.figures.money import Spent
from reports.pages.measures import Filters, Node, Row
from reports.pages.source import Source
from reports.pages.tree import Tree
from tracking import lights, money, standing
from tracking.enums import Cause, FilingState, Light, Status
from tracking.models import IndicatorValue, Resolution
from tracking.money import Sums
from tracking.queries.resolutions import listed
from tracking.standing import Filing, lineage_of, may_see_year

# Indicators in the chart; the table has them all.
DRAWN = 12


class Attained(NamedTuple):
    """An approved indicator in one year; None is unknown. `kind` tells how its numbers read."""

    pk: int
    measure: str
    name: str
    ministry: str
    unit: str
    kind: str
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None
    actual: Decimal | None
    rate: Decimal | None


class MinistryLine(NamedTuple):
    """What one body does for the goal in the year: duties, filing as far as it is told, money."""

    code: str
    name: str
    leads: int
    partners: int
    filing: Filing | None
    sums: Sums


class GoalPage:
    """One goal in one year for one person. Raises Http404 for a goal without measures."""

    def __init__(self, source: Source, code: str) -> None:
        self.source = source
        self.edition = edition = source.edition
        self.year = edition.year
        self.last = edition.last
        self.user = source.user
        self.today = timezone.localdate()
        self._tree = Tree(edition, source.user, Filters(goal=code), source)
        self.rows: list[Row] = self._tree.hits
        if not self.rows:
            raise Http404
        self.goal: Node = self.rows[0].goal
        self.ordinal = self.rows[0].goal_ordinal

    @cached_property
    def goals(self) -> list[tuple[Node, int]]:
        """Every goal of the version, to turn from one to the next."""
        return list(dict.fromkeys((row.goal, row.goal_ordinal) for row in self._tree.rows))

    # --- lights -----------------------------------------------------------------------------------
    @cached_property
    def counts(self) -> Counter[str]:
        return lights.count(row.now for row in self.rows)

    @cached_property
    def late(self) -> int:
        return sum(row.now.late for row in self.rows)

    @cached_property
    def late_before(self) -> int:
        return sum(row.before.late for row in self.rows)

    @property
    def known(self) -> bool:
        """Whether any measure has an accepted light of this year."""
        return any(row.now.so_far != lights.UNKNOWN or row.now.set_to for row in self.rows)

    @cached_property
    def comparable(self) -> bool:
        return any(row.before.shown in Light.values for row in self.rows)

    @cached_property
    def columns(self) -> list[str]:
        """Lights that some measure bears, worst first."""
        return [code for code in lights.SHOWN_ORDER if self.counts[code]]

    @cached_property
    def parts(self) -> list[Part]:
        """The goal's sub-goals, of a plan without them its strategies, with their lights."""
        below: dict[Node, list[Row]] = defaultdict(list)
        for row in self.rows:
            below[row.sub_goal or row.strategy].append(row)
        return [
            Part(node.code, node.name, lights.count(row.now for row in rows))
            for node, rows in below.items()
        ]

    @cached_property
    def counts_by_year(self) -> dict[int, Counter[str] | None]:
        """Lights by ROC year of the plan; None where there is nothing that this person may see."""
        found: dict[int, Counter[str] | None] = dict.fromkeys(self.edition.plan.years)
        shown = self.edition.shown_years
        others = [year for year in self.edition.years if year not in shown]
        by_year = self.source.lights(others)
        for year in others:
            of_year = by_year[year.pk]
            found[year.year] = lights.count(
                of_year.get(row.lineage, lights.NO_LIGHT) for row in self.rows
            )
        if self.last:
            found[self.last.year] = lights.count(row.before for row in self.rows)
        if self.year:
            found[self.year.year] = self.counts
        return {
            year: counts if counts and set(counts) - {lights.UNKNOWN} else None
            for year, counts in found.items()
        }

    @cached_property
    def worse(self) -> list[Row]:
        """Worst light first, then the longest fall."""
        fell = [row for row in self.rows if lights.change(row.before.shown, row.now.shown) == -1]
        return sorted(
            fell, key=lambda row: (lights.RANK[row.now.shown], -lights.RANK[row.before.shown])
        )

    @property
    def better(self) -> int:
        return sum(lights.change(row.before.shown, row.now.shown) == 1 for row in self.rows)

    @cached_property
    def causes(self) -> list[tuple[str, str, int, int | None]]:
        """(code, words, this year, last year), most frequent first; "" where none was given."""
        now = lights.causes(row.now for row in self.rows)
        before = lights.causes(row.before for row in self.rows)
        words = {code: str(word) for code, word in Cause.choices} | {"": _("沒有填原因")}
        found = [
            (code, word, now[code], before[code] if self.last else None)
            for code, word in words.items()
            if now[code] or before[code]
        ]
        return sorted(found, key=lambda line: (-line[2], -(line[3] or 0), line[0]))

    # --- indicators -------------------------------------------------------------------------------
    @cached_property
    def lineages(self) -> tuple[UUID, ...]:
        return tuple(row.lineage for row in self.rows)

    @cached_property
    def without_indicator(self) -> list[Row]:
        return [row for row in self.rows if not row.indicated]

    @cached_property
    def indicators(self) -> list[Attained]:
        """Approved indicators with this year's target and accepted actual, least attained first,
        unknown last. Two queries.
        """
        year = self.year
        actuals = {}
        if year and may_see_year(year.state, self.user):
            actuals = dict(_actuals(self.lineages, year.pk))
        codes = {row.lineage: row.code for row in self.rows}
        found = []
        for pk, lineage, name, ministry, unit, kind, direction, *target in _indicators(
            year.year if year else 0, self.lineages
        ):
            value, low, high = target
            actual = actuals.get(pk)
            rate = attainment(direction, actual, value, low, high)
            measure = codes[lineage_of(lineage)]
            found.append(
                Attained(pk, measure, name, ministry, unit, kind, value, low, high, actual, rate)
            )
        place = {row.code: number for number, row in enumerate(self.rows)}
        return sorted(
            found, key=lambda one: (one.rate is None, one.rate or 0, place[one.measure], one.pk)
        )

    @cached_property
    def attained(self) -> list[Attained]:
        """Those of which the attainment is known."""
        return [one for one in self.indicators if one.rate is not None]

    @cached_property
    def indicators_by_measure(self) -> Counter[str]:
        """How many approved indicators a measure has, by its code."""
        return Counter(one.measure for one in self.indicators)

    @property
    def reached(self) -> int:
        return sum(one.rate >= 100 for one in self.attained)

    # --- money ------------------------------------------------------------------------------------
    @cached_property
    def _money(self) -> list[money.Row]:
        return money.money_rows(self.edition.years, self.user, self.lineages)

    def _of_this_year(self) -> list[money.Row]:
        return [row for row in self._money if self.year and row.year == self.year.year]

    @cached_property
    def money_by_year(self) -> dict[int, Sums | None]:
        """By ROC year of the plan; None where no accepted report that may be seen tells of it."""
        by_year: dict[int, list[money.Row]] = defaultdict(list)
        for row in self._money:
            by_year[row.year].append(row)
        return {
            year: money.total(row.sums for row in by_year[year]) if year in by_year else None
            for year in self.edition.plan.years
        }

    @cached_property
    def money_by_measure(self) -> dict[UUID, Sums]:
        found: dict[UUID, Sums] = defaultdict(Sums)
        for row in self._of_this_year():
            found[row.lineage] = found[row.lineage].plus(row.sums)
        return found

    @cached_property
    def this_years_money(self) -> Sums | None:
        return self.money_by_year.get(self.year.year) if self.year else None

    # --- ministries -------------------------------------------------------------------------------
    @cached_property
    def ministries(self) -> list[MinistryLine]:
        """Who leads or partners, by number of measures led."""
        sums: dict[str, Sums] = defaultdict(Sums)
        names: dict[str, str] = {}
        for row in self._of_this_year():
            sums[row.ministry] = sums[row.ministry].plus(row.sums)
            names[row.ministry] = row.ministry_name
        leads: Counter[str] = Counter()
        partners: Counter[str] = Counter()
        for row in self.rows:
            for bodies, counter in ((row.leads, leads), (row.partners, partners)):
                for body in bodies:
                    counter[body.code] += 1
                    names[body.code] = body.short_name
        filing = {one.code: one for one in self._filing.values()}
        names |= {code: one.name for code, one in filing.items()}
        found = [
            MinistryLine(
                code,
                name,
                leads[code],
                partners[code],
                filing.get(code),
                sums.get(code, money.NONE),
            )
            for code, name in names.items()
        ]
        return sorted(found, key=lambda line: (-line.leads, -line.partners, line.code))

    @cached_property
    def _filing(self) -> dict[int, Filing]:
        if self.year is None:
            return {}
        return standing.filing_by_ministry(self.year, self.user, self.today, self.lineages)

    @cached_property
    def filed(self) -> list[Filing]:
        """Filing, what needs somebody first, then by size."""
        order = (FilingState.OVERDUE, FilingState.RETURNED)
        return sorted(
            self._filing.values(),
            key=lambda one: (
                *(-one.states.get(state, 0) for state in order),
                -one.duties,
                one.code,
            ),
        )

    @property
    def duties(self) -> int:
        return sum(one.duties for one in self.filed)

    @property
    def accepted(self) -> int:
        told = (FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT)
        return sum(one.states.get(state, 0) for one in self.filed for state in told)

    @cached_property
    def spenders(self) -> list[MinistryLine]:
        """Ministries of which it is known what they spent, the lowest rate first."""
        known = [line for line in self.ministries if line.sums.rate is not None]
        return sorted(known, key=lambda line: (line.sums.rate, line.code))

    # --- resolutions ------------------------------------------------------------------------------
    @cached_property
    def resolutions(self) -> list[Resolution]:
        """What this person may see of what is not closed, on the goal or anything beneath it."""
        if not self.user.is_authenticated:
            return []
        above = "strategy__sub_goal__goal"
        measures = Measure.objects.filter(
            **{"version": self.edition.version, f"{above}__code": self.goal.code}
        )
        levels = (
            "lineage",
            "strategy__lineage",
            "strategy__sub_goal__lineage",
            f"{above}__lineage",
        )
        ours = Q()
        for level in levels:
            ours |= Q(lineage__in=measures.values(level))
        rows = Resolution.objects.visible_to(self.user).unsettled().filter(ours)
        return list(listed(rows.filter(plan=self.edition.plan.pk)))


def as_spent(sums: Sums | None) -> Spent:
    """Sums as the charts take them: nothing told is no number."""
    if sums is None:
        return Spent(None, None, None)
    return Spent(sums.allocated, sums.known, sums.spent if sums.known else None)


@prepared
def _indicators(year: int, lineages: tuple[UUID, ...]) -> QuerySet:
    """Approved indicators of these measures with the target of one ROC year, None where it has
    none.
    """
    of_year = FilteredRelation("targets", condition=Q(targets__year=year))
    return (
        Indicator.objects.filter(measure__lineage__in=lineages, state=IndicatorState.APPROVED.value)
        .annotate(target=of_year)
        .order_by("pk")
        .values_list(
            "pk",
            Cast("measure__lineage", TextField()),
            *("name", "ministry__short_name", "unit", "kind", "direction"),
            *(f"target__{column}" for column in ("value", "low", "high")),
        )
    )


@prepared
def _actuals(lineages: tuple[UUID, ...], year: int) -> QuerySet:
    """Indicator → actual of accepted reports. Of a year that may be seen, so these are the reports
    that `visible_to` gives everybody.
    """
    return (
        IndicatorValue.objects.filter(
            indicator__measure__lineage__in=lineages,
            report__reporting_year=year,
            report__status=Status.ACCEPTED.value,
        )
        .order_by()
        .values_list("indicator_id", "actual")
    )
