"""The verbs of a progress report: one atomic function each, by the table in `tracking.workflow`.

Every one takes the version that the person saw and returns the row as it is now. Refusals:
NotAllowed (not this person), NotNow (status or dates), StaleVersion (somebody was faster) and
Invalid (what was given), all before anything is written.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from ministries.models import User
from plan.models import Indicator
from tracking import submitted
from tracking.actions import receipts, signing
from tracking.actions.aggregate import write_fields, write_money
from tracking.actions.correcting import settle
from tracking.actions.door import add_author, enter, leave, record_change, touch, written
from tracking.actions.indicator_values import write_values
from tracking.enums import Part, Status, Verb
from tracking.models import ProgressReport, ReturnedPart
from tracking.models.notice import NoticeKind
from tracking.notices import reports as notices
from tracking.notices.requests import correction_done
from tracking.parts import indicators_of
from tracking.rules import reports as rules
from tracking.workflow import writable_parts

CORRECTION_DAYS = 14


@transaction.atomic
def save_draft(
    report: ProgressReport,
    *,
    seen_version: int,
    by: User,
    fields: dict,
    values: dict[int, dict] | None = None,
    money: list[dict] | None = None,
    carried: Collection[str] = (),
    auto: bool = False,
) -> ProgressReport:
    """Save what the officer wrote, complete or not.

    `fields` are writable model fields (`tracking.parts.WRITABLE_FIELDS`), those left out stay;
    `values` is {indicator id: {"actual", "note", "parts"}}, those left out stay; `money`, if given,
    replaces all lines: [{"source", "allocated_thousand", "spent_thousand", "note"}], 千元.
    `carried` names the fields whose text is last year's, just brought over; a field is no longer
    marked so once its text changes. `auto`: the form saved by itself, see `door.touch`.
    Where nothing differs, nothing is written and the version stays. While only some parts were
    returned, a change in another part is refused with Invalid at its field.
    """
    row = enter(report, Verb.SAVE, seen_version=seen_version, by=by)
    indicators = list(indicators_of(row, by.lineage)) if values else []
    change = _write(row, indicators, fields, values or {}, money)
    if change["after"]:
        touch(row, "report.save", by=by, auto=auto, carried=carried, **change)
    return row


@transaction.atomic
def save_and_submit(
    report: ProgressReport,
    *,
    seen_version: int,
    by: User,
    fields: dict,
    values: dict[int, dict] | None = None,
    money: list[dict] | None = None,
    carried: Collection[str] = (),
) -> tuple[ProgressReport, dict[str, list[str]]]:
    """What `save_draft` and then `submit` do, in one step: the report, and what keeps it from being
    submitted, by field. Where something does, it is a draft still, and what was written is saved.
    """
    row = enter(report, Verb.SAVE, seen_version=seen_version, by=by)
    rules.verdict(Verb.SUBMIT, row, by).enforce()
    indicators = list(indicators_of(row, by.lineage))
    change = _write(row, indicators, fields, values or {}, money)
    if change["after"]:
        record_change(row, "report.save", by=by, carried=carried, **change)
    if problems := signing.blocking(row, indicators):
        if change["after"]:
            row.save()
        return row, problems
    if not change["after"]:
        add_author(row, by)
    leave(row, Verb.SUBMIT, by=by)
    notices.announce(NoticeKind.SIGN_OFF_WAITING, row, by=by)
    return row, {}


def _write(
    row: ProgressReport,
    indicators: Sequence[Indicator],
    fields: dict,
    values: dict[int, dict],
    money: list[dict] | None,
) -> dict[str, dict]:
    """Take what `save_draft` was given: fields onto the row, unsaved, and the rest into its rows.
    Returns {"before", "after"} of what differs; raises Invalid before anything is written.
    """
    before, after, errors = {}, {}, {}
    open_parts = writable_parts(row.returned_parts)
    write_fields(row, fields, open_parts, before, after, errors)
    asked = indicators if values else ()
    keep_values = write_values(row, asked, values, open_parts, before, after, errors)
    keep_money = None
    if money is not None:
        keep_money = write_money(row, money, open_parts, before, after, errors)
    if errors:
        raise Invalid(errors)
    keep_values()
    if keep_money:
        keep_money()
    return {"before": before, "after": after}


@transaction.atomic
def submit(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """Hand the report to the window for signing; the checks must find no problem.

    Of a returned report only the parts open for writing are checked: the officer can mend no other.
    """
    row = signing.hand_over(report, seen_version=seen_version, by=by)
    notices.announce(NoticeKind.SIGN_OFF_WAITING, row, by=by)
    return row


@transaction.atomic
def sign_off(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """The window (or its deputy) signs, and the report is with the science ministry.

    What it says now is kept as submitted, and is what others read until the next sign-off.
    The first time this freezes the name that the ministry bears today, when it was filed and
    whether that was after its due date; a correction keeps all three. Neither a deputy nor the
    window behind it may decide on the report later. A receipt is given and mailed.
    """
    signed = signing.sign(report, seen_version=seen_version, by=by)
    receipts.give([signed], by=by)
    return signed.report


@transaction.atomic
def send_back(report: ProgressReport, *, seen_version: int, by: User, note: str) -> ProgressReport:
    """The window hands the report back to its officer, with a reason."""
    row = enter(report, Verb.SEND_BACK, seen_version=seen_version, by=by)
    reason = written(note)
    leave(row, Verb.SEND_BACK, by=by, note=reason)
    notices.announce(NoticeKind.SENT_BACK, row, by=by, note=reason)
    return row


@transaction.atomic
def withdraw(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """The ministry takes the report back before its review starts; a first filing is undone, and
    of a correction the submission that was returned is what others read again.
    """
    row = enter(report, Verb.WITHDRAW, seen_version=seen_version, by=by)
    if row.status == Status.SUBMITTED:
        submitted.take_back(row)
    if not row.returned_parts:
        row.filed_at, row.late = None, False
    return leave(row, Verb.WITHDRAW, by=by)


@transaction.atomic
def start_review(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """A reviewer takes the report up; from now on the ministry can't withdraw it."""
    row = enter(report, Verb.START, seen_version=seen_version, by=by)
    return leave(row, Verb.START, by=by)


