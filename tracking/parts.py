"""Which field belongs to which part of a report, and a report gathered as plain data for checks."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from ministries.models import Lineage
from plan.enums import IndicatorState
from plan.models import Indicator, IndicatorTarget
from tracking.checks import Actual, Money, ReportData
from tracking.enums import Part
from tracking.models import IndicatorValue, ProgressReport

FIELDS: dict[Part, tuple[str, ...]] = {
    Part.PROGRESS: (
        "nothing_to_report",
        "nothing_reason",
        "light",
        "completion",
        "completed_on",
        "work_done",
        "benefit",
    ),
    Part.LATENESS: (
        "cause",
        "sub_cause",
        "obstacle",
        "response",
        "others_must_act",
        "catch_up_on",
    ),
    Part.NEXT_YEAR: ("next_steps",),
}
WRITABLE_FIELDS: tuple[str, ...] = tuple(name for names in FIELDS.values() for name in names)
_PART_OF = {name: part for part, names in FIELDS.items() for name in names}


def part_of(field: str) -> Part:
    """The part in which a field or an error's key stands.

    Keys of child rows are `indicator_ID_actual`, `indicator_ID_note`, `money_INDEX_source` and so
    on (index from 0), and `indicators`, `money`, `evidence` for the whole. Unknown: KeyError.
    """
    if field.startswith("indicator"):
        return Part.INDICATORS
    if field.startswith("money"):
        return Part.MONEY
    return Part.EVIDENCE if field == "evidence" else _PART_OF[field]


def indicators_of(report: ProgressReport, lineage: Lineage | None = None) -> QuerySet[Indicator]:
    """Approved indicators that this report gives actuals for: its ministry's own for the measure.

    Those of the bodies that it came from are its own too, from the year on in which it held
    their duties: an indicator proposed by 科技部 is reported on by 國科會 for 111, but for 110 not
    by 行政院科技會報辦公室, which became a part of 國科會 later. `year_targets` holds the target
    of the report's year, if there is one. What another definition replaced before the year, or
    replaces only after it, is left out. `lineage` is read where the caller has none.
    """
    bodies = report.bodies(lineage or Lineage())
    year = report.reporting_year.year
    return (
        Indicator.objects.in_force(year)
        .filter(
            measure__lineage=report.measure.lineage,
            ministry__in=bodies,
            state=IndicatorState.APPROVED,
        )
        .order_by("ordinal", "pk")
        .prefetch_related(
            Prefetch("targets", IndicatorTarget.objects.filter(year=year), "year_targets")
        )
    )


def data_of(report: ProgressReport, indicators: Iterable[Indicator] | None = None) -> ReportData:
    """The report with its parts, as the checks want it. Reads values, money and evidence."""
    values = {value.indicator_id: value for value in report.values.all()}
    actuals = []
    for indicator in indicators_of(report) if indicators is None else indicators:
        value = values.get(indicator.pk)
        actuals.append(
            Actual(
                indicator_id=indicator.pk,
                name=indicator.name,
                actual=value.actual if value else None,
                note=value.note if value else "",
                due=bool(indicator.year_targets),
                formula=indicator.formula,
                parts=tuple(
                    (value or IndicatorValue(indicator=indicator)).by_part
                    if indicator.parts
                    else ()
                ),
                adds_up=indicator.adds_up,
            )
        )
    return ReportData(
        role=report.role,
        coordinating=report.coordinating,
        **{name: getattr(report, name) for name in WRITABLE_FIELDS},
        actuals=tuple(actuals),
        money=tuple(
            Money(line.source, line.allocated_thousand, line.spent_thousand)
            for line in report.money_lines.all()
        ),
        evidence_count=len(report.evidence.all()),
        today=timezone.localdate(),
    )
