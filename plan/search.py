"""Finding goals, sub-goals, strategies and measures by code, name or description."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models import CharField, F, QuerySet, Value

from config.kit.search import Holds, Together, Words
from plan.enums import NodeLevel
from plan.models import Assignment, Goal, Measure, MeasureItem, Strategy, SubGoal

_CODE = re.compile(r"\d+(\.\d+)*\.?")


class _Level(NamedTuple):
    """Where the nodes of a level are, which of their fields is their text, and how they find the
    code of their goal.
    """

    model: type[Goal | SubGoal | Strategy | Measure]
    text: str
    goal: str


_LEVELS = {
    NodeLevel.GOAL: _Level(Goal, "text", "code"),
    NodeLevel.SUB_GOAL: _Level(SubGoal, "text", "goal__code"),
    NodeLevel.STRATEGY: _Level(Strategy, "text", "sub_goal__goal__code"),
    NodeLevel.MEASURE: _Level(Measure, "description", "strategy__sub_goal__goal__code"),
}
# What is searched of each model. `plan.migrations.0005_search` indexes the same expressions.
TEXT_OF = {
    **{one.model: Together("name", "name_en", one.text) for one in _LEVELS.values()},
    MeasureItem: Together("title", "text"),
}


class Node(NamedTuple):
    """One node that was found. `level` is a value of NodeLevel, `version` an id."""

    level: str
    pk: int
    version: int
    code: str
    name: str
    name_en: str

    @property
    def place(self) -> tuple[int, ...]:
        """For sorting: 1.2 before 1.10."""
        return tuple(int(part) for part in self.code.split(".") if part.isdecimal())


def code_in(words: Words) -> str:
    """The code that was typed: `1.2`, `1.2.3.4`, `3.`; "" where it is none."""
    typed = " ".join(words.runs)
    return typed.rstrip(".") if _CODE.fullmatch(typed) else ""


def nodes(
    words: Words,
    versions: Iterable[Collection[int]],
    *,
    goal: str = "",
    bodies: Collection[int] | None = None,
    limit: int,
) -> list[Node]:
    """At most `limit` nodes of these versions, those of the first group of versions first. A code
    finds its node and what hangs under it. One query.

    `goal` is the code of the goal under which they hang; with `bodies`, ids of ministries, only
    measures that one of them answers for.
    """
    branches = [
        _row(rows, level)
        for group in versions
        if group
        for level, found in _LEVELS.items()
        if bodies is None or level == NodeLevel.MEASURE
        for rows in _found(words, level, found, group)
        for rows in [_within(rows, found, goal, bodies)]
    ]
    if not branches:
        return []
    rows = branches[0].union(*branches[1:], all=True)[:limit]
    return list(dict.fromkeys(Node(*row) for row in rows))


def _found(words: Words, level: str, found: _Level, group: Collection[int]) -> list[QuerySet]:
    """Nodes of a level by code, by name and text, and by their items."""
    rows = found.model.objects.filter(version__in=group).order_by()
    branches = []
    if code := code_in(words):
        branches += [rows.filter(code=code), rows.filter(code__startswith=f"{code}.")]
    if words.several:
        branches.append(rows.filter(Holds(TEXT_OF[found.model], words)))
    if words.several and level == NodeLevel.MEASURE:
        items = MeasureItem.objects.filter(Holds(TEXT_OF[MeasureItem], words))
        branches.append(rows.filter(pk__in=items.values("measure")))
    return branches


def _within(rows: QuerySet, found: _Level, goal: str, bodies: Collection[int] | None) -> QuerySet:
    if goal:
        rows = rows.filter(**{found.goal: goal})
    if bodies is not None:
        duties = Assignment.objects.filter(ministry__in=bodies)
        rows = rows.filter(pk__in=duties.values("measure"))
    return rows


def _row(rows: QuerySet, level: str, *more: object) -> QuerySet:
    named = Value(level.value, CharField())
    return rows.values_list(named, "pk", "version_id", "code", "name", "name_en", *more)


def texts_of(found: Sequence[Node]) -> dict[tuple[str, int], list[str]]:
    """(level, id) → the node's text, and those of its items. One query."""
    ids: dict[str, list[int]] = {}
    for node in found:
        ids.setdefault(node.level, []).append(node.pk)
    branches = [
        _text(level, one.model.objects.filter(pk__in=ids[level]), "pk", one.text)
        for level, one in _LEVELS.items()
        if level in ids
    ]
    if measures := ids.get(NodeLevel.MEASURE):
        for field in ("title", "text"):
            rows = MeasureItem.objects.filter(measure__in=measures)
            branches.append(_text(NodeLevel.MEASURE, rows, "measure_id", field))
    if not branches:
        return {}
    texts: dict[tuple[str, int], list[str]] = {}
    for level, pk, text in branches[0].union(*branches[1:], all=True):
        texts.setdefault((level, pk), []).append(text)
    return texts


def _text(level: NodeLevel, rows: QuerySet, pk: str, text: str) -> QuerySet:
    named = Value(level.value, CharField())
    return rows.order_by().values_list(named, F(pk), F(text))
