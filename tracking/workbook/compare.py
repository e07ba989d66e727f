"""What a file would change, against what is there now: three texts for every cell (what the file
was made with, what it says, what is there), and a verdict for every row. Pure.

A row in which nothing was touched changes nothing, whoever changed it here meanwhile. A row that
was touched in the file *and* changed here is a conflict, unless both say the same by now. An error
in one cell holds its whole report back, so that a mended file can be read again.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from tracking.workbook import cells
from tracking.workbook.grid import FORMULA
from tracking.workbook.layout import BY_KEY, ID, MONEY, Book, BookRow, Column
from tracking.workbook.read import Record, Table


@dataclass(frozen=True, slots=True)
class Change:
    """One cell, old → new; of a conflict `old` is what is there now, `new` what the file says."""

    sheet: str
    cell: str
    report: int
    code: str
    field: str
    label: str
    old: str
    new: str
    name: str = ""  # of the indicator or the source of money, where the row has one


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence at a cell; `report` is the one that it holds back, None for the whole file."""

    sheet: str
    cell: str
    message: str
    code: str = ""
    report: int | None = None


@dataclass(slots=True)
class Draft:
    """What `save_draft` is to be given for one report; `cells` finds the cell of an error's key."""

    version: int
    code: str
    fields: dict[str, object] = field(default_factory=dict)
    values: dict[int, dict] = field(default_factory=dict)
    money: list[dict] | None = None
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    first: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Comparison:
    """`rows` counts the rows that were read; `drafts` holds what would be written, by report."""

    rows: int = 0
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    drafts: dict[int, Draft] = field(default_factory=dict)

    def hold_back(self) -> None:
        """Take the reports with an error out of what would be changed."""
        held = {problem.report for problem in self.errors}
        self.changes = [change for change in self.changes if change.report not in held]
        self.drafts = {pk: draft for pk, draft in self.drafts.items() if pk not in held}


def compare(tables: Mapping[str, Table], book: Book) -> Comparison:
    """Every cell of the file against the book as it is now."""
    comparing = _Comparing(book)
    for table in tables.values():
        comparing.table(table)
    comparing.all_money()
    comparing.found.hold_back()
    return comparing.found


@dataclass(slots=True)
class _Line:
    """What the file makes of one line of money: its values, or None for a line taken out."""

    record: Record
    row: BookRow | None
    texts: dict[str, str]


