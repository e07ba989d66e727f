"""The trace of a review in words, for its document and for its spreadsheet."""

from django.utils import timezone
from django.utils.translation import override

from plan.enums import ChangeKind, VersionState
from reports.canonical import date_text
from reports.documents.blocks import Content
from reports.documents.content import words
from reports.documents.content.parts import LANGUAGE
from reports.documents.content.trace import Row, trace
from reports.models import Edition
from reports.trace import Thread, threads

CELLS = (
    "level", "code", "name", "attainment", "threshold", "opinions", "comments", "meeting",
    "meeting_on", "discussion", "resolution", "owner", "due_on", "state", "done", "evidence",
    "revision",
)  # fmt: skip


def cover_of(edition: Edition) -> dict[str, str]:
    return {
        "計畫": edition.head["plan"]["name"],
        "版次": f"第{edition.number}版",
        "摘要值": edition.digest,
    }


def trace_of(edition: Edition) -> Content:
    """The document: it tells how things stand now, so it is made anew as they go on."""
    day = date_text(timezone.localdate(edition.created_at))
    return trace(cover_of(edition), edition.review.title, day, rows_of(edition))


def rows_of(edition: Edition) -> list[Row]:
    """A text for each column of `reports.documents.content.trace`, in Chinese whoever asks."""
    with override(LANGUAGE):
        return [_row(one) for one in threads(edition.review, edition)]


def cells_of(thread: Thread) -> dict[str, str]:
    """The same in the finer columns of `CELLS`, for CSV."""
    meeting, given = thread.meeting, thread.given
    resolution = given.resolution if given else None
    report = resolution.told[0] if resolution and resolution.told else None
    return {
        "level": thread.level,
        "code": thread.code,
        "name": thread.name,
        "attainment": "" if thread.attainment is None else f"{thread.attainment:f}",
        "threshold": "" if thread.threshold is None else f"{thread.threshold:f}",
        "opinions": opinions(thread),
        "comments": comments(thread),
        "meeting": meeting.title if meeting else "",
        "meeting_on": meeting.on.isoformat() if meeting else "",
        "discussion": thread.item.discussion if thread.item else "",
        "resolution": resolution.text if resolution else "",
        "owner": resolution.owner.full_name if resolution else "",
        "due_on": resolution.due_on.isoformat() if resolution else "",
        "state": resolution.state if resolution else "",
        "done": report.text if report else "",
        "evidence": report.title if report else "",
        "revision": changes(thread),
    }


def opinions(thread: Thread) -> str:
    """What experts said, each with the ministries' replies."""
    lines = []
    for one in thread.opinions:
        lines.append(f"{one['expert']}：{one['text']}")
        lines += [f"{reply['ministry']}回復：{reply['text']}" for reply in one["replies"]]
    return "\n".join(lines)


def comments(thread: Thread) -> str:
    """What ministries said of the conclusion, each with what became of it."""
    lines = []
    for one in thread.comments:
        lines.append(f"{one['ministry']}意見：{one['text']}")
        if one["answer"]:
            lines.append(f"處理情形：{one['answer']}")
    return "\n".join(lines)


def changes(thread: Thread) -> str:
    """What revisions made of it, each with its reason."""
    return "\n".join(
        f"第{one.version.number}版"
        f"{'（草案）' if one.version.state == VersionState.DRAFT else ''}"
        f"{ChangeKind(one.kind).label}：{one.reason}"
        for one in thread.changes
    )


def _row(thread: Thread) -> Row:
    finding = f"{thread.code} {thread.name}".strip() or "全計畫"
    if thread.threshold is not None:
        reached = None if thread.attainment is None else f"{thread.attainment:f}"
        finding += f"\n達成度{words.percent(reached)}，門檻{words.number(f'{thread.threshold:f}')}%"
    meeting = thread.meeting
    row = {
        "finding": finding,
        "reply": "\n".join(filter(None, [opinions(thread), comments(thread)])),
        "meeting": f"{meeting.title}\n{words.day(date_text(meeting.on))}" if meeting else "",
        "resolution": "",
        "done": "",
        "revision": changes(thread),
    }
    if thread.item and thread.item.discussion:
        row["meeting"] += f"\n{thread.item.discussion}"
    if thread.given:
        one = thread.given.resolution
        row["resolution"] = (
            f"{one.text}\n{one.owner.short_name}，{words.day(date_text(one.due_on))}以前"
        )
        row["done"] = str(one.get_state_display())
        if one.told:
            row["done"] += f"：{one.told[0].text}（{one.told[0].title}）"
    return row
