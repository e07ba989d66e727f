"""The flags of many reports at once: what the rules of `tracking.flags` want to know, gathered."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone

from config.kit import roc
from config.kit.forms import format_number
from ministries.models import Lineage
from plan.attainment import attainment
from plan.enums import IndicatorKind, IndicatorState
from plan.models import Indicator
from tracking.enums import Light, Status
from tracking.flag_rows import Flag, Limits, Measured, Other, Spent, Year
from tracking.flags import TEXTS, flags
from tracking.likeness import LEAST, bare
from tracking.models import IndicatorValue, ProgressReport
from tracking.queries.reports import WAITING_FOR_REVIEW, previous_reports

_PARTS = ("values", "money_lines", "evidence")
# What these say is what was submitted; while a correction is written it may say something else.
_AS_SUBMITTED = (*WAITING_FOR_REVIEW, Status.ACCEPTED)


def limits() -> Limits:
    """As the settings have them."""
    return Limits(
        same=settings.FLAG_SAME_TEXT,
        trend=settings.FLAG_TREND,
        bands={
            Light.DONE.value: 100,
            Light.AHEAD.value: 100,
            Light.ON_TRACK.value: settings.FLAG_ON_TRACK_FROM,
            Light.BEHIND.value: settings.FLAG_BEHIND_FROM,
        },
    )


def flags_of(reports: Sequence[ProgressReport], user) -> dict[int, list[Flag]]:
    """Report id → what stands out in it, for a person of the science ministry.

    `reports` say what the person may read of them (`tracking.submitted.shown`), with year, measure
    and ministry. As many queries for one as for hundreds.
    """
    reports = list(reports)
    if not reports:
        return {}
    last = previous_reports(reports, user)
    prefetch_related_objects([*reports, *last.values()], *_PARTS)
    indicators = _indicators_of(reports)
    history = _history(indicators, reports)
    elsewhere = _elsewhere(reports, user)
    found, bounds = {}, limits()
    for report in reports:
        before = last.get(report.pk)
        rows = indicators[report.pk]
        this = year_of(report, rows, _earlier(history, before, rows, report))
        was = year_of(before, rows, {}) if before else None
        found[report.pk] = flags(this, was, elsewhere.get(report.pk, ()), bounds)
    return found


def year_of(
    report: ProgressReport,
    indicators: Iterable[Indicator],
    history: dict[int, dict[int, Decimal]],
) -> Year:
    """One report as plain data; `history` is {indicator id: {year: actual}} of earlier years."""
    year = report.reporting_year.year
    values = {value.indicator_id: value.actual for value in report.values.all()}
    filed = report.filed_at
    return Year(
        year=year,
        light=report.light,
        completion=report.completion,
        nothing_to_report=report.nothing_to_report,
        due_on=roc.format_date(report.due_on),
        filed_on=roc.format_date(timezone.localdate(filed)) if filed else "",
        late=report.late,
        texts={name: getattr(report, name) for name in TEXTS},
        measured=tuple(
            _measured(row, year, values.get(row.pk), history.get(row.pk, {})) for row in indicators
        ),
        money=tuple(
            Spent(
                source=line.source,
                allocated=line.allocated_thousand,
                spent=line.spent_thousand,
                place=f"money-{line.ordinal}",
            )
            for line in report.money_lines.all()
        ),
        evidence=len(report.evidence.all()),
    )


def _measured(
    indicator: Indicator, year: int, actual: Decimal | None, history: dict[int, Decimal]
) -> Measured:
    target = next((row for row in indicator.targets.all() if row.year == year), None)
    # The newest comes first: what the target is now stands in the target itself.
    changes = [row for row in indicator.target_changes.all() if row.year == year]
    reached = None
    if target:
        reached = attainment(indicator.direction, actual, target.value, target.low, target.high)
    trends = indicator.kind != IndicatorKind.YES_NO
    return Measured(
        name=indicator.name,
        actual=actual,
        attainment=reached,
        history=tuple(sorted(history.items())) if trends else (),
        target_was=_target(changes[-1].before) if changes else "",
        target_is=_target(changes[0].after) if changes else "",
        place=f"indicator-{indicator.pk}",
    )


def _target(kept: dict | None) -> str:
    """A target as its change keeps it: a value, or a range written with a dash; — for none."""
    sides = [(kept or {}).get(key) for key in ("value", "low", "high")]
    return "–".join(format_number(Decimal(side)) for side in sides if side is not None) or "—"


def _indicators_of(reports: Sequence[ProgressReport]) -> dict[int, list[Indicator]]:
    """Report id → the indicators that it gives actuals for, as `tracking.parts.indicators_of`."""
    lineage = Lineage()
    lines = {report.pk: report.bodies(lineage) for report in reports}
    rows = (
        Indicator.objects.filter(
            measure__lineage__in={report.measure.lineage for report in reports},
            ministry__in={body for line in lines.values() for body in line},
            state=IndicatorState.APPROVED,
        )
        .select_related("measure")
        .defer("measure__description")
        .prefetch_related("targets", "target_changes")
        .order_by("ordinal", "pk")
    )
    by_place = defaultdict(list)
    for row in rows:
        by_place[row.measure.lineage, row.ministry_id].append(row)
    return {
        report.pk: sorted(
            (
                row
                for body in lines[report.pk]
                for row in by_place[report.measure.lineage, body]
                if _in_force(row, report.reporting_year.year)
            ),
            key=lambda row: (row.ordinal, row.pk),
        )
        for report in reports
    }


def _in_force(indicator: Indicator, year: int) -> bool:
    """As `Indicator.objects.in_force`, of rows that were read for several years."""
    since, until = indicator.from_year, indicator.until_year
    return (since is None or since <= year) and (until is None or until >= year)


def _history(
    indicators: dict[int, list[Indicator]], reports: Sequence[ProgressReport]
) -> dict[int, dict[int, Decimal]]:
    """Indicator id → year → actual, of accepted reports."""
    rows = IndicatorValue.objects.filter(
        indicator__in={row.pk for rows in indicators.values() for row in rows},
        actual__isnull=False,
        report__status=Status.ACCEPTED,
        report__reporting_year__year__lt=max(report.reporting_year.year for report in reports),
    )
    found = defaultdict(dict)
    for pk, year, actual in rows.order_by().values_list(
        "indicator", "report__reporting_year__year", "actual"
    ):
        found[pk][year] = actual
    return found


def _earlier(
    history: dict[int, dict[int, Decimal]],
    last: ProgressReport | None,
    indicators: Iterable[Indicator],
    report: ProgressReport,
) -> dict[int, dict[int, Decimal]]:
    """The history before the report's year; of last year what the reader has beside it."""
    year = report.reporting_year.year
    beside = {value.indicator_id: value.actual for value in last.values.all()} if last else {}
    found = {}
    for row in indicators:
        past = {at: actual for at, actual in history.get(row.pk, {}).items() if at < year}
        if beside.get(row.pk) is not None:
            past[year - 1] = beside[row.pk]
        found[row.pk] = past
    return found


