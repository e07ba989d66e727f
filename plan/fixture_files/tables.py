"""Reads one file of `tables/`: the cells of a printed table, and the series that they make."""

from decimal import Decimal, InvalidOperation

from plan.fixture_files.entry import Entry
from plan.fixture_files.facts import FigureFact, SeriesFact

_FIRST_YEAR = 1911  # ROC year = year of the common era − 1911
_CELL_LONGEST = 40
_VALUE_BELOW = Decimal(10) ** 16
_TABLE = ("number", "title", "page", "unit", "years", "source", "columns", "rows", "series")
# Of a row or a column that is a series: its part of the code, what it narrows the series to.
_LINE = ("name", "year", "unit", "key", "of", "en")
_ROW = (*_LINE, "ministry", "page", "printed")
_SERIES = (
    "each", "rows", "columns", "code", "subject", "name", "name_en", "of", "basis", "status",
    "vintage", "special", "unit", "source", "source_url", "note",
)  # fmt: skip
_KEY = "{key}"
# The values of plan.enums, which knows Django.
SUBJECTS = ("budget", "budget_ratio", "gdp", "gerd", "gerd_ratio", "government_rd", "other")
BASES = ("planned", "approved", "draft", "statutory", "supplementary", "settled")
STATUSES = ("forecast", "advance", "preliminary", "revised")
SPECIALS = ("included", "excluded", "unknown")


