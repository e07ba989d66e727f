"""A review of the small world in its synthesis: two years, a compiled edition, an opinion or two.

Accepted in 111: 1.1.1.1 of 甲部 and 乙部, 1.1.2.1 of 科學部 (late). The rest are gaps.
"""

from datetime import date, timedelta

from django.utils import timezone

from ministries.enums import SystemRole
from ministries.models import User
from reports.actions.compile import compile_review
from reports.compare import basis
from reports.enums import ReviewKind, ReviewState, ReviewVerb
from reports.models import Edition, Opinion, Review, ReviewEvent, Seat
from tests.world import LATE, World, grant, make_user
from tracking.enums import Status


def make_review(world: World, state: str = ReviewState.SYNTHESIS) -> Review:
    """With its first edition."""
    for code, ministry, fields in (
        ("1.1.1.1", "alpha", {}),
        ("1.1.1.1", "beta", {}),
        ("1.1.2.1", "science", {**LATE, "catch_up_on": date(2030, 1, 1)}),
    ):
        world.bring(world.report(code, ministry), Status.ACCEPTED, **fields)
    review = Review.objects.create(
        plan=world.plan,
        kind=ReviewKind.FINAL,
        title="期末成果評估",
        first_year=111,
        last_year=111,
        state=state,
        comments_due_on=timezone.localdate() + timedelta(days=14),
    )
    compile_review(review.pk, by=world.people["collator"])
    return review


def set_state(review: Review, state: str) -> Review:
    """Put the review at a state of its road, without the road."""
    Review.objects.filter(pk=review.pk).update(state=state)
    review.refresh_from_db()
    return review


def ask(world: World, review: Review) -> Review:
    """Ministries are asked now."""
    ReviewEvent.objects.create(
        review=review,
        verb=ReviewVerb.ASK_COMMENTS,
        from_state=ReviewState.SYNTHESIS,
        to_state=ReviewState.COMMENTING,
        by=world.people["reviewer"],
    )
    return set_state(review, ReviewState.COMMENTING)


def second_reviewer() -> User:
    user = make_user("second")
    grant(user, SystemRole.REVIEWER)
    return user


def make_opinion(
    world: World, review: Review, code: str = "1.1.1.1", *, submitted: bool = True, **fields
) -> Opinion:
    """An opinion of the world's expert."""
    seat, _made = Seat.objects.get_or_create(
        review=review,
        user=world.people["expert"],
        defaults={"affiliation": "某大學", "declared_at": timezone.now()},
    )
    edition: Edition = review.editions.order_by("-number").first()
    return Opinion.objects.create(
        seat=seat,
        measure_code=code,
        edition=edition,
        basis=basis(edition, code),
        scores={"relevance": 4},
        text="規模足夠。",
        submitted_at=timezone.now() if submitted else None,
        **fields,
    )