def _elsewhere(reports: Sequence[ProgressReport], user) -> dict[int, list[Other]]:
    """Report id → texts of it that the ministry also submitted for another measure that year."""
    years = {report.reporting_year_id for report in reports}
    ministries = {report.ministry_id for report in reports}
    rows = ProgressReport.objects.visible_to(user).filter(
        status__in=_AS_SUBMITTED, reporting_year__in=years, ministry__in=ministries
    )
    places: dict[tuple, list[Other]] = defaultdict(list)
    for pk, year, ministry, code, *texts in rows.order_by("measure__position", "pk").values_list(
        "pk", "reporting_year", "ministry", "measure__code", *TEXTS
    ):
        for text in texts:
            if len(key := bare(text)) >= LEAST:
                places[year, ministry, key].append(Other(report=pk, code=code, text=text))
    found = defaultdict(list)
    for report in reports:
        for key in {bare(getattr(report, name)) for name in TEXTS}:
            same = places.get((report.reporting_year_id, report.ministry_id, key), ())
            own = (report.pk, report.corrects_id)
            found[report.pk] += [other for other in same if other.report not in own]
    return found


def with_texts(reports: Sequence[ProgressReport]) -> list[ProgressReport]:
    """The same reports of a list that defers their texts, read with them: flags are made of
    texts. One query; the order stays.
    """
    rows = ProgressReport.working.filter(pk__in=[report.pk for report in reports])
    texts = {row["pk"]: row for row in rows.order_by().values("pk", *TEXTS)}
    for report in reports:
        for name in TEXTS:
            setattr(report, name, texts[report.pk][name])
    return list(reports)
