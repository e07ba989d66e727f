"""What a revision changed, worked out from two trees and the edges between their measures.

Pure: trees come as `Entry` values in their own order, edges as pairs of lineages. Two entries of
one lineage are the same thing before and after; edges tell which measures were split or merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.safestring import SafeString

from config.kit.textdiff import Runs, mark_changes, runs
from plan.enums import ChangeKind, LineageKind, NodeLevel

KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Entry:
    """One node of a tree. `parent` is the lineage of what it stands under, "" for a goal.

    `text` is its paragraph or description, `duties` the bodies that answer for it as a cell of
    table 7 prints them (strategies: the cell itself).
    """

    level: str
    lineage: str
    code: str
    name: str
    parent: str = ""
    text: str = ""
    duties: str = ""
    implicit: bool = False

    @property
    def heading(self) -> str:
        return f"{self.code} {self.name}"


class Edge(NamedTuple):
    """A measure became another, by a split or a merger."""

    predecessor: str
    successor: str
    kind: str


# --- lineage --------------------------------------------------------------------------------------
def heirs(lineage: str, edges: Iterable[Edge]) -> set[str]:
    """Everything that the measure became, over however many steps; itself left out."""
    return _reach(lineage, [(edge.predecessor, edge.successor) for edge in edges])


def forebears(lineage: str, edges: Iterable[Edge]) -> set[str]:
    """Everything that became this measure, over however many steps; itself left out."""
    return _reach(lineage, [(edge.successor, edge.predecessor) for edge in edges])


def _reach(start: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    following = defaultdict(set)
    for one, other in pairs:
        following[one].add(other)
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in following[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return found


# --- crosswalk ------------------------------------------------------------------------------------
class Pair(NamedTuple):
    """An old measure and one that it became; one side is None where it was ended or added.

    `kind` is `kept` (its code is the same) or a kind of change: renumber, split, merge, add, end.
    """

    old: Entry | None
    new: Entry | None
    kind: str


def crosswalk(old: Sequence[Entry], new: Sequence[Entry], edges: Sequence[Edge]) -> list[Pair]:
    """Every old measure with each that it became, in the old order; then what is new.

    Total both ways: each measure of either tree stands in at least one pair.
    """
    by_lineage = {entry.lineage: entry for entry in new}
    merged = {edge.successor for edge in edges if edge.kind == LineageKind.MERGE}
    pairs, met = [], set()
    for entry in old:
        if same := by_lineage.get(entry.lineage):
            pairs.append(Pair(entry, same, KEPT if same.code == entry.code else "renumber"))
            met.add(same.lineage)
            continue
        became = heirs(entry.lineage, edges)
        found = [candidate for candidate in new if candidate.lineage in became]
        met.update(candidate.lineage for candidate in found)
        pairs += [
            Pair(entry, candidate, "merge" if candidate.lineage in merged else "split")
            for candidate in found
        ] or [Pair(entry, None, "end")]
    return pairs + [Pair(None, entry, "add") for entry in new if entry.lineage not in met]


# --- redline --------------------------------------------------------------------------------------
class Aspect(NamedTuple):
    """One thing that differs: `key` is heading, text or duties."""

    key: str
    old: str
    new: str

    @property
    def marked(self) -> tuple[SafeString, SafeString]:
        """Old and new as HTML, with what went and what came marked."""
        return mark_changes(self.old, self.new)

    @property
    def runs(self) -> tuple[Runs, Runs]:
        """The same as pieces of plain text."""
        return runs(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: what stood and what stands in its place.

    Usually one entry a side; several where measures were split or merged; none where something
    was added or ended. `kinds` are the kinds of change, none where nothing differs.
    """

    level: str
    old: tuple[Entry, ...]
    new: tuple[Entry, ...]
    kinds: tuple[str, ...]

    @property
    def lineages(self) -> set[str]:
        return {entry.lineage for entry in (*self.old, *self.new)}

    @property
    def aspects(self) -> list[Aspect]:
        """What differs, the heading always first."""
        found = [Aspect("heading", _said(self.old, "heading"), _said(self.new, "heading"))]
        for key in ("duties", "text"):
            before, after = _said(self.old, key), _said(self.new, key)
            if before != after:
                found.append(Aspect(key, before, after))
        return found


