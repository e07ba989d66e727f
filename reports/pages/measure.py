"""What a measure's page joins: text, duties through time, indicators, reports, money.

Every function gives plain rows that the template writes out, and nothing that `user` may not know.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    QuerySet,
    prefetch_related_objects,
)
from django.utils.translation import gettext as _

from config.kit.forms import format_number
from config.kit.prepared import prepared
from config.kit.templatetags.kit import nbsp_unit, percent, thousands
from ministries.models import Body
from plan.attainment import attainment
from plan.enums import IndicatorKind, IndicatorState
from plan.models import Assignment, Indicator, Measure, MeasureItem, TargetChange
from reports.figures.indicator import Point
from tracking.enums import FilingState, Status, Verb
from tracking.lights import filing_state
from tracking.models import Dissent, IndicatorValue, MoneyLine, ProgressReport, ReportingYear
from tracking.queries.joint import dissents_on
from tracking.queries.reports import WAITING_FOR_REVIEW
from tracking.rules.reports import verdict
from tracking.standing import lineage_for
from tracking.submitted import shown

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser


# --- text -----------------------------------------------------------------------------------------
@prepared
def items(measure: int) -> QuerySet[MeasureItem]:
    return MeasureItem.objects.filter(measure=measure)


def introduction(measure: Measure, items: Sequence[MeasureItem]) -> str:
    """The measure's text before its first item; all of it where it has none."""
    if not items:
        return measure.description
    return measure.description.partition(items[0].marker)[0]


# --- duties ---------------------------------------------------------------------------------------
class Duty(NamedTuple):
    """One assignment, with the bodies that held it one after the other, the first as assigned."""

    assignment: Assignment
    holders: list[tuple[Body, date | None]]


@prepared
def _assignments(measure: int) -> QuerySet[Assignment]:
    return Assignment.objects.filter(measure=measure).order_by("role", "order")


def duties(measure: Measure, user: "Person") -> list[Duty]:
    """Assignments of the measure, leads first, each with its line of names. Two queries."""
    lineage = lineage_for(user)
    return [
        Duty(
            assignment,
            [
                (lineage.bodies[pk], since)
                for pk, since in (
                    (assignment.ministry_id, assignment.since),
                    *lineage.heirs(assignment.ministry_id),
                )
            ],
        )
        for assignment in _assignments(measure.pk)
    ]


def short_names(rows: Iterable[Duty], role: str) -> list[str]:
    """Short names of those who hold the role, as assigned."""
    return [row.holders[0][0].short_name for row in rows if row.assignment.role == role]


# --- indicators -----------------------------------------------------------------------------------
class Change(NamedTuple):
    """A target changed after approval; `before` and `after` as a reader writes them."""

    row: TargetChange
    before: str
    after: str


class PartOfIndicator(NamedTuple):
    """One part of a dimension through the years; None is unknown."""

    name: str
    actuals: list[Decimal | None]

    @property
    def texts(self) -> list[str]:
        return [thousands(number) for number in self.actuals]


class IndicatorRow(NamedTuple):
    """An approved indicator with a point and an attainment in per cent for every plan year."""

    indicator: Indicator
    points: list[Point]
    rates: list[Decimal | None]
    changes: list["Change"]
    parts: list["PartOfIndicator"] = []

    @property
    def targets(self) -> list[str]:
        """The targets of the points as they are printed."""
        return [
            amount(self.indicator, point.target)
            if point.low is None
            else f"{thousands(point.low)}–{thousands(point.high)}"
            for point in self.points
        ]

    @property
    def actuals(self) -> list[str]:
        """The actuals of the points as they are printed."""
        return [amount(self.indicator, point.actual) for point in self.points]

    def by_part(self, place: int) -> str:
        """The parts of the n-th point as text, 女12；男8; "" where none is known."""
        known = [(part.name, part.actuals[place]) for part in self.parts]
        return "；".join(f"{name}{format_number(n)}" for name, n in known if n is not None)

    @property
    def baseline(self) -> str:
        """The number that it started from as it is printed; "" where there is none."""
        known = self.indicator.baseline is not None
        return amount(self.indicator, self.indicator.baseline) if known else ""

    @property
    def finding(self) -> str:
        """What the numbers say, as the chart's title."""
        name, unit = self.indicator.name, self.indicator.unit
        known = [
            (point, rate)
            for point, rate in zip(self.points, self.rates, strict=True)
            if point.actual is not None
        ]
        if not known:
            return _("%(name)s：還沒有已接受的實績") % {"name": name}
        last, rate = known[-1]
        values = {
            "name": name,
            "year": last.year,
            "actual": amount(self.indicator, last.actual)
            if self.indicator.kind == IndicatorKind.YES_NO
            else nbsp_unit(thousands(last.actual), unit),
            "rate": percent(rate),
        }
        if rate is None:
            return _("%(name)s：%(year)s年實績%(actual)s，沒有可以相比的目標") % values
        if rate >= 100:
            return _("%(name)s：%(year)s年實績%(actual)s，達到目標") % values
        return _("%(name)s：%(year)s年實績%(actual)s，是目標的%(rate)s") % values


