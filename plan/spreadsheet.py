"""An .ods or .csv file that somebody brought, as rows of text cells. Pure: bytes in.

What it is, is told by its content. Nothing is unpacked beyond a limit, no entity is followed.
"""

import csv
import io
import zipfile
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from config.kit.ods import MEDIA_TYPE

MOST_ROWS, MOST_COLUMNS = 2000, 40
_MOST_XML = 20 * 2**20
_NAMES = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for name in ("table", "office", "text")
}
_NUMBERS = ("float", "percentage", "currency")

Table = list[list[str]]


class SheetError(ValueError):
    """A file that cannot be read at all."""


def read_table(content: bytes) -> Table:
    """Rows of the first sheet, as they stand in the file. Raises SheetError."""
    return _ods(content) if content.startswith(b"PK") else _csv(content)


def _csv(content: bytes) -> Table:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError(_("檔案不是.ods，也不是UTF-8的.csv。")) from None
    if "\0" in text:
        raise SheetError(_("檔案不是.ods，也不是UTF-8的.csv。"))
    table: Table = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            _append(table, row)
    except csv.Error as error:
        raise SheetError(_("CSV讀不下去（%(error)s）。") % {"error": error}) from None
    return table


def _append(table: Table, row: list[str]) -> None:
    if len(table) > MOST_ROWS:
        raise SheetError(_("一次最多匯入%(count)d列。") % {"count": MOST_ROWS})
    if len(row) > MOST_COLUMNS:
        raise SheetError(_("一列最多%(count)d欄。") % {"count": MOST_COLUMNS})
    table.append(row)


def _ods(content: bytes) -> Table:
    """The first sheet of an OpenDocument spreadsheet."""
    table: Table = []
    blank = 0  # empty rows are kept only where something follows them
    found = _content(content).find(f".//{_NAMES['table']}table")
    for row in found.iter(f"{_NAMES['table']}table-row") if found is not None else ():
        times = _repeated(row, "number-rows-repeated")
        cells = _cells(row)
        if not any(cells):
            blank += times
            continue
        for _again in range(min(blank, MOST_ROWS + 2)):
            _append(table, [])
        blank = 0
        for _again in range(min(times, MOST_ROWS + 2)):
            _append(table, cells)
    return table


def _content(content: bytes) -> ElementTree.Element:
    broken = SheetError(_("檔案讀不下去，請另存成.ods再試一次。"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            with package.open("mimetype") as part:
                kind = part.read(len(MEDIA_TYPE) + 1).decode("ascii", "replace").strip()
            if kind != MEDIA_TYPE:
                raise SheetError(_("這不是OpenDocument試算表（.ods）。"))
            with package.open("content.xml") as part:
                unpacked = part.read(_MOST_XML + 1)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError,
            EOFError) as error:  # fmt: skip
        if isinstance(error, SheetError):
            raise
        raise broken from None
    if len(unpacked) > _MOST_XML:
        raise SheetError(_("檔案展開後太大。"))
    try:
        text = unpacked.decode("utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise broken
        return ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise broken from None


def _cells(row: ElementTree.Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_NAMES['table']}table-cell", f"{_NAMES['table']}covered-table-cell"):
            continue
        text = _cell(cell)
        times = _repeated(cell, "number-columns-repeated")
        # Spreadsheets fill a row to its end with one empty cell, repeated.
        cells += [text] * min(times, MOST_COLUMNS + 1)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(cell: ElementTree.Element) -> str:
    """A cell as text: numbers as they are kept, not as they are shown; dates in ISO form."""
    kind = cell.get(f"{_NAMES['office']}value-type", "")
    if kind in _NUMBERS:
        kept = cell.get(f"{_NAMES['office']}value", "")
        try:
            number = Decimal(kept)
        except InvalidOperation:
            return kept
        # 1E+999999999 is a short text and a long number.
        return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 20 else kept
    if kind == "date":
        return cell.get(f"{_NAMES['office']}date-value", "")[:10]
    return "\n".join("".join(part.itertext()) for part in cell.iter(f"{_NAMES['text']}p"))


def _repeated(element: ElementTree.Element, name: str) -> int:
    text = element.get(f"{_NAMES['table']}{name}", "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
