"""A demo of many plans: copies of the whole one, marked, their years filled and released.

Every fourth has the ROC years of the plan itself, the others those before them, so that there are
four spans of years. The first plan of each span is filled as any plan is; the rest are its copies,
made by the database.
No copy begins later than the plan, or comes before it by name, so that the plan stays the one
that is shown to who asks for none. The audit log has no copies: nobody did what they tell of.
"""

from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.fields.related import ManyToManyField

from config.kit.search_index import without_search_indexes
from plan.models import (
    Assignment,
    CellEntry,
    Goal,
    Indicator,
    IndicatorTarget,
    Measure,
    MeasureItem,
    Objective,
    Participant,
    Plan,
    PlanVersion,
    PrintedFigure,
    Strategy,
    SubGoal,
)
from tracking.demo.copying import Copier
from tracking.demo.seeding import seed
from tracking.models import (
    Evidence,
    IndicatorValue,
    MoneyLine,
    ProgressReport,
    ReportAuthor,
    ReportEvent,
    ReportingYear,
    ReturnedPart,
    Submission,
)

SPANS = 4
PARTS = (IndicatorValue, MoneyLine, Evidence, ReportAuthor, ReportEvent, ReturnedPart)


def slug_of(plan: Plan, number: int) -> str:
    """`number` counts from 2: the plan itself is the first."""
    return f"{plan.slug}-demo-{number:03}"


def _span(number: int) -> int:
    """How many spans of years before the plan's own; the second plan shares them."""
    return (number - 2) % SPANS


@transaction.atomic
def seed_plans(plan: Plan, plans: int, *, today: date) -> int:
    """Have `plans` plans, this one and its copies, each copy with all its years filled. Those
    that exist are left as they are. Returns how many were made.
    """
    wanted = {number: slug_of(plan, number) for number in range(2, plans + 1)}
    existing = set(Plan.objects.filter(slug__in=wanted.values()).values_list("slug", flat=True))
    missing = [number for number, slug in wanted.items() if slug not in existing]
    if missing:
        with without_search_indexes():
            _make(plan, wanted, missing, today)
    return len(missing)


def _make(plan: Plan, wanted: dict[int, str], missing: list[int], today: date) -> None:
    for span in range(SPANS):
        numbers = [number for number in missing if _span(number) == span]
        first = min((number for number in wanted if _span(number) == span), default=None)
        if numbers and numbers[0] == first:
            _copy_tree(plan, first)
            filled = Plan.objects.get(slug=wanted[first])
            seed(filled, list(filled.years), today=today, finished=True)
            del numbers[0]
        if numbers:
            _copy_filled(plan, Plan.objects.get(slug=wanted[first]), numbers)


def _copy_tree(plan: Plan, number: int) -> None:
    copier = Copier(1)
    _add_plans(copier, plan, plan, [number])
    _add_tree(copier, plan)
    copier.finish()


def _copy_filled(plan: Plan, filled: Plan, numbers: list[int]) -> None:
    copier = Copier(len(numbers))
    _add_plans(copier, plan, filled, numbers)
    _add_tree(copier, filled)
    _add_filings(copier, filled)
    copier.finish()


def _add_plans(copier: Copier, plan: Plan, source: Plan, numbers: list[int]) -> None:
    distance = copier.move(Plan.objects.filter(pk=source.pk))
    copies = []
    for place, number in enumerate(numbers):
        back = _span(number) * len(plan.years)
        copies.append(
            Plan(
                pk=source.pk + distance.of(place),
                slug=slug_of(plan, number),
                name=f"{plan.name}（示範{number}）",
                name_en=plan.name_en and f"{plan.name_en} (demo {number})",
                start_year=plan.start_year - back,
                end_year=plan.end_year - back,
                claim=plan.claim,
            )
        )
    Plan.objects.bulk_create(copies)


def _add_tree(copier: Copier, plan: Plan) -> None:
    versions = PlanVersion.objects.in_force().filter(plan=plan)
    copier.add(versions, number="1", based_on="NULL", edits="1")
    for model in (Goal, SubGoal, Strategy, Measure):
        copier.add(model.objects.filter(version__in=versions), lineage=_new_lineage(copier))
    measures = Measure.objects.filter(version__in=versions)
    for rows in (
        MeasureItem.objects.filter(measure__in=measures),
        Participant.objects.filter(plan=plan),
        Objective.objects.filter(plan=plan),
        PrintedFigure.objects.filter(plan=plan),
        CellEntry.objects.filter(strategy__version__in=versions),
        Assignment.objects.filter(measure__in=measures),
    ):
        copier.add(rows)


def _new_lineage(copier: Copier) -> str:
    """The copies are other things, not later wordings of the same: ids of their own."""
    first = copier.distances[PlanVersion].first
    made = f"MD5(CAST(s.lineage AS TEXT) || '/' || CAST({first} + k.n AS TEXT))"
    return f"CAST({made} AS UUID)" if connection.features.has_native_uuid_field else made


def _add_filings(copier: Copier, plan: Plan) -> None:
    years = ReportingYear.objects.filter(plan=plan)
    reports = ProgressReport.objects.filter(reporting_year__in=years)
    indicators = Indicator.objects.filter(measure__version__plan=plan)
    for rows in (
        years,
        indicators,
        IndicatorTarget.objects.filter(indicator__in=indicators),
        reports,
        _joined(ProgressReport.assignments.field, reports),
    ):
        copier.add(rows)
    for model in PARTS:
        copier.add(model._base_manager.filter(report__in=reports))
    submissions = Submission.objects.filter(report__in=reports)
    copier.add(submissions, content=_moved_content(copier))
    copier.add(_joined(Submission.evidence.field, submissions))


def _joined(field: ManyToManyField, rows: QuerySet) -> QuerySet:
    return field.remote_field.through.objects.filter(**{f"{field.m2m_field_name()}__in": rows})


def _moved_content(copier: Copier) -> str:
    """What was submitted names indicators by their keys inside a text: these move as others do."""
    move = copier.distances[Indicator]
    if connection.vendor == "postgresql":
        moved = f"{move.first} + k.n * {move.each} + CAST(value ->> 'indicator' AS BIGINT)"
        return (
            "JSONB_SET(s.content, '{values}', (SELECT"
            f" COALESCE(JSONB_AGG(JSONB_SET(value, '{{indicator}}', TO_JSONB({moved}))"
            " ORDER BY place), '[]')"
            " FROM JSONB_ARRAY_ELEMENTS(s.content -> 'values')"
            " WITH ORDINALITY AS each (value, place)))"
        )
    moved = f"{move.first} + k.n * {move.each} + JSON_EXTRACT(value, '$.indicator')"
    return (
        "JSON_SET(s.content, '$.values', (SELECT"
        f" JSON_GROUP_ARRAY(JSON_SET(value, '$.indicator', {moved}))"
        " FROM JSON_EACH(s.content, '$.values')))"
    )
