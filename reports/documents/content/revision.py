"""Documents of a plan's version: the redline against the one before, and 遠景、策略及現況說明."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from plan import revision, vision
from reports.documents.blocks import (
    Block,
    Column,
    Content,
    Contents,
    Heading,
    Line,
    Paragraph,
    Run,
    Table,
)

NEW = "（新增）"
GONE = "（結束）"


class Changed(NamedTuple):
    """A line of the redline with its kinds and reasons in words."""

    row: revision.Row
    level: str
    kinds: Sequence[str]
    why: Sequence[str]


def redline(cover: Mapping[str, str], title: str, day: str, changed: Sequence[Changed]) -> Content:
    """New wording, old wording and reason side by side, changes marked word by word."""
    return Content(title, "修正對照表", tuple(cover.items()), day, tuple(_redline(changed)))


def _redline(changed: Sequence[Changed]) -> Iterator[Block]:
    yield Heading(1, "修正對照表")
    if not changed:
        yield Paragraph("和前一版沒有不同。", "empty")
        return
    yield Table(
        "新增的文字加底線，刪除的文字加刪除線",
        (Column("修正後", 3), Column("現行", 3), Column("修正說明", 2)),
        tuple(
            (
                _side(one, 1) if one.row.new else GONE,
                _side(one, 0) if one.row.old else NEW,
                "\n".join([f"{one.level}{'、'.join(one.kinds)}", *one.why]),
            )
            for one in changed
        ),
        name="修正對照",
    )


def _side(one: Changed, side: int) -> Line:
    mark = ("del", "ins")[side]
    runs: list[Run] = []
    for place, aspect in enumerate(one.row.aspects):
        if place:
            runs.append(Run("\n"))
        runs += [Run(text, mark=mark if new else "") for text, new in aspect.runs[side]]
    return tuple(runs)


def vision_paper(
    cover: Mapping[str, str], title: str, day: str, rows: Sequence[vision.Row]
) -> Content:
    """The paper that article 9 asks for, from the rows that `plan.vision` makes."""
    return Content(
        title, "遠景、策略及現況說明", tuple(cover.items()), day, (Contents(2), *_vision(rows))
    )


def _vision(rows: Sequence[vision.Row]) -> Iterator[Block]:
    for row in rows:
        match row:
            case vision.Heading(level, text):
                yield Heading(level, text)
            case vision.Paragraph(text):
                yield Paragraph(text)
            case vision.Table(caption, columns, cells) if cells:
                yield Table(caption, tuple(Column(name) for name in columns), cells)
