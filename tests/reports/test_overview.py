"""The overview: its finding, its counts, who may know what of it, and how little it asks."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from plan.models import Measure, Plan, PrintedFigure
from reports import budget_path
from tests.kept import kept
from tests.outcomes import BEHIND, file_in_every_state, let_due_date_pass, release
from tests.world import make_year
from tracking.enums import Status, YearState
from tracking.models import ReportingYear


def read(client, user=None, address="/") -> str:
    if user:
        client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def heading(page: str) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", page)[1]


def table(client, part: str, year: int = 111) -> list[dict[str, str]]:
    answer = client.get(f"/?format=csv&part={part}&year={year}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@kept
def two_years(world):
    """110: 1.1.1.1 on track, 1.1.2.1 behind. 111: the other way round, all leads accepted."""
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    world.bring(world.report("1.1.2.1", "science", last), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    world.bring(world.report("2.1.1.1", "beta"), Status.ACCEPTED, **BEHIND)
    return world


# --- the finding ----------------------------------------------------------------------------------
def test_without_a_plan_it_says_what_to_do(client, db):
    page = read(client)
    assert heading(page) == "還沒有載入計畫"
    assert "由系統管理者載入計畫之後" in page


def test_before_any_release_the_public_sees_the_plan(client, world):
    page = read(client)
    assert heading(page) == "4項措施，還沒有可以看的年度執行情形"
    assert "年度公布之後" in page
    assert "人才" in page
    assert "各部會填報" not in page


def test_a_year_that_is_not_released_is_hidden_from_the_public(client, world):
    assert heading(read(client, address="/?year=111")) == "111年度的執行情形還沒有公布"


@pytest.mark.parametrize("year", ["109", "114", "x", "-1"])
def test_a_year_that_the_plan_does_not_have_is_not_found(client, world, year):
    assert client.get(f"/?year={year}").status_code == 404


def test_without_accepted_leads_nothing_is_claimed(client, world):
    page = read(client, world.reviewer)
    assert heading(page) == "111年度：4項措施都還沒有已接受的主辦報告"
    assert "還不能和去年比。" in page
    assert "沒有落後的措施。" in page


def test_the_finding_compares_with_last_year(client, two_years):
    assert heading(read(client, two_years.reviewer)) == ("111年度：4項措施有2項落後，比去年多1項")
    two_years.bring(two_years.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    assert heading(read(client, two_years.reviewer, "/?year=110")) == "110年度：4項措施有1項落後"


def test_fewer_and_as_many(client, world):
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    assert heading(read(client, world.expert)).endswith("有0項落後，比去年少1項")
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED, **BEHIND)
    assert heading(read(client, world.expert)).endswith("有1項落後，和去年一樣多")


# --- counts ---------------------------------------------------------------------------------------
def test_goals_count_their_measures_by_light(client, two_years):
    client.force_login(two_years.reviewer)
    two_years.bring(two_years.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    rows = {
        (row["goal"], row["light"]): (int(row["measures"]), int(row["measures_last_year"]))
        for row in table(client, "goals")
    }
    counted = {key: value for key, value in rows.items() if value != (0, 0)}
    assert counted == {
        ("1", "behind"): (1, 1),
        ("1", "on_track"): (1, 1),
        ("1", "incomplete"): (1, 0),
        ("1", "unknown"): (0, 1),
        ("2", "behind"): (1, 0),
        ("2", "unknown"): (0, 1),
    }
    page = read(client)
    assert "去年落後1項，今年1項，相同" in page
    assert "去年落後0項，今年1項，多1項" in page
    assert "/plan/?year=111&amp;goal=1&amp;light=behind" in page


def test_what_got_worse_comes_with_ministry_and_cause(client, two_years):
    client.force_login(two_years.reviewer)
    assert table(client, "worse") == [
        {
            "roc_year": "111",
            "year": "2022",
            "measure": "1.1.1.1",
            "name": "培育種子師資",
            "ministry": "甲部",
            "light_last_year": "on_track",
            "light": "behind",
            "cause": "procurement",
            "cause_name": "採購與發包延宕",
            "sub_cause": "流標",
            "source": "live",
        }
    ]
    page = read(client)
    assert "1項的燈號往下移，1項往上移。" in page
    assert "流標" in page
    assert "/plan/?year=111&amp;change=worse" in page


def test_causes_of_two_years(client, two_years):
    client.force_login(two_years.expert)
    assert [
        (row["cause"], row["measures"], row["measures_last_year"])
        for row in table(client, "causes")
    ] == [("procurement", "2", "1")]
    assert "/plan/?year=111&amp;light=late&amp;cause=procurement" in read(client)


# --- who may know ---------------------------------------------------------------------------------
STATES = [
    "overdue", "returned", "waiting", "not_due", "accepted", "nothing_to_report", "not_applicable",
]  # fmt: skip
WHOLE = {
    "alpha": ["3", "1", "0", "1", "0", "1", "0", "0"],
    "beta": ["3", "1", "1", "0", "0", "0", "1", "0"],
    "science": ["2", "1", "0", "0", "0", "0", "0", "1"],
}
TOLD = {
    "alpha": ["3", "", "", "", "", "1", "0", ""],
    "beta": ["3", "", "", "", "", "0", "1", ""],
    "science": ["2", "", "", "", "", "0", "0", ""],
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reviewer", WHOLE),
        ("collator", WHOLE),
        ("administrator", WHOLE),
        ("officer_a", {**TOLD, "alpha": WHOLE["alpha"]}),
        ("viewer_b", {**TOLD, "beta": WHOLE["beta"]}),
        ("expert", TOLD),
    ],
)
def test_filing_tells_each_person_what_they_may_know(client, world, name, expected):
    file_in_every_state(world)
    let_due_date_pass(world.year)
    client.force_login(world.people[name])
    rows = {
        row["ministry"]: [row[column] for column in ("reports", *STATES)]
        for row in table(client, "filing")
    }
    assert rows == expected
    page = read(client)
    assert ("件逾期未交" in page) == (expected is WHOLE)


def test_the_public_learns_nothing_of_what_is_missing(client, world):
    file_in_every_state(world)
    let_due_date_pass(world.year)
    release(world.year)
    rows = {
        row["ministry"]: [row[column] for column in ("reports", *STATES)]
        for row in table(client, "filing")
    }
    assert rows == TOLD
    page = read(client)
    assert heading(page) == "111年度：4項措施有1項落後"
    assert "8件年度報告已接受2件。" in page
    for hidden in ("件逾期", "等你處理", "/collation/", "/desk/"):
        assert hidden not in page


def test_a_light_of_an_unaccepted_report_does_not_show(client, world, report):
    world.bring(report, Status.UNDER_REVIEW, **BEHIND)
    for user in (world.reviewer, world.officer_a, world.officer_b):
        assert heading(read(client, user)).endswith("都還沒有已接受的主辦報告")


def test_what_waits_is_told_to_those_who_can_do_it(client, world):
    file_in_every_state(world)
    waiting = {
        "reviewer": ["件待審"],
        "officer_a": [],
        "officer_b": ["件被退回，等你補正", "件還沒有送出"],
        "window_a": ["件等你核可"],
        "viewer_a": [],
        "expert": [],
    }
    for name, expected in waiting.items():
        page = read(client, world.people[name])
        todo = re.search(r'<ul class="todo".*?</ul>', page)
        found = re.findall(r"</b>([^<，]*(?:，等你補正)?)", todo[0]) if todo else []
        assert found == expected, name
    page = read(client, world.officer_b)
    due = world.year.due_on
    assert f"，{due.year - 1911}-{due:%m-%d}截止" in page


def test_navigation_holds_what_a_person_may_open(client, world):
    file_in_every_state(world)
    expected = {
        "reviewer": ["總覽", "計畫", "部會", "彙整1件等你處理", "評估", "經費", "開放資料"],
        "collator": ["總覽", "計畫", "部會", "彙整", "評估", "經費", "開放資料"],
        "administrator": [
            *("總覽", "計畫", "部會", "彙整", "評估", "經費", "開放資料", "人員", "管理"),
        ],
        "officer_a": ["總覽", "計畫", "部會", "填報", "評估", "經費", "開放資料"],
        "officer_b": ["總覽", "計畫", "部會", "填報2件等你處理", "評估", "經費", "開放資料"],
        "window_a": [
            *("總覽", "計畫", "部會", "填報1件等你處理", "評估", "經費", "開放資料", "人員"),
        ],
        "viewer_a": ["總覽", "計畫", "部會", "填報", "評估", "經費", "開放資料"],
        "expert": ["總覽", "計畫", "部會", "評估", "經費", "開放資料"],
    }
    found = {}
    for name in expected:
        client.force_login(world.people[name])
        items = client.get("/").context["nav_items"]
        found[name] = [
            item["label"] + (f"{item['count']}件等你處理" if item["count"] else "")
            for item in items
        ]
        for item in items:
            assert client.get(item["url"]).status_code == 200, (name, item["url"])
        assert [item["label"] for item in items if item["current"]] == ["總覽"]
    assert found == expected


# --- the budget path ------------------------------------------------------------------------------
def test_bases_of_the_budget_path_are_never_joined(client, world):
    for table_, row, year, value in (
        ("8", 1, 111, "1307"), ("8", 1, 112, "1383"), ("8", 2, 111, "205441"),
        ("8", 3, 111, "0.64"), ("8", 3, 112, "0.66"), ("柒", 1, 110, "1141"),
    ):  # fmt: skip
        PrintedFigure.objects.create(
            plan=world.plan, table=table_, row=str(row), row_ordinal=row, column=str(year),
            column_ordinal=year, year=year, unit="億元", printed=value, value=Decimal(value),
        )  # fmt: skip
    client.force_login(world.expert)
    rows = [
        (row["roc_year"], row["basis"], Decimal(row["budget_100_million"]), row["percent"] != "")
        for row in table(client, "path")
    ]
    assert rows == [
        ("110", "statutory", 1141, False),
        ("111", "planned", 1307, True),
        ("112", "planned", 1383, True),
    ]
    page = read(client)
    assert "規劃的科技預算由111年1,307億元升到112年1,383億元；占GDP由0.64%升到0.66%" in page
    line = re.search(r'<path class="ln plan" d="([^"]*)"', page)[1]
    assert line.count("L") == 1, "two planned years, one stroke"
    assert page.count('class="pt stat"') == 2, "one point, drawn for two widths"


def test_a_plan_without_figures_has_no_path(client, world):
    assert "這個計畫沒有經費路徑的數字。" in read(client)
    assert budget_path.draw([], 328, "only-narrow") == ""


# --- csv and addresses ----------------------------------------------------------------------------
def test_csv_starts_no_formula_and_an_unknown_part_is_not_found(client, two_years):
    Measure.objects.filter(code="1.1.1.1").update(name="=1+1")
    client.force_login(two_years.reviewer)
    assert table(client, "worse")[0]["name"] == "'=1+1"
    assert client.get("/?format=csv&part=everything").status_code == 404


def test_names_are_escaped(client, two_years):
    Measure.objects.filter(code="1.1.1.1").update(name='<script>alert("1")</script>')
    page = read(client, two_years.reviewer)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_second_plan_without_a_version_in_force_changes_nothing(client, world):
    Plan.objects.create(slug="next", name="下一期", start_year=114, end_year=117)
    assert heading(read(client)).startswith("4項措施")


def test_a_planned_year_is_not_shown_to_anybody(client, world):
    today = timezone.localdate()
    ReportingYear.objects.create(
        plan=world.plan,
        year=113,
        opens_on=today + timedelta(days=300),
        due_on=today + timedelta(days=330),
        closes_on=today + timedelta(days=360),
        state=YearState.PLANNED,
    )
    assert heading(read(client, world.collator)).startswith("111年度")
    assert "113年度的執行情形還沒有公布" in read(client, world.collator, "/?year=113")


# --- queries --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["reviewer", "administrator", "officer_b", "window_a", "expert"])
def test_at_most_twelve_queries(
    client, two_years, name, django_assert_max_num_queries, django_assert_num_queries
):
    client.force_login(two_years.people[name])
    with django_assert_max_num_queries(12) as few:
        client.get("/")
    for code, ministry in (("1.1.1.2", "alpha"), ("1.1.1.2", "beta"), ("1.1.1.1", "beta")):
        two_years.bring(two_years.report(code, ministry), Status.ACCEPTED)
    with django_assert_num_queries(len(few)):
        client.get("/")


def test_the_public_page_asks_even_less(client, two_years, django_assert_max_num_queries):
    release(two_years.year)
    with django_assert_max_num_queries(7):
        client.get("/")


# --- what to follow up ----------------------------------------------------------------------------
def test_three_lines_say_what_to_follow_up_and_lead_to_its_rows(client, two_years):
    page = read(client, two_years.reviewer)
    lines = re.findall(r'<li><a href="(/attention/[^"]*)">(.*?)</a></li>', page)
    assert [url.rpartition("#")[2] for url, _words in lines] == ["h-unspent", "h-without", "h-open"]
    assert lines[1][1] == "4項措施沒有核定的指標（目標1：3、目標2：1）"
    assert lines[2][1] == "沒有未結的決議"
    for url, words in lines[1:]:
        assert words.partition("（")[0] in read(client, two_years.reviewer, url)


def test_while_there_is_no_year_the_follow_up_is_the_overview(client, world):
    answer = client.get("/attention/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
