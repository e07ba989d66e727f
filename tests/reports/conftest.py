"""A review of the small world that experts assess, and two experts on their seats."""

from reports.actions.compile import compile_review
from reports.enums import ReviewKind, ReviewState
from reports.models import Review, Seat
from tests.kept import kept
from tests.reports.experts import make_expert, make_seat, put
from tests.world import World
from tracking.enums import Status


@kept
def review(world: World) -> Review:
    """Compiled with one accepted report, and experts assess."""
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    row = Review.objects.create(
        plan=world.plan, kind=ReviewKind.MIDTERM, title="期中評估", first_year=111, last_year=111
    )
    compile_review(row.pk)
    return put(row, ReviewState.ASSESSING)


@kept
def seat(review: Review, world: World) -> Seat:
    """The world's expert, from a university, asked for 1.1.1.1 and 2.1.1.1."""
    return make_seat(review, world.people["expert"], codes=("1.1.1.1", "2.1.1.1"))


@kept
def other_seat(review: Review, world: World) -> Seat:
    """A second expert, asked for 1.1.1.1 only."""
    return make_seat(review, make_expert("second"), codes=("1.1.1.1",))
