"""ODS by odfpy: one sheet for each table, numbers as numbers, texts that no spreadsheet runs."""

import re
import zipfile
from datetime import datetime
from io import BytesIO

from odf import dc, meta
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableColumnProperties, TextProperties
from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow
from odf.text import P

from config.kit.csv import neutral
from reports.documents.content.words import NONE

_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
_SHEET = re.compile(r"[\[\]*?:/\\']")
_UNNAMED = "說明"


def ods(plain: dict) -> bytes:
    """The content's tables, each on a sheet; paragraphs and pairs on the first.

    A number is a cell of type float, unknown an empty cell, never zero. Equal content makes equal
    bytes.
    """
    made = _Book(plain)
    return _steady(made.book, plain["day"])


class _Book:
    def __init__(self, plain: dict) -> None:
        self.book = OpenDocumentSpreadsheet()
        self.bold = Style(name="Heading", family="table-cell")
        self.bold.addElement(TextProperties(fontweight="bold", fontweightasian="bold"))
        self.book.styles.addElement(self.bold)
        self.widths: dict[int, Style] = {}
        self.book.meta.addElement(dc.Title(text=f"{plain['title']}　{plain['subtitle']}"))
        self.book.meta.addElement(dc.Language(text="zh-TW"))
        self.book.meta.addElement(meta.CreationDate(text=f"{plain['day']}T00:00:00"))
        self.names: set[str] = set()
        self.notes(plain)
        for block in plain["blocks"]:
            if block["kind"] == "table":
                self.sheet(block)

    def notes(self, plain: dict) -> None:
        """Title, edition, digest and date, then whatever is no table."""
        sheet = self.table(_UNNAMED, [4, 12])
        self.row(sheet, [f"{plain['title']}　{plain['subtitle']}"], style=self.bold)
        for name, value in plain["cover"]:
            self.row(sheet, [name, value])
        for block in plain["blocks"]:
            if block["kind"] == "heading":
                self.row(sheet, [block["text"]], style=self.bold)
            elif block["kind"] == "paragraph":
                self.row(sheet, [_words(block["line"])])
            elif block["kind"] == "pairs":
                for name, runs in block["rows"]:
                    self.row(sheet, [name, _words(runs)])
        self.book.spreadsheet.addElement(sheet)

    def sheet(self, block: dict) -> None:
        columns = block["columns"]
        sheet = self.table(block["name"] or block["caption"], [width for _l, width, _a in columns])
        head = TableHeaderRows()
        self.row(head, [label for label, _width, _align in columns], style=self.bold)
        sheet.addElement(head)
        numeric = [align == "right" for _label, _width, align in columns]
        for row in block["rows"]:
            self.row(sheet, [_words(runs) for runs in row], numeric)
        self.book.spreadsheet.addElement(sheet)

    def table(self, name: str, widths: list[float]) -> Table:
        sheet = Table(name=self.free(name))
        for width in widths:
            key = max(2, min(round(width * 3), 14))
            if key not in self.widths:
                style = Style(name=f"co{key}", family="table-column")
                style.addElement(TableColumnProperties(columnwidth=f"{key}cm"))
                self.book.automaticstyles.addElement(style)
                self.widths[key] = style
            sheet.addElement(TableColumn(stylename=self.widths[key]))
        return sheet

    def free(self, name: str) -> str:
        """A name for a sheet: without what spreadsheets refuse, of 31 signs, not taken yet."""
        stem = _SHEET.sub("", name)[:28] or _UNNAMED
        found, number = stem, 1
        while found in self.names:
            number += 1
            found = f"{stem}{number}"
        self.names.add(found)
        return found

    def row(self, parent, values: list[str], numeric: list[bool] | None = None, style=None) -> None:
        row = TableRow()
        for place, value in enumerate(values):
            row.addElement(self.cell(value, bool(numeric and numeric[place]), style))
        parent.addElement(row)

    def cell(self, value: str, numeric: bool, style) -> TableCell:
        told = {"stylename": style} if style else {}
        if numeric and (value == NONE or not value):
            return TableCell(**told)
        if numeric and _NUMBER.fullmatch(value):
            cell = TableCell(valuetype="float", value=value.replace(",", ""), **told)
            cell.addElement(P(text=value))
            return cell
        cell = TableCell(valuetype="string", **told)
        for line in str(neutral(value)).split("\n"):
            cell.addElement(P(text=line))
        return cell


def _words(runs: list[list[str]]) -> str:
    return "".join(text for text, _to, _mark in runs)


def _steady(book: OpenDocumentSpreadsheet, day: str) -> bytes:
    """The file without the time at which it was made."""
    made, target = BytesIO(), BytesIO()
    book.write(made)
    when = datetime.fromisoformat(day)
    stamp = (max(when.year, 1980), when.month, when.day, 0, 0, 0)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as packed:
        for info in source.infolist():
            new = zipfile.ZipInfo(info.filename, stamp)
            new.compress_type = info.compress_type
            packed.writestr(new, source.read(info))
    return target.getvalue()
