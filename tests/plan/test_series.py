"""Series: what loading makes of the print, entering and correcting, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from config.kit.errors import Invalid, NotAllowed, StaleVersion
from config.kit.forms import format_number
from ministries.models import AuditEvent
from plan.actions import figures
from plan.actions.load_plan import load_plan
from plan.enums import BudgetBasis, GdpStatus, SeriesSubject, Special
from plan.fixture_files.entry import FixtureError, parse
from plan.fixture_files.read import read
from plan.fixture_files.tables import BASES, SPECIALS, STATUSES, SUBJECTS, TableReader
from plan.models import Plan, PrintedFigure, Series, SeriesValue
from tests.kept import kept
from tests.plan.samples import copy_fixtures

REASON = "主計總處在年報更正了這個數字。"


def amounts(code: str) -> dict[int, str]:
    rows = SeriesValue.objects.current().filter(series__code=code)
    return {row.year: format_number(row.amount) for row in rows}


@kept
def loaded() -> Plan:
    call_command("load_plan")
    return Plan.objects.get()


# --- what is printed ------------------------------------------------------------------------------
def test_table_8_and_the_statutory_budget_of_110_are_series(loaded):
    assert amounts("budget-planned") == {
        111: "1,307", 112: "1,383", 113: "1,453", 114: "1,504", 115: "1,557",
    }  # fmt: skip
    assert amounts("gdp-table-8") == {
        111: "205,441", 112: "209,550", 113: "213,741", 114: "218,016", 115: "222,376",
    }  # fmt: skip
    assert amounts("budget-ratio-table-8") == {
        111: "0.64", 112: "0.66", 113: "0.68", 114: "0.69", 115: "0.7",
    }  # fmt: skip
    assert amounts("budget-110-statutory") == {110: "1,141"}
    planned, statutory = (
        Series.objects.get(code=code) for code in ("budget-planned", "budget-110-statutory")
    )
    assert (planned.basis, statutory.basis) == ("planned", "statutory")
    assert {planned.special, statutory.special} == {"unknown"}
    assert {planned.unit, statutory.unit} == {"億元"}
    assert (planned.place, planned.page) == ("表8", 160)
    assert statutory.place == "第柒章"


def test_the_four_ratios_are_of_four_subjects(loaded):
    subjects = {
        code: Series.objects.get(code=code).subject
        for code in ("budget-ratio-table-8", "gerd-ratio-tw", "government-rd", "gerd-total")
    }
    assert len(set(subjects.values())) == 4
    assert amounts("gerd-ratio-tw")[107] == "3.35"
    assert Series.objects.get(code="gerd-ratio-tw").of == ""
    assert amounts("gerd-ratio-il")[107] == "4.94"
    assert Series.objects.filter(subject=SeriesSubject.GERD_RATIO).count() == 9


def test_every_printed_number_with_a_year_is_a_value_of_one_series(loaded):
    cells = PrintedFigure.objects.filter(value__isnull=False)
    assert not cells.filter(year__isnull=True).exists()
    assert not cells.filter(page__isnull=True).exists()
    assert not cells.filter(series_values__isnull=True).exists()
    values = SeriesValue.objects.select_related("printed", "series")
    assert len(values) == len(cells) == len({value.printed_id for value in values})
    for value in values:
        assert (value.amount, value.year) == (value.printed.value, value.printed.year)
        assert value.series.table == value.printed.table
        assert value.series.ministry_id == value.printed.ministry_id


def test_numbers_of_figures_stand_with_their_page(loaded):
    assert amounts("gerd-figure-1") == {99: "3,959", 108: "6,608"}
    assert amounts("government-rd") == {108: "1,201"}
    sources = Series.objects.filter(table="圖2")
    shares = SeriesValue.objects.filter(series__in=sources).values_list("amount", flat=True)
    assert (len(shares), sum(shares)) == (5, 100)
    staff = SeriesValue.objects.filter(series__code__startswith="rd-staff-", series__unit="人年")
    parts = staff.exclude(series__code="rd-staff-total")
    assert sum(row.amount for row in parts) == staff.get(series__code="rd-staff-total").amount
    pages = dict(Series.objects.exclude(table="").values_list("table", "page"))
    assert pages.keys() >= {"1", "2", "3", "4", "5", "6", "8", "圖1", "圖2", "圖3", "圖4", "圖5"}
    assert None not in pages.values()


def test_budgets_by_ministry_carry_the_name_of_their_day(loaded):
    rows = Series.objects.filter(table="2", ministry__isnull=False)
    assert len(rows) == 36
    assert {(row.basis, row.special, row.unit) for row in rows} == {
        ("statutory", "included", "千元")
    }
    assert amounts("budget-table-2-most")[108] == "47,698,593"
    assert amounts("budget-table-2-total")[106] == "110,521,442"


# --- loading again --------------------------------------------------------------------------------
def test_a_second_run_changes_nothing_and_no_correction_is_loaded_over(loaded, administrator):
    value = SeriesValue.objects.get(series__code="budget-planned", year=112)
    figures.correct(value, Decimal("1384.5"), REASON, by=administrator)
    figures.enter(value.series, 116, Decimal(1600), by=administrator)
    before = list(SeriesValue.objects.order_by("pk").values())
    assert load_plan(read(), by="system:tests") == []
    assert list(SeriesValue.objects.order_by("pk").values()) == before
    assert amounts("budget-planned")[112] == "1,384.5"


def test_another_print_replaces_what_was_loaded_and_keeps_it(loaded, tmp_path):
    folder = copy_fixtures(tmp_path)
    file = folder / "tables" / "table-8.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('"1,453"', '"1,454"'), "utf-8")
    changes = [str(one) for one in load_plan(read(folder), by="system:tests")]
    assert "數列的數值 budget-planned 113 數值：「1453」→「1454」" in changes
    assert amounts("budget-planned")[113] == "1,454"
    old = SeriesValue.objects.get(
        series__code="budget-planned", year=113, replaced_at__isnull=False
    )
    assert old.amount == 1453


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows: [整體科技預算]", "rows: [整體預算]", "表裡沒有「整體預算」"),
        ("subject: budget,", "subject: money,", "「subject」應該是"),
        ("basis: planned,", "basis: plan,", "「basis」應該是"),
        ("code: gdp-table-8", "code: budget-planned", "數列 budget-planned 重複"),
        ("code: gdp-table-8", "code: 表八", "只能有英文字母、數字"),
        ("each: row, rows: [GDP", "each: table, rows: [GDP", "「each」應該是 row、column"),
        ("name: GDP 預估數, name_en", "title: GDP 預估數, name_en", "不認得「title」"),
        ("page: 160", "page: 0", "「page」應該是 1 到 9999 的整數"),
        ("each: row, rows: [占比]", "each: column, rows: [占比], columns: [116 年]", "116 年"),
    ],
)  # fmt: skip
def test_a_broken_series_is_refused_with_its_place(db, tmp_path, old, new, message):
    folder = copy_fixtures(tmp_path)
    file = folder / "tables" / "table-8.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FixtureError, match=message) as caught:
        load_plan(read(folder), by="tester")
    assert caught.value.file == str(file)
    assert caught.value.place
    assert not Series.objects.exists()


def test_a_file_that_lost_a_series_or_takes_a_code_is_refused(loaded, administrator, tmp_path):
    folder = copy_fixtures(tmp_path)
    file = folder / "tables" / "text-7.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("series:")], encoding="utf-8")
    with pytest.raises(FixtureError, match="少了數列"):
        load_plan(read(folder), by="tester")
    figures.add_series(loaded, **OWN, by=administrator)
    file.write_text(text.replace("budget-110-statutory", OWN["code"]), encoding="utf-8")
    with pytest.raises(FixtureError, match="已經是另一個登錄的數列"):
        load_plan(read(folder), by="tester")


TABLE = """
number: "1"
unit: 株
years: roc
source: 苗圃
columns: [{name: 120 年, year: 120}, {name: 121 年, year: 121}]
rows:
  - {name: 松, key: pine, printed: ["1,000", "-"]}
  - {name: 樟, printed: ["20", "30"]}
