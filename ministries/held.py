"""What a person holds on a day, and for which ministries that counts: pure, rows in, ids out."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple, Protocol

from ministries.enums import MembershipRole


class Succession(Protocol):
    """What is asked of `ministries.models.Lineage`."""

    def holder(self, ministry_id: int, on: date) -> int: ...

    def line(self, ministry_id: int, on: date) -> list[int]: ...


class Held(NamedTuple):
    """What a person holds on one day, as granted.

    roles        in the system
    memberships  (ministry id, role)
    deputyships  (ministry id, window id, ministry id of which that window is window), latest
                 first; which of them count, `deputyships` says
    """

    roles: frozenset[str]
    memberships: frozenset[tuple[int, str]]
    deputyships: list[tuple[int, int, int]]


def gathered(grants: list[tuple]) -> Held:
    """Each once, whatever the joins repeat; a row is role; ministry and role of a membership;
    ministry, window, the window's own ministry and whether it is active, of a deputyship. What
    stands behind is not looked at.
    """
    return Held(
        frozenset(role for role, *_ in grants if role),
        frozenset((ministry, role) for _, ministry, role, *_ in grants if ministry),
        list(dict.fromkeys(row[3:6] for row in grants if row[5] and row[6])),
    )


def ministry_roles(held: Held, lineage: Succession, today: date) -> dict[int, frozenset[str]]:
    """Ministry id → roles that are held there that day, through succession both ways.

    A membership in 科技部 acts for 國科會 from the day of its renaming, and for the papers of
    every body before it. A deputy of a window holds the window's role while the deputyship lasts
    and counts (see `deputyships`).
    """
    granted = [
        *held.memberships,
        *(
            (ministry_id, MembershipRole.WINDOW.value)
            for ministry_id, _window in deputyships(held, today, lineage)
        ),
    ]
    roles: dict[int, set[str]] = defaultdict(set)
    for ministry_id, role in granted:
        for body in lineage.line(lineage.holder(ministry_id, today), today):
            roles[body].add(role)
    return {pk: frozenset(names) for pk, names in roles.items()}


def deputyships(held: Held, on: date, lineage: Succession) -> list[tuple[int, int]]:
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
