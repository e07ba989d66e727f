"""遠景、策略及現況說明, which article 9 of the 科學技術基本法 asks for every two years, as content.

Pure: from a version's tree, what it changed, and what is known of its status. Whoever typesets it
takes the rows in their order: headings, paragraphs and tables, all plain text.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from plan.enums import ChangeKind, NodeLevel
from plan.revision import Entry
from plan.revision import Row as Compared


class Heading(NamedTuple):
    """Level 1 is a chapter: vision, strategies, status."""

    level: int
    text: str
    kind: str = "heading"


class Paragraph(NamedTuple):
    text: str
    kind: str = "paragraph"


class Table(NamedTuple):
    """Rows of text, as many cells as columns; the first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


Row = Heading | Paragraph | Table


def build(
    entries: Sequence[Entry],
    compared: Sequence[Compared],
    *,
    levels: Mapping[str, str],
    status: Mapping[str, Sequence[str]] | None = None,
) -> list[Row]:
    """The three chapters.

    `compared` are the lines of the redline, empty for a first version; `levels` what the version
    calls its levels; `status` paragraphs by a goal's code, "" for the plan as a whole, as a review
    concluded them. Where nothing is known of a goal, the text says so.
    """
    tree = _Tree(entries)
    return [
        *_vision(tree),
        *_strategies(tree, levels),
        *_status(tree, compared, levels, status or {}),
    ]


class _Tree:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.by_lineage = {entry.lineage: entry for entry in entries}
        self.goals = [entry for entry in entries if entry.level == NodeLevel.GOAL]
        self.under: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.under[self.goal_of(entry).lineage].append(entry)

    def goal_of(self, entry: Entry) -> Entry:
        while entry.parent:
            entry = self.by_lineage[entry.parent]
        return entry

    def of(self, goal: Entry, level: str) -> list[Entry]:
        return [
            entry
            for entry in self.under[goal.lineage]
            if entry.level == level and not entry.implicit
        ]


def _vision(tree: _Tree) -> list[Row]:
    rows: list[Row] = [Heading(1, _("遠景"))]
    for goal in tree.goals:
        rows.append(Heading(2, goal.heading))
        rows += [Paragraph(text) for text in goal.text.splitlines() if text]
    return rows


def _strategies(tree: _Tree, levels: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = [Heading(1, _("策略"))]
    for goal in tree.goals:
        measures = Counter(entry.parent for entry in tree.of(goal, NodeLevel.MEASURE))
        lines = []
        for strategy in tree.of(goal, NodeLevel.STRATEGY):
            above = tree.by_lineage[strategy.parent]
            lines.append(
                (
                    strategy.heading,
                    "" if above.implicit else above.heading,
                    strategy.duties,
                    str(measures[strategy.lineage]),
                )
            )
        columns = (
            _level(levels, NodeLevel.STRATEGY),
            _level(levels, NodeLevel.SUB_GOAL),
            _("參與部會"),
            _("%(level)s數") % {"level": _level(levels, NodeLevel.MEASURE)},
        )
        if not tree.of(goal, NodeLevel.SUB_GOAL):
            columns = (columns[0], *columns[2:])
            lines = [(line[0], *line[2:]) for line in lines]
        rows += [Heading(2, goal.heading), Table(goal.heading, columns, tuple(lines))]
    return rows


def _status(
    tree: _Tree,
    compared: Sequence[Compared],
    levels: Mapping[str, str],
    status: Mapping[str, Sequence[str]],
) -> list[Row]:
    rows: list[Row] = [Heading(1, _("現況說明")), *map(Paragraph, status.get("", ()))]
    for goal in tree.goals:
        rows.append(Heading(2, goal.heading))
        said = status.get(goal.code) or [_("還沒有評估結論。")]
        rows += map(Paragraph, said)
    if compared:
        rows += [Heading(2, _("本次修正")), _summary(compared, levels)]
    return rows


def _summary(compared: Sequence[Compared], levels: Mapping[str, str]) -> Table:
    """How many lines of each level were changed, and how."""
    counts = Counter((kind, row.level) for row in compared for kind in row.kinds)
    shown = [level for level in NodeLevel if any(found == level for _kind, found in counts)]
    return Table(
        _("本次修正的項數"),
        (_("修正"), *(_level(levels, level) for level in shown)),
        tuple(
            (str(kind.label), *(str(counts[kind, level]) for level in shown))
            for kind in ChangeKind
            if any(counts[kind, level] for level in shown)
        ),
    )


def _level(levels: Mapping[str, str], level: NodeLevel) -> str:
    return _(levels[level]) if levels.get(level) else str(level.label)
