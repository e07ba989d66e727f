"""A goal's page: measures, indicators, ministries and money of one goal, for whoever asks."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from odf.opendocument import load
from odf.table import Table as Sheet
from odf.table import TableRow

from plan.actions.load_plan import load_plan
from plan.enums import VersionState
from plan.fixture_files.read import read as read_fixture
from plan.models import PlanVersion
from tests.kept import kept
from tests.outcomes import BEHIND, file_in_every_state, let_due_date_pass, release
from tests.world import MONEY, World, make_indicator, make_year
from tracking.enums import Status
from tracking.models import IndicatorValue, MoneyLine, Resolution
from tracking.money import Sums, money_rows

PAGE = "/plan/goals/1/"


def page(client: Client, user=None, url: str = PAGE) -> str:
    if user:
        client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def rows(client: Client, part: str, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}?format=csv&part={part}{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def figure(client: Client, name: str, query: str = "") -> dict:
    answer = client.get(f"{PAGE}figures/{name}.json{query}")
    assert answer.status_code == 200, name
    return answer.json()


def charts(text: str) -> list[str]:
    return re.findall(r'id="c-(\w+)" data-chart-src', text)


@kept
def two_years(world: World) -> World:
    """110 and 111: 1.1.1.1 falls behind, 1.1.2.1 recovers; 甲部 leads one and has an indicator."""
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    world.bring(world.report("1.1.2.1", "science", last), Status.ACCEPTED, **BEHIND)
    row = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    IndicatorValue.objects.create(report=row, indicator=indicator, actual=15)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    world.bring(world.report("2.1.1.1", "beta"), Status.ACCEPTED, **BEHIND)
    return world


# --- what it joins --------------------------------------------------------------------------------
def test_the_page_joins_the_parts_of_one_goal(client, two_years):
    text = page(client, two_years.reviewer)
    assert "111年度3項措施有1項落後，最多在1.1" not in text, "one part alone is no finding"
    assert "111年度3項措施有1項落後" in text
    assert "落後110年1項，111年1項，一樣多" in text
    assert "算得出達成率的1個指標，0個達到目標" in text
    assert "2項措施沒有核定的指標" in text
    assert charts(text) == [
        "parts", "years", "causes", "indicators", "filing", "money", "ministries",
    ]  # fmt: skip
    assert text.count("plotly-basic.min.js") == 1
    for code, elsewhere in (("1.1.1.1", "2.1.1.1"), ("1.1.2.1", "2.1.1.1")):
        assert f"/plan/measures/{code}/" in text
        assert f"/plan/measures/{elsewhere}/" not in text


def test_charts_tables_and_files_hold_the_same_numbers(client, two_years):
    client.force_login(two_years.reviewer)
    assert [(row["part"], row["behind"], row["on_track"], row["measures"]) for row in rows(
        client, "parts"
    )] == [("1.1", "1", "1", "3")]  # fmt: skip
    drawn = {trace["name"]: trace["x"] for trace in figure(client, "parts")["data"]}
    assert drawn == {"落後": [1], "符合": [1], "未知": [1]}

    assert [(row["roc_year"], row["behind"]) for row in rows(client, "years")] == [
        ("110", "1"), ("111", "1"), ("112", ""), ("113", ""),
    ]  # fmt: skip
    behind = next(t for t in figure(client, "years")["data"] if t["name"] == "落後")
    assert (behind["x"], behind["y"]) == ([110, 111, 112, 113], [1, 1, None, None])

    [one] = rows(client, "indicators")
    assert (one["target"], one["actual"], one["attainment_percent"]) == (
        "20.0000", "15.0000", "75.0000",
    )  # fmt: skip
    assert figure(client, "indicators")["data"][0]["x"] == [75.0]

    spent = {row["ministry"]: row["spent_thousand_twd"] for row in rows(client, "ministries")}
    assert spent == {"alpha": "900", "science": "900"}
    assert [(row["roc_year"], row["allocated_thousand_twd"]) for row in rows(client, "money")] == [
        ("110", "2400"), ("111", "2400"), ("112", ""), ("113", ""),
    ]  # fmt: skip
    allocated = figure(client, "money")["data"][0]["y"]
    assert allocated == [2400.0, 2400.0, None, None]


def test_ods_holds_the_rows_of_the_csv(client, two_years):
    client.force_login(two_years.reviewer)
    answer = client.get(f"{PAGE}?format=ods&part=parts")
    assert answer["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
    sheet = load(BytesIO(answer.content)).spreadsheet.getElementsByType(Sheet)[0]
    assert len(sheet.getElementsByType(TableRow)) == 1 + len(rows(client, "parts"))


def test_a_year_is_chosen_by_the_address(client, two_years):
    text = page(client, two_years.reviewer, f"{PAGE}?year=110")
    assert "110年度3項措施有1項落後" in text
    assert "還不能和去年比。" in text
    assert "/plan/goals/2/?year=110" in text


def test_what_is_unknown_is_no_zero(client, two_years):
    line = MoneyLine.objects.filter(
        report__reporting_year=two_years.year, report__measure__code="1.1.1.1"
    )
    line.update(spent_thousand=None)
    client.force_login(two_years.reviewer)
    this_year = next(row for row in rows(client, "money") if row["roc_year"] == "111")
    assert this_year == {
        "goal": "1",
        "roc_year": "111",
        "year": "2022",
        "allocated_thousand_twd": "2400",
        "allocated_with_known_spending_thousand_twd": "1200",
        "spent_thousand_twd": "900",
        "lines_with_unknown_spending": "1",
        "spent_percent": "75.0000",
        "source": "live",
    }
    text = page(client)
    assert "1筆支用數不明，不算進執行率" in text
    alpha = next(row for row in rows(client, "ministries") if row["ministry"] == "alpha")
    assert (alpha["spent_thousand_twd"], alpha["spent_percent"]) == ("", "")


def test_open_resolutions_are_told_to_those_who_may_see_them(client, two_years):
    today = timezone.localdate()
    measure = two_years.measures["1.1.1.1"]
    Resolution.objects.create(
        plan=two_years.plan, code="1.1.1.1", name=measure.name, lineage=measure.lineage,
        measure=measure, owner=two_years.beta, text="補辦兩場。", decided_on=today,
        due_on=today + timedelta(days=9), source="第一次會議", created_by=two_years.reviewer,
    )  # fmt: skip
    for name, seen in (("reviewer", True), ("officer_b", True), ("officer_a", False)):
        assert ("補辦兩場。" in page(client, two_years.people[name])) is seen, name
    assert "補辦兩場。" not in page(client, two_years.reviewer, "/plan/goals/2/")


# --- who may know ---------------------------------------------------------------------------------
def test_the_public_sees_nothing_of_a_year_before_its_release(client, two_years):
    text = page(client)
    assert charts(text) == []
    assert "plotly" not in text, "no chart, no library"
    assert "還沒有可以看的年度執行情形。" in text
    assert "/plan/measures/1.1.1.1/" in text
    assert client.get(f"{PAGE}figures/parts.json").status_code == 404
    assert [row["allocated_thousand_twd"] for row in rows(client, "money")] == [""] * 4
    [one] = rows(client, "indicators")
    assert (one["target"], one["actual"]) == ("", "")


def test_the_public_sees_the_released_year_alone(client, two_years):
    release(two_years.year)
    assert [row["allocated_thousand_twd"] for row in rows(client, "money")] == ["", "2400", "", ""]
    years = [row["behind"] for row in rows(client, "years")]
    assert years == ["", "1", "", ""]
    [one] = rows(client, "indicators")
    assert one["actual"] == "15.0000"


def test_filing_tells_each_person_what_they_may_know(client, world):
    file_in_every_state(world)
    let_due_date_pass(world.year)
    client.force_login(world.reviewer)
    whole = {row["ministry"]: row for row in rows(client, "filing")}
    assert whole["alpha"]["overdue"] == "1"
    assert "不公開" not in [t["name"] for t in figure(client, "filing")["data"]]
    client.force_login(world.officer_b)
    told = {row["ministry"]: row for row in rows(client, "filing")}
    assert told["alpha"]["overdue"] == ""
    assert told["beta"] == whole["beta"]
    hidden = next(t for t in figure(client, "filing")["data"] if t["name"] == "不公開")
    assert sum(number or 0 for number in hidden["x"]) > 0


def test_money_is_that_of_reports_that_the_person_may_read(two_years):
    world = two_years
    world.bring(world.report("1.1.1.2", "alpha"), Status.SUBMITTED)
    expected = {"reviewer": 3, "officer_a": 3, "expert": 3}
    for name, number in expected.items():
        found = money_rows([world.year], world.people[name])
        readable = MoneyLine.objects.filter(
            report__in=world.report("1.1.1.1", "alpha")
            .__class__.objects.visible_to(world.people[name])
            .filter(status=Status.ACCEPTED, reporting_year=world.year)
        )
        assert len(found) == number == readable.count(), name
        assert sum(row.sums.spent for row in found) == number * MONEY[0]["spent_thousand"]


def test_sums_keep_what_is_unknown_apart():
    both = Sums(1200, 1200, 900, 0).plus(Sums(800, 0, 0, 1))
    assert both == Sums(2000, 1200, 900, 1)
    assert (both.rate, both.left) == (Decimal(75), 300)
    assert Sums(800, 0, 0, 1).rate is None


# --- addresses ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "/plan/goals/9/",
        "/plan/goals/1.1/",
        f"{PAGE}?year=99",
        f"{PAGE}?format=csv&part=everything",
        f"{PAGE}?format=pdf&part=parts",
        f"{PAGE}?source=9-9",
        f"{PAGE}figures/everything.json",
    ],
)
def test_what_is_not_there_is_not_found(client, two_years, url):
    client.force_login(two_years.reviewer)
    assert client.get(url).status_code == 404


def test_goals_are_reached_from_overview_tree_and_measure(client, two_years):
    client.force_login(two_years.reviewer)
    for url in ("/", "/plan/"):
        assert 'href="/plan/goals/1/?year=111"' in page(client, url=url), url
    assert 'href="/plan/goals/1/"' in page(client, url="/plan/measures/1.1.1.1/")


def test_names_are_escaped(client, two_years):
    two_years.measures["1.1.1.1"].__class__.objects.filter(code="1.1.1.1").update(
        name='<script>alert("1")</script>'
    )
    assert "<script>alert" not in page(client, two_years.reviewer)


def test_a_plan_of_another_shape_is_told_in_its_own_words(client, world):
    load_plan(
        read_fixture(Path(__file__).parents[1] / "plan" / "successor.yaml"), by="system:tests"
    )
    PlanVersion.objects.filter(plan__slug="small-next").update(state=VersionState.APPROVED)
    text = page(client, world.reviewer, "/plan/goals/A/?plan=small-next")
    assert "主軸" in text
    assert "行動" in text
    assert "A.1.1" in text
    assert "目標</b>" not in text


# --- queries --------------------------------------------------------------------------------------
def test_one_row_asks_as_much_as_three(client, two_years, django_assert_num_queries):
    client.force_login(two_years.reviewer)
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    assert len(few) <= 18
    for number, ministry in enumerate(("alpha", "beta")):
        two_years.bring(two_years.report("1.1.1.2", ministry), Status.ACCEPTED)
        make_indicator(
            two_years.measures["1.1.1.2"],
            two_years.ministries[ministry],
            two_years.officer_a,
            name=f"指標{number}",
        )
    with django_assert_num_queries(len(few)):
        page(client)
