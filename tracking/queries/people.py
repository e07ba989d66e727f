"""Who is to be told of a report, and for whom a deputy acted: reads across a ministry's line."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from config.kit.prepared import prepared
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Deputyship, Lineage, Membership, RoleGrant, User
from ministries.queries import acting_as
from tracking.models.handover import Handover


def bodies_of(ministry_id: int) -> list[int]:
    """Ids of all bodies whose people answer today for the papers of this one."""
    lineage, today = Lineage(), timezone.localdate()
    return lineage.line(lineage.holder(ministry_id, today), today)


def members_of(bodies: Iterable[int], role: MembershipRole) -> set[User]:
    """Active people who hold the role in one of the bodies today, not counting deputies."""
    return set(_members(tuple(bodies), str(role), timezone.localdate()))


@prepared
def _members(bodies: tuple[int, ...], role: str, day: date) -> QuerySet[User]:
    held = Membership.objects.on(day).filter(ministry__in=bodies, role=role)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by()


def windows_of(bodies: Iterable[int]) -> set[User]:
    """Active windows of the bodies and the deputies who act for them today."""
    bodies = tuple(bodies)
    deputies = _deputies(bodies, timezone.localdate())
    # Whether a deputyship counts is said in one place, by the person's roles.
    return members_of(bodies, MembershipRole.WINDOW) | {
        person
        for person in deputies
        if person.ministries_as(MembershipRole.WINDOW) & frozenset(bodies)
    }


@prepared
def _deputies(bodies: tuple[int, ...], day: date) -> QuerySet[User]:
    acting = Deputyship.objects.on(day).filter(ministry__in=bodies)
    return User.objects.filter(pk__in=acting.values("deputy"), is_active=True).order_by()


def window_behind(user: User, ministry_id: int, *, officers_too: bool = False) -> User | None:
    """The window for whom this person acts; None for a window, or an officer where they may act."""
    bodies = bodies_of(ministry_id)
    if officers_too:
        held = user.memberships.current().filter(ministry__in=bodies, role=MembershipRole.OFFICER)
        if held.exists():
            return None
    return acting_as(user, bodies)


def reviewers() -> set[User]:
    """Active reviewers of the science ministry today."""
    held = RoleGrant.objects.current().filter(role=SystemRole.REVIEWER)
    return set(User.objects.filter(pk__in=held.values("user"), is_active=True))


def with_takers(people: Iterable[int], bodies: Iterable[int]) -> set[int]:
    """Ids of these people and of whoever took over from them in one of the bodies. One query."""
    found = set(people)
    for leaver, taker in _handovers(bodies):
        if leaver in found:
            found.add(taker)
    return found


def with_leavers(person: int, bodies: Iterable[int]) -> set[int]:
    """Ids of the person and of those whose work came to them in one of the bodies. One query."""
    found = {person}
    for leaver, taker in reversed(_handovers(bodies)):
        if taker in found:
            found.add(leaver)
    return found


def _handovers(bodies: Iterable[int]) -> list[tuple[int, int]]:
    """(leaver, taker), oldest first."""
    rows = Handover.objects.filter(ministry__in=bodies).order_by("at", "pk")
    return list(rows.values_list("leaver_id", "taker_id"))


def science_staff() -> set[User]:
    """Active reviewers and collators of the science ministry today."""
    roles = (SystemRole.REVIEWER, SystemRole.COLLATOR)
    held = RoleGrant.objects.current().filter(role__in=roles)
    return set(User.objects.filter(pk__in=held.values("user"), is_active=True))
