"""Pages of series: what they list, what they show of corrections, who finds which button."""

from decimal import Decimal

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plan import series_chart
from plan.actions import figures
from plan.models import Series, SeriesValue
from tests.kept import kept
from tests.plan.test_series import OWN, REASON
from tests.test_query_counts import as_person, queries


@kept
def series(world) -> Series:
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    for year, amount in ((111, 1264), (113, 1569)):
        figures.enter(row, year, Decimal(amount), by=world.administrator, note="立法院前")
    return row


def text(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


# --- the list -------------------------------------------------------------------------------------
def codes(query: str) -> list[str]:
    page = Client().get(reverse("figures") + query)
    return [row.code for _label, rows in page.context["groups"] for row in rows]


def test_the_list_is_narrowed_by_its_address(db):
    call_command("load_plan")
    everything = codes("")
    assert len(everything) == Series.objects.count() == len(set(everything))
    assert codes("?subject=gdp") == ["gdp-table-8"]
    assert set(codes("?table=8")) == {"budget-planned", "gdp-table-8", "budget-ratio-table-8"}
    assert codes("?subject=budget&basis=planned") == ["budget-planned"]
    assert codes("?subject=nothing") == everything
    assert codes("?table=99") == []


def test_budgets_follow_succession(db):
    call_command("load_plan")
    mine = {"budget-table-2-most", "budget-table-2-bost"}
    assert mine <= set(codes("?ministry=nstc"))
    assert codes("?ministry=nstc") == codes("?ministry=most") == codes("?ministry=bost")
    assert "budget-table-2-coa" in codes("?ministry=moa")
    page = text(Client(), reverse("figures") + "?ministry=nstc")
    assert "只列國科會和它承接的機關" in page


# --- one series -----------------------------------------------------------------------------------
def test_a_page_shows_the_value_and_what_it_replaced(world, series):
    value = SeriesValue.objects.get(series=series, year=111)
    figures.correct(value, Decimal("1263.8"), REASON, by=world.collator)
    url = reverse("series", args=[series.code])
    public, staff = text(Client(), url), text(as_person(world.reviewer), url)
    for page in (public, staff):
        assert "1,263.8" in page
        assert "<del>1,264</del>" in page
        assert REASON in page
        assert "預算案" in page
        assert "不含前瞻特別預算" in page
    assert world.collator.email not in public
    assert world.collator.email in staff


def test_a_reason_is_text_and_never_markup(world, series):
    value = SeriesValue.objects.get(series=series, year=111)
    figures.correct(value, Decimal(1), "<script>alert(1)</script>", by=world.collator)
    assert "<script>alert" not in text(Client(), reverse("series", args=[series.code]))


def test_buttons_are_for_keepers(world, series):
    url = reverse("series", args=[series.code])
    correct = reverse("series-correct", args=[series.code, 111])
    for person, offered in ((None, False), (world.officer_a, False), (world.collator, True)):
        page = text(as_person(person), url)
        assert (correct in page) is offered
        assert (reverse("series-add") in text(as_person(person), reverse("figures"))) is offered


def test_a_chart_leaves_the_missing_year_open(series):
    answer = Client().get(reverse("series-figure", args=[series.code]))
    trace = answer.json()["data"][0]
    assert trace["x"] == [111, 112, 113]
    assert trace["y"] == [1264, None, 1569]


def test_a_figure_is_plain_data():
    found = series_chart.figure({107: Decimal(13), 108: Decimal(12)}, "名次", rank=True)
    assert found == {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "x": [107, 108],
                "y": [13.0, 12.0],
                "text": ["13", "12"],
                "textposition": "top center",
                "line": {"color": "--accent", "width": 3},
                "marker": {"color": "--accent", "size": 8},
                "hovertemplate": "%{text}名次<extra></extra>",
            }
        ],
        "layout": {
            "yaxis": {
                "title": {"text": "名次"}, "autorange": "reversed", "rangemode": "normal",
            },
            "xaxis": {"range": [106.4, 108.6]},
            "margin": {"l": 8, "r": 16, "t": 32, "b": 8},
        },
    }  # fmt: skip
    assert series_chart.figure({}, "億元")["data"][0]["x"] == []


