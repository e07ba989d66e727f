"""What of the plan's printed figures does not add up. Nothing is corrected: both numbers are named.

Pure: works on anything with the columns of `PrintedFigure`, also on what a file says.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

TOTAL = "合計"
# A text's figures about a table stand under its number with this behind it.
IN_TEXT = "內文"
SHARE = "%"
_THOUSANDS = {"千元": Decimal(1), "億元": Decimal(100_000)}


class Figure(Protocol):
    table: str
    row: str
    row_ordinal: int
    column: str
    column_ordinal: int
    year: int | None
    unit: str
    printed: str
    value: Decimal | None


@dataclass(frozen=True)
class Mismatch:
    """Two numbers of one thing, in `unit`. `in_text`: `printed` is what the text says and `found`
    the table's printed total; else `printed` is the table's total and `found` the sum of its parts.
    """

    table: str
    year: int | None
    what: str
    unit: str
    printed: Decimal
    found: Decimal
    in_text: bool = False

    def __str__(self) -> str:
        if self.in_text:
            return (
                f"表 {self.table}，民國 {self.year} 年：內文是 {self.printed:,} {self.unit}，"
                f"表裡的合計是 {self.found:,} {self.unit}"
            )
        return (
            f"表 {self.table}「{self.what}」，民國 {self.year} 年：印的合計是 {self.printed:,} "
            f"{self.unit}，各項相加是 {self.found:,} {self.unit}"
        )


def mismatches(figures: Iterable[Figure]) -> list[Mismatch]:
    """Printed totals that are not the sum of what is printed beside or above them, then sentences
    of the text that name another total than their table; shares are left out, which are rounded.

    A total is the row 合計, or the column whose heading begins so.
    """
    tables: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.value is not None and figure.unit != SHARE:
            tables[figure.table].append(figure)
    found = []
    for table in sorted(tables):
        if not table.endswith(IN_TEXT):
            found += _rows(tables[table]) + _columns(tables[table])
    for table in sorted(tables):
        if table.endswith(IN_TEXT):
            found += _text(tables[table], tables.get(table.removesuffix(IN_TEXT), []))
    return found


def _rows(cells: Sequence[Figure]) -> list[Mismatch]:
    """Tables whose last column adds up each row."""
    by_row: dict[int, list[Figure]] = defaultdict(list)
    for cell in cells:
        by_row[cell.row_ordinal].append(cell)
    return [one for row in by_row.values() for one in _summed(row, "column", "row")]


def _columns(cells: Sequence[Figure]) -> list[Mismatch]:
    """Tables whose last row adds up each column."""
    by_column: dict[int, list[Figure]] = defaultdict(list)
    for cell in cells:
        by_column[cell.column_ordinal].append(cell)
    return [one for column in by_column.values() for one in _summed(column, "row", "column")]


def _summed(cells: Sequence[Figure], total: str, what: str) -> list[Mismatch]:
    sums = [cell for cell in cells if getattr(cell, total).startswith(TOTAL)]
    parts = [cell.value for cell in cells if cell not in sums]
    if len(sums) != 1 or not parts or sum(parts) == sums[0].value:
        return []
    (cell,) = sums
    return [
        Mismatch(
            cell.table, cell.year, getattr(cell, what), cell.unit, _bare(cell.value),
            _bare(sum(parts)),
        )
    ]  # fmt: skip


def _text(said: Sequence[Figure], cells: Sequence[Figure]) -> list[Mismatch]:
    """Compared in the text's unit, rounded as the text rounds; told with one more place."""
    totals = {cell.year: cell for cell in cells if cell.row.startswith(TOTAL)}
    found = []
    for sentence in said:
        total = totals.get(sentence.year)
        if total is None:
            continue
        value = total.value * _thousand(total.unit) / _thousand(sentence.unit)
        places = Decimal(1).scaleb(-_places(sentence.printed))
        if value.quantize(places, ROUND_HALF_UP) != sentence.value:
            shown = value.quantize(places / 10, ROUND_HALF_UP)
            found.append(
                Mismatch(
                    total.table, sentence.year, sentence.row, sentence.unit,
                    _bare(sentence.value), shown, in_text=True,
                )
            )  # fmt: skip
    return found


def _thousand(unit: str) -> Decimal:
    """A unit of money in 千元; those of the plan's tables end in it (新臺幣億元)."""
    return next(size for name, size in _THOUSANDS.items() if unit.endswith(name))


def _places(printed: str) -> int:
    return len(printed.partition(".")[2])


def _bare(value: Decimal) -> Decimal:
    """Without the zeros that the database keeps behind the point, and without an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()
