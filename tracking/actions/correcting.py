"""The copy in which a correction is written: made from the accepted report, and merged into it.

Everybody reads and counts the accepted report until the copy is accepted: nothing of it changes
before `settle`. The copy keeps what befell it (events, submissions, receipts) for good; what it
says goes into the report that stands, so that no sum counts it twice.
"""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.utils import timezone

from ministries import audit
from ministries.models import User
from tracking import submitted
from tracking.enums import Part, RequestState
from tracking.models import (
    CorrectionRequest,
    Evidence,
    IndicatorValue,
    MoneyLine,
    ProgressReport,
    ReportAuthor,
)
from tracking.parts import WRITABLE_FIELDS

_PARTS = (IndicatorValue, MoneyLine)


def copy_of(report: ProgressReport, *, parts: Iterable[str], due_on: date) -> ProgressReport:
    """A row that says what the accepted report says, with these parts to be written by a day.

    Its submission number 0 is what was accepted: what others than its ministry read of it until
    the correction is signed off.
    """
    copy = ProgressReport(**_columns(report) | {"corrects_id": report.pk, "unlogged": None})
    copy.submissions = 0
    copy.returned_parts = [str(part) for part in Part if part in set(parts)]
    copy.correction_due_on = due_on
    copy.save(force_insert=True)
    copy.assignments.set(report.assignments.all())
    for model in (*_PARTS, ReportAuthor):
        rows = model.objects.filter(report=report)
        model.objects.bulk_create(model(**_columns(row) | {"report_id": copy.pk}) for row in rows)
    held = Evidence.held.filter(report=report).order_by("pk")
    Evidence.objects.bulk_create(Evidence(**_columns(row) | {"report_id": copy.pk}) for row in held)
    kept = submitted.keep(copy)
    kept.at = report.filed_at
    kept.save(update_fields=["at"])
    return copy


def settle(copy: ProgressReport, *, by: User) -> ProgressReport:
    """The copy was accepted: its text takes the place of what stood, which stays as submitted.

    Gives back the report that stands. Evidence that is the same stays the same row, so that links
    to it go on working.
    """
    row = _standing(copy)
    before = {name: getattr(row, name) for name in WRITABLE_FIELDS}
    after = {name: getattr(copy, name) for name in WRITABLE_FIELDS}
    if not row.copies.exists():
        submitted.keep(row)
    for name, value in after.items():
        setattr(row, name, value)
    for model in _PARTS:
        model.objects.filter(report=row).delete()
        model.objects.filter(report=copy).update(report=row)
    _merge_evidence(row, copy)
    ReportAuthor.objects.bulk_create(
        (ReportAuthor(report=row, user_id=author.user_id) for author in copy.authors.all()),
        ignore_conflicts=True,
    )
    row.accepted_at, row.version = copy.accepted_at, copy.version
    row.saved_at, row.saved_by = copy.saved_at, copy.saved_by
    row.submissions += 1
    row.save()
    submitted.keep(row)
    _end(copy, applied=True)
    changed = [name for name in WRITABLE_FIELDS if before[name] != after[name]]
    audit.record(
        "report.correct",
        row,
        by=by,
        ministry=row.ministry,
        before={name: before[name] for name in changed},
        after={"version": row.version, **{name: after[name] for name in changed}},
    )
    return row


def forget(copy: ProgressReport) -> ProgressReport:
    """The correction was dropped: the copy says again what was accepted, and nothing to be summed.

    Gives back the report that stands, as it stood.
    """
    row = _standing(copy)
    for name in WRITABLE_FIELDS:
        setattr(copy, name, getattr(row, name))
    copy.save()
    for model in _PARTS:
        model.objects.filter(report=copy).delete()
    row.version = copy.version
    row.save(update_fields=["version"])
    _end(copy, applied=False)
    return row


def _standing(copy: ProgressReport) -> ProgressReport:
    return (
        ProgressReport.objects.select_for_update(of=("self",))
        .select_related("reporting_year", "measure", "ministry")
        .get(pk=copy.corrects_id)
    )


def _end(copy: ProgressReport, *, applied: bool) -> None:
    CorrectionRequest.objects.filter(copy=copy, state=RequestState.GRANTED).update(
        ended_at=timezone.now(), applied=applied
    )


def _merge_evidence(row: ProgressReport, copy: ProgressReport) -> None:
    mine = {_same(one): one for one in Evidence.held.filter(report=row)}
    theirs = {_same(one): one for one in Evidence.held.filter(report=copy)}
    gone = [one.pk for key, one in mine.items() if key not in theirs]
    new = [one.pk for key, one in theirs.items() if key not in mine]
    Evidence.objects.filter(pk__in=gone).update(removed_at=timezone.now())
    Evidence.objects.filter(pk__in=new).update(report=row)


def _same(one: Evidence) -> tuple:
    return one.title, one.url, one.file.name, one.public


def _columns(row: models.Model) -> dict:
    """What a row holds, but its key."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
