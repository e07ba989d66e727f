"""Lists: filters that refuse what they don't know, both calendars, and a constant query count."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import make_indicator
from tracking.actions import reports as actions
from tracking.api.reports import ReportFilter
from tracking.enums import FilingState, Light, Status
from tracking.lights import filing_state
from tracking.models import ProgressReport, ReportingYear

pytestmark = pytest.mark.django_db
LISTS = (
    "plans/", "versions/", "goals/", "sub-goals/", "strategies/", "measures/", "ministries/",
    "successions/", "reporting-years/", "reports/",
)  # fmt: skip


def rows(answer) -> list[dict]:
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def codes(answer) -> list[str]:
    return [row["code"] for row in rows(answer)]


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_filter_is_refused(api, world, path):
    answer = api(world.reviewer, "get", f"{path}?ministri=alpha")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["ministri"]


@pytest.mark.parametrize(
    "query",
    ["light=green", "year=abc", "role=boss", "role=lead", "version=x", "version=9", "plan=other",
     "year=115"],
)  # fmt: skip
def test_a_wrong_value_is_refused(api, world, query):
    assert api(world.reviewer, "get", f"measures/?{query}").status_code == 400


@pytest.mark.parametrize("size", ["0", "-1", "abc", "1.5", "", "００"])
@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_no_size_is_refused(api, world, path, size):
    answer = api(world.reviewer, "get", f"{path}?page_size={size}")
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"page_size": ["每頁筆數是1以上的整數。"]}


@pytest.mark.parametrize("page", ["0", "-1", "abc", "", "１"])
def test_a_page_that_is_no_number_is_refused(api, world, page):
    answer = api(world.reviewer, "get", f"measures/?page={page}")
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"page": ["頁次是1以上的整數。"]}


@pytest.mark.parametrize("query", ["late=maybe", "year=110.5", "state=gone", "status=x", "light=x"])
def test_a_wrong_value_finds_no_reports(api, world, query):
    assert api(world.reviewer, "get", f"reports/?{query}").status_code == 400


@pytest.mark.parametrize("word", ["true", "false"])
def test_late_reports_are_found(api, world, every_state, word):
    ProgressReport.objects.filter(pk=every_state[Status.SUBMITTED].pk).update(late=True)
    found = rows(api(world.reviewer, "get", f"reports/?late={word}"))
    assert found and {row["late"] for row in found} == {word == "true"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1"]),
        ("code=1.1.1.2", ["1.1.1.2"]),
        ("goal=2", ["2.1.1.1"]),
        ("sub_goal=1.1&strategy=1.1.2", ["1.1.2.1"]),
        ("ministry=alpha", ["1.1.1.1", "1.1.1.2", "1.1.2.1"]),
        ("ministry=alpha&role=lead", ["1.1.1.1", "1.1.1.2"]),
        # 丙署 merged into 乙部: found by the name in the plan and by the one of today.
        ("ministry=gamma", ["2.1.1.1"]),
        ("ministry=beta&role=partner", ["1.1.1.1", "2.1.1.1"]),
        ("light=on_track", ["1.1.2.1"]),
        ("light=behind&year=111", []),
        ("version=1&plan=small&page_size=1&page=2", ["1.1.1.2"]),
    ],
)
def test_measures_are_found(api, world, query, found):
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED, light=Light.ON_TRACK)
    assert codes(api(world.reviewer, "get", f"measures/?{query}")) == found


def test_a_measure_names_who_holds_its_duties_today(api, world):
    row = api(None, "get", "measures/2.1.1.1/").json()
    assert row["leads"] == [{"ministry": "beta", "short_name": "乙部", "holder": "beta"}]
    assert row["partners"] == [{"ministry": "gamma", "short_name": "丙署", "holder": "beta"}]


def test_a_measure_shows_approved_indicators_only(api, world):
    make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    make_indicator(
        world.measures["1.1.1.1"], world.alpha, world.officer_a, name="未核定的", state="proposed"
    )
    row = api(None, "get", "measures/1.1.1.1/").json()
    assert [indicator["name"] for indicator in row["indicators"]] == ["培訓人次"]
    assert row["indicators"][0]["targets"][0]["year_gregorian"] == 2021


def test_years_count_in_both_calendars(api, world, every_state):
    for year in (111, 2022):
        answer = api(world.reviewer, "get", f"reports/?year={year}")
        assert {row["year"] for row in rows(answer)} == {111}
        assert {row["year_gregorian"] for row in rows(answer)} == {2022}
        found = api(world.reviewer, "get", f"reporting-years/{year}/").json()
        assert (found["year"], found["year_gregorian"]) == (111, 2022)
    assert rows(api(world.reviewer, "get", "reports/?year=110")) == []


@pytest.mark.parametrize("overdue", [False, True])
def test_states_are_the_ones_of_the_pages(api, world, every_state, overdue):
    if overdue:
        world.year.due_on = timezone.localdate() - timedelta(days=1)
        world.year.save()
    world.bring(
        world.report("1.1.1.2", "science"),
        Status.ACCEPTED,
        nothing_to_report=True,
        nothing_reason="自次年度起",
        light="",
        completion=None,
        work_done="",
    )
    for state in FilingState:
        listed = {
            row["id"]
            for user in (world.officer_a, world.officer_b, world.officer_s)
            for row in rows(api(user, "get", f"reports/?state={state}"))
        }
        assert listed == {
            report.pk
            for report in ProgressReport.objects.select_related("reporting_year")
            if filing_state(
                report.status,
                report.nothing_to_report,
                report.reporting_year.due_on,
                report.correction_due_on,
                timezone.localdate(),
            )
            == state
        }


def test_the_states_filter_is_the_states_rule(world, report):
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    rows = ProgressReport.objects.filter(pk=report.pk)
    for due, status, correction, nothing in product(
        (today, yesterday), Status, (None, today, yesterday), (False, True)
    ):
        ReportingYear.objects.filter(pk=world.year.pk).update(due_on=due)
        rows.update(status=status, correction_due_on=correction, nothing_to_report=nothing)
        states = [state for state in FilingState if ReportFilter({"state": state}, rows).qs]
        assert states == [filing_state(status, nothing, due, correction, today)]


def test_reports_are_found(api, world, every_state):
    def found(query: str) -> set[tuple[str, str]]:
        answer = api(world.reviewer, "get", f"reports/?{query}")
        return {(row["measure"], row["ministry"]) for row in rows(answer)}

    assert found("ministry=beta") == {("1.1.1.1", "beta"), ("1.1.1.2", "beta")}
    assert found("status=returned") == {("1.1.1.2", "beta")}
    assert found("code=1.1.1.1") == {("1.1.1.1", "beta")}
    assert found("goal=1&role=partner") == {("1.1.1.1", "beta")}
    assert found("light=behind") == set()


def test_ministries_of_a_day(api, world):
    today = timezone.localdate()
    before = today - timedelta(days=366)
    assert "gamma" not in codes(api(None, "get", f"ministries/?on={today}"))
    assert "gamma" in codes(api(None, "get", f"ministries/?on={before}"))
    assert api(None, "get", "ministries/gamma/").json()["until"] is not None
    edges = rows(api(None, "get", "successions/?ministry=beta"))
    assert [(edge["predecessor"], edge["kind"]) for edge in edges] == [("gamma", "merged")]


@pytest.mark.parametrize("path", LISTS)
def test_query_counts_do_not_grow(api, world, every_state, path):
    indicators = [
        make_indicator(measure, world.alpha, world.officer_a) for measure in world.measures.values()
    ]
    for report in every_state.values():
        report.values.create(indicator=indicators[0], actual=3)
        report.evidence.create(title="連結", url="https://e.test/", added_by=world.officer_a)
    # The first of the list is under correction too, which costs its own few queries.
    first = world.report("1.1.1.1", "beta")
    first = actions.start_review(first, seen_version=first.version, by=world.reviewer)
    actions.return_report(
        first, seen_version=first.version, by=world.reviewer, parts={"progress": "請補充。"}
    )
    counts = {}
    for size in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            api(world.reviewer, "get", f"{path}?page_size={size}")
        counts[size] = len(queries)
    assert counts[1] == counts[3]


@pytest.mark.parametrize("path", ("ministries/?on=", "reports/?year=", "measures/?code=&goal=1"))
def test_an_empty_filter_is_refused(api, world, path):
    answer = api(None, "get", path)
    assert answer.status_code == 400
    assert len(answer.json()["fields"]) == 1
