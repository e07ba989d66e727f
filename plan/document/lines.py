"""Lines and paragraphs of the published text: what belongs together, and where it stood.

The text was taken out of a PDF: every printed line is a line of its own, most of them followed by
an empty one; a line that ends a paragraph keeps a blank at its end, a line that was merely
wrapped has none. Where the last word is Latin the blank only says that the next word is another.
"""

import re
from dataclasses import dataclass

_IDEOGRAPH = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WIDE = _IDEOGRAPH + r"\u3000-\u303f\uff00-\uffef"
_WIDE_LETTER = re.compile(rf"[{_IDEOGRAPH}]")
_NARROW_LETTER = re.compile(r"[A-Za-z0-9]")
# Not after "）": the blank behind an item's marker tells it from running text.
_SPACED = re.compile(rf"(?<=[{_WIDE}])(?<!）)[ \u3000]+(?=[{_WIDE}])")
_AFTER_OPENING = re.compile(r"(?<=[（「『《]) +")
_BEFORE_CLOSING = re.compile(r" +(?=[）」』》，。、；：])")
_BLANKS = re.compile(r"[ \t\u00a0]{2,}")
_PAGE_NUMBER = re.compile(r"\d{1,3}")

GOAL = re.compile(r"目標(?P<number>[一二三四五六七八九十]+)[：:]\s*(?P<name>.+)")
CHAPTER = re.compile(r"(?P<number>[壹貳參肆伍陸柒捌玖拾])、\s*(?P<name>\S.*)")
SUB_GOAL = re.compile(r"(?P<number>[一二三四五六七八九十]+)、\s*(?P<name>.+)")
STRATEGY = re.compile(
    r"[（(](?P<number>[一二三四五六七八九十]+)[）)]\s*策略[一二三四五六七八九十]+、\s*(?P<name>.+)"
)
# A marker is followed by a blank; "III.應用" or "4.0 之" at the start of a line is running text.
MEASURE = re.compile(r"(?P<number>\d{1,2})\.\s+(?P<name>.+)")
ITEM = re.compile(r"(?P<marker>[（(]\d{1,2}[）)]|[IVX]+\.|[（(][IVX]+[）)])\s+(?P<body>.+)")
_OPENERS = (GOAL, CHAPTER, STRATEGY, SUB_GOAL, MEASURE, ITEM)

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


@dataclass(frozen=True)
class Line:
    """One printed line: 1-based ``number`` in the file (empty lines counted), trimmed ``text``."""

    number: int
    text: str
    ends: bool  # a blank stood at its end


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together, joined; ``first`` and ``last`` are their line numbers."""

    text: str
    lines: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.lines[0]


def chinese_number(text: str) -> int:
    """Value of a Chinese numeral below 100: 三 is 3, 十 10, 十二 12, 二十 20."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def read_lines(text: str) -> list[Line]:
    """Lines that say something: empty ones and page numbers standing alone are left out."""
    found = []
    for number, raw in enumerate(text.replace("\f", "\n").split("\n"), start=1):
        stripped = raw.strip().lstrip("\ufeff").strip()
        if not stripped or _PAGE_NUMBER.fullmatch(stripped):
            continue
        found.append(Line(number, stripped, raw.rstrip("\r")[-1:].isspace()))
    return found


def squeeze(text: str) -> str:
    """Text without any blanks: what two spellings of a printed name are compared by."""
    return "".join(text.split())


def tidy(text: str) -> str:
    """Undo what the typesetting did inside a line: letter-spacing, doubled blanks."""
    text = _BLANKS.sub(" ", text)
    text = _SPACED.sub("", text)
    return _BEFORE_CLOSING.sub("", _AFTER_OPENING.sub("", text)).strip()


def join(lines: list[Line]) -> str:
    """One text of several wrapped lines: Chinese runs on, Latin words and figures stay apart."""
    text = ""
    for position, line in enumerate(lines):
        if position:
            before = lines[position - 1]
            text += " " if before.ends or apart(before.text[-1], line.text[0]) else ""
        text += line.text
    return tidy(text)


def paragraphs(lines: list[Line]) -> list[Paragraph]:
    """Group lines into paragraphs by the blank at the end of each one's last line."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not _closes(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [Paragraph(join(group), tuple(line.number for line in group)) for group in groups]


def _closes(before: Line, line: Line) -> bool:
    if GOAL.match(line.text) or CHAPTER.match(line.text):
        return True  # the last line before a new goal or chapter lost its blank to the page end
    if not before.ends:
        return False
    if before.text[-1].isascii():
        return any(opener.match(line.text) for opener in _OPENERS)
    return True


def apart(left: str, right: str) -> bool:
    """The plan prints a blank between Chinese and Latin; a line's end swallowed it."""
    return bool(
        (_WIDE_LETTER.match(left) and _NARROW_LETTER.match(right))
        or (_NARROW_LETTER.match(left) and _WIDE_LETTER.match(right))
    )