def amount(indicator: Indicator, value: Decimal | None) -> str:
    """A number of the indicator as it is printed: yes or no where that is what it counts."""
    if indicator.kind == IndicatorKind.YES_NO and value is not None:
        return _("是") if value else _("否")
    return thousands(value)


@prepared
def _approved(lineages: tuple[UUID, ...]) -> QuerySet[Indicator]:
    found = Indicator.objects.filter(measure__lineage__in=lineages, state=IndicatorState.APPROVED)
    return found.select_related("ministry").order_by("ministry__code", "ordinal")


def indicator_rows(
    lineages: Sequence[UUID], years: Iterable[int], user: "Person"
) -> list[IndicatorRow]:
    """Approved indicators with targets and accepted actuals that `user` may see. Four queries.

    `lineages` here and below are the measure's own and those of what became it.
    """
    indicators = _approved(tuple(lineages))
    if not indicators:
        return []
    prefetch_related_objects(indicators, "targets", "target_changes__by")
    actuals = {
        (indicator_id, year): (actual, parts)
        for indicator_id, year, actual, parts in IndicatorValue.objects.filter(
            indicator__in=indicators,
            report__in=ProgressReport.objects.visible_to(user).filter(status=Status.ACCEPTED),
        ).values_list("indicator_id", "report__reporting_year__year", "actual", "parts")
    }
    return [_indicator_row(indicator, list(years), actuals) for indicator in indicators]


_NOTHING: tuple[None, dict] = (None, {})


def _indicator_row(
    indicator: Indicator, years: list[int], actuals: dict[tuple[int, int], tuple]
) -> IndicatorRow:
    targets = {target.year: target for target in indicator.targets.all()}
    points = []
    for year in years:
        target = targets.get(year)
        points.append(
            Point(
                year,
                target.value if target else None,
                target.low if target else None,
                target.high if target else None,
                actuals.get((indicator.pk, year), _NOTHING)[0],
            )
        )
    rates = [
        attainment(indicator.direction, point.actual, point.target, point.low, point.high)
        for point in points
    ]
    changes = [
        Change(row, _target_text(indicator, row.before), _target_text(indicator, row.after))
        for row in indicator.target_changes.all()
    ]
    given = [actuals.get((indicator.pk, year), _NOTHING)[1] for year in years]
    parts = [
        PartOfIndicator(
            name, [None if one.get(name) is None else Decimal(one[name]) for one in given]
        )
        for name in indicator.parts
    ]
    return IndicatorRow(indicator, points, rates, changes, parts)


def _target_text(indicator: Indicator, target: dict[str, str | None]) -> str:
    """`{"value", "low", "high"}` of a target as one number, a range, or a dash."""
    low, high, value = (
        None if target.get(key) is None else Decimal(target[key])
        for key in ("low", "high", "value")
    )
    if low is not None:
        return f"{thousands(low)}–{thousands(high)}"
    return "—" if value is None else amount(indicator, value)


# --- reports --------------------------------------------------------------------------------------
class Filed(NamedTuple):
    """One ministry's report of one year. `text` tells whether its content may be read here."""

    report: ProgressReport
    state: FilingState
    text: bool
    dissents: Sequence[Dissent] = ()


_CONTENT = (
    "reporting_year_id",
    "measure__code",
    "measure__version__number",
    "ministry__short_name",
    "ministry_name",
    "role",
    "coordinating",
    "status",
    "nothing_to_report",
    "nothing_reason",
    "exempt_reason",
    "light",
    "completion",
    "work_done",
    "cause",
    "filed_at",
    "accepted_at",
    "late",
    "correction_due_on",
    "extended_until",
)


