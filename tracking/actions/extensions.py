"""More time for one unit's filing of one year: asked by the ministry, decided by a reviewer."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from ministries import audit
from ministries.models import Ministry, User
from tracking.actions.door import written
from tracking.enums import RequestState
from tracking.models import ExtensionRequest, ProgressReport, ReportingYear
from tracking.notices import requests as notices
from tracking.queries.people import window_behind
from tracking.queries.requests import granted_until
from tracking.rules import requests as rules


@transaction.atomic
def ask(
    year: ReportingYear, ministry: Ministry, *, wanted_until: date, reason: str, by: User
) -> ExtensionRequest:
    """A ministry asks for more time. Errors are at `wanted_until` or `reason`."""
    year = ReportingYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    rules.ask_extension(year, ministry, by).enforce()
    errors = _day_errors("wanted_until", wanted_until, year, ministry)
    try:
        reason = written(reason, field="reason")
    except Invalid as refusal:
        errors |= refusal.errors
    if errors:
        raise Invalid(errors)
    row = ExtensionRequest.objects.create(
        reporting_year=year,
        ministry=ministry,
        reason=reason,
        wanted_until=wanted_until,
        asked_by=by,
        on_behalf_of=window_behind(by, ministry.pk, officers_too=True),
    )
    told = {"year": year.year, "wanted_until": wanted_until, "reason": reason}
    audit.record("extension.ask", row, by=by, ministry=ministry, after=told)
    notices.extension_asked(row, by=by)
    return row


@transaction.atomic
def grant(
    request: ExtensionRequest, *, granted_until: date, by: User, note: str = ""
) -> ExtensionRequest:
    """Give the unit's reports of that year their own last day (inclusive), those already filed
    included: what was filed by then is in time. Reports opened later get it, too.
    """
    row = _enter(request, by)
    errors = _day_errors("granted_until", granted_until, row.reporting_year, row.ministry)
    if len(note) > 2000:
        errors["note"] = [_("理由最多%(count)d個字。") % {"count": 2000}]
    if errors:
        raise Invalid(errors)
    row.granted_until, row.decision = granted_until, note.strip()
    _decide(row, RequestState.GRANTED, by)
    theirs = ProgressReport.working.filter(reporting_year=row.reporting_year, ministry=row.ministry)
    theirs.update(extended_until=granted_until)
    theirs.filter(filed_at__date__lte=granted_until).update(late=False)
    return row


@transaction.atomic
def refuse(request: ExtensionRequest, *, note: str, by: User) -> ExtensionRequest:
    """The dates stay as they are; the ministry reads why."""
    row = _enter(request, by)
    row.decision = written(note)
    return _decide(row, RequestState.REFUSED, by)


@transaction.atomic
def withdraw(request: ExtensionRequest, *, by: User) -> ExtensionRequest:
    """The ministry takes its request back before it is decided."""
    row = _lock(request)
    rules.withdraw(row, row.ministry, by).enforce()
    row.state = RequestState.WITHDRAWN
    row.save()
    audit.record("extension.withdraw", row, by=by, ministry=row.ministry)
    return row


def _lock(request: ExtensionRequest) -> ExtensionRequest:
    return (
        ExtensionRequest.objects.select_for_update(of=("self",))
        .select_related("reporting_year", "ministry", "asked_by")
        .get(pk=request.pk)
    )


def _enter(request: ExtensionRequest, by: User) -> ExtensionRequest:
    row = _lock(request)
    rules.decide_extension(row, by).enforce()
    return row


def _decide(row: ExtensionRequest, state: RequestState, by: User) -> ExtensionRequest:
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.save()
    audit.record(
        "extension.grant" if state == RequestState.GRANTED else "extension.refuse",
        row,
        by=by,
        ministry=row.ministry,
        before={"wanted_until": row.wanted_until},
        after={"granted_until": row.granted_until, "note": row.decision},
    )
    notices.extension_decided(row, by=by)
    return row


def _day_errors(
    field: str, day: date, year: ReportingYear, ministry: Ministry
) -> dict[str, list[str]]:
    """What is wrong with a new last day: not before the due date or what was granted before, and
    at most `rules.DAYS_AFTER_CLOSING` after the closing date.
    """
    earliest = max(granted_until(year).get(ministry.pk, year.due_on), year.due_on)
    latest = rules.latest_day(year)
    if earliest <= day <= latest:
        return {}
    values = {"first": roc.format_date(earliest), "last": roc.format_date(latest)}
    return {
        field: [
            _("日期要在%(first)s（截止日或上次展延的日期）到%(last)s（關閉日後30天）之間。")
            % values
        ]
    }
