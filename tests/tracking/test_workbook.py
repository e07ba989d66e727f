"""The spreadsheet of a ministry's year: what goes out comes back the same, what was changed is
found at its cell, and what somebody else changed meanwhile is never overwritten.
"""

import io
import json
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from ministries.models import AuditEvent
from tests.world import MONEY, WHOLE, make_indicator
from tracking.actions import reports
from tracking.enums import Status
from tracking.models import ProgressReport
from tracking.workbook import cells
from tracking.workbook.apply import apply, preview
from tracking.workbook.compare import compare
from tracking.workbook.files import KINDS
from tracking.workbook.gather import gather
from tracking.workbook.layout import INDICATORS, REPORTS, Book, BookRow
from tracking.workbook.layout import MONEY as MONEY_SHEET
from tracking.workbook.read import read

ROOM = "執行情形"


def written(book: Book, form: str = "xlsx") -> bytes:
    target = io.BytesIO()
    KINDS[form].write(target, book)
    return target.getvalue()


def out(world, form: str = "xlsx") -> bytes:
    return written(gather(world.alpha, world.year, world.officer_a), form)


class Filled:
    """A file as somebody fills it with a spreadsheet program."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))

    def place(self, sheet: str, code: str, key: str, nth: int = 0) -> str:
        rows = self.book[sheet]
        keys = [cell.value for cell in rows[1]]
        column, codes = keys.index(key) + 1, keys.index("code") + 1
        found = [row for row in range(3, rows.max_row + 1) if rows.cell(row, codes).value == code]
        return rows.cell(found[nth], column).coordinate

    def put(self, sheet: str, code: str, key: str, value, nth: int = 0) -> str:
        place = self.place(sheet, code, key, nth)
        self.book[sheet][place] = value
        return place

    @property
    def content(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


@pytest.fixture
def begun(world, report) -> ProgressReport:
    """A draft of 甲部 with texts, an indicator's actual and money."""
    indicator = make_indicator(report.measure, world.alpha, world.officer_a)
    return reports.save_draft(
        report,
        seen_version=report.version,
        by=world.officer_a,
        fields={**WHOLE, "work_done": "=第一行\n  - 第二行\t末"},
        values={indicator.pk: {"actual": Decimal("12"), "note": "含線上"}},
        money=MONEY,
    )


def look(world, content: bytes):
    return preview(content, world.alpha, world.year, by=world.officer_a)


def told(changes) -> list[tuple]:
    return [(one.sheet, one.cell, one.field, one.old, one.new) for one in changes]


# --- the same ------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_an_unchanged_file_changes_nothing(world, begun, form):
    outcome = look(world, out(world, form))
    assert (outcome.changes, outcome.conflicts, outcome.errors) == ([], [], [])
    # Three reports, an indicator, a line of money and for each report a row to add one.
    assert outcome.rows == 8


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
NUMBERS = st.decimals(
    min_value=Decimal("-9999999999999999"), max_value=Decimal("9999999999999999"), places=4
)


def row_of(child: str, layout, values: dict, **more) -> BookRow:
    whole = {column.key: "" for column in layout.fields} | values
    opened = frozenset(column.key for column in layout.fields)
    return BookRow(7, 3, "1.1.1.1", child, whole, {}, opened, **more)


