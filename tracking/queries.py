"""Shared reads of the filing pages: what a person owes, last year's answers, the review queue."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from ministries.queries import Lineage
from plan.enums import AssignmentRole
from plan.models import Assignment
from tracking.enums import Status, YearState
from tracking.models import ProgressReport, ReportEvent, ReturnedPart
from tracking.models.scope import SUBMITTED_ONCE
from tracking.submitted import shown

# What a list shows of a report needs none of its long texts.
NARRATIVES = ("work_done", "benefit", "obstacle", "response", "next_steps")
WAITING_FOR_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW)
OWED = (Status.DRAFT, Status.SIGNING, Status.RETURNED)


def desk_reports(user) -> QuerySet[ProgressReport]:
    """All reports of the person's own ministries in opened years, for the lists of the desk."""
    return (
        ProgressReport.objects.visible_to(user)
        .filter(ministry__in=user.ministry_ids)
        .exclude(reporting_year__state=YearState.PLANNED)
        .select_related("reporting_year", "measure", "ministry")
        .prefetch_related(
            "authors",
            Prefetch("returns", ReturnedPart.objects.select_related("by"), to_attr="returned"),
        )
        .defer(*NARRATIVES, "measure__description")
        .order_by("-reporting_year__year", "measure__position", "ministry__code")
    )


def full_reports() -> QuerySet[ProgressReport]:
    """Reports with all that a page about one of them shows; scope it before use."""
    return ProgressReport.objects.select_related(
        "reporting_year__plan",
        "measure__strategy__sub_goal__goal",
        "measure__version",
        "ministry",
        "saved_by",
    ).prefetch_related(
        "authors",
        "money_lines",
        "values__indicator",
        "evidence",
        duties(),
        Prefetch("returns", ReturnedPart.objects.select_related("by"), to_attr="returned"),
    )


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
    lineage = Lineage()
    bodies = {
        report.pk: lineage.line(report.ministry_id, report.reporting_year.opens_on)
        for report in reports
    }
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
    by_place: dict[tuple, ProgressReport] = {}
    for old in shown(list(found), user):
        place = _place(old, old.reporting_year.year, old.ministry_id)
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
    written or signed there now: who sent it back, or who submitted it and when. One query.
    """
    rows = ReportEvent.objects.filter(
        report__in=[report.pk for report in reports],
        report__status__in=(Status.DRAFT, Status.SIGNING),
    )
    in_order = rows.select_related("by", "on_behalf_of").order_by("at", "pk")
    return {row.report_id: row for row in in_order}


def previous_report(report: ProgressReport, user) -> ProgressReport | None:
    """The one of the year before, with all its parts; None where there is none to read."""
    old = previous_reports([report], user).get(report.pk)
    return shown([full_reports().get(pk=old.pk)], user)[0] if old else None


def review_queue(user) -> QuerySet[ProgressReport]:
    """What waits for review, oldest first."""
    return (
        ProgressReport.objects.visible_to(user)
        .filter(status__in=WAITING_FOR_REVIEW)
        .select_related("reporting_year", "measure", "ministry")
        .prefetch_related("authors")
        .defer(*NARRATIVES, "measure__description")
        .order_by("filed_at", "pk")
    )
