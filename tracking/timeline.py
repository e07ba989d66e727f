"""Everything that befell a report, in one list: who, when and what, as far as a reader may see.

A list of sources, one for each noun that leaves traces; each reads its own rows, scoped to the
reader, in a number of queries that doesn't grow with them. What is new joins by `@source`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kit import roc
from ministries.models import AuditEvent, User
from plan.models import Measure
from tracking.enums import Light, Part, Verb
from tracking.models import (
    CorrectionRequest,
    Dissent,
    ExtensionRequest,
    Message,
    ProgressReport,
    Receipt,
    ReportEvent,
    ReturnedPart,
    Submission,
)
from tracking.rules.messages import reads_thread
from tracking.rules.pages import may_see_history


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `kind` is its source's word, for marking it; `who` acted, for
    `behind` where a deputy did; `notes` are (what it is about or "", text), `links` (address,
    words).
    """

    at: datetime
    kind: str
    what: str
    who: object
    behind: object = None
    state: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    version: int | None = None


Source = Callable[[ProgressReport, User], Iterable[Entry]]
SOURCES: list[Source] = []


def source(read: Source) -> Source:
    """Add a reader of entries. It gets the report that stands, never the copy of a correction."""
    SOURCES.append(read)
    return read


def timeline(report: ProgressReport, user: User) -> list[Entry]:
    """All entries that this person may see, newest first; none for those without the history.

    A report and the copy in which a correction of it is written have one history.
    """
    if not may_see_history(report, user):
        return []
    standing = report.corrects if report.corrects_id else report
    found = [entry for read in SOURCES for entry in read(standing, user)]
    # Of one moment what was read first happened first: a sign-off before its receipt.
    return sorted(found, key=lambda entry: entry.at)[::-1]


def _of(report: ProgressReport, path: str = "report") -> Q:
    """Rows of the report or of its correction."""
    return Q(**{path: report}) | Q(**{f"{path}__corrects": report})


@source
def moves(report: ProgressReport, user: User) -> Iterator[Entry]:
    """Moves on the road: a return with its parts, a sign-off with what was sent."""
    returned: dict[tuple[int, int], list[ReturnedPart]] = {}
    for row in ReturnedPart.objects.filter(_of(report)):
        returned.setdefault((row.report_id, row.submission), []).append(row)
    kept = set()
    if reads_thread(report, user):
        copies = Submission.objects.filter(_of(report))
        kept = set(copies.order_by().values_list("report_id", "number"))
    signed: dict[int, int] = {}
    events = ReportEvent.objects.filter(_of(report)).select_related("by", "on_behalf_of")
    # That a correction was granted is told by its request, with the day until which it runs.
    for event in events.exclude(verb=Verb.REOPEN).order_by("at", "pk"):
        links = []
        if event.verb == Verb.SIGN_OFF:
            signed[event.report_id] = signed.get(event.report_id, 0) + 1
        place = (event.report_id, signed.get(event.report_id, 0))
        if event.verb == Verb.SIGN_OFF and place in kept:
            links = [(reverse("report-sent", args=place), _("看這次送出的內容"))]
        notes = [("", event.note)] if event.note else []
        if event.verb == Verb.RETURN and place in returned:
            notes = [
                (_("退回「%(part)s」") % {"part": row.get_part_display()}, row.reason)
                for row in returned[place]
            ]
        yield Entry(
            at=event.at,
            kind="move",
            what=event.get_verb_display(),
            who=event.by,
            behind=event.on_behalf_of,
            state=f"{event.get_from_status_display()} → {event.get_to_status_display()}",
            notes=notes,
            links=links,
            version=event.version,
        )


@source
def receipts(report: ProgressReport, user: User) -> Iterator[Entry]:
    rows = Receipt.objects.visible_to(user).filter(_of(report))
    for row in rows.select_related("signed_by", "on_behalf_of").order_by("at", "pk"):
        yield Entry(
            at=row.at,
            kind="receipt",
            what=_("開出收據"),
            who=row.signed_by,
            behind=row.on_behalf_of,
            links=[(reverse("receipt", args=[row.number]), _("收據%(n)s") % {"n": row.number})],
        )


