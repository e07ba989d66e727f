"""Lists what the published text and the loaded plan say differently, with line numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plan.document.lines import squeeze
from plan.document.reader import Document


@dataclass(frozen=True)
class Loaded:
    """What a loaded plan says, in the terms of the document.

    ``names`` of all four levels by code, in printed order; ``cells`` printed cell by strategy
    code; ``claim`` goals, sub_goals, strategies, measures, units; ``objectives`` names printed in
    chapter 陸; ``table_8`` (budget, gdp, ratio) as printed without commas by ROC year.
    """

    names: dict[str, str]
    cells: dict[str, str]
    claim: dict[str, int] = field(default_factory=dict)
    objectives: list[str] = field(default_factory=list)
    table_8: dict[int, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """``where`` is a code (of a name or a cell) or a dotted place such as ``table_8.112.budget``.

    None on one side means that it says nothing there; ``lines`` are lines of the document.
    """

    where: str
    document: str | None
    loaded: str | None
    lines: tuple[int, ...]


def compare(document: Document, loaded: Loaded) -> list[Difference]:
    """Every difference: wording, missing and surplus nodes, cells, objectives, table 8, counts."""
    return [
        *_nodes(document, loaded),
        *_texts(document),
        *_cells(document, loaded),
        *_objectives(document, loaded),
        *_table_8(document, loaded),
        *_counts(document, loaded),
    ]


def _nodes(document: Document, loaded: Loaded) -> Iterator[Difference]:
    yield from _named(document.goal_texts, loaded.names, complete=_depth(loaded.names, 1))
    yield from _named([*document.headings, *document.measures], loaded.names)
    table_7 = [
        *document.table_7,
        *(sub_goal for goal in document.table_7 for sub_goal in goal.sub_goals),
        *document.strategy_rows,
        *document.measure_rows,
    ]
    yield from _named(table_7, loaded.names)


def _named(
    found: Iterable, names: dict[str, str], complete: Iterable[str] | None = None
) -> Iterator[Difference]:
    """Codes and names of one chapter against the loaded ones; wording is compared without blanks.

    ``complete`` are the codes that the chapter must have; all of them where it is not given.
    """
    seen: Counter[str] = Counter()
    for node in found:
        seen[node.code] += 1
        known = names.get(node.code)
        if known is None or squeeze(known) != squeeze(node.name) or seen[node.code] > 1:
            yield Difference(node.code, node.name, known, node.lines)
    for code in complete if complete is not None else names:
        if code not in seen:
            yield Difference(code, None, names[code], ())


def _depth(names: dict[str, str], depth: int) -> list[str]:
    return [code for code in names if code.count(".") == depth - 1]


def _texts(document: Document) -> Iterator[Difference]:
    for measure in document.measures:
        if not measure.text:
            yield Difference(f"{measure.code}.text", "", None, measure.lines)


def _cells(document: Document, loaded: Loaded) -> Iterator[Difference]:
    for strategy in document.strategy_rows:
        known = loaded.cells.get(strategy.code)
        if known is None:
            continue  # the surplus strategy is listed already
        if not strategy.cells:
            yield Difference(strategy.code, None, known, strategy.lines)
        for cell, lines in strategy.cells:
            if squeeze(cell) != squeeze(known):
                yield Difference(strategy.code, cell, known, lines)


def _objectives(document: Document, loaded: Loaded) -> Iterator[Difference]:
    seen = set()
    for objective in document.objectives:
        seen.add(squeeze(objective.name))
        known = squeeze(objective.name) in map(squeeze, loaded.objectives)
        if not known or not objective.text:
            yield Difference(
                f"objectives.{objective.name}",
                objective.name if objective.text else "",
                objective.name if known else None,
                objective.lines,
            )
    for name in loaded.objectives:
        if squeeze(name) not in seen:
            yield Difference(f"objectives.{name}", None, name, ())


def _table_8(document: Document, loaded: Loaded) -> Iterator[Difference]:
    seen = set()
    for row in document.table_8:
        seen.add(row.year)
        known = loaded.table_8.get(row.year)
        printed = (str(row.budget), str(row.gdp), row.ratio)
        for name, here, there in zip(
            ("budget", "gdp", "ratio"), printed, known or (None, None, None), strict=True
        ):
            if here != there:
                yield Difference(f"table_8.{row.year}.{name}", here, there, row.lines)
    for year, known in loaded.table_8.items():
        if year not in seen:
            yield Difference(f"table_8.{year}", None, " / ".join(known), ())


def _counts(document: Document, loaded: Loaded) -> Iterator[Difference]:
    """The document's own claim against what is loaded, and against what it holds itself."""
    claim = document.claim
    if claim is None:
        if loaded.claim:
            yield Difference("counts", None, _spell(loaded.claim), ())
        return
    for level in ("goals", "sub_goals", "strategies", "measures", "units"):
        here, there = getattr(claim, level), loaded.claim.get(level)
        if there is not None and here != there:
            yield Difference(f"counts.{level}", str(here), str(there), (claim.line,))
    for level in ("goals", "sub_goals", "strategies", "measures"):
        here, held = getattr(claim, level), document.counts[level]
        if here != held:
            yield Difference(f"counts.table_7.{level}", str(held), str(here), (claim.line,))


def _spell(claim: dict[str, int]) -> str:
    return " / ".join(str(count) for count in claim.values())