series: [{each: %s, code: "%s", subject: other, name: 苗木}]
"""


def made(each: str, code: str) -> dict[str, list[int]]:
    _figures, series = TableReader(parse("t.yaml", TABLE % (each, code))).read()
    return {one.code: list(one.cells) for one in series}


def test_a_series_is_a_row_with_its_key_or_place():
    assert made("row", "tree-{key}") == {"tree-pine": [120], "tree-2": [120, 121]}


def test_a_file_says_what_the_database_knows():
    told = (SUBJECTS, BASES, STATUSES, SPECIALS)
    known = (SeriesSubject, BudgetBasis, GdpStatus, Special)
    assert [list(one) for one in told] == [one.values for one in known]


def test_two_numbers_of_one_year_are_no_series():
    with pytest.raises(FixtureError, match="要有自己的年份"):
        made("column", "tree-{key}")


# --- entering and correcting ----------------------------------------------------------------------
OWN = {
    "code": "budget-111-draft",
    "subject": SeriesSubject.BUDGET,
    "name": "整體科技預算",
    "basis": BudgetBasis.DRAFT,
    "special": "excluded",
    "vintage": date(2021, 8, 26),
    "unit": "億元",
    "source": "行政院預算案",
}


def test_a_series_is_added_and_audited(world):
    row = figures.add_series(world.plan, **OWN, by=world.collator)
    value = figures.enter(row, 111, Decimal("1264"), by=world.collator, source="新聞稿")
    assert (value.entered_by, value.printed) == (world.collator.email, None)
    verbs = AuditEvent.objects.filter(verb__startswith="series.").order_by("pk")
    assert [event.verb for event in verbs] == ["series.add", "series.enter"]
    assert verbs[1].after["amount"] == "1264.0000"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"basis": ""}, "basis"),
        ({"special": ""}, "special"),
        ({"vintage": None}, "vintage"),
        ({"subject": SeriesSubject.GDP}, "status"),
        ({"code": "import"}, "code"),
        ({"code": "two words"}, "code"),
        ({"name": ""}, "name"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
    ],
)
def test_a_series_that_says_too_little_is_refused(world, changed, field):
    with pytest.raises(Invalid) as caught:
        figures.add_series(world.plan, **{**OWN, **changed}, by=world.administrator)
    assert field in caught.value.errors
    assert not Series.objects.exists()


def test_only_keepers_write(world):
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    value = figures.enter(row, 111, Decimal(1), by=world.administrator)
    for person in (world.officer_a, world.window_a, world.reviewer, world.expert):
        with pytest.raises(NotAllowed):
            figures.add_series(world.plan, **{**OWN, "code": "x"}, by=person)
        with pytest.raises(NotAllowed):
            figures.enter(row, 112, Decimal(1), by=person)
        with pytest.raises(NotAllowed):
            figures.correct(value, Decimal(2), REASON, by=person)
        with pytest.raises(NotAllowed):
            figures.import_values([], by=person)
    assert SeriesValue.objects.count() == 1


def test_a_correction_keeps_the_old_value_the_reason_and_who(world):
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    old = figures.enter(row, 111, Decimal(1264), by=world.administrator)
    new = figures.correct(old, Decimal("1263.8"), f" {REASON} ", by=world.collator)
    old.refresh_from_db()
    assert old.replaced_at is not None
    assert (old.amount, old.entered_by) == (1264, world.administrator.email)
    assert (new.reason, new.entered_by) == (REASON, world.collator.email)
    assert amounts(row.code) == {111: "1,263.8"}
    event = AuditEvent.objects.get(verb="series.correct")
    assert (event.before["amount"], event.after["amount"]) == ("1264.0000", "1263.8000")
    with pytest.raises(StaleVersion) as stale:
        figures.correct(old, Decimal(5), REASON, by=world.collator)
    assert stale.value.current == new


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [
        ("1264", REASON, "amount"),
        ("1.23456", REASON, "amount"),
        ("1e16", REASON, "amount"),
        ("NaN", REASON, "amount"),
        ("5", "錯", "reason"),
        ("5", "字" * 501, "reason"),
    ],
)
def test_a_correction_that_corrects_nothing_is_refused(world, amount, reason, field):
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    old = figures.enter(row, 111, Decimal(1264), by=world.administrator)
    with pytest.raises(Invalid) as caught:
        figures.correct(old, Decimal(amount), reason, by=world.administrator)
    assert list(caught.value.errors) == [field]
    assert amounts(row.code) == {111: "1,264"}


def test_a_year_has_one_current_value(world):
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    figures.enter(row, 111, Decimal(1264), by=world.administrator)
    for year, amount in ((111, 1), (0, 1), (2022, 1)):
        with pytest.raises(Invalid) as caught:
            figures.enter(row, year, Decimal(amount), by=world.administrator)
        assert list(caught.value.errors) == ["year"]
    with pytest.raises(IntegrityError), transaction.atomic():
        SeriesValue.objects.create(series=row, year=111, amount=2, entered_by="x")


# --- numbers as people write them -----------------------------------------------------------------
@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_what_is_shown_is_read_back(amount):
    assert figures.read_amount(format_number(amount)) == amount


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from("%億,元年 ~e"))
def test_a_number_with_a_sign_behind_it_is_refused(amount, sign):
    text = f"{amount}{sign}"
    if text.strip() == str(amount):
        assert figures.read_amount(text) == amount
    else:
        with pytest.raises(Invalid):
            figures.read_amount(text)


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused(text):
    try:
        found = figures.read_amount(text)
    except Invalid as refusal:
        assert list(refusal.errors) == ["amount"]
    else:
        assert found.is_finite()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,307", "1307"), ("１，３０７", "1307"), ("−2", "-2"), (" 0.64 ", "0.64"), ("+5", "5")],
)
def test_numbers_as_people_write_them(text, value):
    assert figures.read_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "1,30", "1,3070", "1.2.3", "1e5", "٣", "NaN", "0x1"])
def test_what_is_no_number(text):
    with pytest.raises(Invalid):
        figures.read_amount(text)