@source
def messages(report: ProgressReport, user: User) -> Iterator[Entry]:
    rows = Message.objects.visible_to(user).filter(report=report).select_related("author")
    for row in rows.order_by("at", "pk"):
        what = _("留言（%(side)s）") % {"side": row.get_side_display()}
        yield Entry(at=row.at, kind="message", what=what, who=row.author, notes=[("", row.text)])


@source
def lights(report: ProgressReport, user: User) -> Iterator[Entry]:
    """What a reviewer set for the measure and the year, from the log: a light taken back is gone
    from its table.
    """
    year = report.reporting_year.year
    told = AuditEvent.objects.filter(
        target=f"{Measure._meta.label_lower}:{report.measure_id}",
        verb__in=("light.set", "light.clear"),
    ).order_by("pk")
    events = [event for event in told if year == (event.after or event.before or {}).get("year")]
    people = User.objects.in_bulk({event.actor for event in events}, field_name="email")
    for event in events:
        after = event.after or {}
        if after:
            what = _("審定燈號「%(light)s」") % {"light": Light(after["light"]).label}
        else:
            what = _("取消審定燈號")
        yield Entry(
            at=event.at,
            kind="light",
            what=what,
            who=people.get(event.actor, event.actor),
            notes=[("", after["reason"])] if after else [],
        )


@source
def extensions(report: ProgressReport, user: User) -> Iterator[Entry]:
    """More time for all of the unit's reports of the year."""
    rows = ExtensionRequest.objects.visible_to(user).filter(
        ministry=report.ministry_id, reporting_year=report.reporting_year_id
    )
    for row in rows.select_related("asked_by", "on_behalf_of", "decided_by"):
        day = {"day": roc.format_date(row.wanted_until)}
        yield _asked(row, _("申請展延到%(day)s") % day)
        if row.decided_at:
            what = _("不同意展延")
            if row.granted:
                what = _("同意展延到%(day)s") % {"day": roc.format_date(row.granted_until)}
            yield _decided(row, what)


@source
def corrections(report: ProgressReport, user: User) -> Iterator[Entry]:
    rows = CorrectionRequest.objects.visible_to(user).filter(report=report)
    for row in rows.select_related("asked_by", "on_behalf_of", "decided_by"):
        parts = _("、").join(_("「%s」") % Part(part).label for part in row.parts)
        yield _asked(row, _("申請更正%(parts)s") % {"parts": parts})
        if row.decided_at:
            what = _("不同意更正")
            if row.granted:
                what = _("同意更正，%(day)s以前") % {"day": roc.format_date(row.due_on)}
            yield _decided(row, what)


def _asked(row: ExtensionRequest | CorrectionRequest, what: str) -> Entry:
    return Entry(
        at=row.asked_at,
        kind="request",
        what=what,
        who=row.asked_by,
        behind=row.on_behalf_of,
        state="" if row.decided_at else row.get_state_display(),
        notes=[("", row.reason)],
    )


def _decided(row: ExtensionRequest | CorrectionRequest, what: str) -> Entry:
    notes = [("", row.decision)] if row.decision else []
    return Entry(at=row.decided_at, kind="request", what=what, who=row.decided_by, notes=notes)


@source
def dissents(report: ProgressReport, user: User) -> Iterator[Entry]:
    """Where a partner sees it otherwise than this report, and what its lead answered."""
    rows = Dissent.objects.visible_to(user).filter(report=report)
    for row in rows.select_related("ministry", "by", "answered_by", "withdrawn_by"):
        values = {"ministry": row.ministry.short_name}
        what = _("%(ministry)s註記不同意見") % values
        yield Entry(at=row.at, kind="dissent", what=what, who=row.by, notes=[("", row.text)])
        if row.answered_at:
            what = _("回應%(ministry)s的不同意見") % values
            notes = [("", row.answer)]
            yield Entry(
                at=row.answered_at, kind="dissent", what=what, who=row.answered_by, notes=notes
            )
        if row.withdrawn_at:
            what = _("%(ministry)s撤回不同意見") % values
            yield Entry(at=row.withdrawn_at, kind="dissent", what=what, who=row.withdrawn_by)
