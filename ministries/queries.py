"""Shared reads: who holds a duty on a day, and for which ministries a person acts."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from ministries.enums import MembershipRole, SuccessionKind
from ministries.models.ministry import Succession

if TYPE_CHECKING:
    from ministries.models.user import User

# After these the predecessor no longer acts, and one body answers for all that it did.
WHOLE = (SuccessionKind.RENAMED, SuccessionKind.MERGED)


class Lineage:
    """All whole successions, read once: `holder` goes forward in time, `line` back.

    One query on construction; every question after that is arithmetic.
    """

    def __init__(self) -> None:
        self._heir: dict[int, tuple[date, int]] = {}
        self._forebears: dict[int, list[tuple[date, int]]] = defaultdict(list)
        rows = Succession.objects.filter(kind__in=WHOLE).order_by("on")
        for old, new, on in rows.values_list("predecessor_id", "successor_id", "on"):
            self._heir[old] = (on, new)
            self._forebears[new].append((on, old))

    def holder(self, ministry_id: int, on: date) -> int:
        """Id of the body that holds the duties of `ministry_id` on that day."""
        while ministry_id in self._heir and self._heir[ministry_id][0] <= on:
            ministry_id = self._heir[ministry_id][1]
        return ministry_id

    def line(self, ministry_id: int, on: date) -> list[int]:
        """Ids of this body and of all whose papers it answers for on that day, itself first."""
        found, todo = [], [ministry_id]
        while todo:
            current = todo.pop(0)
            found.append(current)
            todo += [old for since, old in self._forebears[current] if since <= on]
        return found


def ministry_roles_of(user: "User") -> dict[int, frozenset[str]]:
    """Ministry id → roles that the person holds there today, through succession both ways.

    A membership in 科技部 acts for 國科會 from the day of its renaming, and for the papers of
    every body before it. A deputy of a window holds the window's role while it lasts.
    """
    today = timezone.localdate()
    granted = [
        *user.memberships.on(today).values_list("ministry_id", "role"),
        *(
            (ministry_id, MembershipRole.WINDOW.value)
            for ministry_id in user.deputyships.on(today)
            .filter(window__is_active=True)
            .values_list("ministry_id", flat=True)
        ),
    ]
    if not granted:
        return {}
    lineage = Lineage()
    roles: dict[int, set[str]] = defaultdict(set)
    for ministry_id, role in granted:
        for body in lineage.line(lineage.holder(ministry_id, today), today):
            roles[body].add(role)
    return {pk: frozenset(held) for pk, held in roles.items()}