class TableReader:
    """One table. A year belongs to a column or to a row; a page to the table or to a row."""

    def __init__(self, table: Entry):
        self.table = table.only(*_TABLE)
        self.number = table.text("number", limit=10)
        self.unit = table.text("unit", limit=20)
        self.first = _FIRST_YEAR if table.choice("years", ("ce", "roc")) == "ce" else 0
        self.source = table.text("source", limit=300)
        self.columns = [column.only(*_LINE) for column in table.entries("columns")]
        self.rows = [row.only(*_ROW) for row in table.entries("rows")]

    def read(self) -> tuple[list[FigureFact], list[SeriesFact]]:
        """The cells in printed order, and the series in the order of the file."""
        figures = [
            self._figure(row, row_ordinal, column, column_ordinal, printed)
            for row_ordinal, row in enumerate(self.rows, start=1)
            for column_ordinal, (column, printed) in enumerate(self._cells(row), start=1)
        ]
        entries = self.table.entries("series") if self.table.has("series") else []
        return figures, [one for entry in entries for one in self._series(entry, figures)]

    def _cells(self, row: Entry) -> list[tuple[Entry, str]]:
        cells = row.texts("printed")
        if len(cells) != len(self.columns):
            raise row.refuse(f"應有 {len(self.columns)} 格，寫了 {len(cells)} 格")
        return list(zip(self.columns, cells, strict=True))

    def _figure(
        self, row: Entry, row_ordinal: int, column: Entry, column_ordinal: int, printed: str
    ) -> FigureFact:
        dated = next((entry for entry in (column, row) if entry.has("year")), None)
        return FigureFact(
            row.file,
            row.place,
            self.number,
            self._page(row),
            row.text("name", limit=120),
            row_ordinal,
            column.text("name", limit=120),
            column_ordinal,
            dated.number("year") - self.first if dated else None,
            column.text("unit", limit=20, default=row.text("unit", limit=20, default=self.unit)),
            printed,
            _value(row, printed),
            row.text("ministry", default="") or None,
        )

    def _page(self, row: Entry) -> int | None:
        paged = next((entry for entry in (row, self.table) if entry.has("page")), None)
        return paged.number("page", least=1) if paged else None

    def _series(self, entry: Entry, figures: list[FigureFact]) -> list[SeriesFact]:
        """One series for ``each`` row or column that has a number in the named rows and columns.

        A code with {key} takes the line's key (else its ministry, else its place), and the series
        is narrowed to the line's heading.
        """
        entry.only(*_SERIES)
        by_row = entry.choice("each", ("row", "column")) == "row"
        wanted = self._named(entry, "rows", self.rows), self._named(entry, "columns", self.columns)
        made = []
        for ordinal in sorted(wanted[0 if by_row else 1]):
            cells = [
                figure
                for figure in figures
                if figure.value is not None
                and figure.row_ordinal in wanted[0]
                and figure.column_ordinal in wanted[1]
                and ordinal == (figure.row_ordinal if by_row else figure.column_ordinal)
            ]
            if cells:
                line = (self.rows if by_row else self.columns)[ordinal - 1]
                made.append(self._one(entry, line, ordinal, cells))
        if not made:
            raise entry.refuse("這一個數列沒有任何數字")
        return made

    def _named(self, entry: Entry, key: str, lines: list[Entry]) -> set[int]:
        """Ordinals of the rows or columns that the series names; all where it names none."""
        ordinals = {line.text("name"): n for n, line in enumerate(lines, start=1)}
        names = entry.texts(key) or tuple(ordinals)
        for name in names:
            if name not in ordinals:
                raise entry.refuse(f"表裡沒有「{name}」")
        return {ordinals[name] for name in names}

    def _one(self, entry: Entry, line: Entry, ordinal: int, cells: list[FigureFact]) -> SeriesFact:
        by_year: dict[int, FigureFact] = {}
        for cell in cells:
            if cell.year is None or cell.year in by_year:
                raise entry.refuse(f"「{line.text('name')}」的每一個數字要有自己的年份")
            by_year[cell.year] = cell
        units = {cell.unit for cell in cells}
        if len(units) > 1 and not entry.has("unit"):
            raise entry.refuse(f"「{line.text('name')}」有不同的單位")
        ministry = cells[0].ministry if len({cell.ministry for cell in cells}) == 1 else None
        each = _KEY in entry.text("code", limit=80)
        key = line.text("key", default="") or ministry or str(ordinal)
        name_en, line_en = entry.text("name_en", default=""), line.text("en", default="")
        return SeriesFact(
            entry.file,
            entry.place,
            _code(entry, key),
            entry.choice("subject", SUBJECTS),
            entry.text("name", limit=120),
            f"{name_en}: {line_en}" if name_en and each and line_en else name_en,
            line.text("of" if line.has("of") else "name", limit=120, default="")
            if each
            else entry.text("of", limit=120, default=""),
            ministry,
            entry.choice("basis", ("", *BASES), default=""),
            entry.choice("status", ("", *STATUSES), default=""),
            entry.day("vintage"),
            entry.choice("special", ("", *SPECIALS), default=""),
            entry.text("unit", limit=20, default=units.pop()),
            entry.text("source", limit=300, default=self.source),
            entry.text("source_url", limit=300, default=""),
            self.number,
            cells[0].page,
            entry.text("note", limit=300, default=""),
            {
                year: (cell.row_ordinal, cell.column_ordinal)
                for year, cell in sorted(by_year.items())
            },
        )


def _code(entry: Entry, key: str) -> str:
    code = entry.text("code").replace(_KEY, key)
    if len(code) > 80 or not all(
        char.isascii() and (char.isalnum() or char in "-_") for char in code
    ):
        raise entry.refuse(f"「{code}」只能有英文字母、數字、連字號與底線，最多 80 個字")
    return code


def _value(row: Entry, printed: str) -> Decimal | None:
    """The number that a printed cell stands for; "-" and an empty cell stand for none."""
    if len(printed) > _CELL_LONGEST:
        raise row.refuse(f"「printed」有一格超過 {_CELL_LONGEST} 個字")
    bare = printed.replace(",", "").removesuffix("%").strip()
    if bare in ("", "-"):
        return None
    try:
        value = Decimal(bare)
    except InvalidOperation:
        raise row.refuse(f"「{printed}」不是數字") from None
    if not value.is_finite() or abs(value) >= _VALUE_BELOW:
        raise row.refuse(f"「{printed}」不是可以記下的數字")
    return value
