"""Makers of experts: people, their seats in a review, and what they type."""

from datetime import timedelta

from django.utils import timezone

from ministries.models import Ministry, User
from reports.actions.opinions import Draft
from reports.models import Review, Seat, SeatItem
from tests.world import grant, make_user

WHOLE = {"relevance": 4, "effectiveness": 3, "efficiency": None, "coherence": 5, "added_value": 2}
TEXT = "目標合理，成效還要看第二年。"


def make_expert(name: str) -> User:
    user = make_user(name)
    grant(user, "expert")
    return user


def make_seat(
    review: Review,
    user: User,
    *,
    codes: tuple[str, ...] = (),
    affiliation: str = "東海大學",
    ministry: Ministry | None = None,
    declared: bool = True,
) -> Seat:
    row = Seat.objects.create(
        review=review,
        user=user,
        affiliation=affiliation,
        ministry=ministry,
        no_interest=declared,
        declared_at=timezone.now() - timedelta(days=1) if declared else None,
    )
    for code in codes:
        SeatItem.objects.create(seat=row, measure_code=code)
    return row


def put(review: Review, state: str) -> Review:
    """The review in that state, without walking the road there."""
    Review.objects.filter(pk=review.pk).update(state=state)
    review.refresh_from_db()
    return review


def draft(scores: dict | None = None, text: str = TEXT, seen: int = 0, edition: int = 1) -> Draft:
    return Draft(WHOLE if scores is None else scores, text, seen, edition)
