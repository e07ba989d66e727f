"""What the frame of every page needs: navigation with counts, and the demo stamp."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache, reduce
from operator import add
from types import MappingProxyType
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    DateTimeField,
    Exists,
    Expression,
    Func,
    IntegerField,
    QuerySet,
    Subquery,
    Value,
)
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.kit.fragments import address
from config.kit.prepared import prepared
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Membership, User
from plan.enums import IndicatorState, VersionState
from plan.models import Indicator, Plan
from tracking.enums import ResolutionState, Status, YearState
from tracking.models import ProgressReport, Resolution
from tracking.queries.reports import WAITING_FOR_REVIEW
from tracking.rules import pages as rules


class Work(NamedTuple):
    """What waits for one person. Numbers count reports; each is 0 for people without that role.

    waiting   sent to the science ministry and undecided; `oldest` is when the first of them came
    drafts    blank or begun, of a year that takes filings
    returned  sent back by the reviewer and not submitted again
    signing   waiting for the window's signature
    proposed  indicators, not reports, that wait for a reviewer's approval
    first, last  ROC years of the newest plan in force, None where there is none
    added     what `add_number` brought, by name
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
    added: Mapping[str, int] = MappingProxyType({})

    @property
    def to_file(self) -> int:
        """Whatever the person's own ministry has to do next."""
        return self.drafts + self.returned + self.signing


class Person(NamedTuple):
    """Whom the query is made for. Only `roles` and which of the tuples are empty may decide what is
    asked; ids are parameters of SQL that is made once.

    roles    in the system
    officer  ids of the ministries in which the person is officer today; `window` likewise
    """

    pk: int
    roles: frozenset[str]
    officer: tuple[int, ...]
    window: tuple[int, ...]


_numbers: dict[str, Callable[[Person], Iterable[QuerySet]]] = {}


def add_number(name: str, rows: Callable[[Person], Iterable[QuerySet]]) -> None:
    """Have the query behind every page also count what waits for a person in another room: the
    sum of these rows stands in `Work.added`. For `AppConfig.ready`, before anything is asked.
    """
    _numbers[name] = rows


def work_of(request: HttpRequest) -> Work:
    """What waits for the person of this request: one query beyond their roles, asked once."""
    if not hasattr(request, "_work"):
        request._work = _read_work(getattr(request, "user", AnonymousUser()))
    return request._work


def _read_work(user: User | AnonymousUser) -> Work:
    if not user.is_authenticated:
        for demo, first, last in _plan_in_force():
            return Work(demo=demo, first=first, last=last, added=dict.fromkeys(_numbers, 0))
        return Work(demo=bool(_demo_people()), added=dict.fromkeys(_numbers, 0))
    officer, window = (
        tuple(user.ministries_as(role)) for role in (MembershipRole.OFFICER, MembershipRole.WINDOW)
    )
    [row] = _work_for(user.roles)(user.pk, timezone.localdate(), officer, window)
    own, added = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
    work = Work(**dict(zip(_COLUMNS, own, strict=True)))
    held = {role for _ministry, role in user.held.memberships}
    return work._replace(
        ministry=work.ministry or "",
        keeps_people=MembershipRole.WINDOW in held or user.is_administrator,
        added=dict(zip(_numbers, added, strict=True)),
    )


def _in_force() -> QuerySet:
    """The newest plan that has a version in force."""
    return Plan.objects.filter(versions__state=VersionState.APPROVED).order_by(
        "-start_year", "slug"
    )


@prepared
def _plan_in_force() -> QuerySet:
    demo = Exists(User.objects.filter(is_demo=True))
    return _in_force().values_list(demo, "start_year", "end_year")[:1]


@prepared
def _demo_people() -> QuerySet:
    return User.objects.filter(is_demo=True).order_by().values_list("pk")[:1]


# What the query tells of `Work`; after it come the added numbers.
_COLUMNS = (
    *("demo", "first", "last", "ministry"),
    *("waiting", "oldest", "proposed", "drafts", "returned", "signing"),
)


