"""Shared reads of the filing pages: what a person owes, last year's answers, the review queue."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from config.kit.prepared import prepared
from ministries.models import Lineage
from plan.enums import AssignmentRole
from plan.models import Assignment, Plan
from tracking.enums import Status, YearState
from tracking.models import ProgressReport, ReportEvent, ReportingYear, ReturnedPart
from tracking.models.scope import SUBMITTED_ONCE, Reader
from tracking.standing import lineage_for
from tracking.submitted import shown

if TYPE_CHECKING:
    from ministries.models import User

# What a list shows of a report needs none of its long texts.
NARRATIVES = ("work_done", "benefit", "obstacle", "response", "next_steps")
WAITING_FOR_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW)
OWED = (Status.DRAFT, Status.SIGNING, Status.RETURNED)


class OpenedYear(NamedTuple):
    """A year that was opened, and whose it is. Narrow, since a ministry may have hundreds."""

    pk: int
    year: int
    state: str
    opens_on: date
    due_on: date
    closes_on: date
    partner_days: int
    plan_id: int
    slug: str
    plan_name: str
    start_year: int

    def whole(self) -> ReportingYear:
        plan = Plan(
            pk=self.plan_id, slug=self.slug, name=self.plan_name, start_year=self.start_year
        )
        return ReportingYear(plan=plan, **dict(zip(self._fields[:7], self[:7], strict=True)))


def opened_years(user) -> list[OpenedYear]:
    """Years that are or were open and in which the person's own ministries have reports, oldest
    first; of plans that share a year the newest comes last, as it comes first where plans are
    listed.
    """
    years = map(OpenedYear._make, _opened_years(tuple(user.ministry_ids)))
    by_slug = sorted(years, key=lambda one: one.slug, reverse=True)
    return sorted(by_slug, key=lambda one: (one.year, one.start_year))


@prepared
def _opened_years(ministries: tuple[int, ...]) -> QuerySet:
    reports = ProgressReport.objects.filter(reporting_year=OuterRef("pk"), ministry__in=ministries)
    return (
        ReportingYear.objects.filter(Exists(reports))
        .exclude(state=YearState.PLANNED)
        .order_by()
        .values_list(
            *("pk", "year", "state", "opens_on", "due_on", "closes_on", "partner_days"),
            *("plan_id", "plan__slug", "plan__name", "plan__start_year"),
        )
    )


def plans_of(years: Iterable[OpenedYear]) -> list[tuple[str, str]]:
    """Slug and name of their plans, newest first; none to choose from where there is only one."""
    newest = sorted(years, key=lambda year: (-year.start_year, year.slug))
    plans = list({year.slug: year.plan_name for year in newest}.items())
    return plans if len(plans) > 1 else []


def _of_ministries(ministries: tuple[int, ...]) -> QuerySet[ProgressReport]:
    """Whoever belongs to a ministry reads all of its reports."""
    return (
        ProgressReport.working.filter(ministry__in=ministries)
        .exclude(reporting_year__state=YearState.PLANNED)
        .select_related("measure", "ministry")
        .defer(*NARRATIVES, "measure__description")
        .order_by("-reporting_year__year", "measure__position", "ministry__code")
    )


def on_desk(user, year: ReportingYear, years: list[OpenedYear]) -> list[ProgressReport]:
    """Of these the chosen year's, and what is still owed of others: nobody looks for it there.
    `years` are the person's `opened_years`. One query.
    """
    by_id, whole = {one.pk: one for one in years}, {year.pk: year}
    reports = _on_desk(tuple(user.ministry_ids), year.pk, timezone.localdate())
    for report in reports:
        pk = report.reporting_year_id
        if pk not in whole:
            whole[pk] = by_id[pk].whole()
        report.reporting_year = whole[pk]
    return reports


@prepared
def _on_desk(ministries: tuple[int, ...], year: int, today: date) -> QuerySet:
    inside = Q(status__in=(Status.DRAFT, Status.SIGNING))
    taken = Q(reporting_year__state=YearState.OPEN) | Q(correction_due_on__isnull=False)
    taken |= Q(extended_until__gte=today)
    owed = Q(status=Status.RETURNED) | inside & taken
    return _of_ministries(ministries).filter(Q(reporting_year=year) | owed)


def returns_of(reports: Iterable[ProgressReport]) -> dict[int, list[ReturnedPart]]:
    """Report id → the parts of its last return, of those whose correction is being written. At
    most one query.
    """
    back = tuple(
        report.pk
        for report in reports
        if report.returned_parts and report.status in (Status.DRAFT, Status.RETURNED)
    )
    found: dict[int, list[ReturnedPart]] = {}
    for row in _returns(back) if back else ():
        rows = found.setdefault(row.report_id, [])
        if rows and rows[0].submission < row.submission:
            rows.clear()
        if not rows or rows[0].submission == row.submission:
            rows.append(row)
    return found


@prepared
def _returns(reports: tuple[int, ...]) -> QuerySet:
    return ReturnedPart.objects.filter(report__in=reports).select_related("by")


def full_reports() -> QuerySet[ProgressReport]:
    """Reports with all that a page about one of them shows; scope it before use."""
    return (
        ProgressReport.working.select_related(*_AROUND)
        .select_related("measure__strategy__sub_goal__goal", "measure__version", "saved_by")
        .prefetch_related(*_parts(), "authors", "evidence", duties())
    )


def report_to_save(pk: int, user: "User") -> ProgressReport | None:
    """A report that this person may read, with what the forms about it write, and which parts were
    returned; without its place in the plan and what hangs on it.
    """
    rows = _to_save(user.is_science_staff)(pk, tuple(sorted(user.ministry_ids)))
    prefetch_related_objects(rows, *_parts())
    return rows[0] if rows else None


_AROUND = ("reporting_year__plan", "measure", "ministry")


def _parts() -> tuple[str | Prefetch, ...]:
    returned = Prefetch("returns", ReturnedPart.objects.select_related("by"), to_attr="returned")
    return "money_lines", "values__indicator", returned


@cache
def _to_save(staff: bool) -> Callable[..., list[ProgressReport]]:
    @prepared
    def to_save(pk: int, own: tuple[int, ...]) -> QuerySet[ProgressReport]:
        rows = ProgressReport.working.visible_to(Reader(True, staff, own)).filter(pk=pk)
        return rows.select_related(*_AROUND).order_by()

    return to_save


def duties() -> Prefetch:
    """For `prefetch_related`: the duties that a report answers, leads first, with their bodies."""
    rows = Assignment.objects.select_related("ministry").order_by("role", "order", "pk")
    return Prefetch("assignments", rows)


def previous_reports(reports: Iterable[ProgressReport], user) -> dict[int, ProgressReport]:
    """Report id → the filed report of the year before, as far as this person may read it.

    The same measure by lineage, of the same body or one whose papers it answers for; of another
    body's correction what was submitted. Where two bodies became one, the lead's report counts.
    Two queries, however many reports.
    """
    reports = list(reports)
    if not reports:
        return {}
    lineage = lineage_for(user)
    bodies = _bodies(reports, lineage)
    found = (
        ProgressReport.objects.visible_to(user)
        .filter(
            SUBMITTED_ONCE,
            reporting_year__plan__in={report.reporting_year.plan_id for report in reports},
            reporting_year__year__in={report.reporting_year.year - 1 for report in reports},
            measure__lineage__in={report.measure.lineage for report in reports},
            ministry__in={body for line in bodies.values() for body in line},
        )
        .select_related("reporting_year", "measure")
        .defer("measure__description")
    )
    return _matched(
        reports,
        bodies,
        (
            (_place(old, old.reporting_year.year, old.ministry_id), old)
            for old in shown(list(found), user)
        ),
    )


class Answer(NamedTuple):
    """What a list shows of a filed report."""

    role: str
    nothing_to_report: bool
    light: str


def previous_answers(reports: Iterable[ProgressReport], user) -> dict[int, Answer]:
    """As `previous_reports`, for reports of the person's own ministries; one query."""
    reports = list(reports)
    if not reports:
        return {}
    years = {report.reporting_year.year - 1 for report in reports}
    plans = {report.reporting_year.plan_id for report in reports}
    rows = _answers(tuple(user.ministry_ids), tuple(plans), tuple(years))
    answers = ((row[:4], Answer(*row[4:])) for row in rows)
    return _matched(reports, _bodies(reports, user.lineage), answers)


