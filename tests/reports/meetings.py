"""Makers for coordination: a review with something below its threshold, and a meeting on it."""

from datetime import timedelta

from django.utils import timezone

from reports.actions import meetings
from reports.actions.compile import compile_review
from reports.enums import ReviewKind, ReviewState
from reports.models import CoordinationMeeting, Edition, Review
from tests.world import LATE, World
from tracking.enums import Status

DETAILS = {"title": "第1次跨部會協調會議", "place": "第一會議室", "chair": "王副主任委員"}
RESOLVED = "乙部在期限前提供場域。"


def make_edition(world: World, state: str = ReviewState.ASSESSING) -> Edition:
    """1.1.1.1 is far behind, 1.1.2.1 on track, the rest unknown."""
    soon = timezone.localdate() + timedelta(days=90)
    late = {**LATE, "light": "far_behind", "catch_up_on": soon}
    for code, ministry, told in (
        ("1.1.1.1", "alpha", late),
        ("1.1.1.1", "beta", {}),
        ("1.1.2.1", "science", {}),
    ):
        world.bring(world.report(code, ministry), Status.ACCEPTED, **told)
    review = Review.objects.create(
        plan=world.plan, kind=ReviewKind.FINAL, title="期末成果評估", first_year=111, last_year=111
    )
    edition = compile_review(review.pk, by=world.collator)
    return put(edition, state)


def put(edition: Edition, state: str) -> Edition:
    """The edition with its review in that state, without walking the road there."""
    Review.objects.filter(pk=edition.review_id).update(state=state)
    edition.refresh_from_db()
    return edition


def call(world: World, edition: Edition, **given) -> CoordinationMeeting:
    values = {
        **DETAILS,
        "on": timezone.localdate(),
        "items": [("measure", "1.1.1.1")],
        "ministries": [world.alpha],
        "by": world.reviewer,
    }
    return meetings.call_meeting(edition.review, **{**values, **given})


def hold(world: World, meeting: CoordinationMeeting) -> CoordinationMeeting:
    """Recorded, with everybody present, and held."""
    row = meetings.record_meeting(
        meeting,
        seen_version=meeting.version,
        minutes="雙方同意分年辦理。",
        presence={one.pk: (True, "李科長") for one in meeting.attendances.all()},
        discussions={one.pk: "場地不足。" for one in meeting.items.all()},
        by=world.reviewer,
    )
    return meetings.mark_held(row, seen_version=row.version, by=world.reviewer)


def decide(world: World, meeting: CoordinationMeeting, **given):
    meeting.refresh_from_db()
    values = {
        "seen_version": meeting.version,
        "item": meeting.items.first(),
        "owner": world.beta,
        "text": RESOLVED,
        "due_on": timezone.localdate() + timedelta(days=60),
        "by": world.reviewer,
    }
    return meetings.decide(meeting, **{**values, **given})
