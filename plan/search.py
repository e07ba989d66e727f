"""Finding goals, sub-goals, strategies and measures by code, name or description."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from django.db.models import CharField, F, QuerySet, Value

from config.kit.prepared import prepared
from config.kit.search import (
    Among,
    Found,
    Holds,
    Sought,
    Together,
    Words,
    id_list,
    look_through,
    to_ask_for,
)
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
) -> Found:
    """At most `limit` nodes of these versions, those of the first group of versions first. A code
    finds its node and what hangs under it. One query, and two more for long words.

    `goal` is the code of the goal under which they hang; with `bodies`, ids of ministries, only
    measures that one of them answers for.
    """
    groups = tuple(id_list(group) for group in versions if group)
    code = code_in(words)
    if not groups or not (code or words.several):
        return Found([])
    sought = words.sought if words.several else Sought()
    under = (goal,) if goal else ()
    of = () if bodies is None else (id_list(bodies),)
    many = to_ask_for(words, limit)
    if code:
        rows = _every(sought, groups, under, of, code=code, limit=many)
    else:
        rows = _saying(many)(*sought, groups, under, of)
    found = list(dict.fromkeys(Node(*row) for row in rows))
    if code:
        named = [one for one in found if f"{one.code}.".startswith(f"{code}.")]
        found = [one for one in found if one not in set(named)]
        said = look_through(found, words, _said, limit) if words.several else Found([])
        return Found([*named, *said.rows][:limit], said.cut)
    return look_through(found, words, _said, limit)


@cache
def _saying(limit: int) -> Callable[..., list]:
    """The query for words that are no code, made once."""

    @prepared
    def nodes_saying(
        pairs: tuple[str, ...],
        runs: tuple[str, ...],
        groups: tuple[str, ...],
        goal: tuple[str, ...],
        bodies: tuple[str, ...],
    ) -> QuerySet:
        return _every(Sought(pairs, runs), groups, goal, bodies, code="", limit=limit)

    return nodes_saying


def _every(
    sought: Sought,
    groups: Sequence[str],
    goal: Sequence[str],
    bodies: Sequence[str],
    *,
    code: str,
    limit: int,
) -> QuerySet:
    """The rows of `nodes`; of goal and bodies none or one, ids as lists."""
    branches = [
        _row(_within(rows, found, goal, bodies), level)
        for group in groups
        for level, found in _LEVELS.items()
        if not bodies or level == NodeLevel.MEASURE
        for rows in _found(sought, code, level, found, group)
    ]
    return branches[0].union(*branches[1:], all=True)[:limit]


def _found(sought: Sought, code: str, level: str, found: _Level, versions: str) -> list[QuerySet]:
    """Nodes of a level by code, by name and text, and by their items."""
    rows = found.model.objects.filter(Among("version_id", versions)).order_by()
    branches = []
    if code:
        branches += [rows.filter(code=code), rows.filter(code__startswith=f"{code}.")]
    if any(sought):
        branches.append(rows.filter(Holds(TEXT_OF[found.model], sought)))
    if any(sought) and level == NodeLevel.MEASURE:
        items = MeasureItem.objects.filter(Holds(TEXT_OF[MeasureItem], sought))
        branches.append(rows.filter(pk__in=items.values("measure")))
    return branches


def _within(rows: QuerySet, found: _Level, goal: Sequence[str], bodies: Sequence[str]) -> QuerySet:
    if goal:
        rows = rows.filter(**{f"{found.goal}__in": goal})
    for ids in bodies:
        duties = Assignment.objects.filter(Among("ministry_id", ids))
        rows = rows.filter(pk__in=duties.values("measure"))
    return rows


def _row(rows: QuerySet, level: str, *more: object) -> QuerySet:
    named = Value(level.value, CharField())
    return rows.values_list(named, "pk", "version_id", "code", "name", "name_en", *more)


def _said(found: Sequence[Node]) -> dict[Node, list[str]]:
    """What is searched of these nodes: name and text together, and each item. One query."""
    ids = [id_list(node.pk for node in found if node.level == level) for level in _LEVELS]
    told: dict[tuple[str, int], list[str]] = {}
    for level, pk, text in _searched(*ids):
        told.setdefault((level, pk), []).append(text)
    return {node: told[node.level, node.pk] for node in found}


@prepared
def _searched(*ids: str) -> QuerySet:
    """(level, id, text) of nodes, of which there is a list for each level."""
    branches = [
        _text(level, one.model.objects.filter(Among("id", of)), "pk", TEXT_OF[one.model])
        for (level, one), of in zip(_LEVELS.items(), ids, strict=True)
    ]
    items = MeasureItem.objects.filter(Among("measure_id", ids[-1]))
    branches.append(_text(NodeLevel.MEASURE, items, "measure_id", TEXT_OF[MeasureItem]))
    return branches[0].union(*branches[1:], all=True)


def texts_of(found: Sequence[Node]) -> dict[tuple[str, int], list[str]]:
    """(level, id) → the node's text, and those of its items. One query."""
    ids: dict[str, list[int]] = {}
    for node in found:
        ids.setdefault(node.level, []).append(node.pk)
    branches = [
        _text(level, one.model.objects.filter(pk__in=ids[level]), "pk", F(one.text))
        for level, one in _LEVELS.items()
        if level in ids
    ]
    if measures := ids.get(NodeLevel.MEASURE):
        for field in ("title", "text"):
            rows = MeasureItem.objects.filter(measure__in=measures)
            branches.append(_text(NodeLevel.MEASURE, rows, "measure_id", F(field)))
    if not branches:
        return {}
    texts: dict[tuple[str, int], list[str]] = {}
    for level, pk, text in branches[0].union(*branches[1:], all=True):
        texts.setdefault((level, pk), []).append(text)
    return texts


def _text(level: NodeLevel, rows: QuerySet, pk: str, text: F | Together) -> QuerySet:
    named = Value(level.value, CharField())
    return rows.order_by().values_list(named, F(pk), text)
