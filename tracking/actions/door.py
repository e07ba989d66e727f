"""The one door that every change of a report goes through: lock, ask, compare; write, tell.

Actions of this package enter by `enter` inside their transaction and leave by `leave` (a move) or
`touch` (a change of a part, status kept); a change that a move follows at once by `record_change`
and `leave`. On SQLite a transaction takes the only write lock at its
start, which is what `select_for_update` does on PostgreSQL; the version guards both.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from config.kit.prepared import prepared
from config.kit.verdicts import Verdict
from ministries import audit
from ministries.models import User
from tracking.enums import Status, Verb
from tracking.models import ProgressReport, ReportAuthor, ReportEvent
from tracking.queries.people import window_behind
from tracking.rules import reports as rules
from tracking.workflow import ROAD, Who

# A sitting of autosaves is one entry of the audit log, unless it lasts longer than this.
SITTING = timedelta(minutes=30)


def enter(report: ProgressReport, verb: Verb, *, seen_version: int, by: User) -> ProgressReport:
    """Lock the row and return it as it is now; refuse with NotAllowed, NotNow or StaleVersion."""
    row = lock(report)
    rules.verdict(verb, row, by).enforce()
    compare(row, seen_version)
    return row


def enter_for_evidence(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """As `enter`, for evidence, which has a part of its own."""
    row = lock(report)
    answer: Verdict = rules.evidence_verdict(row, by)
    answer.enforce()
    compare(row, seen_version)
    return row


def lock(report: ProgressReport) -> ProgressReport:
    for row in _locked(report.pk):
        return row
    raise ProgressReport.DoesNotExist(f"report {report.pk}")


@prepared
def _locked(pk: int) -> QuerySet[ProgressReport]:
    return (
        ProgressReport.working.select_for_update(of=("self",))
        .select_related("reporting_year__plan", "measure", "ministry")
        .filter(pk=pk)
        .order_by()
    )


def compare(row: ProgressReport, seen_version: int) -> None:
    if row.version != seen_version:
        raise StaleVersion(_("這份報告在你打開以後，已經被別人改過。"), row)


def leave(
    row: ProgressReport, verb: Verb, *, by: User, note: str = "", after: dict | None = None
) -> ProgressReport:
    """Set the status that the table says, raise the version, write event and audit."""
    step = ROAD[Status(row.status), verb]
    before = {"status": str(row.status), "version": row.version}
    log_autosaves(row)
    row.status = step.to
    row.version += 1
    row.save()
    behind = None
    if step.who in (Who.WINDOW, Who.MINISTRY):
        behind = window_behind(by, row.ministry_id, officers_too=step.who is Who.MINISTRY)
    ReportEvent.objects.create(
        report=row,
        verb=verb,
        from_status=before["status"],
        to_status=step.to,
        version=row.version,
        note=note,
        by=by,
        on_behalf_of=behind,
    )
    told = {"status": str(step.to), "version": row.version, **(after or {})}
    if note:
        told["note"] = note
    if behind:
        told["on_behalf_of"] = behind.email
    audit.record(f"report.{verb}", row, by=by, ministry=row.ministry, before=before, after=told)
    return row


def touch(
    row: ProgressReport,
    verb: str,
    *,
    by: User,
    before: dict | None,
    after: dict | None,
    auto: bool = False,
    carried: Collection[str] = (),
) -> ProgressReport:
    """Raise the version after a change inside the report, remember the author, write the audit.

    Fields that changed no longer count as last year's, but those of `carried`, which became so.

    No event: the road's history holds moves, the audit log holds every change; those that the form
    saved by itself (`auto`) as one entry a sitting.
    """
    record_change(row, verb, by=by, before=before, after=after, auto=auto, carried=carried)
    row.save()
    return row


def record_change(
    row: ProgressReport,
    verb: str,
    *,
    by: User,
    before: dict | None,
    after: dict | None,
    auto: bool = False,
    carried: Collection[str] = (),
) -> None:
    """As `touch`, but the row itself is saved by what comes next, `leave` for instance."""
    changed = after or {}
    untouched = [name for name in row.carried if name not in changed]
    row.carried = untouched + [name for name in carried if name in changed]
    before = {"version": row.version, **(before or {})}
    after = {"version": row.version + 1, **(after or {})}
    if auto:
        _remember(row, by, before, after)
    else:
        log_autosaves(row)
    row.saved_at, row.saved_by = timezone.now(), by
    row.version += 1
    add_author(row, by)
    if not auto:
        audit.record(verb, row, by=by, ministry=row.ministry, before=before, after=after)


def _remember(row: ProgressReport, by: User, before: dict, after: dict) -> None:
    """Add a change to the person's sitting; somebody else's, or a long one, is logged first."""
    sitting = row.unlogged
    if sitting and (
        sitting["by"] != by.email
        or timezone.now() - datetime.fromisoformat(sitting["since"]) > SITTING
    ):
        log_autosaves(row)
        sitting = None
    fresh = {"by": by.email, "since": timezone.now().isoformat(), "before": {}, "after": {}}
    sitting = sitting or fresh
    row.unlogged = {
        **sitting,
        "before": {**before, **sitting["before"]},
        "after": {**sitting["after"], **after},
    }


def log_autosaves(row: ProgressReport) -> None:
    """Write what autosave changed to the audit log; the row is locked, and saved by the caller."""
    if sitting := row.unlogged:
        audit.record(
            "report.autosave",
            row,
            by=sitting["by"],
            ministry=row.ministry,
            before=sitting["before"],
            after=sitting["after"],
        )
        row.unlogged = None


@transaction.atomic
def log_idle_autosaves() -> int:
    """Log the sittings that ended without a further move; returns how many. May run twice."""
    rows = (
        ProgressReport._base_manager.select_for_update(of=("self",))
        .select_related("ministry")
        .filter(unlogged__isnull=False, saved_at__lt=timezone.now() - SITTING)
    )
    ended = [row for row in rows if row.unlogged]
    for row in ended:
        log_autosaves(row)
        row.save(update_fields=["unlogged"])
    return len(ended)


def add_author(row: ProgressReport, user: User) -> None:
    """Who wrote or signed may not decide on it later."""
    ReportAuthor.objects.get_or_create(report=row, user=user)


def written(note: str, *, field: str = "note", longest: int = 2000) -> str:
    """A reason that is really there; refuses with Invalid at the field."""
    note = note.strip()
    if not note:
        raise Invalid({field: [_("寫下理由。")]})
    if len(note) > longest:
        raise Invalid({field: [_("理由最多%(count)d個字。") % {"count": longest}]})
    return note
