"""What a measure's page joins beside its indicators: text, duties through time, reports, money.

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

from config.kit.prepared import prepared
from ministries.models import Body
from plan.models import Assignment, Measure, MeasureItem
from tracking.enums import FilingState, Status, Verb
from tracking.lights import filing_state
from tracking.models import Dissent, MoneyLine, ProgressReport, ReportingYear
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
