"""What the ministries' pages join: a body's names through time, its duties, filings and figures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.utils.timezone import localdate

from ministries.models import Lineage, Ministry
from plan.enums import AssignmentRole
from plan.models import Assignment, Objective, Participant, Plan, PlanVersion, PrintedFigure
from tracking.enums import FilingState, Status
from tracking.lights import filing_state
from tracking.models import ProgressReport, ReportingYear
from tracking.timeliness import timeliness

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser


class Listed(NamedTuple):
    """A unit of the plan: how many measures it leads and partners, and what it is called today."""

    participant: Participant
    today: Ministry | None
    leads: int
    partners: int

    @property
    def duties(self) -> int:
        return self.leads + self.partners


def listed(version: PlanVersion, today: date) -> list[Listed]:
    """The plan's units in printed order. Four queries."""
    participants = list(version.plan.participants.select_related("ministry"))
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for ministry_id, role, number in (
        Assignment.objects.filter(measure__version=version)
        .order_by()
        .values_list("ministry_id", "role")
        .annotate(n=Count("pk"))
    ):
        counts[ministry_id][role] = number
    lineage = Lineage()
    holders = {row.ministry_id: lineage.holder(row.ministry_id, today) for row in participants}
    bodies = Ministry.objects.in_bulk(holders.values())
    return [
        Listed(
            row,
            bodies[holders[row.ministry_id]]
            if holders[row.ministry_id] != row.ministry_id
            else None,
            counts[row.ministry_id].get(AssignmentRole.LEAD, 0),
            counts[row.ministry_id].get(AssignmentRole.PARTNER, 0),
        )
        for row in participants
    ]


class Duty(NamedTuple):
    """One measure of a ministry's line, with what it filed by year id."""

    code: str
    goal: str
    name: str
    role: str
    coordinating: bool
    until: date | None
    filed: dict[int, "Filed"]


class Filed(NamedTuple):
    """One year's report; the light is empty where its text may not be read, and so is `timing`,
    how it kept its day (`Timeliness`).
    """

    pk: int
    state: FilingState
    light: str
    timing: str = ""


def line_of(ministry: Ministry) -> set[int]:
    """Ids of this body, of those before it and of those after it, wholly."""
    lineage = Lineage()
    heirs = [pk for pk, _on in lineage.heirs(ministry.pk)]
    last = heirs[-1] if heirs else ministry.pk
    return set(lineage.line(last, date.max))


def duties(
    version: PlanVersion,
    line: set[int],
    years: Sequence[ReportingYear],
    user: "Person",
    today: date,
) -> list[Duty]:
    """Measures that the line of a body leads or partners, in the plan's order. Three queries.

    Where two duties of one measure meet in the line, the leading one is listed.
    """
    filed: dict[str, dict[int, Filed]] = defaultdict(dict)
    due = {year.pk: year.due_on for year in years}
    # The plan too: without it the measures of every plan would be read to find its own.
    reports = ProgressReport.objects.filter(
        reporting_year__in=years, ministry__in=line, measure__version__plan=version.plan_id
    )
    readable = set(reports.visible_to(user).order_by().values_list("pk", flat=True))
    for pk, lineage, year, status, nothing, correction, extended, light, filed_at, late in (
        reports.status_visible_to(user)
        .order_by()
        .values_list(
            *("pk", "measure__lineage", "reporting_year_id", "status", "nothing_to_report"),
            *("correction_due_on", "extended_until", "light", "filed_at", "late"),
        )
    ):
        state = filing_state(status, nothing, extended or due[year], correction, today)
        accepted = status == Status.ACCEPTED
        known = pk in readable
        filed_on = localdate(filed_at) if filed_at and known else None
        filed[lineage][year] = Filed(
            pk if known else 0,
            state,
            light if accepted and known else "",
            timeliness(filed_on, late, due[year]),
        )
    found: dict[str, Duty] = {}
    for code, goal, name, lineage, role, order, until in (
        Assignment.objects.filter(measure__version=version, ministry__in=line)
        .order_by("measure__position", "role", "order")
        .values_list(
            "measure__code",
            "measure__strategy__sub_goal__goal__ordinal",
            "measure__name",
            "measure__lineage",
            "role",
            "order",
            "until",
        )
    ):
        if code not in found:
            coordinating = role == AssignmentRole.LEAD and order == 1
            found[code] = Duty(code, goal, name, role, coordinating, until, filed[lineage])
    return list(found.values())


def states_by_year(rows: Sequence[Duty]) -> dict[int, dict[FilingState, int]]:
    """How many of these duties are in each state, by year id, as far as they are known."""
    counts: dict[int, dict[FilingState, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for year, filed in row.filed.items():
            counts[year][filed.state] += 1
    return counts


def timing_by_year(rows: Sequence[Duty]) -> dict[int, Counter[str]]:
    """How many of these duties were filed in time, by an extension and late, by year id."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for year, filed in row.filed.items():
            counts[year][filed.timing] += 1
    return counts


def objectives(plan: Plan, line: set[int]) -> list[Objective]:
    """The line's own S&T objectives (chapter 陸), carried out and assessed elsewhere. One query."""
    return list(plan.objectives.filter(ministry__in=line))


class Budget(NamedTuple):
    """One year of table 2 as printed, in 千元."""

    year: int
    printed: str
    unit: str


def budgets(plan: Plan, line: set[int]) -> list[tuple[str, list[Budget]]]:
    """The line's rows of table 2 with their years, in printed order. One query."""
    rows: dict[str, list[Budget]] = defaultdict(list)
    figures = PrintedFigure.objects.filter(
        Q(ministry__in=line), plan=plan, table="2", year__isnull=False
    )
    for figure in figures:
        rows[figure.row].append(Budget(figure.year, figure.printed, figure.unit))
    return list(rows.items())
