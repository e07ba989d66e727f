"""One measure as lists show it, and what an address may ask of such a list."""

import re
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, QueryDict

from ministries.models import Body
from tracking import lights
from tracking.enums import LATE_LIGHTS, Cause
from tracking.lights import MeasureLight

LATE = "late"
CHANGES = {"worse": -1, "same": 0, "better": 1}
NO_CAUSE = "none"
NO_INDICATOR = "none"
_CODE = re.compile(r"\d+(\.\d+)*(@\d+)?")


class Node(NamedTuple):
    """A goal, sub-goal or strategy above a measure. `notes`: what table 7 leaves open there."""

    code: str
    name: str
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """One measure: where it hangs, who answers, its light of this year and of the last, and whether
    it has an approved indicator.
    """

    code: str
    name: str
    goal_ordinal: int
    goal: Node
    sub_goal: Node | None
    strategy: Node
    leads: tuple[Body, ...]
    partners: tuple[Body, ...]
    now: MeasureLight
    before: MeasureLight
    indicated: bool
    lineage: UUID

    def answers(self, code: str) -> bool:
        return any(body.code == code for body in (*self.leads, *self.partners))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; "" asks for everything. `code`: just these measures."""

    q: str = ""
    goal: str = ""
    ministry: str = ""
    light: str = ""
    cause: str = ""
    change: str = ""
    indicator: str = ""
    code: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> "Filters":
        """Raises Http404 for a light, cause, change or word on indicators that does not exist, and
        for what is no code.
        """
        codes = tuple(dict.fromkeys(filter(None, query.getlist("code"))))
        if not all(map(_CODE.fullmatch, codes)):
            raise Http404
        given = {name: query.get(name, "").strip() for name in cls.__slots__ if name != "code"}
        known = {
            "light": {LATE, *lights.SHOWN_ORDER},
            "cause": {NO_CAUSE, *Cause.values},
            "change": set(CHANGES),
            "indicator": {NO_INDICATOR},
        }
        for name, values in known.items():
            if given[name] and given[name] not in values:
                raise Http404
        return cls(**given, code=codes)

    @property
    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    def match(self, row: Row) -> bool:
        shown = row.now.shown
        return (
            self._found(row)
            and (not self.code or row.code in self.code)
            and self.goal in ("", row.goal.code)
            and (not self.ministry or row.answers(self.ministry))
            and (self.light in ("", shown) or (self.light == LATE and shown in LATE_LIGHTS))
            and (not self.cause or (row.now.late and row.now.cause == self._cause))
            and (not self.change or self._changed(row))
            and not (self.indicator and row.indicated)
        )

    @property
    def _cause(self) -> str:
        return "" if self.cause == NO_CAUSE else self.cause

    def _changed(self, row: Row) -> bool:
        return lights.change(row.before.shown, row.now.shown) == CHANGES[self.change]

    def _found(self, row: Row) -> bool:
        """A code that begins so, or a name that holds the words: the measure's own, or that of
        anything above it.
        """
        if not self.q:
            return True
        words = self.q.casefold()
        nodes = (row, row.strategy, row.sub_goal, row.goal)
        return any(
            node.code == words
            or node.code.startswith(f"{words.rstrip('.')}.")
            or words in node.name.casefold()
            for node in nodes
            if node
        )
