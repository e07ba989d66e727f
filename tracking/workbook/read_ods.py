"""The sheets of an OpenDocument spreadsheet, streamed."""

from collections.abc import Set
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from config.kit.ods import MEDIA_TYPE
from tracking.workbook.cells import from_float
from tracking.workbook.grid import FORMULA, Cell, Grid
from tracking.workbook.package import MOST_COLUMNS, FileRefused, Package, broken

_TABLE, _OFFICE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text")
)
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_NUMBERS = ("float", "percentage", "currency")
_MOST_REPEATED = 5001


def read(package: Package, sheets: Set[str]) -> dict[str, Grid]:
    """Sheet name → its cells, of the sheets that are wanted."""
    if not package.text("mimetype").strip().startswith(MEDIA_TYPE):
        raise FileRefused(_("這不是試算表（.ods或.xlsx）。"))
    if "encryption-data" in package.text("META-INF/manifest.xml"):
        raise FileRefused(_("檔案有密碼；請取消密碼再存檔。"))
    if any(name.startswith(("Basic/", "Scripts/")) for name in package.names):
        raise FileRefused(_("檔案有巨集；請另存成沒有巨集的.ods或.xlsx。"))
    if "content.xml" not in package.names:
        raise broken()
    grids: dict[str, Grid] = {}
    grid, at = None, 0
    row_tag, table_tag = f"{_TABLE}table-row", f"{_TABLE}table"
    for event, element in package.events("content.xml", row_tag, table_tag):
        if element.tag == table_tag:
            name = element.get(f"{_TABLE}name", "")
            wanted = event == "start" and name in sheets and name not in grids
            if grid is not None and event == "end":
                grid.mark_merged()
            grid, at = (Grid(name) if wanted else None), 0
            if grid is not None:
                grids[name] = grid
        elif event == "end" and grid is not None:
            at += _add_row(grid, at + 1, element)
    return grids


def _add_row(grid: Grid, at: int, row: Element) -> int:
    """Keep the row; how many rows it stands for."""
    times = _repeated(row, "number-rows-repeated")
    cells: dict[int, Cell] = {}
    column = 1
    for element in row:
        if element.tag not in _CELLS:
            continue
        wide = _repeated(element, "number-columns-repeated")
        _note_merged(grid, at, column, element)
        text = _text(element)
        formula = f"{_TABLE}formula" in element.attrib
        if text or formula:
            for place in range(column, min(column + wide, MOST_COLUMNS + 1)):
                cells[place] = Cell(text, FORMULA if formula else "")
        column += wide
    if not cells:
        # Programs fill a sheet to its end with one empty row, repeated.
        grid.add(at, {})
        return times
    for again in range(min(times, _MOST_REPEATED)):
        grid.add(at + again, dict(cells))
    return times


def _note_merged(grid: Grid, at: int, column: int, element: Element) -> None:
    wide = _repeated(element, "number-columns-spanned")
    high = _repeated(element, "number-rows-spanned")
    if wide > 1 or high > 1:
        grid.merged.append((at, column, at + high - 1, column + wide - 1))


def _text(cell: Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind in _NUMBERS:
        return from_float(cell.get(f"{_OFFICE}value", ""))
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "")[:10]
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", "")
    # Only the cell's own paragraphs: a comment on it has some, too.
    return "\n".join(_paragraph(part) for part in cell if part.tag == f"{_TEXT}p")


def _paragraph(element: Element) -> str:
    """The text of a paragraph: blanks in a row are one, unless they are spelled out."""
    pieces = [_collapsed(element.text)]
    for part in element:
        if part.tag == f"{_TEXT}s":
            pieces.append(" " * min(_repeated_of(part.get(f"{_TEXT}c", "1")), 4000))
        elif part.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif part.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif part.tag != f"{_OFFICE}annotation":
            pieces.append(_paragraph(part))
        pieces.append(_collapsed(part.tail))
    return "".join(pieces)


def _collapsed(text: str | None) -> str:
    if not text:
        return ""
    found, blank = [], False
    for char in text:
        if char in " \t\n\r":
            blank = True
            continue
        if blank:
            found.append(" ")
            blank = False
        found.append(char)
    return "".join(found) + (" " if blank else "")


def _repeated(element: Element, name: str) -> int:
    return _repeated_of(element.get(f"{_TABLE}{name}", "1"))


def _repeated_of(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