def _said(side: Sequence[Entry], key: str) -> str:
    """What a side says, a line for each entry; bodies that are the same for all stand once."""
    texts = [(entry.code, getattr(entry, key)) for entry in side if getattr(entry, key)]
    if key == "duties" and len({text for _code, text in texts}) > 1:
        return "\n".join(f"{code} {text}" for code, text in texts)
    return "\n".join(dict.fromkeys(text for _code, text in texts))


def redline(
    old: Sequence[Entry],
    new: Sequence[Entry],
    edges: Sequence[Edge],
    *,
    unchanged: bool = False,
) -> list[Row]:
    """Both trees side by side, by lineage, in the new order; what was ended stands after what
    preceded it in the old one. Rows without a difference are left out unless asked for.
    """
    before = {entry.lineage: entry for entry in old}
    after = {entry.lineage: entry for entry in new}
    groups = _groups(before, after, edges)
    rows: list[Row] = []
    placed: dict[str, int] = {}  # lineage of an old entry → its row
    done: set[str] = set()
    for entry in new:
        if entry.lineage in done:
            continue
        members = groups.get(entry.lineage, {entry.lineage})
        done |= members
        row = _row(
            [one for one in old if one.lineage in members],
            [one for one in new if one.lineage in members],
            edges,
        )
        for one in row.old:
            placed[one.lineage] = len(rows)
        rows.append(row)
    ended: dict[int, list[Row]] = defaultdict(list)
    place = -1
    for entry in old:
        if entry.lineage in placed:
            place = placed[entry.lineage]
        else:
            ended[place].append(Row(entry.level, (entry,), (), (ChangeKind.END.value,)))
    ordered = ended[-1]
    for number, row in enumerate(rows):
        ordered += [row, *ended[number]]
    return [
        row
        for row in ordered
        if (row.kinds or unchanged) and not any(one.implicit for one in (*row.old, *row.new))
    ]


def _groups(
    before: dict[str, Entry], after: dict[str, Entry], edges: Sequence[Edge]
) -> dict[str, set[str]]:
    """New lineage → all old and new lineages that hang together with it by splits and mergers."""
    neighbours = defaultdict(set)
    for lineage in before:
        if lineage not in after:
            for heir in heirs(lineage, edges) & after.keys():
                neighbours[lineage].add(heir)
                neighbours[heir].add(lineage)
    pairs = [(one, other) for one, others in neighbours.items() for other in others]
    return {lineage: _reach(lineage, pairs) | {lineage} for lineage in neighbours}


def _row(old: list[Entry], new: list[Entry], edges: Sequence[Edge]) -> Row:
    level, sides = new[0].level, (tuple(old), tuple(new))
    if not old:
        return Row(level, *sides, (ChangeKind.ADD.value,))
    if old[0].lineage != new[0].lineage:
        arrived = {entry.lineage for entry in new}
        kinds = {edge.kind for edge in edges if edge.successor in arrived}
        return Row(level, *sides, tuple(kind for kind in LineageKind.values if kind in kinds))
    [one], [other] = old, new
    differs = {
        ChangeKind.REWORD: (one.name, one.text) != (other.name, other.text),
        ChangeKind.MOVE: one.parent != other.parent,
        ChangeKind.RENUMBER: one.parent == other.parent and one.code != other.code,
        ChangeKind.REASSIGN: one.duties != other.duties,
    }
    return Row(level, *sides, tuple(kind.value for kind, met in differs.items() if met))


def measures(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.level == NodeLevel.MEASURE]
