"""Importing values: a download comes back as it went, errors stand at their cell, and nothing is
written before it was confirmed.
"""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config.kit.errors import Invalid
from config.kit.ods import MEDIA_TYPE, write_ods
from ministries.models import AuditEvent
from plan import spreadsheet
from plan.actions import figures
from plan.models import Series, SeriesValue
from plan.spreadsheet import SheetError, read_table
from plan.value_sheets import COLUMNS, read_sheet, records
from tests.kept import kept
from tests.plan.test_series import OWN, REASON, amounts
from tests.test_query_counts import as_person

PAGE = "/figures/import/"
HEAD = ("series", "roc_year", "amount", "dated", "note", "reason")


@kept
def series(world) -> Series:
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    figures.enter(row, 111, Decimal("1264"), by=world.administrator, dated=date(2021, 8, 26))
    figures.enter(row, 112, Decimal("-0.5"), by=world.administrator, note="=1+1")
    return row


def as_csv(*rows: tuple, head: tuple = HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode()


def as_ods(*rows: tuple, head: tuple = HEAD) -> bytes:
    target = io.BytesIO()
    write_ods(target, "values", head, rows)
    return target.getvalue()


def package(content: str, kind: str = MEDIA_TYPE) -> bytes:
    """An .ods of which only the given content is ours."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", kind)
        packed.writestr("content.xml", content)
    return target.getvalue()


def sheet_of(rows: str) -> bytes:
    """An .ods with these rows, written as spreadsheets write them."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    return package(f"<office:document-content {names}><office:body><office:spreadsheet>"
                   f"<table:table>{rows}</table:table></office:spreadsheet></office:body>"
                   "</office:document-content>")  # fmt: skip


def upload(browser, content: bytes, reason: str = "", name: str = "values.csv"):
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content), "reason": reason})


def confirm(browser, page):
    given = {name: page.context[name] for name in ("token", "seen", "reason")}
    return browser.post(PAGE, {**given, "confirm": "1"})


# --- there and back -------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["csv", "ods"])
def test_a_download_changes_nothing_when_it_comes_back(world, series, kind):
    browser = as_person(world.collator)
    content = browser.get(reverse(f"figures-{kind}")).content
    page = upload(browser, content)
    assert page.status_code == 200
    assert (page.context["steps"], page.context["same"], page.context["errors"]) == ([], 2, [])
    assert "和現在的都一樣" in page.content.decode()


@pytest.mark.parametrize("write", [as_csv, as_ods])
def test_what_is_handed_out_is_read_as_it_was(series, write):
    rows = list(records(SeriesValue.objects.current().select_related("series")))
    sheet = read_sheet(write(*rows, head=COLUMNS), {series.code: series})
    assert sheet.errors == []
    assert [(row.year, row.amount, row.dated) for row in sheet.rows] == [
        (111, Decimal(1264), date(2021, 8, 26)),
        (112, Decimal("-0.5"), None),
    ]
    assert [row.note.lstrip("'") for row in sheet.rows] == ["", "=1+1"]


AMOUNTS = st.integers(-(10**18), 10**18).map(lambda number: Decimal(number).scaleb(-4))


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.sampled_from([as_csv, as_ods]))
def test_every_amount_survives_the_way(values, write):
    one = Series(pk=1, code="x", unit="億元")
    rows = [("x", year, value) for year, value in enumerate(values, start=100)]
    sheet = read_sheet(write(*rows, head=("series", "roc_year", "amount")), {"x": one})
    assert sheet.errors == []
    assert [(row.year, row.amount) for row in sheet.rows] == [row[1:] for row in rows]


