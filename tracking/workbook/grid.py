"""The cells of one sheet of a file, before anybody asks what they mean."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tracking.workbook.package import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_EMPTY,
    MOST_ROWS,
    FileRefused,
)

FORMULA, MERGED = "formula", "merged"
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


@dataclass(slots=True)
class Cell:
    """`text` is what stands in it, numbers without a program's rounding noise; `problem` says that
    it holds a formula or is part of a merged cell, whose text is not to be trusted.
    """

    text: str = ""
    problem: str = ""


@dataclass(slots=True)
class Grid:
    """Cells that hold something, by row and column, both from 1."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    empty: int = 0

    def add(self, at: int, cells: dict[int, Cell]) -> None:
        """Keep a row; empty ones are only counted. Refuses a sheet that is too long."""
        if not cells:
            self.empty += 1
            if self.empty > MOST_EMPTY:
                raise FileRefused(
                    _("工作表「%(sheet)s」有超過%(most)d列空白列；請刪掉空白列，或重新下載。")
                    % {"sheet": self.name, "most": MOST_EMPTY},
                    self.name,
                    f"A{at}",
                )
            return
        if len(self.rows) >= MOST_ROWS:
            raise FileRefused(
                _("工作表「%(sheet)s」超過%(most)d列。") % {"sheet": self.name, "most": MOST_ROWS},
                self.name,
                f"A{at}",
            )
        for column, cell in cells.items():
            if len(cell.text) > LONGEST_CELL:
                raise FileRefused(_("這一格的字太多。"), self.name, address(at, column))
        self.rows[at] = cells

    def text(self, row: int, column: int) -> str:
        cell = self.rows.get(row, {}).get(column)
        return cell.text if cell else ""

    def mark_merged(self) -> None:
        """Set the problem on every cell of the merged ranges, those without text included."""
        for top, left, bottom, right in self.merged:
            for at in [at for at in self.rows if top <= at <= bottom]:
                for column in range(left, min(right, MOST_COLUMNS) + 1):
                    self.rows[at].setdefault(column, Cell()).problem = MERGED


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def address(row: int, column: int) -> str:
    return f"{letters(column)}{row}"


def place(text: str) -> tuple[int, int] | None:
    """(row, column) of an address such as B5."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        return None
    column = 0
    for char in found[1]:
        column = column * 26 + ord(char) - 64
    return int(found[2]), column