@given(
    texts=st.lists(ANY_TEXT, min_size=4, max_size=4),
    number=NUMBERS,
    money=st.integers(min_value=0, max_value=10**18),
    form=st.sampled_from(["ods", "xlsx"]),
)
def test_whatever_is_written_comes_back(texts, number, money, form):
    fit = [cells.fit(text) for text in texts]
    book = Book("small", "小計畫", "alpha", "甲部", 111)
    book.rows["reports"].append(
        row_of("", REPORTS, {"work_done": fit[0], "benefit": fit[1], "completed_on": "111-02-03"})
    )
    book.rows["indicators"].append(
        row_of("1f", INDICATORS, {"actual": cells.plain(number), "note": fit[2]})
    )
    book.rows["money"].append(
        row_of("ab", MONEY_SHEET, {"source": fit[3], "allocated_thousand": str(money)})
    )
    tables = read(written(book, form), book)
    back = {
        key: {name: record.text(name) for name in record.cells}
        for key, table in tables.items()
        for record in table.records
    }
    assert back["reports"].get("work_done", "") == fit[0]
    assert back["reports"].get("benefit", "") == fit[1]
    assert back["reports"]["completed_on"] == "111-02-03"
    assert Decimal(back["indicators"]["actual"]) == number
    assert back["indicators"].get("note", "") == fit[2]
    assert back["money"].get("source", "") == fit[3]
    assert back["money"]["allocated_thousand"] == str(money)
    found = compare(tables, book)
    assert (found.changes, found.conflicts, found.errors) == ([], [], [])


# --- changed -------------------------------------------------------------------------------------
def test_what_was_filled_in_is_found_at_its_cell_and_written_once_asked(world, begun):
    file = Filled(out(world))
    places = [
        file.put(ROOM, "1.1.1.1", "light", "超前"),
        file.put(ROOM, "1.1.1.1", "completion", 45),
        file.put("指標", "1.1.1.1", "actual", 15),
        file.put("經費", "1.1.1.1", "spent_thousand", 1000),
    ]
    expected = [
        (ROOM, places[0], "light", "符合", "超前"),
        (ROOM, places[1], "completion", "40", "45"),
        ("指標", places[2], "actual", "12", "15"),
        ("經費", places[3], "spent_thousand", "900", "1000"),
    ]
    assert told(look(world, file.content).changes) == expected
    begun.refresh_from_db()
    assert begun.light == "on_track"

    done = apply(file.content, world.alpha, world.year, by=world.officer_a)
    assert told(done.changes) == expected
    row = world.report("1.1.1.1", "alpha")
    assert (row.light, row.completion, row.saved_by) == ("ahead", 45, world.officer_a)
    assert row.work_done == "=第一行\n  - 第二行\t末"
    assert row.values.get().actual == 15
    assert row.money_lines.get().spent_thousand == 1000
    # The same file again says what is there already.
    again = look(world, file.content)
    assert (again.changes, again.conflicts, again.errors) == ([], [], [])


def test_a_cleared_cell_is_cleared_and_a_row_taken_out_changes_nothing(world, begun):
    file = Filled(out(world))
    file.put(ROOM, "1.1.1.1", "benefit", None)
    row = file.book["經費"][file.place("經費", "1.1.1.1", "code")].row
    file.book["經費"].delete_rows(row)
    done = apply(file.content, world.alpha, world.year, by=world.officer_a)
    assert [(one.field, one.new) for one in done.changes] == [("benefit", "")]
    assert world.report("1.1.1.1", "alpha").benefit == ""
    assert begun.money_lines.count() == 1


def test_a_source_is_added_in_a_row_of_its_own_and_taken_out_by_clearing_it(world, begun):
    file = Filled(out(world))
    sheet = file.book["經費"]
    for key in ("source", "allocated_thousand", "spent_thousand"):
        file.put("經費", "1.1.1.1", key, None)
    keys = [cell.value for cell in sheet[1]]
    given = {"code": "1.1.1.1", "source": "基金", "allocated_thousand": 70}
    sheet.append([given.get(key) for key in keys])
    apply(file.content, world.alpha, world.year, by=world.officer_a)
    lines = begun.money_lines.values_list("source", "allocated_thousand", "spent_thousand")
    assert list(lines) == [("基金", 70, None)]


def test_sorted_and_reordered_rows_are_read_by_their_hidden_mark(world, begun):
    file = Filled(out(world))
    sheet = file.book[ROOM]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    for at, values in enumerate(reversed(rows), start=3):
        for column, value in enumerate(values, start=1):
            sheet.cell(at, column).value = value
            if isinstance(value, str):
                sheet.cell(at, column).data_type = "s"
    outcome = look(world, file.content)
    assert (outcome.changes, outcome.conflicts, outcome.errors) == ([], [], [])


