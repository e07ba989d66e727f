"""Shared reads: who holds a duty on a day, and for which ministries a person acts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, FilteredRelation, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from config.kit.prepared import prepared
from ministries.enums import MembershipRole, SuccessionKind
from ministries.models import Deputyship, Membership, Ministry, RoleGrant, Succession, User

# After these the predecessor no longer acts, and one body answers for all that it did.
WHOLE = (SuccessionKind.RENAMED, SuccessionKind.MERGED)


class Body(NamedTuple):
    """A ministry as lists name it."""

    code: str
    short_name: str
    full_name: str


@prepared
def _bodies() -> QuerySet:
    """Every ministry, with the one that took over all that it did, and since when."""
    whole = FilteredRelation("succeeded_by", condition=Q(succeeded_by__kind__in=WHOLE))
    return (
        Ministry.objects.annotate(whole=whole)
        .order_by("whole__on")
        .values_list("pk", *Body._fields, "whole__successor_id", "whole__on")
    )


class Lineage:
    """All whole successions, read once: `holder` goes forward in time, `line` back; `bodies`
    holds every ministry by its id.

    One query on construction; every question after that is arithmetic.
    """

    def __init__(self) -> None:
        self.bodies: dict[int, Body] = {}
        self._heir: dict[int, tuple[date, int]] = {}
        self._forebears: dict[int, list[tuple[date, int]]] = defaultdict(list)
        for pk, code, short_name, full_name, heir, on in _bodies():
            self.bodies[pk] = Body(code, short_name, full_name)
            if heir:
                self._heir[pk] = (on, heir)
                self._forebears[heir].append((on, pk))

    def holder(self, ministry_id: int, on: date) -> int:
        """Id of the body that holds the duties of `ministry_id` on that day."""
        while ministry_id in self._heir and self._heir[ministry_id][0] <= on:
            ministry_id = self._heir[ministry_id][1]
        return ministry_id

    def heirs(self, ministry_id: int) -> list[tuple[int, date]]:
        """(id, from when) of every body that came after this one, in order of time."""
        found = []
        while ministry_id in self._heir:
            since, ministry_id = self._heir[ministry_id]
            found.append((ministry_id, since))
        return found

    def line(self, ministry_id: int, on: date) -> list[int]:
        """Ids of this body and of all whose papers it answers for on that day, itself first."""
        found, todo = [], [ministry_id]
        while todo:
            current = todo.pop(0)
            found.append(current)
            todo += [old for since, old in self._forebears[current] if since <= on]
        return found


def line_of(ministry: Ministry, on: date) -> list[int]:
    """Ids of the body that holds this one's duties that day and of all that it came from."""
    lineage = Lineage()
    return lineage.line(lineage.holder(ministry.pk, on), on)


def line_of_names(ministry: Ministry) -> list[Succession]:
    """Every succession in which this body's line takes part, oldest first; one query.

    The line are the bodies that came to be this one or that this one became, wholly. An edge of
    another kind is listed where it touches one of them, and is not followed further.
    """
    edges = list(
        Succession.objects.select_related("predecessor", "successor").order_by(
            "on", "predecessor__code"
        )
    )
    before, after = {ministry.pk}, {ministry.pk}
    # Oldest first, so that one pass forward, and one back, meets each edge in time order.
    for edge in edges:
        if edge.kind in WHOLE and edge.predecessor_id in after:
            after.add(edge.successor_id)
    for edge in reversed(edges):
        if edge.kind in WHOLE and edge.successor_id in before:
            before.add(edge.predecessor_id)
    line = before | after
    return [edge for edge in edges if {edge.predecessor_id, edge.successor_id} & line]


class Held(NamedTuple):
    """What a person holds on one day, as granted.

    roles        in the system
    memberships  (ministry id, role)
    deputyships  (ministry id, window id, ministry id of which that window is window), latest
                 first; which of them count, `_deputyships` says
    """

    roles: frozenset[str]
    memberships: frozenset[tuple[int, str]]
    deputyships: list[tuple[int, int, int]]


_ACCOUNT = tuple(field.attname for field in User._meta.concrete_fields)


@prepared
def _people(user: int, day: date) -> QuerySet:
    """An account with what it holds that day: a row for each role, membership and deputyship.

    Of deputyships those that a membership of the other person as window belongs to.
    """

    def current(grants: str, **more: object) -> FilteredRelation:
        wanted = {"since__lte": day, **more}
        open_or_later = Q(**{f"{grants}__until__isnull": True}) | Q(**{f"{grants}__until__gt": day})
        return FilteredRelation(
            grants,
            condition=open_or_later & Q(**{f"{grants}__{key}": it for key, it in wanted.items()}),
        )

    return (
        User.objects.filter(pk=user)
        .annotate(granted=current("role_grants"), member=current("memberships"))
        .annotate(deputy=current("deputyships"))
        .annotate(window=current("deputy__window__memberships", role=MembershipRole.WINDOW))
        .order_by("-deputy__since", "-deputy__pk")
        .values_list(
            *_ACCOUNT,
            *("granted__role", "member__ministry_id", "member__role"),
            *("deputy__ministry_id", "deputy__window_id", "window__ministry_id"),
            "deputy__window__is_active",
        )
    )


