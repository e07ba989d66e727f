"""What a document consists of, before any format: headings, paragraphs, tables, figures.

Every format is set from these blocks and from nothing else, so that all hold the same. `plain`
gives them as JSON, over which the digest is taken: equal content, equal digest.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reports.canonical import digest

# What no text format may carry: control characters but tab and line feed, and halves of pairs.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Run(NamedTuple):
    """A piece of a line. `to` is an anchor of the same document that it leads to; `mark` is `del`
    for what went and `ins` for what came."""

    text: str
    to: str = ""
    mark: str = ""


Line = str | tuple[Run, ...]


class Heading(NamedTuple):
    """Level 1 is a chapter: numbered by the format, on a new page. Deeper ones bear plan codes."""

    level: int
    text: str
    anchor: str = ""


class Paragraph(NamedTuple):
    """`style`: body, label (names what follows), note (small), empty (nothing is known yet)."""

    line: Line
    style: str = "body"


class Column(NamedTuple):
    """`width` is a share of the table's; `align` left, right (numbers) or code (small print)."""

    label: str
    width: float = 1
    align: str = "left"


class Table(NamedTuple):
    """Rows of cells as many as columns; `anchors` names the row, "" where nothing leads to it.

    `name` is the short name of its sheet in a spreadsheet.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Line, ...], ...]
    anchors: tuple[str, ...] = ()
    name: str = ""


class Pairs(NamedTuple):
    """Names and what they are: a table of two columns without a header row."""

    rows: tuple[tuple[str, Line], ...]


class Figure(NamedTuple):
    """A chart by its kind (`reports.documents.charts`), with its words for who can't see it."""

    kind: str
    caption: str
    words: str
    data: dict


class Contents(NamedTuple):
    """The table of contents, down to this level."""

    depth: int = 3


Block = Heading | Paragraph | Table | Pairs | Figure | Contents


@dataclass(frozen=True)
class Content:
    """A whole document. `cover` names edition, digest and date; `day` is ISO text, the date that
    the file's own properties bear.
    """

    title: str
    subtitle: str
    cover: tuple[tuple[str, str], ...]
    day: str
    blocks: tuple[Block, ...]

    def plain(self) -> dict:
        """As JSON; unprintable characters are gone. Links to no anchor have become plain text."""
        known = set(self.anchors())
        return {
            "title": clean(self.title),
            "subtitle": clean(self.subtitle),
            "cover": [[clean(name), clean(value)] for name, value in self.cover],
            "day": self.day,
            "blocks": [_plain(block, known) for block in self.blocks],
        }

    def anchors(self) -> Iterator[str]:
        for block in self.blocks:
            if isinstance(block, Heading) and block.anchor:
                yield block.anchor
            elif isinstance(block, Table):
                yield from filter(None, block.anchors)


def content_digest(plain: dict) -> str:
    """SHA-256 over the content, whatever the format."""
    return digest(plain)


def texts(plain: object) -> Iterator[str]:
    """Every text of a plain content, in no particular order; for its characters."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for value in plain.values():
            yield from texts(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from texts(value)


def characters(plain: dict) -> set[str]:
    """The different characters of a plain content."""
    found: set[str] = set()
    for text in texts(plain):
        found.update(text)
    return found


def clean(text: str) -> str:
    """The text with one kind of line end and without what no format can hold."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def words(line: Line) -> str:
    """A line without its links."""
    return line if isinstance(line, str) else "".join(run.text for run in line)


def _plain(block: Block, known: set[str]) -> dict:
    match block:
        case Heading(level, text, anchor):
            return {"kind": "heading", "level": level, "text": clean(text), "anchor": anchor}
        case Paragraph(line, style):
            return {"kind": "paragraph", "style": style, "line": _line(line, known)}
        case Table(caption, columns, rows, anchors, _name):
            return {
                "kind": "table",
                "caption": clean(caption),
                "columns": [[clean(label), width, align] for label, width, align in columns],
                "rows": [[_line(cell, known) for cell in row] for row in rows],
                "anchors": list(anchors) or [""] * len(rows),
                "name": block.name,
            }
        case Pairs(rows):
            return {
                "kind": "pairs",
                "rows": [[clean(name), _line(line, known)] for name, line in rows],
            }
        case Figure(kind, caption, told, data):
            return {
                "kind": "figure",
                "figure": kind,
                "caption": clean(caption),
                "words": clean(told),
                "data": data,
            }
        case Contents(depth):
            return {"kind": "contents", "depth": depth}
    raise TypeError(type(block).__name__)


def _line(line: Line, known: set[str]) -> list[list[str]]:
    runs: Iterable[Run] = [Run(line)] if isinstance(line, str) else line
    return [
        [clean(run.text), run.to if run.to in known else "", run.mark] for run in runs if run.text
    ]
