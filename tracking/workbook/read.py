"""A workbook file as records: which sheet, which row, what stands under which key.

Nothing here knows what is stored; what makes no sense is said at its cell by `compare`. Raises
`FileRefused` for a file that cannot be read as a whole.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tracking.workbook import read_ods, read_xlsx
from tracking.workbook.grid import Cell, Grid, address
from tracking.workbook.layout import BY_KEY, GUIDE, KEY_ROW, SHEETS, STAMP, VERSION, Book
from tracking.workbook.package import FileRefused, Package

_FIRST_ROW = KEY_ROW + 2


@dataclass(slots=True)
class Record:
    """One row of a sheet. `at` is its number in the file; `columns` key → its column there."""

    at: int
    cells: dict[str, Cell]
    columns: dict[str, int]

    def text(self, key: str) -> str:
        cell = self.cells.get(key)
        return cell.text if cell else ""

    def address(self, key: str) -> str:
        """E5; the first column's where the key's own was taken out."""
        return address(self.at, self.columns.get(key, 1))


@dataclass(slots=True)
class Table:
    """One data sheet of the file, under the key of its layout."""

    key: str
    records: list[Record] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return BY_KEY[self.key].name


def read(content: bytes, book: Book) -> dict[str, Table]:
    """The data sheets of a file that was made for this book, by key."""
    package = Package(content)
    sheets = {GUIDE, *(sheet.name for sheet in SHEETS)}
    grids = read_ods.read(package, sheets) if "mimetype" in package.names else (
        read_xlsx.read(package, sheets)
    )  # fmt: skip
    _check_stamp(grids.get(GUIDE), book)
    return {
        sheet.key: _table(sheet.key, grids[sheet.name]) for sheet in SHEETS if sheet.name in grids
    }


def _check_stamp(guide: Grid | None, book: Book) -> None:
    """Whose file is it, of which year, and made by which template?"""
    stamp = guide.text(KEY_ROW, 1).split() if guide else []
    if len(stamp) < 5 or stamp[0] != STAMP:
        raise FileRefused(
            _("這不是從這裡下載的填報檔，或第一張工作表「%(sheet)s」被改過；請重新下載。")
            % {"sheet": GUIDE},
            GUIDE,
            "A1",
        )
    _kind, version, plan, ministry, year = stamp[:5]
    if version != str(VERSION):
        raise FileRefused(
            _("這是舊的範本（第%(old)s版，現在是第%(new)s版）；請重新下載，把內容貼到新的檔案。")
            % {"old": version, "new": VERSION},
            GUIDE,
            "A1",
        )
    if ministry != book.ministry:
        raise FileRefused(
            _("這是另一個部會的檔案（%(code)s），不是%(name)s的。")
            % {"code": ministry, "name": book.ministry_name},
            GUIDE,
            "A1",
        )
    if (plan, year) != (book.plan, str(book.year)):
        raise FileRefused(
            _("這是%(plan)s %(year)s年度的檔案，不是%(own_plan)s %(own_year)s年度的。")
            % {"plan": plan, "year": year, "own_plan": book.plan, "own_year": book.year},
            GUIDE,
            "A1",
        )


def _table(key: str, grid: Grid) -> Table:
    layout = BY_KEY[key]
    known = {column.key for column in layout.columns}
    columns: dict[str, int] = {}
    for column, cell in grid.rows.get(KEY_ROW, {}).items():
        if cell.text in known:
            columns.setdefault(cell.text, column)
    if not {"id", "code"} <= columns.keys():
        raise FileRefused(
            _("工作表「%(sheet)s」隱藏的第一列被改過，不知道哪一欄是什麼；請重新下載。")
            % {"sheet": layout.name},
            layout.name,
            "A1",
        )
    table = Table(key, columns=columns)
    for at, cells in sorted(grid.rows.items()):
        if at < _FIRST_ROW:
            continue
        found = {name: cells[place] for name, place in columns.items() if place in cells}
        if found:
            table.records.append(Record(at, found, columns))
    return table
