"""Shared reads: who holds a duty on a day, and for which ministries a person acts."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from ministries.held import deputyships
from ministries.models import (
    ApiToken,
    Deputyship,
    Lineage,
    Membership,
    Ministry,
    RoleGrant,
    Succession,
    User,
)
from ministries.models.ministry import WHOLE
from ministries.models.user import ACCOUNT, held_in, held_on, holdings


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


def find_person(pk: int) -> User | None:
    """The account with what it holds today; one query."""
    rows = holdings(pk, timezone.localdate())
    if not rows:
        return None
    user = User.from_db(connection.alias, ACCOUNT, rows[0][: len(ACCOUNT)])
    user.held = held_in(rows)
    user.has_second_factor = bool(rows[0][-1])
    return user


def acting_as(user: User, ministry_ids: Iterable[int], on: date | None = None) -> User | None:
    """The window on whose behalf this person acts as window of one of these ministries.

    None where the person is a window there in their own right, or is no deputy that day (today,
    if no day is given). Of several windows the one whose deputyship began last.
    """
    on = on or timezone.localdate()
    wanted = set(ministry_ids)
    if wanted & user.own_windows_on(on):
        return None
    lineage = Lineage()
    holders = {lineage.holder(pk, on) for pk in wanted}
    for ministry_id, window_id in deputyships(held_on(user, on), on, lineage):
        if lineage.holder(ministry_id, on) in holders:
            return User.objects.get(pk=window_id)
    return None


# --- lists ----------------------------------------------------------------------------------------
def people_of(line: list[int], on: date) -> QuerySet[User]:
    """Members of these bodies on that day; each carries `held`, the memberships there."""
    held = Membership.objects.on(on).filter(ministry__in=line).select_related("ministry")
    return (
        User.objects.filter(Exists(held.filter(user=OuterRef("pk"))))
        .prefetch_related(Prefetch("memberships", held.order_by("role", "pk"), "held"))
        .order_by("email")
    )


def idle_accounts(manager: User, since: datetime) -> QuerySet[User]:
    """Open accounts that this person manages and nobody signed in to, nor used a token of, since
    then; longest idle first. Each carries `held` and `granted`, what it holds today.
    """
    today = timezone.localdate()
    held = Membership.objects.on(today).select_related("ministry").order_by("role", "pk")
    used = ApiToken.objects.filter(owner=OuterRef("pk"), last_used_at__gte=since)
    return (
        User.objects.visible_to(manager)
        .filter(~Exists(used), is_active=True)
        .annotate(seen=Coalesce("last_login", "date_joined"))
        .filter(seen__lt=since)
        .prefetch_related(
            Prefetch("memberships", held, "held"),
            Prefetch("role_grants", RoleGrant.objects.on(today), "granted"),
        )
        .order_by("seen", "email")
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
