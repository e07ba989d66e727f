"""The frame of every page, with the reviews in its navigation and what waits there."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import pgettext

from config.kit.fragments import address
from config.kit.tasks import jobs_wait
from ministries.enums import SystemRole
from reports.enums import RecusalState, ReviewState, ReviewVerb
from reports.models import (
    CommentsDone,
    Conclusion,
    Opinion,
    Recusal,
    Review,
    ReviewEvent,
    SeatItem,
)
from tracking import context

# Meetings, resolutions and opinions have addresses of their own, and belong to the reviews.
_OF_REVIEWS = ("/meetings/", "/resolutions/", "/opinions/")


def page_frame(request: HttpRequest) -> dict:
    """`tracking.context.page_frame` with this room's pages behind the work of the year."""
    frame = context.page_frame(request)
    added = [
        _item(request, "review-list", pgettext("page", "評估"), "reviews", _OF_REVIEWS),
        _item(request, "budget", pgettext("page", "經費")),
        _item(request, "data", pgettext("page", "開放資料")),
    ]
    last = {address(name) for name in ("people", "admin:index")}
    items = frame["nav_items"]
    place = next((n for n, one in enumerate(items) if one["url"] in last), len(items))
    return frame | {
        "nav_items": [*items[:place], *added, *items[place:]],
        "version": settings.VERSION,
        # Only for who is signed in: public pages may be kept for a while, by a CDN too.
        "jobs_wait": _is_signed_in(request) and jobs_wait(),
    }


def _is_signed_in(request: HttpRequest) -> bool:
    """A request that is refused early, such as one to another host, has no person yet."""
    return hasattr(request, "user") and request.user.is_authenticated


def _item(
    request: HttpRequest, name: str, label: str, number: str = "", others: Iterable[str] = ()
) -> dict:
    """A place of the navigation; `number` names what waits there, of `Work.added`, and `others`
    begin the addresses of its pages that lie elsewhere.
    """
    url = address(name)
    return {
        "label": label,
        "url": url,
        "count": context.work_of(request).added[number] if number else 0,
        "current": request.path.startswith((url, *others)),
    }


def waiting(person: context.Person) -> Iterator[QuerySet]:
    """What waits for this person in reviews: opinions to write, reviews to comment on, to approve,
    to file and to publish.
    """
    if SystemRole.EXPERT in person.roles:
        yield _to_write(person.pk)
    if own := person.officer + person.window:
        done = CommentsDone.objects.filter(review=OuterRef("pk"), ministry__in=own)
        yield Review.objects.filter(~Exists(done), state=ReviewState.COMMENTING)
    if SystemRole.REVIEWER in person.roles:
        yield _to_approve(person.pk)
    if SystemRole.COLLATOR in person.roles:
        yield Review.objects.filter(state__in=(ReviewState.APPROVED, ReviewState.FILED))


def _to_write(user: int) -> QuerySet:
    """Measures that the person is asked to assess and has handed nothing in for."""
    handed_in = Opinion.objects.filter(
        seat=OuterRef("seat"), measure_code=OuterRef("measure_code"), submitted_at__isnull=False
    )
    recused = Recusal.objects.filter(
        seat=OuterRef("seat"), measure_code=OuterRef("measure_code")
    ).exclude(state=RecusalState.DISMISSED)
    return SeatItem.objects.filter(
        ~Exists(handed_in),
        ~Exists(recused),
        seat__user=user,
        seat__ended_at__isnull=True,
        seat__review__state=ReviewState.ASSESSING,
    )


def _to_approve(user: int) -> QuerySet:
    """Reviews that somebody else proposed, and that this reviewer did not write."""
    proposed = ReviewEvent.objects.filter(review=OuterRef("pk"), verb=ReviewVerb.PROPOSE)
    wrote = Conclusion.objects.filter(Q(saved_by=user) | Q(ready_by=user), review=OuterRef("pk"))
    return Review.objects.annotate(
        proposer=Subquery(proposed.order_by("-at", "-pk").values("by")[:1])
    ).filter(~Q(proposer=user), ~Exists(wrote), state=ReviewState.APPROVING)
