"""Reads chapter 肆: what the plan says under each measure, and the items that stand there."""

import re
from dataclasses import dataclass, field

from plan.document.lines import (
    GOAL,
    ITEM,
    MEASURE,
    STRATEGY,
    SUB_GOAL,
    Line,
    Paragraph,
    chinese_number,
    paragraphs,
)

_SENTENCE_ENDS = "。！？；："


@dataclass
class Item:
    """An item under a measure.

    ``level`` 1 is （1）, 2 is I., 3 is （I）. ``title`` is the heading where one stands on its own
    line, else None; ``text`` is the item's own text without marker, title and items below it.
    """

    level: int
    marker: str
    title: str | None
    text: str
    line: int


@dataclass
class MeasureText:
    """A measure of chapter 肆: ``text`` is everything below its heading, a paragraph a line."""

    code: str
    name: str
    lines: tuple[int, ...]
    text: str
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Heading:
    """A goal, sub-goal or strategy as chapter 肆 heads it, with the introduction below it."""

    code: str
    name: str
    lines: tuple[int, ...]
    introduction: str


@dataclass(frozen=True)
class Measures:
    """Chapter 肆 in printed order; a code may occur twice where the text numbers wrongly."""

    headings: list[Heading]
    measures: list[MeasureText]


@dataclass
class _Open:
    code: str
    name: str
    lines: tuple[int, ...]
    is_measure: bool
    below: list[Paragraph] = field(default_factory=list)


def read_measures(lines: list[Line]) -> Measures:
    """Chapter 肆 from its lines."""
    headings, measures = [], []
    for opened in _sections(paragraphs(lines)):
        text = "\n".join(paragraph.text for paragraph in opened.below)
        if opened.is_measure:
            measures.append(
                MeasureText(opened.code, opened.name, opened.lines, text, _items(opened.below))
            )
        else:
            headings.append(Heading(opened.code, opened.name, opened.lines, text))
    return Measures(headings, measures)


def _sections(found: list[Paragraph]) -> list[_Open]:
    """One section a heading, each with the paragraphs up to the next heading of any level."""
    sections: list[_Open] = []
    code: list[str] = []
    for paragraph in found:
        level, number, name = _heading(paragraph.text, depth=len(code))
        if level:
            code = [*code[: level - 1], str(number)]
            sections.append(_Open(".".join(code), name, paragraph.lines, level == 4))
        elif sections:
            sections[-1].below.append(paragraph)
    return sections


def _heading(text: str, *, depth: int) -> tuple[int, int, str]:
    """Level 1–4, number and name of a heading, or level 0; ``depth`` is how deep we stand."""
    for level, pattern, arabic in (
        (1, GOAL, False),
        (3, STRATEGY, False),
        (2, SUB_GOAL, False),
        (4, MEASURE, True),
    ):
        match = pattern.fullmatch(text) if depth >= level - 1 else None
        if match:
            number = int(match["number"]) if arabic else chinese_number(match["number"])
            return level, number, match["name"]
    return 0, 0, ""


def read_items(text: str) -> list[Item]:
    """Items of one measure's text, a paragraph a line; ``line`` counts within the text."""
    lines = [line.strip() for line in text.split("\n")]
    return _items([Paragraph(line, (number,)) for number, line in enumerate(lines, 1) if line])


def _items(below: list[Paragraph]) -> list[Item]:
    items: list[Item] = []
    own: list[list[str]] = []
    for paragraph in below:
        match = ITEM.fullmatch(paragraph.text)
        if match:
            level = _level(match["marker"])
            if level == 1 and _restarts(match["marker"], items) and own[-1][-1].endswith("："):
                own[-1].pop()  # a second list under the measure: its introduction is the measure's
            items.append(Item(level, match["marker"], None, "", paragraph.first))
            own.append([match["body"]])
        elif own:
            own[-1].append(paragraph.text)
    for position, (item, texts) in enumerate(zip(items, own, strict=True)):
        has_items = position + 1 < len(items) and items[position + 1].level > item.level
        if texts and _is_title(texts[0], has_text=len(texts) > 1, has_items=has_items):
            item.title = texts.pop(0)
        item.text = "\n".join(texts)
    return items


def _is_title(text: str, *, has_text: bool, has_items: bool) -> bool:
    """Whether an item's first paragraph is a heading that stands on its own.

    A heading ends without a stop and something follows it. Two headings of the plan carry a stray
    full stop (4.1.3.1): with items below and a single clause they are headings all the same.
    """
    if text[-1] not in _SENTENCE_ENDS:
        return has_text or has_items
    return has_items and not has_text and not re.search(r"[，；：。].", text)


def _level(marker: str) -> int:
    if marker.endswith("."):
        return 2
    return 1 if re.search(r"\d", marker) else 3


def _restarts(marker: str, items: list[Item]) -> bool:
    return bool(items) and int(re.sub(r"\D", "", marker)) == 1