@cache
def _work_for(roles: frozenset[str]) -> Callable[..., list[tuple]]:
    """The query for everybody with these roles; 0 where something waits for none of them."""

    @prepared
    def work(user: int, day: date, officer: tuple[int, ...], window: tuple[int, ...]) -> QuerySet:
        person = Person(user, roles, officer, window)
        joined = Membership.objects.on(day).filter(user=user).order_by("pk")
        columns = {
            "demo": Exists(User.objects.filter(is_demo=True)),
            "first": Subquery(_in_force().values("start_year")[:1]),
            "last": Subquery(_in_force().values("end_year")[:1]),
            "oldest": Value(None, DateTimeField()),
            "ministry": Subquery(joined.values("ministry__short_name")[:1]),
            **_to_review(person),
            **_to_file(person, day),
        }
        added = (reduce(add, map(_number, rows(person)), Value(0)) for rows in _numbers.values())
        own = (columns.get(name, Value(0)) for name in _COLUMNS)
        return User.objects.filter(pk=user).values_list(*own, *added)

    return work


def _to_review(person: Person) -> dict[str, Expression]:
    """A reviewer knows the state of every report."""
    if SystemRole.REVIEWER not in person.roles:
        return {}
    waiting = ProgressReport.working.filter(status__in=WAITING_FOR_REVIEW)
    return {
        "waiting": _number(waiting),
        "oldest": Subquery(waiting.order_by("filed_at").values("filed_at")[:1]),
        "proposed": _number(Indicator.objects.filter(state=IndicatorState.PROPOSED)),
    }


def _to_file(person: Person, day: date) -> dict[str, Expression]:
    """What is to be written and signed where it is this person's to do, who may read all of it."""
    columns = {}
    if person.officer:
        to_write = ProgressReport.working.filter(ministry__in=person.officer)
        drafts = to_write.filter(status=Status.DRAFT)
        filing = drafts.filter(correction_due_on=None)
        more_time = filing.filter(extended_until__gte=day)
        columns["drafts"] = _number(filing.filter(reporting_year__state=YearState.OPEN)) + _number(
            more_time.exclude(reporting_year__state=YearState.OPEN)
        )
        # Two counts, since each finds its rows in the index; their union reads all of the ministry.
        returned = to_write.filter(status=Status.RETURNED)
        columns["returned"] = _number(returned) + _number(drafts.exclude(correction_due_on=None))
    if person.window:
        to_sign = ProgressReport.working.filter(ministry__in=person.window)
        columns["signing"] = _number(to_sign.filter(status=Status.SIGNING))
    return columns


def owed(person: Person) -> Iterator[QuerySet]:
    """Resolutions that the person's ministry has still to report on."""
    if own := person.officer + person.window:
        yield Resolution.objects.filter(owner__in=own, state=ResolutionState.OPEN)


def _number(rows: QuerySet) -> Subquery:
    """Number of rows as a column. Django's own Count would group by row. No column is named, so
    that an index can answer without the rows.
    """
    count = Func(template="COUNT(*)", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(n=count).values("n"))


def _pages(user: User | AnonymousUser, work: Work) -> Iterator[tuple[str, str, int]]:
    """(address name, label, count) of the pages that this person may open."""
    yield "home", _("總覽"), 0
    yield "plan-tree", _("計畫"), 0
    yield "ministry-list", pgettext("page", "部會"), 0
    if user.is_authenticated and user.ministry_ids:
        yield "desk", pgettext("page", "填報"), work.to_file + work.added["resolutions"]
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
        url = address(name)
        current = request.path == url if url == "/" else request.path.startswith(url)
        items.append({"label": label, "url": url, "count": count, "current": current})
    return {
        "nav_items": items,
        "role_line": _role_line(user, work) if user.is_authenticated else "",
        "demo_data": work.demo,
        "may_see_mail": rules.may_see_mail(user),
        "plan_years": (work.first, work.last) if work.first else None,
    }
