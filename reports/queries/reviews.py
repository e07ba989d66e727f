"""Shared reads of the `reports` room about reviews: the current edition, who plays which part."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ministries.models import AuditEvent, User
from reports.enums import Level, MeetingState, ReviewVerb
from reports.models import (
    Comment,
    Conclusion,
    Edition,
    Filing,
    Invitation,
    Opinion,
    Review,
    ReviewEvent,
    Seat,
    SeatItem,
)
from tracking.models import Resolution


def current_edition(review: Review) -> Edition | None:
    """The edition that was compiled last; None before the first."""
    return review.editions.order_by("-compiled_at", "-number").first()


def current_editions(reviews: Collection[Review]) -> dict[int, Edition]:
    """Id of a review → its current edition, where it has one."""
    newest = Edition.objects.filter(review=OuterRef("pk")).order_by("-compiled_at", "-number")
    ids = Review.objects.filter(pk__in=[row.pk for row in reviews]).values_list(
        Subquery(newest.values("pk")[:1]), flat=True
    )
    return {row.review_id: row for row in Edition.objects.filter(pk__in=list(ids))}


def level_words(edition: Edition | None) -> dict[str, str]:
    """Level → what the plan calls it, as the edition froze it; our plan's words without one."""
    named = edition.head["version"]["level_names"] if edition else {}
    return {
        level.value: _(named[level]) if named.get(level) else str(level.label)
        for level in Level
        if level != Level.PLAN
    }


def standing_filing(review: Review) -> Filing | None:
    """The filing that was not withdrawn; the newest, where there is one of each step."""
    return review.filings.filter(withdrawn_at__isnull=True).order_by("-pk").first()


def published_filing(review: Review) -> Filing | None:
    """The filing by which the review is public today."""
    today = timezone.localdate()
    rows = review.filings.filter(withdrawn_at__isnull=True, published_on__lte=today)
    return rows.select_related("edition").order_by("-pk").first()


def published_filings(reviews: Collection[Review]) -> dict[int, Filing]:
    """Id of a review → the filing by which it is public today, where it is."""
    rows = Filing.objects.filter(
        review__in=reviews, withdrawn_at__isnull=True, published_on__lte=timezone.localdate()
    )
    return {row.review_id: row for row in rows.select_related("edition").order_by("pk")}


def has_seat(review: Review, user: User) -> bool:
    """An expert of this review whose seat was not ended."""
    return Seat.objects.filter(review=review, user=user, ended_at__isnull=True).exists()


def unsent_opinions(review: Review) -> int:
    """How many opinions were handed in that no ministry has been sent yet."""
    return Opinion.objects.submitted().filter(seat__review=review, sent_at__isnull=True).count()


def has_sent_opinions(review: Review) -> bool:
    return Opinion.objects.filter(seat__review=review, sent_at__isnull=False).exists()


def proposer_of(review: Review) -> int | None:
    """Id of the person who last sent the review to the second reviewer."""
    last = ReviewEvent.objects.filter(review=review, verb=ReviewVerb.PROPOSE).last()
    return last.by_id if last else None


def wrote_conclusion(review: Review, user: User) -> bool:
    """Whether this person ever saved a conclusion of the review, or answered a comment on one."""
    rows = Conclusion.objects.filter(review=review)
    if rows.filter(Q(saved_by=user) | Q(ready_by=user)).exists():
        return True
    if Comment.objects.filter(conclusion__in=rows, answered_by=user).exists():
        return True
    targets = [f"{Conclusion._meta.label_lower}:{pk}" for pk in rows.values_list("pk", flat=True)]
    written = AuditEvent.objects.filter(actor=user.email, verb__startswith="conclusion.")
    return written.filter(target__in=targets).exists()


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in each room of a review, in numbers for one line each."""

    editions: int
    invitations: int
    seats: int
    items: int
    submitted: int
    conclusions: int
    ready: int
    comments: int
    unanswered: int
    meetings: int
    resolutions: int


def room_counts(review: Review) -> Counts:
    """Counts for the science ministry's people: drafts of opinions are counted nowhere."""
    seats = Seat.objects.filter(review=review, ended_at__isnull=True)
    conclusions = Conclusion.objects.filter(review=review)
    comments = Comment.objects.filter(conclusion__review=review)
    return Counts(
        editions=review.editions.count(),
        invitations=Invitation.objects.filter(
            review=review, used_at__isnull=True, revoked_at__isnull=True
        ).count(),
        seats=seats.count(),
        items=SeatItem.objects.filter(seat__in=seats).count(),
        submitted=Opinion.objects.filter(seat__in=seats, submitted_at__isnull=False).count(),
        conclusions=conclusions.count(),
        ready=conclusions.filter(ready=True).count(),
        comments=comments.count(),
        unanswered=comments.filter(answer="").count(),
        meetings=review.meetings.exclude(state=MeetingState.CANCELLED).count(),
        resolutions=Resolution.objects.filter(given_by__meeting__review=review).unsettled().count(),
    )