# --- preview and confirmation ---------------------------------------------------------------------
@pytest.mark.parametrize("write", [as_csv, as_ods])
def test_nothing_is_written_before_it_was_confirmed(world, series, write):
    browser = as_person(world.collator)
    content = write(
        (series.code, 111, "1,263.8", "", "", REASON),
        (series.code, 112, "", "", "", ""),
        (series.code, 113, 1569, "2023-08-24", "總統交議", ""),
    )
    page = upload(browser, content, name="values.ods")
    text = page.content.decode()
    for shown in ("<del>1,264</del>", "<ins>1,263.8</ins>", "<ins>1,569</ins>", REASON, "C2", "C4"):
        assert shown in text
    assert page.context["empty"] == 1
    assert amounts(series.code) == {111: "1,264", 112: "-0.5"}
    assert confirm(browser, page).url == reverse("figures")
    assert amounts(series.code) == {111: "1,263.8", 112: "-0.5", 113: "1,569"}
    new = SeriesValue.objects.current().get(series=series, year=113)
    assert (new.dated, new.note) == (date(2023, 8, 24), "總統交議")
    assert new.entered_by == world.collator.email
    told = AuditEvent.objects.filter(actor=world.collator.email, verb__startswith="series.")
    assert sorted(told.values_list("verb", flat=True)) == ["series.correct", "series.enter"]


def test_one_reason_stands_for_rows_without_their_own(world, series):
    browser = as_person(world.collator)
    content = as_csv((series.code, 111, 9, "", "", ""))
    page = upload(browser, content)
    assert page.status_code == 422
    assert ("F2", "寫下更正的理由，10到500個字。") in page.context["errors"]
    page = upload(browser, content, reason=REASON)
    confirm(browser, page)
    assert SeriesValue.objects.current().get(series=series, year=111).reason == REASON


def test_a_value_that_changed_meanwhile_is_shown_again(world, series):
    browser = as_person(world.collator)
    page = upload(browser, as_csv((series.code, 111, 9, "", "", REASON)))
    value = SeriesValue.objects.get(series=series, year=111)
    figures.correct(value, Decimal(8), REASON, by=world.administrator)
    again = confirm(browser, page)
    assert again.status_code == 200
    assert "上傳以後數值改過了" in again.content.decode()
    assert amounts(series.code)[111] == "8"
    assert confirm(browser, again).status_code == 302
    assert amounts(series.code)[111] == "9"


@pytest.mark.parametrize("seen", ["", "0", "不是這個"])
def test_what_was_not_seen_is_shown_first(world, series, seen):
    browser = as_person(world.collator)
    page = upload(browser, as_csv((series.code, 113, 9, "", "", "")))
    given = {"token": page.context["token"], "seen": seen, "confirm": "1", "reason": "\0"}
    assert browser.post(PAGE, given).status_code == 200
    assert SeriesValue.objects.count() == 2


def test_only_who_uploaded_confirms(world, series):
    page = upload(as_person(world.collator), as_csv((series.code, 113, 9, "", "", "")))
    refused = confirm(as_person(world.administrator), page)
    assert (refused.status_code, SeriesValue.objects.count()) == (422, 2)
    assert as_person(world.officer_a).post(PAGE, {"confirm": "1"}).status_code == 403


# --- what is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (("nobody", 111, 1), "A2", "沒有數列「nobody」"),
        (("", 111, 1), "A2", "沒有數列"),
        ((OWN["code"], "前年", 1), "B2", "「前年」不是年份"),
        ((OWN["code"], 2024, 1), "B2", "填民國年，1到200"),
        ((OWN["code"], "", 1), "B2", "填年份"),
        ((OWN["code"], 113, "1.23億"), "C2", "「1.23億」不是數字"),
        ((OWN["code"], 113, "1,23"), "C2", "不是數字"),
        ((OWN["code"], 113, "0.12345"), "C2", "最多四位小數"),
        ((OWN["code"], 113, "9" * 30), "C2", "數字太大"),
        ((OWN["code"], 113, 1, "昨天"), "D2", "「昨天」不是日期"),
        ((OWN["code"], 113, 1, "", "註" * 301), "E2", "300"),
        ((OWN["code"], 111, 1, "", "", "太短"), "F2", "寫下更正的理由"),
    ],
)
@pytest.mark.parametrize("write", [as_csv, as_ods])
def test_errors_stand_at_their_cell(world, series, row, cell, said, write):
    page = upload(as_person(world.collator), write(row))
    assert page.status_code == 422
    assert [found for found, _sentence in page.context["errors"]] == [cell]
    assert said in page.context["errors"][0][1]
    assert "token" not in page.context
    assert SeriesValue.objects.count() == 2


