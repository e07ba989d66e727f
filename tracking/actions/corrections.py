"""Correction after acceptance: asked by the ministry, granted or refused by a reviewer, written in
a copy (`tracking.actions.correcting`), and accepted like any report or dropped.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from ministries import audit
from ministries.models import User
from tracking.actions.correcting import copy_of, forget
from tracking.actions.door import enter, leave, lock, written
from tracking.actions.reports import CORRECTION_DAYS
from tracking.enums import Part, RequestState, Verb
from tracking.models import CorrectionRequest, ProgressReport, ReturnedPart
from tracking.notices import requests as notices
from tracking.queries.people import window_behind
from tracking.rules import requests as rules


@transaction.atomic
def ask(
    report: ProgressReport, *, parts: Iterable[str], reason: str, by: User
) -> CorrectionRequest:
    """A ministry asks to correct parts of its accepted report. Errors at `parts` or `reason`."""
    row = lock(report)
    rules.ask_correction(row, by).enforce()
    asked = set(parts)
    chosen = [str(part) for part in Part if part in asked]
    errors = {}
    if not chosen or asked - set(Part.values):
        errors["parts"] = [_("選至少一個要更正的部分。")]
    try:
        reason = written(reason, field="reason")
    except Invalid as refusal:
        errors |= refusal.errors
    if errors:
        raise Invalid(errors)
    request = CorrectionRequest.objects.create(
        report=row,
        parts=chosen,
        reason=reason,
        asked_by=by,
        on_behalf_of=window_behind(by, row.ministry_id, officers_too=True),
    )
    told = {"report": row.pk, "parts": chosen, "reason": reason}
    audit.record("correction.ask", request, by=by, ministry=row.ministry, after=told)
    notices.correction_asked(request, by=by)
    return request


@transaction.atomic
def reopen(
    report: ProgressReport, *, seen_version: int, by: User, note: str, due_on: date | None = None
) -> ProgressReport:
    """The reviewer grants the request that waits: the parts can be written by a day (inclusive,
    without one 14 days from today), in the copy that comes back. The accepted report stands.
    """
    row = lock(report)
    request = row.correction_requests.select_for_update().filter(state=RequestState.ASKED).first()
    if request:
        rules.decide_correction(request, by).enforce()
    row = enter(row, Verb.REOPEN, seen_version=seen_version, by=by)
    today = timezone.localdate()
    due = due_on or today + timedelta(days=CORRECTION_DAYS)
    note = note.strip()
    errors = {}
    if not today <= due <= roc.LAST_DAY:
        errors["due_on"] = [_("補正期限不能在今天以前。")]
    if len(note) > 2000:
        errors["note"] = [_("理由最多%(count)d個字。") % {"count": 2000}]
    if errors:
        raise Invalid(errors)
    with translation.override(settings.LANGUAGE_CODE):
        why = _("部會申請更正：%(reason)s") % {"reason": request.reason}
    why = "\n".join(filter(None, [why, note]))
    copy = copy_of(row, parts=request.parts, due_on=due)
    ReturnedPart.objects.bulk_create(
        ReturnedPart(report=copy, submission=0, part=part, reason=why[:2000], by=by)
        for part in copy.returned_parts
    )
    leave(copy, Verb.REOPEN, by=by, note=why, after={"parts": copy.returned_parts, "due_on": due})
    request.copy, request.due_on, request.decision = copy, due, note
    _decide(request, RequestState.GRANTED, by)
    return copy


@transaction.atomic
def refuse(request: CorrectionRequest, *, note: str, by: User) -> CorrectionRequest:
    """The report stays as it was accepted; the ministry reads why."""
    row = _lock(request)
    rules.decide_correction(row, by).enforce()
    row.decision = written(note)
    return _decide(row, RequestState.REFUSED, by)


@transaction.atomic
def withdraw(request: CorrectionRequest, *, by: User) -> CorrectionRequest:
    """The ministry takes its request back before it is decided."""
    row = _lock(request)
    rules.withdraw(row, row.report.ministry, by).enforce()
    row.state = RequestState.WITHDRAWN
    row.save()
    audit.record("correction.withdraw", row, by=by, ministry=row.report.ministry)
    return row


@transaction.atomic
def drop(report: ProgressReport, *, seen_version: int, by: User, note: str) -> ProgressReport:
    """The reviewer ends a correction that is not going to be made: what was accepted stands, and
    is what comes back.
    """
    copy = enter(report, Verb.DROP, seen_version=seen_version, by=by)
    reason = written(note)
    copy.returned_parts, copy.correction_due_on = [], None
    leave(copy, Verb.DROP, by=by, note=reason)
    return forget(copy)


def _lock(request: CorrectionRequest) -> CorrectionRequest:
    lock(request.report)
    return (
        CorrectionRequest.objects.select_for_update(of=("self",))
        .select_related("report__ministry", "report__measure", "report__reporting_year")
        .get(pk=request.pk)
    )


def _decide(row: CorrectionRequest, state: RequestState, by: User) -> CorrectionRequest:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.save()
    audit.record(
        "correction.grant" if state == RequestState.GRANTED else "correction.refuse",
        row,
        by=by,
        ministry=row.report.ministry,
        before={"parts": row.parts, "reason": row.reason},
        after={"due_on": row.due_on, "note": row.decision, "copy": row.copy_id},
    )
    notices.correction_decided(row, by=by)
    return row