# --- not overwritten -----------------------------------------------------------------------------
def test_what_was_changed_meanwhile_is_a_conflict_with_both_texts(world, begun):
    file = Filled(out(world))
    place = file.put(ROOM, "1.1.1.1", "work_done", "檔案裡的")
    file.put(ROOM, "1.1.1.2", "work_done", "別的一件")
    reports.save_draft(
        begun, seen_version=begun.version, by=world.officer_a, fields={"benefit": "表單裡改的"}
    )
    done = apply(file.content, world.alpha, world.year, by=world.officer_a)
    assert told(done.conflicts) == [
        (ROOM, place, "work_done", "=第一行\n  - 第二行\t末", "檔案裡的")
    ]
    row = world.report("1.1.1.1", "alpha")
    assert (row.work_done, row.benefit) == ("=第一行\n  - 第二行\t末", "表單裡改的")
    assert world.report("1.1.1.2", "alpha").work_done == "別的一件"


def test_what_was_changed_after_the_preview_is_a_conflict(world, begun):
    file = Filled(out(world))
    file.put("經費", "1.1.1.1", "note", "備註")
    seen = look(world, file.content)
    reports.save_draft(
        begun, seen_version=begun.version, by=world.officer_a, fields={"benefit": "表單裡改的"}
    )
    done = apply(file.content, world.alpha, world.year, by=world.officer_a, versions=seen.versions)
    assert done.changes == []
    assert [one.field for one in done.conflicts] == ["note"]


def test_an_error_holds_its_report_back_and_no_other(world, begun):
    file = Filled(out(world))
    bad = file.put(ROOM, "1.1.1.1", "completion", 140)
    worse = file.put(ROOM, "1.1.1.1", "completed_on", "去年")
    file.put(ROOM, "1.1.1.1", "benefit", "好的")
    file.put(ROOM, "1.1.1.2", "work_done", "別的一件")
    done = apply(file.content, world.alpha, world.year, by=world.officer_a)
    assert [(one.cell, one.code) for one in done.errors] == [
        (bad, "1.1.1.1"),
        (worse, "1.1.1.1"),
    ]
    assert world.report("1.1.1.1", "alpha").benefit == WHOLE["benefit"]
    assert world.report("1.1.1.2", "alpha").work_done == "別的一件"
    file.put(ROOM, "1.1.1.1", "completed_on", None)
    assert {one.cell for one in look(world, file.content).errors} == {bad}


def test_a_report_that_was_sent_is_not_written(world, report):
    row = world.bring(report, Status.SIGNING)
    file = Filled(out(world))
    place = file.put(ROOM, "1.1.1.1", "benefit", "改一下")
    outcome = look(world, file.content)
    assert [(one.sheet, one.cell) for one in outcome.errors] == [(ROOM, place)]
    assert outcome.changes == []
    row.refresh_from_db()
    assert row.benefit == WHOLE["benefit"]


# --- files that are refused ----------------------------------------------------------------------
def one_error(outcome) -> str:
    assert (outcome.changes, outcome.conflicts) == ([], [])
    [problem] = outcome.errors
    return problem.message


def test_formulas_and_merged_cells_are_said_at_their_cell(world, begun):
    file = Filled(out(world))
    formula = file.put(ROOM, "1.1.1.1", "completion", "=20+20")
    first = file.place(ROOM, "1.1.1.2", "work_done")
    second = file.place(ROOM, "1.1.2.1", "work_done")
    file.book[ROOM].merge_cells(f"{first}:{second}")
    outcome = look(world, file.content)
    found = {(one.cell, one.message) for one in outcome.errors}
    assert (formula, "這一格是公式；請改成文字或數字。") in found
    merged = {cell for cell, message in found if "合併" in message}
    assert merged == {first, second}
    assert outcome.changes == []


