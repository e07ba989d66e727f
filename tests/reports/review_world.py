"""A review in the small world, and short ways along its road, each by the real actions."""

from datetime import timedelta

from django.utils import timezone

from ministries.enums import SystemRole
from ministries.models import User
from reports.actions.compile import compile_review
from reports.actions.filing import file_for_reference, publish
from reports.actions.reviews import change_settings, create_review, move
from reports.enums import FilingStep, Level, ReviewKind, ReviewState, ReviewVerb
from reports.models import Conclusion, Edition, Filing, Paragraph, Review, Seat
from reports.queries.reviews import current_edition
from reports.queries.synthesis import branches
from reports.workflow import REVIEW_ROAD
from tests.world import World, grant, make_user
from tracking.enums import Status

# Verbs that the walk passes by where it is further along already.
BACK = {ReviewState.SYNTHESIS: (ReviewVerb.ASSESS,)}
NUMBER = "科會前字第1120012345號"


def second_reviewer(world: World) -> User:
    """Another reviewer, made once."""
    found = User.objects.filter(email="second@example.test").first()
    if found is None:
        found = make_user("second")
        grant(found, SystemRole.REVIEWER)
    return User.objects.get(pk=found.pk)


def begun(world: World, **fields) -> Review:
    """A review of years 110 and 111 with one accepted report; 甲部's 1.1.1.1 is behind."""
    world.bring(
        world.report("1.1.1.1", "alpha"), Status.ACCEPTED, light="behind", cause="procurement",
        obstacle="流標。", response="重新招標。",
        catch_up_on=timezone.localdate() + timedelta(days=90),
    )  # fmt: skip
    given = {"kind": ReviewKind.MIDTERM, "title": "期中評估", "first_year": 110, "last_year": 111}
    return create_review(world.plan, **{**given, **fields}, by=world.reviewer)


def conclude(world: World, review: Review, *, ready: bool = True) -> Conclusion:
    """A conclusion on every node, one paragraph each, saved and set ready by the reviewer; the
    summary of the whole plan is returned."""
    edition = current_edition(review)
    for ordinal, (level, code) in enumerate(branches(edition)):
        row = Conclusion.objects.create(
            review=review,
            edition=edition,
            level=level,
            code=code,
            ordinal=ordinal,
            ready=ready,
            saved_by=world.reviewer,
        )
        text = f"{code}大致依進度辦理。" if code else "整體大致依進度辦理。"
        Paragraph.objects.create(conclusion=row, ordinal=1, text=text)
    return Conclusion.objects.get(review=review, level=Level.PLAN)


def bring_review(world: World, review: Review, state: str) -> Review:
    """Along the real road to a state; conclusions are one summary, nobody comments."""
    for verb, by, before in (
        (ReviewVerb.ASSESS, world.reviewer, _compile),
        (ReviewVerb.SYNTHESIZE, world.reviewer, None),
        (ReviewVerb.ASK_COMMENTS, world.reviewer, _due),
        (ReviewVerb.PROPOSE, world.reviewer, _passed),
        (ReviewVerb.APPROVE, second_reviewer(world), None),
    ):
        review = Review.objects.get(pk=review.pk)
        if review.state == state:
            return review
        if (review.state, verb) not in REVIEW_ROAD or verb in BACK.get(review.state, ()):
            continue
        if before:
            before(world, review)
            review = Review.objects.get(pk=review.pk)
        move(review, verb, seen_version=review.version, by=by)
    review = Review.objects.get(pk=review.pk)
    if state in (ReviewState.FILED, ReviewState.PUBLISHED):
        send(world, review)
        review = Review.objects.get(pk=review.pk)
    if state == ReviewState.PUBLISHED:
        today = timezone.localdate()
        publish(review, on=today, seen_version=review.version, by=world.collator)
        review = Review.objects.get(pk=review.pk)
    assert review.state == state
    return review


def send(world: World, review: Review, **fields) -> Filing:
    """File the approved edition, today, for reference."""
    review = Review.objects.get(pk=review.pk)
    given = {
        "edition": current_edition(review),
        "step": FilingStep.FOR_REFERENCE,
        "document_number": NUMBER,
        "on": timezone.localdate(),
        "addressee": "行政院",
        "seen_version": review.version,
        "by": world.collator,
    }
    return file_for_reference(review, **{**given, **fields})


def seat(world: World, review: Review) -> Seat:
    """The expert of the world, seated, without interests."""
    return Seat.objects.create(
        review=review,
        user=world.expert,
        affiliation="某大學",
        no_interest=True,
        declared_at=timezone.now(),
    )


def settings_of(review: Review, **fields) -> dict:
    """What `change_settings` takes, as it is."""
    names = ("title", "opinions_open_before", "opinions_due_on", "comments_due_on", "criteria")
    return {name: getattr(review, name) for name in names} | fields


def edition_of(review: Review) -> Edition:
    return Edition.objects.get(pk=current_edition(review).pk)


def _compile(world: World, review: Review) -> None:
    compile_review(review.pk, by=world.reviewer)


def _due(world: World, review: Review) -> None:
    conclude(world, review)
    row = Review.objects.get(pk=review.pk)
    change_settings(
        row,
        **settings_of(row, comments_due_on=timezone.localdate() + timedelta(days=14)),
        seen_version=row.version,
        by=world.reviewer,
    )


def _passed(world: World, review: Review) -> None:
    """The day until which ministries could comment is over."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Review.objects.filter(pk=review.pk).update(comments_due_on=yesterday)
