"""Shared reads of resolutions: what a person's ministry owes, what a report's form reminds of, what
waits for a reviewer.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, IntegerField, Prefetch, QuerySet, Value, When
from django.utils import timezone

from tracking.enums import ResolutionState
from tracking.models import ProgressReport, Resolution, ResolutionReport


def listed(rows: QuerySet[Resolution]) -> QuerySet[Resolution]:
    """With all that a list shows: open ones by their day, so that the overdue come first, then what
    waits for a reviewer, then the closed. Each carries `told`, its reports, newest first.
    """
    reports = ResolutionReport.objects.select_related("by", "on_behalf_of", "answered_by")
    place = Case(
        When(state=ResolutionState.OPEN, then=Value(0)),
        When(state=ResolutionState.REPORTED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        rows.select_related("owner", "measure__version__plan")
        .prefetch_related(Prefetch("reports", reports.order_by("-pk"), to_attr="told"))
        .order_by(place, "due_on", "pk")
    )


def owed_by(user) -> QuerySet[Resolution]:
    """What the ministries of this person have not closed, those before them in law included."""
    rows = Resolution.objects.visible_to(user).filter(owner__in=user.ministry_ids)
    return listed(rows.unsettled())


def waiting_for_answer(user) -> QuerySet[Resolution]:
    """What was reported on and no reviewer answered, longest waiting by its day first."""
    return listed(Resolution.objects.visible_to(user).filter(state=ResolutionState.REPORTED))


def of_report(report: ProgressReport, user) -> QuerySet[Resolution]:
    """What is unsettled on the report's measure, or a node above it, of the report's ministry or
    one whose papers it answers for. The measure with its strategy, sub-goal and goal is read.
    """
    strategy = report.measure.strategy
    above = (strategy, strategy.sub_goal, strategy.sub_goal.goal)
    line, today = user.lineage, timezone.localdate()
    bodies = line.line(line.holder(report.ministry_id, today), today)
    rows = Resolution.objects.visible_to(user).filter(
        plan=report.reporting_year.plan_id,
        lineage__in=[report.measure.lineage, *(node.lineage for node in above)],
        owner__in=bodies,
    )
    return listed(rows.unsettled())


def of_lineages(lineages: Iterable[UUID], user) -> QuerySet[Resolution]:
    """What this person may see of a measure's resolutions, the closed ones at the end."""
    return listed(Resolution.objects.visible_to(user).filter(lineage__in=lineages))
