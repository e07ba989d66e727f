"""What is lacking in many reports at once: the same checks that a submission asks, gathered."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from plan.enums import IndicatorState
from plan.models import Indicator, IndicatorTarget
from tracking import checks
from tracking.enums import Status, YearState
from tracking.models import ProgressReport
from tracking.parts import data_of, part_of
from tracking.workflow import writable_parts

_PARTS = ("values__indicator", "money_lines", "evidence")


def reports_at(user, statuses: Iterable[Status]) -> QuerySet[ProgressReport]:
    """Reports of the person's own ministries that stand there in opened years, in the plan's order,
    with all that the checks read.
    """
    return (
        ProgressReport.working.visible_to(user)
        .filter(ministry__in=user.ministry_ids, status__in=list(statuses))
        .exclude(reporting_year__state=YearState.PLANNED)
        .select_related(
            "reporting_year__plan", "measure__strategy__sub_goal__goal", "ministry", "saved_by"
        )
        .defer("measure__description")
        .order_by("-reporting_year__year", "measure__position", "ministry__code")
    )


def lacking(reports: Iterable[ProgressReport], user) -> dict[int, tuple[list[str], list[str]]]:
    """Report id → what blocks its submission, and what is worth a second look, in sentences.

    Of a returned report only what can be mended. As many queries for one report as for hundreds.
    """
    reports = list(reports)
    prefetch_related_objects(reports, *_PARTS)
    indicators = _indicators_of(reports, user)
    found = {}
    for report in reports:
        data = data_of(report, indicators[report.pk])
        open_parts = writable_parts(report.returned_parts)
        problems = {
            key: texts for key, texts in checks.problems(data).items() if part_of(key) in open_parts
        }
        found[report.pk] = (_flat(problems), _flat(checks.warnings(data)))
    return found


def _flat(found: dict[str, list[str]]) -> list[str]:
    return [text for texts in found.values() for text in texts]


def _indicators_of(reports: list[ProgressReport], user) -> dict[int, list[Indicator]]:
    """As `parts.indicators_of`, for many; two queries for each year among them."""
    by_year: dict[int, list[ProgressReport]] = defaultdict(list)
    for report in reports:
        by_year[report.reporting_year.year].append(report)
    found: dict[int, list[Indicator]] = {}
    for year, rows in by_year.items():
        bodies = {row.pk: row.bodies(user.lineage) for row in rows}
        targets = Prefetch("targets", IndicatorTarget.objects.filter(year=year), "year_targets")
        known: dict[tuple, list[Indicator]] = defaultdict(list)
        for indicator in (
            Indicator.objects.in_force(year)
            .filter(
                measure__lineage__in={row.measure.lineage for row in rows},
                ministry__in={body for line in bodies.values() for body in line},
                state=IndicatorState.APPROVED,
            )
            .select_related("measure")
            .defer("measure__description")
            .order_by("ordinal", "pk")
            .prefetch_related(targets)
        ):
            known[indicator.measure.lineage, indicator.ministry_id].append(indicator)
        for row in rows:
            found[row.pk] = [
                one for body in bodies[row.pk] for one in known[row.measure.lineage, body]
            ]
    return found