class _Comparing:
    def __init__(self, book: Book) -> None:
        self.book, self.found = book, Comparison()
        self.rows = {
            key: {(row.report, row.child): row for row in rows if not row.blank}
            for key, rows in book.rows.items()
        }
        self.reports = {row.report: row for row in book.rows["reports"]}
        self.by_code: dict[str, list[int]] = defaultdict(list)
        for row in book.rows["reports"]:
            self.by_code[row.code].append(row.report)
        self.seen: dict[tuple, int] = {}
        self.lines: dict[int, list[_Line]] = defaultdict(list)

    # --- rows ------------------------------------------------------------------------------------
    def table(self, table: Table) -> None:
        for record in table.records:
            layout = BY_KEY[table.key]
            written = any(record.text(column.key) for column in layout.fields)
            mark = record.text(ID)
            if not mark and not written:
                continue
            self.found.rows += 1
            known = cells.parse_id(mark) if mark else None
            if mark and (known is None or len(known[2]) != len(layout.fields)):
                self.error(
                    table.key, record, ID, _("隱藏的識別欄被改過，不知道這是哪一列；請重新下載。")
                )
            elif known is None:
                self.without_id(table.key, record)
            elif known[0] not in self.reports:
                self.error(
                    table.key,
                    record,
                    ID,
                    _("這一列不是%(name)s %(year)s年度的。")
                    % {"name": self.book.ministry_name, "year": self.book.year},
                )
            else:
                self.with_id(table.key, record, *known)

    def without_id(self, key: str, record: Record) -> None:
        """A row that somebody added: only a line of money can be."""
        reports = self.by_code.get(record.text("code").strip(), [])
        if key != MONEY.key:
            self.error(key, record, "code", _("這一列沒有識別；這張表不能加列，請重新下載。"))
        elif not reports:
            self.error(key, record, "code", _("沒有這項措施的報告；寫出措施代碼，例如1.1.1.1。"))
        else:
            self.money_row(record, reports[0], "", [])

    def with_id(
        self, key: str, record: Record, report: int, child: str, digests: list[str]
    ) -> None:
        spare = key == MONEY.key and not child
        place = (key, report, child)
        if not spare and (first := self.seen.setdefault(place, record.at)) != record.at:
            sentence = _("這一列和第%(row)s列是同一列，只能留一列。") % {"row": first}
            self.error(key, record, ID, sentence, report)
        elif key == MONEY.key:
            self.money_row(record, report, child, digests)
        else:
            row = self.rows[key].get((report, child))
            if row is None:
                sentence = _("這份報告已經沒有這個指標；請重新下載。")
                if self.touched(key, record, digests, False):
                    self.error(key, record, ID, sentence, report)
            else:
                self.compare_row(key, record, row, digests)

    def touched(self, key: str, record: Record, digests: list[str], yes_no: bool) -> dict[str, str]:
        """Fields of which the file says something else than when it was made."""
        texts = {}
        for column, was in zip(BY_KEY[key].fields, digests, strict=True):
            if column.key in record.columns:
                text = cells.canonical(column, record.text(column.key), yes_no)
                if cells.digest(text) != was:
                    texts[column.key] = text
        return texts

    def sound(self, key: str, record: Record, report: int) -> bool:
        """No formula and no merged cell among what is read; each is said at its cell."""
        bad = [
            (column.key, record.cells[column.key].problem)
            for column in BY_KEY[key].columns
            if column.key in record.cells and record.cells[column.key].problem
        ]
        for name, problem in bad:
            sentence = _("這一格是公式；請改成文字或數字。") if problem == FORMULA else _(
                "這一格是合併的儲存格；請取消合併。")  # fmt: skip
            self.error(key, record, name, sentence, report)
        return not bad

    def compare_row(self, key: str, record: Record, row: BookRow, digests: list[str]) -> None:
        if not self.sound(key, record, row.report):
            return
        layout, now = BY_KEY[key], row.values
        touched = self.touched(key, record, digests, row.yes_no)
        mine = {name: text for name, text in touched.items() if text.strip() != now[name].strip()}
        meanwhile = any(
            cells.digest(now[column.key]) != was
            for column, was in zip(layout.fields, digests, strict=True)
        )
        for column in layout.fields:
            if column.key not in mine:
                continue
            change = self.change(key, record, row, column, mine[column.key])
            if meanwhile:
                self.found.conflicts.append(change)
            elif self.takes(key, record, row, column, mine[column.key]):
                self.found.changes.append(change)

    def takes(self, key: str, record: Record, row: BookRow, column: Column, text: str) -> bool:
        """Put the cell's value into the report's draft; False where it can't be taken."""
        value = self.value(key, record, row, column, text)
        if value is _NOTHING:
            return False
        draft = self.draft(row.report, key, record)
        error_key = column.key
        if key == "reports":
            draft.fields[column.key] = value
        else:
            whole, _dot, part = row.child.partition(".")
            given = draft.values.setdefault(int(whole, 16), {})
            error_key = f"indicator_{int(whole, 16)}_{column.key}"
            if part:
                # The parts of an indicator are given together.
                if "parts" not in given:
                    given["parts"] = self.parts_of(row.report, whole)
                given["parts"][row.shown["part"]] = value
                error_key = f"indicator_{int(whole, 16)}_part_{part}"
            else:
                given[column.key] = value
        draft.cells[error_key] = self.place(key, record, column.key)
        return True

    def parts_of(self, report: int, indicator: str) -> dict[str, object]:
        """What is there now of the parts of an indicator, by name."""
        return {
            row.shown["part"]: Decimal(row.values["actual"]) if row.values["actual"] else None
            for (pk, child), row in self.rows["indicators"].items()
            if pk == report and child.startswith(f"{indicator}.")
        }

    def value(self, key: str, record: Record, row: BookRow, column: Column, text: str) -> object:
        if column.key not in row.open:
            why = row.shown.get("why") or _("這一格現在不能改。")
            self.error(key, record, column.key, why, row.report)
            return _NOTHING
        try:
            return cells.parsed(column, text, row.yes_no)
        except ValueError as error:
            self.error(key, record, column.key, str(error), row.report)
            return _NOTHING

    # --- money -----------------------------------------------------------------------------------
    def money_row(self, record: Record, report: int, child: str, digests: list[str]) -> None:
        """Remember what a row makes of its line, where it was touched and no conflict."""
        if not self.sound(MONEY.key, record, report):
            return
        texts = {
            column.key: cells.canonical(column, record.text(column.key)).strip()
            for column in MONEY.fields
        }
        if digests and not self.touched(MONEY.key, record, digests, False):
            return
        row = self.rows["money"].get((report, child)) if child else None
        if not child:
            row = self.rows["money"].get((report, cells.digest(texts["source"])))
            last = digests and cells.digest(texts["source"]) == digests[0]
            if not any(text for name, text in texts.items() if name != "source" or not last):
                return
        elif row is None:
            row = self.rows["money"].get((report, cells.digest(texts["source"])))
            if not any(texts.values()):
                return  # taken out on both sides
            child = ""
        now = {name: text.strip() for name, text in row.values.items()} if row else {}
        now = now or dict.fromkeys(texts, "")
        if texts == now:
            return
        if not child:
            meanwhile = row is not None
        else:
            meanwhile = row is None or any(
                cells.digest(row.values[column.key]) != was
                for column, was in zip(MONEY.fields, digests, strict=True)
            )
        if meanwhile:
            about = row or self.reports[report]
            self.found.conflicts += [
                self.change(MONEY.key, record, about, column, texts[column.key], now[column.key])
                for column in MONEY.fields
                if texts[column.key] != now[column.key]
            ]
            return
        self.lines[report].append(_Line(record, row, texts))

    def all_money(self) -> None:
        """Each report's lines as they would be: those that are there in their order, then new."""
        for report, touched in self.lines.items():
            head = self.reports[report]
            opened = {row.report for row in self.book.rows["money"] if row.open}
            if report not in opened:
                for line in touched:
                    why = head.shown.get("why") or _("這一列現在不能改。")
                    self.error(MONEY.key, line.record, "source", why, report)
                continue
            self.money_of(report, touched)

    def money_of(self, report: int, touched: list[_Line]) -> None:
        by_child = {line.row.child: line for line in touched if line.row}
        whole: list[tuple[dict[str, str], Record | None]] = []
        for row in self.book.rows["money"]:
            if row.report == report and not row.blank:
                line = by_child.get(row.child)
                whole.append((line.texts, line.record) if line else (row.values, None))
        whole += [(line.texts, line.record) for line in touched if not line.row]
        draft = self.draft(report, MONEY.key, touched[0].record)
        draft.money = []
        for texts, record in whole:
            if not any(texts.values()):
                continue
            line = {}
            for column in MONEY.fields:
                line[column.key] = self.money_value(report, column, texts[column.key], record)
                if record:
                    key = f"money_{len(draft.money)}_{column.key}"
                    draft.cells[key] = self.place(MONEY.key, record, column.key)
            if record and not line["source"]:
                self.error(MONEY.key, record, "source", _("填經費來源。"), report)
            if record and line["allocated_thousand"] is None:
                sentence = _("填分配數；沒有分配請填0。")
                self.error(MONEY.key, record, "allocated_thousand", sentence, report)
            draft.money.append(line)
        for line in touched:
            now = line.row.values if line.row else dict.fromkeys(line.texts, "")
            self.found.changes += [
                self.change(MONEY.key, line.record, line.row or self.reports[report], column,
                            line.texts[column.key], now[column.key])
                for column in MONEY.fields
                if line.texts[column.key] != now[column.key].strip()
            ]  # fmt: skip

    def money_value(self, report: int, column: Column, text: str, record: Record | None) -> object:
        try:
            return cells.parsed(column, text)
        except ValueError as error:
            if record:
                self.error(MONEY.key, record, column.key, str(error), report)
            return None

    # --- telling ---------------------------------------------------------------------------------
    def draft(self, report: int, key: str, record: Record) -> Draft:
        head = self.reports[report]
        first = self.place(key, record, "code")
        return self.found.drafts.setdefault(report, Draft(head.version, head.code, first=first))

    def place(self, key: str, record: Record, name: str) -> tuple[str, str]:
        return BY_KEY[key].name, record.address(name)

    def change(
        self, key: str, record: Record, row: BookRow, column: Column, new: str,
        old: str | None = None,
    ) -> Change:  # fmt: skip
        sheet, cell = self.place(key, record, column.key)
        name = row.shown.get("name", "") if key == "indicators" else ""
        name = record.text("source") if key == MONEY.key else name
        old = row.values[column.key] if old is None else old
        return Change(sheet, cell, row.report, row.code, column.key, column.title, old, new, name)

    def error(
        self, key: str, record: Record, name: str, message: str, report: int | None = None
    ) -> None:
        sheet, cell = self.place(key, record, name)
        code = self.reports[report].code if report in self.reports else record.text("code")
        self.found.errors.append(Problem(sheet, cell, message, code, report))


_NOTHING = object()