# --- writing on pages -----------------------------------------------------------------------------
FORM = {
    **{key: value for key, value in OWN.items() if key != "vintage"},
    "vintage_0": "110",
    "vintage_1": "8",
    "vintage_2": "26",
}


def test_a_series_and_its_values_are_entered_on_pages(world):
    browser = as_person(world.collator)
    given = {**FORM, "plan": world.plan.pk}
    refused = browser.post(reverse("series-add"), {**given, "basis": ""})
    assert refused.status_code == 422
    assert "這個主題要寫明這一項" in refused.content.decode()
    done = browser.post(reverse("series-add"), given)
    assert done.url == reverse("series", args=["budget-111-draft"])
    enter = reverse("series-enter", args=["budget-111-draft"])
    assert browser.post(enter, {"year": "111", "amount": "1,264億"}).status_code == 422
    assert browser.post(enter, {"year": "111", "amount": "1,264"}).status_code == 302
    again = browser.post(enter, {"year": "111", "amount": "1,264"})
    assert (again.status_code, "請用更正" in again.content.decode()) == (422, True)
    assert SeriesValue.objects.get().amount == 1264


def test_a_value_is_corrected_on_its_page(world, series):
    browser = as_person(world.collator)
    url = reverse("series-correct", args=[series.code, 111])
    seen = browser.get(url).context["form"].initial["seen"]
    assert browser.post(url, {"seen": seen, "amount": "1263"}).status_code == 422
    given = {"seen": seen, "amount": "1,263", "reason": REASON}
    assert browser.post(url, given).url == reverse("series", args=[series.code])
    late = browser.post(url, {**given, "amount": "9"}, follow=True)
    assert "剛剛被別人更正了" in late.content.decode()
    assert SeriesValue.objects.current().get(series=series, year=111).amount == 1263
    for year in (112, 10**30):
        nowhere = reverse("series-correct", args=[series.code, year])
        assert browser.get(nowhere).status_code == 404


def test_a_value_of_another_series_is_not_corrected_here(world, series):
    other = figures.add_series(world.plan, **{**OWN, "code": "other"}, by=world.collator)
    value = figures.enter(other, 111, Decimal(7), by=world.collator)
    url = reverse("series-correct", args=[series.code, 111])
    given = {"seen": value.pk, "amount": "1", "reason": REASON}
    assert as_person(world.collator).post(url, given).status_code == 404


# --- what does not add up -------------------------------------------------------------------------
def test_the_page_of_mismatches_names_both_numbers(db):
    call_command("load_plan")
    page = text(Client(), reverse("figures-mismatches"))
    assert "原文有5處數字兜不攏" in page
    for number in ("110,521,442", "110,521,443", "1,083", "1,105.2", "1,218", "1,186.6", "6,159"):
        assert number in page
    assert "第19頁內文" in page


# --- queries --------------------------------------------------------------------------------------
def test_pages_ask_as_much_with_three_rows_as_with_one(world):
    row = figures.add_series(world.plan, **OWN, by=world.administrator)
    figures.enter(row, 111, Decimal(1), by=world.administrator)
    pages = [
        reverse("figures"),
        reverse("figures-csv"),
        reverse("figures-ods"),
        reverse("figures-mismatches"),
        reverse("series", args=[row.code]),
        reverse("series-figure", args=[row.code]),
    ]
    browsers = [as_person(None), as_person(world.collator)]
    with_one = [queries(browser, page) for browser in browsers for page in pages]
    for number in (2, 3):
        more = {**OWN, "code": f"more-{number}", "ministry": world.alpha}
        other = figures.add_series(world.plan, **more, by=world.administrator)
        figures.enter(other, 111, Decimal(1), by=world.administrator)
        value = figures.enter(row, 111 + number, Decimal(1), by=world.administrator)
        figures.correct(value, Decimal(2), REASON, by=world.administrator)
    assert [queries(browser, page) for browser in browsers for page in pages] == with_one


def test_the_whole_list_takes_few_queries(db):
    call_command("load_plan")
    Client().get(reverse("figures"))
    with CaptureQueriesContext(connection) as found:
        Client().get(reverse("figures"))
    assert len(found) <= 6