def find_person(pk: int) -> User | None:
    """The account with what it holds today; one query."""
    rows = _people(pk, timezone.localdate())
    if not rows:
        return None
    user = User.from_db(connection.alias, _ACCOUNT, rows[0][: len(_ACCOUNT)])
    user.held = _held(rows)
    return user


def held_on(user: User, day: date) -> Held:
    """What the person holds that day; one query."""
    return _held(_people(user.pk, day))


def _held(rows: list[tuple]) -> Held:
    """Each once, whatever the joins repeat."""
    grants = [row[len(_ACCOUNT) :] for row in rows]
    return Held(
        frozenset(role for role, *_ in grants if role),
        frozenset((ministry, role) for _, ministry, role, *_ in grants if ministry),
        list(dict.fromkeys(row[3:6] for row in grants if row[5] and row[6])),
    )


def ministry_roles_of(user: User) -> dict[int, frozenset[str]]:
    """Ministry id → roles that the person holds there today, through succession both ways.

    A membership in 科技部 acts for 國科會 from the day of its renaming, and for the papers of
    every body before it. A deputy of a window holds the window's role while the deputyship lasts
    and counts (see `_deputyships`).
    """
    if not user.held.memberships:  # a deputy is a member, too
        return {}
    today = timezone.localdate()
    lineage = user.lineage
    granted = [
        *user.held.memberships,
        *(
            (ministry_id, MembershipRole.WINDOW.value)
            for ministry_id, _window in _deputyships(user.held, today, lineage)
        ),
    ]
    roles: dict[int, set[str]] = defaultdict(set)
    for ministry_id, role in granted:
        for body in lineage.line(lineage.holder(ministry_id, today), today):
            roles[body].add(role)
    return {pk: frozenset(held) for pk, held in roles.items()}


def own_window_of(user: User, on: date | None = None) -> frozenset[int]:
    """Ids of the ministries whose window this person is, deputyships not counted."""
    on = on or timezone.localdate()
    held = user.memberships.on(on).filter(role=MembershipRole.WINDOW)
    ids = set(held.values_list("ministry_id", flat=True))
    if not ids:
        return frozenset()
    lineage = Lineage()
    return frozenset(body for pk in ids for body in lineage.line(lineage.holder(pk, on), on))


def acting_as(user: User, ministry_ids: Iterable[int], on: date | None = None) -> User | None:
    """The window on whose behalf this person acts as window of one of these ministries.

    None where the person is a window there in their own right, or is no deputy that day (today,
    if no day is given). Of several windows the one whose deputyship began last.
    """
    on = on or timezone.localdate()
    wanted = set(ministry_ids)
    if wanted & own_window_of(user, on):
        return None
    lineage = Lineage()
    holders = {lineage.holder(pk, on) for pk in wanted}
    for ministry_id, window_id in _deputyships(held_on(user, on), on, lineage):
        if lineage.holder(ministry_id, on) in holders:
            return User.objects.get(pk=window_id)
    return None


def _deputyships(held: Held, on: date, lineage: Lineage) -> list[tuple[int, int]]:
    """(ministry id, window id) of the deputyships that count that day, latest first.

    One counts only while the window is active and still a window of that body or of its line,
    and while the deputy belongs to it as well.
    """
    bodies = {lineage.holder(pk, on) for pk, _role in held.memberships}
    found = {}
    for ministry_id, window_id, window_of in held.deputyships:
        body = lineage.holder(ministry_id, on)
        if body in bodies and lineage.holder(window_of, on) == body:
            found[ministry_id, window_id] = None
    return list(found)


# --- lists ----------------------------------------------------------------------------------------
def people_of(line: list[int], on: date) -> QuerySet[User]:
    """Members of these bodies on that day; each carries `held`, the memberships there."""
    held = Membership.objects.on(on).filter(ministry__in=line).select_related("ministry")
    return (
        User.objects.filter(Exists(held.filter(user=OuterRef("pk"))))
        .prefetch_related(Prefetch("memberships", held.order_by("role", "pk"), "held"))
        .order_by("email")
    )


def ended_memberships(line: list[int], on: date) -> QuerySet[Membership]:
    """Memberships of these bodies that ended on or before that day, latest first."""
    return (
        Membership.objects.filter(ministry__in=line, until__lte=on)
        .select_related("user", "ministry")
        .order_by("-until", "user__email")
    )


def deputyships_of(line: list[int], on: date) -> QuerySet[Deputyship]:
    """Deputyships for these bodies that last on that day or begin later."""
    return (
        Deputyship.objects.filter(ministry__in=line, until__gt=on)
        .select_related("window", "deputy")
        .order_by("since", "pk")
    )


def demo_accounts() -> list[tuple[User, str]]:
    """Demo people to sign in as, each with what they are: all who hold a role in the system, and
    those of one ministry. Three queries; empty where there are no demo people.
    """
    today = timezone.localdate()
    rows = []
    members = Membership.objects.on(today).filter(user__is_demo=True, user__is_active=True)
    first = members.order_by("ministry_id").values("ministry")[:1]
    for held in (
        members.filter(ministry__in=first).select_related("user", "ministry").order_by("pk")
    ):
        rows.append((held.user, f"{held.ministry}・{held.get_role_display()}"))
    grants = RoleGrant.objects.on(today).filter(user__is_demo=True, user__is_active=True)
    for grant in grants.select_related("user").order_by("pk"):
        rows.append((grant.user, grant.get_role_display()))
    return rows
