"""Coordination as it is told: the meetings of a review for its documents, and for its page."""

from collections.abc import Iterable, Mapping

from django.db.models import Prefetch, QuerySet
from django.utils.translation import override

from reports.enums import MeetingState
from reports.models import (
    AgendaItem,
    CoordinationMeeting,
    Edition,
    MeetingResolution,
    Review,
)
from reports.queries.lineage import Node, moves
from tracking.models import ResolutionReport

# Documents are in Chinese, whoever makes them.
LANGUAGE = "zh-hant"


def full_meetings() -> QuerySet[CoordinationMeeting]:
    """Meetings with all that a page or a document tells of them; scope it before use."""
    reports = ResolutionReport.objects.order_by("-pk")
    given = (
        MeetingResolution.objects.select_related("resolution__owner", "item")
        .prefetch_related(Prefetch("resolution__reports", reports, to_attr="told"))
        .order_by("ordinal")
    )
    return (
        CoordinationMeeting.objects.select_related("review__plan", "edition", "called_by")
        .prefetch_related("attendances__ministry", "items", Prefetch("resolutions", given, "given"))
        .order_by("on", "pk")
    )


def taken_up(
    meetings: Iterable[CoordinationMeeting], edition: Edition
) -> dict[Node, list[tuple[CoordinationMeeting, AgendaItem]]]:
    """Node of this edition → where it is on an agenda, of meetings that were not called off.

    An agenda keeps the codes of its own edition; a revision may have given them away since.
    """
    moved: dict[int, Mapping[Node, Node]] = {edition.pk: {}}
    found: dict[Node, list[tuple[CoordinationMeeting, AgendaItem]]] = {}
    for meeting in meetings:
        if meeting.state == MeetingState.CANCELLED:
            continue
        then = meeting.edition
        if then.pk not in moved:
            moved[then.pk] = moves(edition.review, then.head, edition.head)
        for item in meeting.items.all():
            node = (item.level, item.code)
            found.setdefault(moved[then.pk].get(node, node), []).append((meeting, item))
    return found


def meetings_of(review: Review) -> list[dict]:
    """The meetings that took place, as `Material.meetings` wants them: names, days and states as
    they read now, dates as ISO text.
    """
    rows = full_meetings().filter(review=review, state=MeetingState.HELD)
    with override(LANGUAGE):
        return [_told(meeting) for meeting in rows]


def _told(meeting: CoordinationMeeting) -> dict:
    return {
        "title": meeting.title,
        "on": meeting.on.isoformat(),
        "chair": meeting.chair,
        "present": [one.ministry.short_name for one in meeting.attendances.all() if one.present],
        "minutes": meeting.minutes,
        "items": [_item(item) for item in meeting.items.all()],
        "resolutions": [_resolution(row) for row in meeting.given],
    }


def _item(item) -> str:
    told = f"{item.code} {item.name}：{item.finding}"
    return f"{told}\n{item.discussion}" if item.discussion else told


def _resolution(row: MeetingResolution) -> dict:
    resolution = row.resolution
    return {
        "code": str(row.ordinal),
        "text": resolution.text,
        "owner": resolution.owner.short_name,
        "due_on": resolution.due_on.isoformat(),
        "state": str(resolution.get_state_display()),
        "answer": resolution.told[0].text if resolution.told else "",
    }
