"""Two editions side by side, and what an opinion rests on.

Lines are matched by year, lineage of the measure and ministry, so that a renumbered measure is not
taken for another. Only lines whose digests differ are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from reports import attainment
from reports.canonical import digest_of_lines
from reports.models import Edition, SnapshotLine

Match = tuple[int, str, str]  # year, lineage, ministry code


@dataclass(frozen=True)
class FieldChange:
    """One thing of a line that differs; `name` as in its content, values as they stand there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ChangedLine:
    """A line of both editions that says something else in the later one."""

    before: SnapshotLine
    after: SnapshotLine
    fields: tuple[FieldChange, ...]

    @property
    def renumbered_only(self) -> bool:
        """Nothing but the measure's code differs."""
        return without_code(self.before.content) == without_code(self.after.content)


@dataclass(frozen=True)
class Comparison:
    """What the second edition says differently. `standing` is `attainment.differences`; `head`
    and `rules` are changes of their entries.
    """

    added: tuple[SnapshotLine, ...]
    removed: tuple[SnapshotLine, ...]
    changed: tuple[ChangedLine, ...]
    unchanged: int
    standing: tuple[dict, ...]
    rules: tuple[FieldChange, ...]
    head: tuple[FieldChange, ...]


def compare(before: Edition, after: Edition) -> Comparison:
    """Four queries, whatever the size."""
    old, new = _digests(before), _digests(after)
    touched = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    old_lines = _lines(before, [old[key][0] for key in touched if key in old])
    new_lines = _lines(after, [new[key][0] for key in touched if key in new])
    both = [key for key in new_lines if key in old_lines]
    return Comparison(
        added=tuple(line for key, line in new_lines.items() if key not in old_lines),
        removed=tuple(line for key, line in old_lines.items() if key not in new_lines),
        changed=tuple(
            ChangedLine(
                old_lines[key],
                new_lines[key],
                _changes(old_lines[key].content, new_lines[key].content),
            )
            for key in both
        ),
        unchanged=len(new) - len(new_lines),
        standing=tuple(attainment.differences(before.standing, after.standing)),
        rules=_changes(before.rules, after.rules),
        head=_changes(before.head, after.head),
    )


def bases(edition: Edition) -> dict[str, str]:
    """Measure code → digest over the measure's lines: on what an opinion of it rests. One query.

    Equal in two editions if no line of the measure changed; then opinions carry over.
    """
    lines: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, key, digest in edition.lines.order_by("ordinal").values_list(
        "measure_code", "key", "digest"
    ):
        lines[code].append((key, digest))
    return {code: digest_of_lines(sorted(found)) for code, found in lines.items()}


def basis(edition: Edition, measure_code: str) -> str:
    """`bases` of one measure; of one without lines the digest of nothing."""
    lines = edition.lines.filter(measure_code=measure_code)
    return digest_of_lines(sorted(lines.values_list("key", "digest")))


def says_the_same(before: Edition, after: Edition, codes: Mapping[str, str]) -> set[str]:
    """Which of these measures, code in the one edition → code in the other, have the same lines in
    both, but for the code. Two queries.
    """
    old, new = _told(before, codes.keys()), _told(after, codes.values())
    return {code for code, now in codes.items() if old.get(code) == new.get(now)}


def _told(edition: Edition, codes: Iterable[str]) -> dict[str, dict[tuple[int, str], dict]]:
    found: dict[str, dict[tuple[int, str], dict]] = defaultdict(dict)
    lines = edition.lines.filter(measure_code__in=list(codes)).order_by()
    for code, year, ministry, content in lines.values_list(
        "measure_code", "year", "ministry_code", "content"
    ):
        found[code][year, ministry] = without_code(content)
    return dict(found)


def without_code(content: Mapping) -> dict:
    """What a line says, whatever its measure's code is."""
    return {**content, "measure": {**content["measure"], "code": ""}}


def _digests(edition: Edition) -> dict[Match, tuple[str, str]]:
    """Match → (key, digest), in the edition's order."""
    rows = edition.lines.order_by("ordinal").values_list(
        "year",
        KeyTextTransform("lineage", KeyTextTransform("measure", "content")),
        "ministry_code",
        "key",
        "digest",
    )
    return {row[:3]: row[3:] for row in rows}


def _lines(edition: Edition, keys: list[str]) -> dict[Match, SnapshotLine]:
    rows: QuerySet[SnapshotLine] = edition.lines.filter(key__in=keys).order_by("ordinal")
    return {
        (line.year, line.content["measure"]["lineage"], line.ministry_code): line for line in rows
    }


def _changes(before: Mapping, after: Mapping) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )
