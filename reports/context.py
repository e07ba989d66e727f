"""The frame of every page, with the reviews in its navigation and what waits there."""

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import pgettext

from ministries.enums import MembershipRole, SystemRole
from ministries.models import User
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


def page_frame(request: HttpRequest) -> dict:
    """`tracking.context.page_frame` with 評估 behind the work of the year: one query more, and
    only for people whom a review can wait for.
    """
    frame = context.page_frame(request)
    url = reverse("review-list")
    item = {
        "label": pgettext("page", "評估"),
        "url": url,
        "count": waiting(getattr(request, "user", AnonymousUser())),
        "current": request.path.startswith(url),
    }
    last = {reverse(name) for name in ("people", "admin:index")}
    items = frame["nav_items"]
    place = next((n for n, one in enumerate(items) if one["url"] in last), len(items))
    return frame | {"nav_items": [*items[:place], item, *items[place:]]}


def waiting(user: User | AnonymousUser) -> int:
    """How much waits for this person in reviews: opinions to write, reviews to comment on, to
    approve, to file and to publish. At most one query beyond the person's roles.
    """
    if not user.is_authenticated:
        return 0
    columns = [_number(rows) for rows in _work(user)]
    if not columns:
        return 0
    [numbers] = User.objects.filter(pk=user.pk).values_list(*columns)
    return sum(numbers)


def _work(user: User) -> Iterator[QuerySet]:
    if SystemRole.EXPERT in user.roles:
        yield _to_write(user)
    if own := user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW):
        done = CommentsDone.objects.filter(review=OuterRef("pk"), ministry__in=own)
        yield Review.objects.filter(~Exists(done), state=ReviewState.COMMENTING)
    if SystemRole.REVIEWER in user.roles:
        yield _to_approve(user)
    if SystemRole.COLLATOR in user.roles:
        yield Review.objects.filter(state__in=(ReviewState.APPROVED, ReviewState.FILED))


def _to_write(user: User) -> QuerySet:
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


def _to_approve(user: User) -> QuerySet:
    """Reviews that somebody else proposed, and that this reviewer did not write."""
    proposed = ReviewEvent.objects.filter(review=OuterRef("pk"), verb=ReviewVerb.PROPOSE)
    wrote = Conclusion.objects.filter(Q(saved_by=user) | Q(ready_by=user), review=OuterRef("pk"))
    return Review.objects.annotate(
        proposer=Subquery(proposed.order_by("-at", "-pk").values("by")[:1])
    ).filter(~Q(proposer=user.pk), ~Exists(wrote), state=ReviewState.APPROVING)


def _number(rows: QuerySet) -> Subquery:
    """Number of rows as a column."""
    return Subquery(rows.order_by().annotate(n=Func(F("pk"), function="COUNT")).values("n"))
