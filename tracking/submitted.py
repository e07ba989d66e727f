"""Whose text? What a report says to each reader: its ministry's own words, or what it submitted.

A report's row holds what its ministry wrote last. From sign-off to acceptance nobody writes, so
that is what was submitted. While a correction is written or signed it is not: then everybody but
the report's own ministry reads the last submission. `shown` is the one place that decides; pages
and the API read reports of others through it, and never save what it gives.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from plan.models import Indicator
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport, Submission
from tracking.models.scope import BEING_CORRECTED
from tracking.parts import WRITABLE_FIELDS

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser

_VALUE = ("actual", "note")
_MONEY = ("source", "allocated_thousand", "spent_thousand", "note")


# --- keeping --------------------------------------------------------------------------------------
def content_of(
    report: ProgressReport, values: Iterable[IndicatorValue], money: Iterable[MoneyLine]
) -> dict:
    """The report with its parts as `Submission.content`."""
    return {
        "fields": {name: getattr(report, name) for name in WRITABLE_FIELDS},
        "values": [
            {
                "indicator": row.indicator_id,
                **{name: None if (value := getattr(row, name)) is None else str(value)
                   for name in _VALUE},
                **({"parts": row.parts} if row.parts else {}),
            }
            for row in values
        ],
        "money": [{name: getattr(line, name) for name in _MONEY} for line in money],
    }  # fmt: skip


def keep(report: ProgressReport) -> Submission:
    """At sign-off: keep what is submitted now, under the number that `submissions` says."""
    content = content_of(report, report.values.all(), report.money_lines.all())
    copy = Submission.objects.create(report=report, number=report.submissions, content=content)
    copy.evidence.set(report.evidence.all())
    return copy


def take_back(report: ProgressReport) -> None:
    """The ministry withdrew what it submitted last; the submission before it stands again."""
    report.copies.filter(number=report.submissions).delete()


# --- showing --------------------------------------------------------------------------------------
def shown(reports: Sequence[ProgressReport], user: "Person") -> Sequence[ProgressReport]:
    """The same reports, each saying what `user` may read of it. At most three queries, and none
    where nobody else's correction is among them. Which reports may be read at all is the
    queryset's business (`visible_to`).

    A report that says its submission gets `submitted_on`, the day of it. One whose submission was
    not kept says nothing: better a gap than a half-written sentence.
    """
    own = user.ministry_ids if user.is_authenticated else frozenset()
    foreign = [
        report
        for report in reports
        if report.status in BEING_CORRECTED and report.ministry_id not in own
    ]
    if not foreign:
        return reports
    # What the correction removed from the report is still in the submission.
    rows = Submission.objects.latest().filter(report__in=foreign)
    rows = rows.prefetch_related(Prefetch("evidence", Evidence.objects.all()))
    copies = {copy.report_id: copy for copy in rows}
    used = {value["indicator"] for copy in copies.values() for value in copy.content["values"]}
    indicators = Indicator.objects.in_bulk(used) if used else {}
    for report in foreign:
        _overlay(report, copies.get(report.pk), indicators)
    return reports


def as_sent(report: ProgressReport, copy: Submission) -> ProgressReport:
    """The report saying what `copy`, one of its submissions, holds: to read, never to save."""
    used = [value["indicator"] for value in copy.content["values"]]
    _overlay(report, copy, Indicator.objects.in_bulk(used) if used else {})
    return report


def _overlay(
    report: ProgressReport, copy: Submission | None, indicators: dict[int, Indicator]
) -> None:
    content = copy.content if copy else {"fields": {}, "values": [], "money": []}
    for name in WRITABLE_FIELDS:
        field = ProgressReport._meta.get_field(name)
        given = content["fields"].get(name, field.get_default())
        setattr(report, name, field.to_python(given))
    values = [
        IndicatorValue(
            report=report,
            indicator=indicators[row["indicator"]],
            actual=IndicatorValue._meta.get_field("actual").to_python(row["actual"]),
            note=row["note"],
            parts=row.get("parts", {}),
        )
        for row in content["values"]
        if row["indicator"] in indicators
    ]
    money = [
        MoneyLine(report=report, ordinal=ordinal, **line)
        for ordinal, line in enumerate(content["money"], start=1)
    ]
    _prefetched(report, "values", values)
    _prefetched(report, "money_lines", money)
    report.submitted_on = timezone.localdate(copy.at) if copy else None
    _prefetched(report, "evidence", list(copy.evidence.all()) if copy else [])


def _prefetched(report: ProgressReport, name: str, rows: list[models.Model]) -> None:
    """Let `report.<name>.all()` give these rows, as if they had been prefetched."""
    found = getattr(report, name).none()
    found._result_cache, found._prefetch_done = rows, True
    if not hasattr(report, "_prefetched_objects_cache"):
        report._prefetched_objects_cache = {}
    report._prefetched_objects_cache[name] = found


def with_light(reports: QuerySet[ProgressReport], light: str, user: "Person") -> QuerySet:
    """Those that show `light` to this person: a filter must not tell what the page hides."""
    own = user.ministry_ids if user.is_authenticated else frozenset()
    foreign = Q(status__in=BEING_CORRECTED) & ~Q(ministry__in=own)
    said = Submission.objects.latest().filter(report=OuterRef("pk"), content__fields__light=light)
    return reports.filter(~foreign & Q(light=light) | foreign & Exists(said))