@transaction.atomic
def accept(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """The reviewer accepts. For done and stopped this is the agreement that they need.

    Years opened from now on take the duty as not applicable; a year that is open already keeps
    its report, since somebody may be writing it, and the reviewer can exempt it. An accepted
    correction takes its place in the report that stands, which is then what comes back.
    """
    row = enter(report, Verb.ACCEPT, seen_version=seen_version, by=by)
    row.accepted_at = timezone.now()
    row.returned_parts, row.correction_due_on = [], None
    leave(row, Verb.ACCEPT, by=by, after={"light": str(row.light)})
    if row.corrects_id:
        request = row.correction_of.get()
        row = settle(row, by=by)
        correction_done(request, by=by)
    notices.announce(NoticeKind.ACCEPTED, row, by=by)
    return row


@transaction.atomic
def return_report(
    report: ProgressReport,
    *,
    seen_version: int,
    by: User,
    parts: dict[str, str],
    correction_due_on: date | None = None,
) -> ProgressReport:
    """The reviewer returns some parts, each with a reason, to be mended by a day (inclusive).

    `parts` is {part: reason}. Errors are at the part's name, `parts` or `correction_due_on`.
    Without a day it is 14 days from today.
    """
    row = enter(report, Verb.RETURN, seen_version=seen_version, by=by)
    today = timezone.localdate()
    due = correction_due_on or today + timedelta(days=CORRECTION_DAYS)
    reasons, errors = {}, {}
    for part, reason in parts.items():
        if part not in Part.values:
            errors.setdefault("parts", []).append(
                _("報告沒有「%(part)s」這個部分。") % {"part": part}
            )
            continue
        try:
            reasons[Part(part)] = written(reason, field=str(part))
        except Invalid as refusal:
            errors |= refusal.errors
    if not parts:
        errors["parts"] = [_("選至少一個要退回的部分。")]
    if due < today:
        errors["correction_due_on"] = [_("補正期限不能在今天以前。")]
    elif due > roc.LAST_DAY:
        errors["correction_due_on"] = [_("沒有這一天，請再看一次年、月、日。")]
    if errors:
        raise Invalid(errors)
    row.returned_parts = [str(part) for part in Part if part in reasons]
    row.correction_due_on = due
    ReturnedPart.objects.bulk_create(
        ReturnedPart(report=row, submission=row.submissions, part=part, reason=reason, by=by)
        for part, reason in reasons.items()
    )
    with translation.override(settings.LANGUAGE_CODE):
        note = "\n".join(f"{part.label}：{reasons[part]}" for part in Part if part in reasons)
    leave(
        row,
        Verb.RETURN,
        by=by,
        note=note,
        after={"parts": row.returned_parts, "correction_due_on": due},
    )
    notices.announce(NoticeKind.RETURNED, row, by=by, note=note)
    return row


@transaction.atomic
def exempt(report: ProgressReport, *, seen_version: int, by: User, note: str) -> ProgressReport:
    """The reviewer rules that nothing is owed this year; what was written is kept in the row."""
    row = enter(report, Verb.EXEMPT, seen_version=seen_version, by=by)
    row.exempt_reason = written(note, longest=500)
    row.returned_parts, row.correction_due_on = [], None
    row.filed_at, row.late = None, False
    return leave(row, Verb.EXEMPT, by=by, note=row.exempt_reason)


@transaction.atomic
def resume(report: ProgressReport, *, seen_version: int, by: User, note: str) -> ProgressReport:
    """The reviewer takes "not applicable" back: the report is a draft and owed again."""
    row = enter(report, Verb.RESUME, seen_version=seen_version, by=by)
    reason, was = written(note), row.exempt_reason
    row.exempt_reason = ""
    return leave(row, Verb.RESUME, by=by, note=reason, after={"was": was})


def reason_for_later_years(report: ProgressReport) -> str:
    """Why later years of an accepted done or stopped report are not applicable; kept in Chinese."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("%(year)s年度的報告已是「%(light)s」，經審查人於%(day)s同意。") % {
            "year": report.reporting_year.year,
            "light": report.get_light_display(),
            "day": roc.format_date(timezone.localdate(report.accepted_at)),
        }
