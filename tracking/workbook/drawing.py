"""What each cell of the file holds, how it looks and what may be typed, for both formats. Pure."""

from dataclasses import dataclass
from functools import cache

from tracking.workbook import cells
from tracking.workbook.layout import (
    CHOICES,
    GUIDANCE,
    ID,
    NO,
    SHEETS,
    YES,
    Book,
    BookRow,
    Column,
    Layout,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be typed into a cell: one of `choices`, a whole number, or `most` characters."""

    title: str
    message: str
    choices: tuple[str, ...] = ()
    whole: bool = False
    low: int = 0
    high: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A cell: canonical text, a style's name, whether it is written as a number."""

    text: str
    style: str
    number: bool = False
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    stamp: str
    guide: tuple[str, ...]
    rows: dict[str, list[list[Planned]]]
    rules: tuple[Rule, ...]


def draw(book: Book) -> Drawing:
    rows = {sheet.key: [_row(sheet, row) for row in book.rows[sheet.key]] for sheet in SHEETS}
    used = {
        cell.rule: None for sheet in rows.values() for row in sheet for cell in row if cell.rule
    }
    guide = (f"{book.plan_name}　{book.year}年度　{book.ministry_name}填報", *GUIDANCE)
    return Drawing(book.stamp, guide, rows, tuple(used))


def _row(sheet: Layout, row: BookRow) -> list[Planned]:
    found = []
    for column in sheet.columns:
        if column.key == ID:
            marks = [row.values[one.key] for one in sheet.fields]
            mark = cells.row_id(row.report, row.child, row.version, marks)
            found.append(Planned(mark, "text"))
        elif column.read:
            found.append(_asked(column, row))
        else:
            text = row.shown.get(column.key, "")
            found.append(_looked_at(column, text))
    return found


def _asked(column: Column, row: BookRow) -> Planned:
    text, opened = row.values[column.key], column.key in row.open
    number = column.kind in ("whole", "number") and not row.yes_no
    style = ("number" if number else "text") if opened else (
        "grey_number" if number else "grey")  # fmt: skip
    rule = _rule(column, row.yes_no) if opened else None
    return Planned(text, style, number and cells.is_number(text), rule)


def _looked_at(column: Column, text: str) -> Planned:
    number = column.key.startswith(("last_a", "last_s", "last_c")) and cells.is_number(text)
    return Planned(text, "grey_number" if number else "grey", number)


@cache
def _rule(column: Column, yes_no: bool) -> Rule | None:
    if yes_no and column.kind == "number":
        return Rule(column.title, "從下拉選單選「是」或「否」。", (YES, NO))
    match column.kind:
        case "yes_no":
            return Rule(column.title, "選「是」，或留空白。", (YES,))
        case "choice":
            choices = tuple(str(label) for label in CHOICES[column.key].labels)
            return Rule(column.title, "從下拉選單選。", choices)
        case "whole":
            high = 100 if column.key == "completion" else 10**15
            message = "填0到100的整數。" if high == 100 else "填0或正整數，單位千元。"
            return Rule(column.title, message, whole=True, high=high)
        case "text":
            return Rule(column.title, f"最多{column.most}個字。", most=column.most)
    return None
