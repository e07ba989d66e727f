"""The verbs of a resolution: given by a meeting, reported on by its owner, closed or sent back.

Each is one atomic function by `tracking.workflow.RESOLUTION_ROAD`; it takes the version that the
person saw, writes the audit, and tells those who have to act next by mail. Refusals as in
`tracking.actions.reports`.
"""

from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import Lineage, Ministry, User
from plan.models import Measure, Plan
from tracking.actions.door import written
from tracking.actions.evidence import examined, linked, titled
from tracking.enums import ResolutionVerb
from tracking.models import Resolution, ResolutionReport
from tracking.models.resolution import Answer
from tracking.notices import resolutions as notices
from tracking.queries.people import window_behind
from tracking.rules import resolutions as rules
from tracking.workflow import RESOLUTION_ROAD

_LONGEST = Resolution._meta.get_field("text").max_length


@transaction.atomic
def give(
    *,
    plan: Plan,
    owner: Ministry,
    text: str,
    decided_on: date,
    due_on: date,
    source: str,
    source_key: str = "",
    code: str = "",
    name: str = "",
    lineage: UUID | None = None,
    measure: Measure | None = None,
    by: User,
) -> Resolution:
    """Enter a resolution and tell its owner. Errors are at `owner`, `text` or `due_on`.

    `owner` has to be a body that lives on the day: what 科技部 would owe after its renaming is
    國科會's to be given.
    """
    rules.may_give(by).enforce()
    text = _text(text, owner, decided_on, due_on)
    row = Resolution.objects.create(
        plan=plan,
        owner=owner,
        text=text,
        decided_on=decided_on,
        due_on=due_on,
        source=source,
        source_key=source_key,
        code=code,
        name=name,
        lineage=lineage,
        measure=measure,
        created_by=by,
    )
    told = {"owner": owner.code, "text": text, "due_on": due_on, "code": code, "source": source}
    audit.record("resolution.give", row, by=by, ministry=owner, after=told)
    notices.given(row, by=by)
    return row


@transaction.atomic
def amend(
    resolution: Resolution,
    *,
    seen_version: int,
    owner: Ministry,
    text: str,
    due_on: date,
    note: str,
    by: User,
) -> Resolution:
    """The reviewer changes owner, wording or date of an open one, with a reason; its owner is told
    as of a new one.
    """
    row = _enter(resolution, ResolutionVerb.AMEND, seen_version=seen_version, by=by)
    note = written(note)
    text = _text(text, owner, row.decided_on, due_on)
    before = {"owner": row.owner.code, "text": row.text, "due_on": row.due_on}
    row.owner, row.text, row.due_on = owner, text, due_on
    after = {"owner": owner.code, "text": text, "due_on": due_on}
    _leave(row, ResolutionVerb.AMEND, by=by, note=note, before=before, after=after)
    notices.given(row, by=by, note=note)
    return row


def report(
    resolution: Resolution,
    *,
    seen_version: int,
    text: str,
    upload: File | None = None,
    url: str = "",
    title: str = "",
    by: User,
) -> Resolution:
    """The owner says what was done and shows it, by a file or a link; then a reviewer answers.

    Errors are at `text`, `upload`, `url` or `title`. A file whose row could not be written is
    removed again.
    """
    text = _report_text(text)
    if bool(upload) == bool(url.strip()):
        raise Invalid({"upload": [_("附上一個檔案，或填一個網址；兩者擇一。")]})
    told = ResolutionReport(text=text, by=by)
    if upload:
        told.media_type, told.sha256 = examined(upload)
        told.size = upload.size
        told.title = titled(title or str(upload.name or "").rsplit("/", 1)[-1])
    else:
        told.url = linked(url)
        told.title = titled(title or urlsplit(told.url).hostname or "")
    try:
        with transaction.atomic():
            row = _enter(resolution, ResolutionVerb.REPORT, seen_version=seen_version, by=by)
            told.resolution = row
            told.on_behalf_of = window_behind(by, row.owner_id, officers_too=True)
            if upload:
                told.file.save(upload.name or "evidence", upload, save=False)
            told.save()
            after = {"text": text, "title": told.title, "url": told.url, "sha256": told.sha256}
            if told.on_behalf_of:
                after["on_behalf_of"] = told.on_behalf_of.email
            _leave(row, ResolutionVerb.REPORT, by=by, after=after)
            notices.reported(row, told, by=by)
    except BaseException:
        if told.file:
            told.file.delete(save=False)
        raise
    return row