@prepared
def years_of(plan: int) -> QuerySet[ReportingYear]:
    """The plan's reporting years, newest first."""
    return ReportingYear.objects.filter(plan=plan).order_by("-year")


def reports_by_year(
    lineages: Sequence[UUID], years: Sequence[ReportingYear], user: "Person", today: date
) -> dict[int, list[Filed]]:
    """Reports of the measure by year id, newest first, coordinating lead first.

    One query, one for the authors of those that wait for a decision, one where partners dissent.
    """
    by_id = {year.pk: year for year in years}
    of_measure = ProgressReport.objects.filter(
        measure__lineage__in=lineages, reporting_year__in=years
    )
    rows = list(
        of_measure.status_visible_to(user)
        .annotate(
            readable=ExpressionWrapper(of_measure.readable_by(user), BooleanField()),
            disputed=Exists(Dissent.objects.standing().filter(report=OuterRef("pk"))),
        )
        .select_related("ministry", "measure__version")
        .only(*_CONTENT)
        .order_by("-reporting_year__year", "-coordinating", "role", "ministry__code")
    )
    prefetch_related_objects([row for row in rows if row.status in WAITING_FOR_REVIEW], "authors")
    shown([row for row in rows if row.readable], user)
    disputed = [row for row in rows if row.disputed]
    dissents = dissents_on(disputed, user) if disputed else {}
    found: dict[int, list[Filed]] = defaultdict(list)
    for report in rows:
        report.reporting_year = year = by_id[report.reporting_year_id]
        state = filing_state(
            report.status,
            report.nothing_to_report,
            report.due_on,
            report.correction_due_on,
            today,
        )
        found[year.pk].append(Filed(report, state, report.readable, dissents.get(report.pk, ())))
    return found


class Act(NamedTuple):
    """What waits for this person here: `kind` is `edit`, `sign`, `review` or `decide`."""

    kind: str
    report: ProgressReport
    year: int


# In this order: what is a person's own work comes before what they may do for others.
_ACTS = (
    (Verb.SUBMIT, "edit"),
    (Verb.SIGN_OFF, "sign"),
    (Verb.ACCEPT, "decide"),
    (Verb.START, "review"),
)


def waiting_for(filed: Sequence[dict], user: "Person") -> list[Act]:
    """What this person can do now with the reports on this page, newest year first."""
    if not user.is_authenticated:
        return []
    return [
        Act(kind, row.report, year["year"])
        for year in filed
        for verb, kind in _ACTS
        for row in year["reports"]
        if verdict(verb, row.report, user)
    ]


# --- money ----------------------------------------------------------------------------------------
class MoneyRow(NamedTuple):
    """Money of one source in one year's accepted report, in 千元; `rate` spent per cent."""

    year: int
    ministry: str
    line: MoneyLine
    rate: Decimal | None


@prepared
def _money(reports: tuple[int, ...]) -> QuerySet[MoneyLine]:
    return MoneyLine.objects.filter(report__in=reports).order_by("ordinal")


def money_rows(filed: Iterable[Filed]) -> list[MoneyRow]:
    """Money lines of the accepted among these reports that may be read, in their order."""
    accepted = {
        row.report.pk: row.report
        for row in filed
        if row.text and row.report.status == Status.ACCEPTED
    }
    lines: dict[int, list[MoneyLine]] = defaultdict(list)
    for line in _money(tuple(accepted)) if accepted else ():
        lines[line.report_id].append(line)
    return [
        MoneyRow(
            report.reporting_year.year,
            report.ministry.short_name,
            line,
            _rate(line.spent_thousand, line.allocated_thousand),
        )
        for pk, report in accepted.items()
        for line in lines[pk]
    ]


def spent_of(rows: Iterable[MoneyRow], year: int) -> dict[str, int | Decimal | None]:
    """One year's sums in 千元, and the rate; lines whose spending is unknown are left out."""
    known = [row.line for row in rows if row.year == year and row.line.spent_thousand is not None]
    allocated = sum(line.allocated_thousand for line in known)
    spent = sum(line.spent_thousand for line in known)
    return {"allocated": allocated, "spent": spent, "rate": _rate(spent, allocated)}


def _rate(spent: int | None, allocated: int) -> Decimal | None:
    if spent is None or not allocated:
        return None
    return Decimal(spent) * 100 / allocated
