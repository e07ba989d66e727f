"""Coordination as it is told: the meetings of a review for its documents, and for its page."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import override

from reports.enums import MeetingState
from reports.models import CoordinationMeeting, MeetingResolution, Review
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