@transaction.atomic
def agree(resolution: Resolution, *, seen_version: int, by: User) -> Resolution:
    """The reviewer agrees that it was done: the resolution is closed for good."""
    row = _enter(resolution, ResolutionVerb.AGREE, seen_version=seen_version, by=by)
    told = _answer(row, Answer.AGREED, by=by)
    row.closed_at = told.answered_at
    _leave(row, ResolutionVerb.AGREE, by=by)
    notices.answered(row, told, by=by)
    return row


@transaction.atomic
def send_back(resolution: Resolution, *, seen_version: int, note: str, by: User) -> Resolution:
    """The reviewer wants more, and says what: the resolution is open again."""
    row = _enter(resolution, ResolutionVerb.SEND_BACK, seen_version=seen_version, by=by)
    told = _answer(row, Answer.SENT_BACK, by=by, reason=written(note))
    _leave(row, ResolutionVerb.SEND_BACK, by=by, note=told.reason)
    notices.answered(row, told, by=by)
    return row


# --- the door -------------------------------------------------------------------------------------
def _enter(
    resolution: Resolution, verb: ResolutionVerb, *, seen_version: int, by: User
) -> Resolution:
    row = (
        Resolution.objects.select_for_update(of=("self",))
        .select_related("plan", "owner")
        .get(pk=resolution.pk)
    )
    rules.verdict(verb, row, by).enforce()
    if row.version != seen_version:
        raise StaleVersion(_("這項決議在你打開以後，已經被別人改過。"), row)
    return row


def _leave(
    row: Resolution,
    verb: ResolutionVerb,
    *,
    by: User,
    note: str = "",
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    was = {"state": str(row.state), "version": row.version, **(before or {})}
    row.state = RESOLUTION_ROAD[row.state, verb].to
    row.version += 1
    row.save()
    told = {"state": str(row.state), "version": row.version, **(after or {})}
    if note:
        told["note"] = note
    audit.record(f"resolution.{verb}", row, by=by, ministry=row.owner, before=was, after=told)


def _answer(row: Resolution, answer: Answer, *, by: User, reason: str = "") -> ResolutionReport:
    told = row.reports.get(answer="")
    told.answer, told.reason = answer, reason
    told.answered_by, told.answered_at = by, timezone.now()
    told.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
    return told


def _text(text: str, owner: Ministry, decided_on: date, due_on: date) -> str:
    """The wording without blanks around it; Invalid where it, the owner or the day can't be."""
    text = text.strip()
    errors = {}
    if not text or len(text) > _LONGEST:
        errors["text"] = [_("寫下決議，最多%(count)d個字。") % {"count": _LONGEST}]
    heir = Lineage().holder(owner.pk, max(decided_on, timezone.localdate()))
    if heir != owner.pk:
        errors["owner"] = [
            _("%(old)s的業務已由%(new)s承接，請選%(new)s。")
            % {"old": owner.short_name, "new": Ministry.objects.get(pk=heir).short_name}
        ]
    if due_on < decided_on:
        errors["due_on"] = [_("期限不能早於決議日期。")]
    if errors:
        raise Invalid(errors)
    return text


def _report_text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise Invalid({"text": [_("寫下辦理情形，最多%(count)d個字。") % {"count": _LONGEST}]})
    return text
