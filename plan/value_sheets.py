"""Values of series in a spreadsheet: the columns under which they are handed out, and reading the
same columns back, each error at its cell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from plan.actions.figures import Row, read_amount
from plan.models import Series, SeriesValue
from plan.spreadsheet import SheetError, read_table

COLUMNS = (
    "series", "name", "roc_year", "year", "amount", "unit", "basis", "status", "special",
    "vintage", "table", "page", "dated", "source", "note", "reason",
)  # fmt: skip
# What is read; the other columns say what a series is, which an import does not change.
READ = ("series", "roc_year", "year", "amount", "unit", "dated", "source", "note", "reason")
_IN_CHINESE = {
    "數列": "series", "代碼": "series", "名稱": "name", "民國年": "roc_year", "西元年": "year",
    "數值": "amount", "單位": "unit", "日期": "dated", "來源": "source", "附註": "note",
    "更正理由": "reason",
}  # fmt: skip


@dataclass
class Sheet:
    """What a file says: rows, and (cell such as C5, sentence) for each that is not understood."""

    rows: list[Row] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    empty: int = 0  # rows without an amount: left as they are
    letters: dict[str, str] = field(default_factory=dict)  # column → its letter in the file

    def cell(self, row: int, name: str) -> str:
        """Address of a field in the file: (5, "amount") → C5."""
        return f"{self.letters.get(name, '')}{row}"


# --- out ------------------------------------------------------------------------------------------
def records(values: Iterable[SeriesValue]) -> Iterable[tuple]:
    """Current values with their series, as rows under COLUMNS."""
    for value in values:
        one = value.series
        yield (
            one.code, str(one), value.year, roc.gregorian_year(value.year), plain(value.amount),
            one.unit, one.basis, one.status, one.special, one.vintage, one.table, one.page,
            value.dated, value.source or one.source, value.note, value.reason,
        )  # fmt: skip


def plain(value: Decimal) -> int | Decimal:
    """Without the zeros that the database keeps behind the point, and without an exponent."""
    return int(value) if value == value.to_integral_value() else value.normalize()


# --- in -------------------------------------------------------------------------------------------
def read_sheet(content: bytes, series: Mapping[str, Series], reason: str = "") -> Sheet:
    """The rows of a file; `series` by code, `reason` for rows that give none of their own.

    Raises SheetError where the file is neither .ods nor UTF-8 .csv, or its columns are not ours.
    """
    table = read_table(content)
    head_at = next((n for n, cells in enumerate(table) if any(cells)), None)
    if head_at is None:
        raise SheetError(_("檔案裡沒有資料。"))
    columns = _columns(table[head_at])
    sheet = Sheet(letters={name: _letter(place) for name, place in columns.items()})
    seen: dict[tuple[str, int], int] = {}
    for number, cells in enumerate(table[head_at + 1 :], start=head_at + 2):
        if not any(cells):
            continue
        given = {
            name: cells[place].strip() if place < len(cells) else ""
            for name, place in columns.items()
        }
        row = _row(sheet, number, given, series, reason)
        if row is None:
            continue
        key = (row.series.code, row.year)
        if key in seen:
            again = _("和第%(row)d列是同一個數列、同一年。") % {"row": seen[key]}
            sheet.errors.append((sheet.cell(number, "series"), again))
            continue
        seen[key] = number
        sheet.rows.append(row)
    return sheet


def _columns(head: list[str]) -> dict[str, int]:
    """Column → its place. A heading that nobody knows is refused: it may be a typing error."""
    found: dict[str, int] = {}
    for place, text in enumerate(head):
        name = _IN_CHINESE.get(text.strip(), text.strip().lower())
        if not name:
            continue
        if name not in COLUMNS:
            raise SheetError(_("不認得欄位「%(name)s」。") % {"name": text.strip()})
        if name in found:
            raise SheetError(_("欄位「%(name)s」有兩個。") % {"name": text.strip()})
        found[name] = place
    lacking = {"series", "amount"} - found.keys()
    if not {"roc_year", "year"} & found.keys():
        lacking.add("roc_year")
    if lacking:
        names = _("、").join(sorted(lacking))
        raise SheetError(_("第一列要有欄位名稱；少了%(names)s。") % {"names": names})
    return {name: place for name, place in found.items() if name in READ}


def _row(
    sheet: Sheet, number: int, given: dict[str, str], series: Mapping[str, Series], reason: str
) -> Row | None:
    """One row; None where it has no amount, or after its errors were noted."""
    before = len(sheet.errors)

    def wrong(name: str, sentence: str) -> None:
        sheet.errors.append((sheet.cell(number, name), sentence))

    one = series.get(given["series"])
    if one is None:
        wrong("series", _("沒有數列「%(code)s」。") % {"code": given["series"]})
    elif given.get("unit") and given["unit"] != one.unit:
        wrong("unit", _("這個數列的單位是%(unit)s。") % {"unit": one.unit})
    year = _year(given, wrong)
    if not given["amount"]:
        sheet.empty += len(sheet.errors) == before
        return None
    amount = Decimal(0)
    try:
        amount = read_amount(given["amount"])
    except Invalid as refusal:
        wrong("amount", refusal.errors["amount"][0])
    dated = _date(given.get("dated", ""), wrong)
    if len(sheet.errors) > before:
        return None
    return Row(
        number,
        one,
        year,
        amount,
        dated,
        _text(given.get("source", "")),
        _text(given.get("note", "")),
        _text(given.get("reason", "")) or reason,
    )


def _year(given: dict[str, str], wrong) -> int:
    """The ROC year, given as such or by the common era; both must mean the same."""
    years = []
    for name, first in (("roc_year", 0), ("year", roc.OFFSET)):
        text = given.get(name, "")
        if not text:
            continue
        if not (text.isascii() and text.isdecimal() and len(text) <= 4):
            wrong(name, _("「%(text)s」不是年份。") % {"text": text})
            return 0
        years.append(int(text) - first)
    if not years:
        wrong("roc_year" if "roc_year" in given else "year", _("填年份。"))
    elif len(set(years)) > 1:
        wrong("year", _("西元年和民國年不是同一年。"))
    return years[0] if years else 0


def _date(text: str, wrong) -> date | None:
    if not text:
        return None
    for read in (date.fromisoformat, roc.parse_date):
        try:
            return read(text)
        except ValueError:
            continue
    wrong("dated", _("「%(text)s」不是日期；寫成112-02-28或2023-02-28。") % {"text": text})
    return None


def _text(text: str) -> str:
    """Without the quote that a download puts before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _letter(place: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