def test_a_row_that_says_two_things_is_refused(world, series):
    head = ("數列", "民國年", "西元年", "數值", "單位")
    page = upload(
        as_person(world.collator),
        as_csv(
            (series.code, 113, 2024, 1, "億元"),
            (series.code, 114, 2024, 1, "億元"),
            (series.code, 115, "", 1, "千元"),
            (series.code, 113, "", 2, ""),
            head=head,
        ),
    )
    assert page.context["errors"] == [
        ("C3", "西元年和民國年不是同一年。"),
        ("E4", "這個數列的單位是億元。"),
        ("A5", "和第2列是同一個數列、同一年。"),
    ]


def test_one_wrong_row_keeps_all_rows_out(world, series):
    rows = [
        figures.Row(2, series, 113, Decimal(5)),
        figures.Row(3, series, 111, Decimal(6), reason=""),
        figures.Row(4, series, 114, Decimal(7)),
    ]
    before = AuditEvent.objects.count()
    with pytest.raises(Invalid) as caught:
        figures.import_values(rows, by=world.collator)
    assert list(caught.value.errors) == ["3.reason"]
    assert amounts(series.code) == {111: "1,264", 112: "-0.5"}
    assert AuditEvent.objects.count() == before


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "檔案是空的"),
        (b"\xff\xfe\x00", "不是.ods，也不是UTF-8"),
        (b"a,b\0c", "不是.ods，也不是UTF-8"),
        (b"\n\n", "檔案裡沒有資料"),
        (b"series,amount\n", "少了roc_year"),
        (b"series,roc_year,amount,amout\n", "不認得欄位「amout」"),
        (b"series,roc_year,amount,amount\n", "「amount」有兩個"),
        (b"PK\x03\x04broken", "讀不下去"),
        (package("<x/>", "application/zip"), "這不是OpenDocument試算表"),
        (package("<x>"), "讀不下去"),
        (package(ENTITIES), "讀不下去"),
        (package(ENTITIES, "application/vnd.oasis.opendocument.text"), "這不是OpenDocument"),
        (b"series,roc_year,amount\n" + b"x,1,1\n" * 2001, "一次最多匯入2000列"),
        (b"," * 60, "一列最多40欄"),
    ],
    ids=["empty", "not text", "zero byte", "no rows", "no year", "unknown column", "twice",
         "no package", "other package", "no xml", "entities", "text document", "long", "wide"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused(world, series, content, said):
    page = upload(as_person(world.collator), content)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert SeriesValue.objects.count() == 2


def test_a_package_that_grows_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(spreadsheet, "_MOST_XML", 1000)
    with pytest.raises(SheetError, match="展開後太大"):
        read_table(package("<x>" + " " * 2000 + "</x>"))


@pytest.mark.parametrize(
    "rows",
    [
        '<table:table-row table:number-rows-repeated="99999999"><table:table-cell>'
        "<text:p>x</text:p></table:table-cell></table:table-row>",
        '<table:table-row><table:table-cell table:number-columns-repeated="99999999">'
        "<text:p>x</text:p></table:table-cell></table:table-row>",
    ],
)
def test_a_cell_that_repeats_itself_without_end_is_refused(rows):
    with pytest.raises(SheetError, match="最多"):
        read_table(sheet_of(rows))


def test_a_sheet_as_spreadsheets_write_it():
    cell = '<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>'
    rows = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="1024"/></table:table-row><table:table-row>'
        + cell.format(kind="float", name="value", value="1.5E3")
        + cell.format(kind="float", name="value", value="1E+999999999")
        + cell.format(kind="date", name="date-value", value="2023-02-28T00:00:00")
        + "<table:table-cell><text:p>甲<text:span>乙</text:span></text:p><text:p>丙</text:p>"
        '</table:table-cell><table:table-cell table:number-columns-repeated="1020"/>'
        "</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/>'
        "</table:table-row>"
    )
    assert read_table(sheet_of(rows)) == [
        [], [], ["1500", "1E+999999999", "2023-02-28", "甲乙\n丙"],
    ]  # fmt: skip
