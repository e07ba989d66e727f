"""Move the conclusions of a review onto a newer edition, and flag what is no longer as it was."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models.fields.json import KeyTextTransform

from ministries import audit
from ministries.models import User
from reports.actions.synthesis import BATCH, enter, fill, must_be_current, proposed_for
from reports.compare import without_code
from reports.enums import Level
from reports.models import (
    Citation,
    CitationFlag,
    Conclusion,
    Edition,
    Paragraph,
    Review,
    SnapshotLine,
)
from reports.queries import lineage, synthesis

# Where a line is met again: year, lineage of the measure, ministry.
Place = tuple[int, str, str]
Moves = Mapping[lineage.Node, lineage.Node]


@dataclass(frozen=True, slots=True)
class Rebased:
    """How many conclusions were proposed anew, moved, and of the moved ones flagged."""

    renewed: int
    moved: int
    flagged: int


@transaction.atomic
def rebase(review: Review, edition: Edition, *, by: User) -> Rebased:
    """Let every conclusion rest on this edition, the current one.

    What nobody has written, marked or commented on is proposed anew. In the others each citation
    of a line moves to the line of the same year, measure and ministry: flagged as changed where
    its digest differs, as gone (and left at the old line) where there is none. Nodes cited are
    flagged where their numbers differ, and so is the conclusion for its own; a flagged one is no
    longer ready. Nothing is flagged twice by a second run.
    """
    review = enter(review, by=by)
    must_be_current(review, edition)
    return carry(review, edition, {}, by=by)


def carry(review: Review, edition: Edition, moved: Moves, *, by: User | str) -> Rebased:
    """`rebase` without the door: the review is locked, and this edition is or becomes the current
    one. `moved` tells which nodes bear another code in it; their conclusions, comments and all, go
    along. One that names such a code in its text is to be looked at, and so is that of a measure
    that was split, merged or ended.
    """
    rows = list(
        Conclusion.objects.select_for_update(of=("self",))
        .filter(review=review)
        .exclude(edition=edition)
        .select_related("edition")
    )
    if not rows:
        return Rebased(0, 0, 0)
    spoken = set(
        Conclusion.objects.filter(review=review, comments__isnull=False).values_list(
            "pk", flat=True
        )
    )
    proposed = proposed_for(review, edition)
    places = {node: place for place, node in enumerate(proposed)}
    untouched = {
        row.pk
        for row in rows
        if row.saved_by_id is None
        and not row.ready
        and row.pk not in spoken
        and moved.get((row.level, row.code), (row.level, row.code)) in proposed
    }
    kept = [row for row in rows if row.pk not in untouched]
    flagged = _move(kept, edition, moved)
    renamed = [row for row in rows if (row.level, row.code) in moved]
    for row in renamed:
        row.code = moved[row.level, row.code][1]
    rekey(renamed, "code")
    for row in rows:
        row.edition = edition
        row.ordinal = places.get((row.level, row.code), row.ordinal)
        row.version += 1
    Conclusion.objects.bulk_update(
        rows,
        ["edition", "ordinal", "version", "numbers_changed", "ready", "ready_by"],
        batch_size=BATCH,
    )
    renewed = [row for row in rows if row.pk in untouched]
    for ids in _batched(sorted(untouched)):
        Paragraph.objects.filter(conclusion_id__in=ids).delete()
    # What is new in the tree must have its row before anything cites it.
    known = set(Conclusion.objects.filter(review=review).values_list("level", "code"))
    Conclusion.objects.bulk_create(
        Conclusion(review=review, edition=edition, level=level, code=code, ordinal=place)
        for (level, code), place in places.items()
        if (level, code) not in known
    )
    added = [
        row
        for row in Conclusion.objects.filter(review=review, edition=edition)
        if (row.level, row.code) not in known
    ]
    fill(review, edition, [(row, proposed[row.level, row.code]) for row in renewed + added])
    found = Rebased(len(renewed) + len(added), len(kept), flagged)
    audit.record(
        "conclusion.rebase",
        review,
        by=by,
        after={
            "edition": edition.number,
            "renewed": found.renewed,
            "moved": found.moved,
            "flagged": found.flagged,
        },
    )
    return found


def rekey(rows: list, name: str) -> None:
    """Save these rows' codes, which may change places with each other: a code is unique at every
    moment, so that all take one of nobody's first.
    """
    if not rows:
        return
    wanted = [getattr(row, name) for row in rows]
    for row in rows:
        setattr(row, name, f"~{row.pk}")
    type(rows[0])._base_manager.bulk_update(rows, [name], batch_size=BATCH)
    for row, code in zip(rows, wanted, strict=True):
        setattr(row, name, code)
    type(rows[0])._base_manager.bulk_update(rows, [name], batch_size=BATCH)


def _move(rows: list[Conclusion], edition: Edition, moved: Moves) -> int:
    """Citations of these conclusions to the new edition; how many conclusions got a flag."""
    if not rows:
        return 0
    old = {
        pk: (place, digest)
        for one in {row.edition_id: row.edition for row in rows}.values()
        for place, (pk, digest) in _lines(one).items()
    }
    new = _lines(edition)
    editions = {row.pk: row.edition for row in rows}
    citations = [
        one
        for one in Citation.objects.filter(
            paragraph__conclusion__review=rows[0].review_id, opinion__isnull=True
        )
        .select_related("paragraph", "node")
        .order_by("pk")
        if one.paragraph.conclusion_id in editions
    ]
    places = {one.line_id: old[one.line_id] for one in citations if one.line_id in old}
    renumbered = _renumbered(
        {
            pk: new[place][0]
            for pk, (place, digest) in places.items()
            if place in new and new[place][1] != digest
        }
        if moved
        else {}
    )
    looked = set()
    for one in citations:
        if one.line_id is not None:
            # A line that was gone before stays where it is.
            place, digest = old.get(one.line_id, (None, ""))
            if place in new:
                was, (one.line_id, now) = one.line_id, new[place]
                if now != digest and was not in renumbered:
                    one.flag = CitationFlag.CHANGED
            else:
                one.flag = CitationFlag.GONE
        else:
            node = (one.node.level, one.node.code)
            before = synthesis.standing_of(editions[one.paragraph.conclusion_id], *node)
            after = synthesis.standing_of(edition, *moved.get(node, node))
            if after is None:
                one.flag = CitationFlag.GONE
            elif after != before:
                one.flag = CitationFlag.CHANGED
        if one.flag:
            looked.add(one.paragraph.conclusion_id)
    Citation.objects.bulk_update(citations, ["line", "flag"], batch_size=BATCH)
    ended = _ended(edition)
    naming = _naming(rows, moved)
    for row in rows:
        node = (row.level, row.code)
        now = moved.get(node, node)
        before = synthesis.standing_of(row.edition, *node)
        parted = now in ended and node not in _ended(row.edition)
        if parted or row.pk in naming or synthesis.standing_of(edition, *now) != before:
            row.numbers_changed = True
        if row.numbers_changed:
            looked.add(row.pk)
        if row.pk in looked:
            row.ready, row.ready_by = False, None
    return len(looked)


def _renumbered(pairs: dict[int, int]) -> set[int]:
    """Of these lines, old id → new id, the old ones that the new ones repeat but for the code."""
    lines = SnapshotLine.objects.in_bulk({*pairs, *pairs.values()})
    return {
        old
        for old, new in pairs.items()
        if without_code(lines[old].content) == without_code(lines[new].content)
    }


def _ended(edition: Edition) -> set[tuple[str, str]]:
    measures = lineage.measures_in(edition.head).values()
    return {(Level.MEASURE.value, one["code"]) for one in measures if one["ended"]}


def _naming(rows: list[Conclusion], moved: Moves) -> set[int]:
    """Conclusions whose text names a code that is another thing's now."""
    if not moved:
        return set()
    codes = "|".join(re.escape(code) for code in sorted({code for _level, code in moved}))
    named = re.compile(rf"(?<![\w.])(?:{codes})(?![\w@]|\.\d)", re.ASCII)
    texts = Paragraph.objects.filter(conclusion__in=rows).order_by()
    return {pk for pk, text in texts.values_list("conclusion_id", "text") if named.search(text)}


def _batched(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def _lines(edition: Edition) -> dict[Place, tuple[int, str]]:
    rows = edition.lines.values_list(
        "year",
        KeyTextTransform("lineage", KeyTextTransform("measure", "content")),
        "ministry_code",
        "pk",
        "digest",
    )
    return {row[:3]: row[3:] for row in rows.order_by("ordinal")}