@prepared
def _answers(
    ministries: tuple[int, ...], plans: tuple[int, ...], years: tuple[int, ...]
) -> QuerySet:
    filed = ProgressReport.objects.filter(
        SUBMITTED_ONCE,
        ministry__in=ministries,
        reporting_year__plan__in=plans,
        reporting_year__year__in=years,
    )
    place = ("reporting_year__plan_id", "reporting_year__year", "measure__lineage", "ministry_id")
    return filed.order_by().values_list(*place, *Answer._fields)


Filed = TypeVar("Filed", ProgressReport, Answer)


def _bodies(reports: list[ProgressReport], lineage: Lineage) -> dict[int, list[int]]:
    """Report id → its ministry and those whose papers it answered for when the year opened."""
    return {report.pk: report.bodies(lineage) for report in reports}


def _matched(
    reports: list[ProgressReport],
    bodies: dict[int, list[int]],
    filed: Iterable[tuple[tuple, Filed]],
) -> dict[int, Filed]:
    """Report id → what was filed at its place a year before."""
    by_place: dict[tuple, Filed] = {}
    for place, old in filed:
        if place not in by_place or old.role == AssignmentRole.LEAD:
            by_place[place] = old
    previous = {}
    for report in reports:
        places = [
            _place(report, report.reporting_year.year - 1, body) for body in bodies[report.pk]
        ]
        old = [by_place[place] for place in places if place in by_place]
        if old:
            previous[report.pk] = min(old, key=lambda one: one.role != AssignmentRole.LEAD)
    return previous


def _place(report: ProgressReport, year: int, ministry_id: int) -> tuple:
    return report.reporting_year.plan_id, year, report.measure.lineage, ministry_id


def last_moves(reports: Iterable[ProgressReport]) -> dict[int, ReportEvent]:
    """Report id → the move that brought a report into its ministry's hands, of those that are
    written or signed there now: who sent it back, or who submitted it and when. At most one query.
    """
    every = tuple(report.pk for report in reports)
    return {row.report_id: row for row in _moves(every)} if every else {}


@prepared
def _moves(reports: tuple[int, ...]) -> QuerySet:
    inside = (Status.DRAFT, Status.SIGNING)
    rows = ReportEvent.objects.filter(report__in=reports, report__status__in=inside)
    return rows.select_related("by", "on_behalf_of").order_by("at", "pk")


def previous_report(report: ProgressReport, user) -> ProgressReport | None:
    """The one of the year before, with all its parts; None where there is none to read."""
    old = previous_reports([report], user).get(report.pk)
    return shown([full_reports().get(pk=old.pk)], user)[0] if old else None


def review_queue(user) -> QuerySet[ProgressReport]:
    """What waits for review, oldest first; corrections among it."""
    return (
        ProgressReport.working.visible_to(user)
        .filter(status__in=WAITING_FOR_REVIEW)
        .select_related("reporting_year", "measure", "ministry")
        .prefetch_related("authors")
        .defer(*NARRATIVES, "measure__description")
        .order_by("filed_at", "pk")
    )
