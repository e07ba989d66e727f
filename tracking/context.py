"""What the frame of every page needs: navigation with counts, and the demo stamp."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Func, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.kit.prepared import prepared
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Membership, User
from plan.enums import IndicatorState, VersionState
from plan.models import Indicator, Plan
from tracking import rules
from tracking.enums import Status, YearState
from tracking.models import ProgressReport
from tracking.queries import WAITING_FOR_REVIEW


class Work(NamedTuple):
    """What waits for one person. Numbers count reports; each is 0 for people without that role.

    waiting   sent to the science ministry and undecided; `oldest` is when the first of them came
    drafts    blank or begun, of a year that takes filings
    returned  sent back by the reviewer and not submitted again
    signing   waiting for the window's signature
    proposed  indicators, not reports, that wait for a reviewer's approval
    first, last  ROC years of the newest plan in force, None where there is none
    """

    waiting: int = 0
    oldest: datetime | None = None
    drafts: int = 0
    returned: int = 0
    signing: int = 0
    proposed: int = 0
    demo: bool = False
    ministry: str = ""
    keeps_people: bool = False
    first: int | None = None
    last: int | None = None

    @property
    def to_file(self) -> int:
        """Whatever the person's own ministry has to do next."""
        return self.drafts + self.returned + self.signing


def work_of(request: HttpRequest) -> Work:
    """What waits for the person of this request: one query beyond their roles, asked once."""
    if not hasattr(request, "_work"):
        request._work = _read_work(getattr(request, "user", AnonymousUser()))
    return request._work


def _read_work(user: User | AnonymousUser) -> Work:
    if user.is_authenticated and user.ministry_ids:
        return _work_of_member(user)
    if rules.may_review(user):
        [(demo, waiting, oldest, proposed, *years)] = _review_work(user.pk)
        return Work(
            waiting,
            oldest,
            proposed=proposed,
            demo=demo,
            keeps_people=user.is_administrator,
            first=years[0],
            last=years[1],
        )
    keeps_people = user.is_authenticated and user.is_administrator
    for demo, *years in _plan_in_force():
        return Work(demo=demo, keeps_people=keeps_people, first=years[0], last=years[1])
    return Work(demo=bool(_demo_people()), keeps_people=keeps_people)


def _in_force() -> QuerySet:
    """The newest plan that has a version in force."""
    return Plan.objects.filter(versions__state=VersionState.APPROVED).order_by(
        "-start_year", "slug"
    )


def _years() -> dict[str, Subquery]:
    """ROC years of that plan, as columns."""
    return {
        "first": Subquery(_in_force().values("start_year")[:1]),
        "last": Subquery(_in_force().values("end_year")[:1]),
    }


@prepared
def _plan_in_force() -> QuerySet:
    demo = Exists(User.objects.filter(is_demo=True))
    return _in_force().values_list(demo, "start_year", "end_year")[:1]


@prepared
def _demo_people() -> QuerySet:
    return User.objects.filter(is_demo=True).order_by().values_list("pk")[:1]


@prepared
def _review_work(reviewer: int) -> QuerySet:
    """What waits for review. A reviewer knows the state of every report."""
    waiting = ProgressReport.objects.filter(status__in=WAITING_FOR_REVIEW)
    return User.objects.filter(pk=reviewer).values_list(
        Exists(User.objects.filter(is_demo=True)),
        _number(waiting),
        Subquery(waiting.order_by("filed_at").values("filed_at")[:1]),
        _number(_proposed()),
        *_years().values(),
    )


def _proposed() -> QuerySet:
    return Indicator.objects.filter(state=IndicatorState.PROPOSED)


def _work_of_member(user: User) -> Work:
    """Work of somebody who belongs to a ministry, a reviewer's beside it where it is both."""
    memberships = Membership.objects.current().filter(user=OuterRef("pk")).order_by("pk")
    columns = {
        "demo": Exists(User.objects.filter(is_demo=True)),
        "ministry": Subquery(memberships.values("ministry__short_name")[:1]),
        "keeps_people": Exists(memberships.filter(role=MembershipRole.WINDOW)),
        **_years(),
    }
    if rules.may_review(user):
        waiting = ProgressReport.objects.status_visible_to(user).filter(
            status__in=WAITING_FOR_REVIEW
        )
        columns["waiting"] = _number(waiting)
        columns["oldest"] = Subquery(waiting.order_by("filed_at").values("filed_at")[:1])
        columns["proposed"] = _number(_proposed())
    if user.ministries_as(MembershipRole.OFFICER):
        to_write = ProgressReport.objects.of_own_ministries(user, MembershipRole.OFFICER)
        drafts = to_write.filter(status=Status.DRAFT)
        columns["drafts"] = _number(
            drafts.filter(correction_due_on=None, reporting_year__state=YearState.OPEN)
        )
        columns["returned"] = _number(
            to_write.filter(status=Status.RETURNED) | drafts.exclude(correction_due_on=None)
        )
    if user.ministries_as(MembershipRole.WINDOW):
        to_sign = ProgressReport.objects.of_own_ministries(user, MembershipRole.WINDOW)
        columns["signing"] = _number(to_sign.filter(status=Status.SIGNING))
    values = User.objects.filter(pk=user.pk).values_list(*columns.values()).get()
    work = Work(**dict(zip(columns, values, strict=True)))
    return work._replace(
        ministry=work.ministry or "", keeps_people=work.keeps_people or user.is_administrator
    )


def _number(rows: QuerySet) -> Subquery:
    """Number of rows as a column. Django's own Count would group by row."""
    return Subquery(rows.order_by().annotate(n=Func(F("pk"), function="COUNT")).values("n"))


def _pages(user: User | AnonymousUser, work: Work) -> Iterator[tuple[str, str, int]]:
    """(address name, label, count) of the pages that this person may open."""
    yield "home", _("總覽"), 0
    yield "plan-tree", _("計畫"), 0
    yield "ministry-list", pgettext("page", "部會"), 0
    if user.is_authenticated and user.ministry_ids:
        yield "desk", pgettext("page", "填報"), work.to_file
    if rules.may_see_collation(user):
        yield "collation", _("彙整"), work.waiting
    if work.keeps_people:
        yield "people", _("人員"), 0
    if user.is_authenticated and user.is_administrator:
        yield "admin:index", _("管理"), 0


def _role_line(user: User, work: Work) -> str:
    """經濟部・承辦人: what the person acts as, the system's roles after the ministry's."""
    held = {role for roles in user.ministry_roles.values() for role in roles}
    words = [MembershipRole(role).label for role in MembershipRole.values if role in held]
    words += [SystemRole(role).label for role in SystemRole.values if role in user.roles]
    return "・".join(str(word) for word in (work.ministry, *words) if word)


def page_frame(request: HttpRequest) -> dict:
    """Context processor. At most one query beyond the person's roles; see `work_of`."""
    user = getattr(request, "user", AnonymousUser())
    work = work_of(request)
    items = []
    for name, label, count in _pages(user, work):
        url = reverse(name)
        current = request.path == url if url == "/" else request.path.startswith(url)
        items.append({"label": label, "url": url, "count": count, "current": current})
    return {
        "nav_items": items,
        "role_line": _role_line(user, work) if user.is_authenticated else "",
        "demo_data": work.demo,
        "may_see_mail": rules.may_see_mail(user),
        "plan_years": (work.first, work.last) if work.first else None,
    }