def stamped(world, content: bytes, old: str, new: str) -> bytes:
    file = Filled(content)
    cell = file.book["說明"]["A1"]
    cell.value = cell.value.replace(old, new)
    return file.content


def test_another_ministry_year_or_template_gets_a_clear_answer(world, report):
    content = out(world)
    other = written(gather(world.beta, world.year, world.officer_b))
    assert "另一個部會" in one_error(look(world, other))
    assert "110年度" in one_error(look(world, stamped(world, content, " 111", " 110")))
    assert "舊的範本" in one_error(look(world, stamped(world, content, "workbook 1", "workbook 0")))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04nonsense", b"\xd0\xcf\x11\xe0x"])
def test_what_is_no_spreadsheet_gets_a_clear_answer(world, report, content):
    assert one_error(look(world, content))


def packed(content: bytes, more: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in more:
                new.writestr(name, old.read(name))
        for name, part in more.items():
            new.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize(
    ("form", "name"), [("xlsx", "xl/vbaProject.bin"), ("ods", "Basic/Standard/Module1.xml")]
)
def test_macros_are_refused(world, report, form, name):
    assert "巨集" in one_error(look(world, packed(out(world, form), {name: b"x"})))


@pytest.mark.parametrize(
    ("form", "name"), [("xlsx", "xl/sharedStrings.xml"), ("ods", "content.xml")]
)
def test_a_zip_bomb_is_refused_before_it_unfolds(world, report, form, name):
    bomb = packed(out(world, form), {name: b" " * (61 * 2**20)})
    assert len(bomb) < 200_000
    assert "展開後" in one_error(look(world, bomb))


def test_entities_are_not_taken(world, report):
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert "讀不下去" in one_error(look(world, packed(out(world, "ods"), {"content.xml": evil})))


def test_a_hundred_thousand_empty_rows_get_a_clear_answer(world, report):
    content = out(world)
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        sheet = old.read("xl/worksheets/sheet2.xml").decode()
    rows = "".join(f'<row r="{n}"><c r="B{n}" s="1"/></row>' for n in range(100, 100_100))
    sheet = sheet.replace("</sheetData>", rows + "</sheetData>")
    long = packed(content, {"xl/worksheets/sheet2.xml": sheet.encode()})
    assert "空白列" in one_error(look(world, long))


def test_the_empty_rows_that_programs_add_to_a_sheet_do_no_harm(world, begun):
    content = out(world, "ods")
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        sheet = old.read("content.xml").decode()
    rows = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/>'
    sheet = sheet.replace("</table:table>", rows + "</table:table-row></table:table>")
    outcome = look(world, packed(content, {"content.xml": sheet.encode()}))
    assert (outcome.changes, outcome.conflicts, outcome.errors) == ([], [], [])


# --- commands ------------------------------------------------------------------------------------
def run(*args) -> str:
    told = io.StringIO()
    call_command(*args, stdout=told)
    return told.getvalue()


@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_the_commands_are_the_same_code(world, begun, tmp_path, form):
    path = tmp_path / f"alpha.{form}"
    run("export_workbook", "alpha", "111", str(path))
    back = ("import_workbook", str(path), "--ministry", "alpha", "--year", "111")
    assert json.loads(run(*back, "--format", "json")) == {
        "rows": 8, "changes": [], "conflicts": [], "errors": [],
    }  # fmt: skip
    if form == "xlsx":
        file = Filled(path.read_bytes())
        file.put(ROOM, "1.1.1.1", "completion", 50)
        path.write_bytes(file.content)
        run(*back, "--apply")
        assert world.report("1.1.1.1", "alpha").completion == 50
        [event] = AuditEvent.objects.filter(actor="system:import_workbook")
        assert (event.verb, event.ministry, event.after) == (
            "workbook.import", "alpha",
            {"file": path.name, "in_name_of": world.officer_a.email, "cells": 1},
        )  # fmt: skip
