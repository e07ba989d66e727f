"""The measure's page: what each person finds there, and what nobody finds before its time."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from plan.models import TargetChange
from reports.figures.indicator import Point, target_and_actual
from tests.world import make_indicator, make_year
from tracking.actions import years
from tracking.actions.reports import save_draft
from tracking.enums import Status

ADDRESS = "/plan/measures/1.1.1.1/"
SECRET = "只有甲部知道的草稿"


def read(client, user=None, address=ADDRESS) -> str:
    if user:
        client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def accept_with_actual(world, report, indicator) -> None:
    """Filed and accepted with an actual of 15."""
    row = save_draft(
        report,
        seen_version=report.version,
        by=world.officer_a,
        fields={},
        values={indicator.pk: {"actual": Decimal("15"), "note": ""}},
    )
    world.bring(row, Status.ACCEPTED)


def test_everybody_reads_the_promise_and_who_answers_for_it(client, world):
    page = read(client)
    assert "培育種子師資" in page
    assert "行政院甲部" in page
    assert "行政院乙部" in page
    assert "表7策略1.1.1印的是「甲部／乙部」" in page
    assert "還沒有匯入計畫本文。" in page
    assert "還沒有可以讀的報告。" in page


def test_a_measure_nobody_wrote_is_not_found(client, world):
    assert client.get("/plan/measures/9.9.9.9/").status_code == 404
    assert client.get(ADDRESS + "?version=2").status_code == 404
    assert client.get(ADDRESS + "?version=eins").status_code == 404
    assert client.get(ADDRESS + "?version=1").status_code == 200


def test_a_body_that_was_merged_shows_its_heir(client, world):
    page = read(client, address="/plan/measures/2.1.1.1/")
    assert page.index("行政院丙署") < page.index("起</small>")


@pytest.mark.parametrize(
    ("person", "status", "reads"),
    [
        ("officer_a", Status.DRAFT, True),
        ("officer_b", Status.DRAFT, False),
        ("reviewer", Status.DRAFT, False),
        ("reviewer", Status.SUBMITTED, True),
        ("officer_b", Status.SUBMITTED, False),
        ("administrator", Status.SUBMITTED, False),
        ("officer_b", Status.ACCEPTED, True),
        (None, Status.ACCEPTED, False),
    ],
)
def test_a_report_is_read_by_those_who_may(client, world, report, person, status, reads):
    world.bring(report, status, work_done=SECRET)
    page = read(client, person and world.people[person])
    assert (SECRET in page) is reads


def test_the_public_reads_after_release(client, world, report):
    world.bring(report, Status.ACCEPTED, work_done=SECRET)
    years.close_year(world.year, by=world.collator)
    world.year.refresh_from_db()
    years.release_year(world.year, by=world.collator)
    page = read(client)
    assert SECRET in page
    assert 'class="lt lt-on"' in page


def test_the_button_is_the_next_step_of_the_person(client, world, report):
    edit = reverse("report-edit", args=[report.pk])
    assert edit in read(client, world.officer_a)
    assert edit not in read(client, world.officer_b)
    row = world.bring(report, Status.SUBMITTED)
    assert reverse("report-review", args=[row.pk]) in read(client, world.reviewer)
    assert "核可甲部111年度報告" not in read(client, world.window_a)


def test_an_indicator_shows_targets_actuals_and_a_gap(client, world, report, officer_a):
    indicator = make_indicator(report.measure, world.alpha, officer_a)
    accept_with_actual(world, report, indicator)
    TargetChange.objects.create(
        indicator=indicator,
        year=111,
        before={"value": "30", "low": None, "high": None},
        after={"value": "20", "low": None, "high": None},
        reason="場地減半",
        by=officer_a,
    )
    page = read(client, officer_a)
    assert "培訓人次：111年實績15" in page
    assert "是目標的75%" in page
    assert "場地減半（30 → 20）" in page
    figure = json.loads(
        read(client, officer_a, reverse("measure-indicator-figure", args=["1.1.1.1", indicator.pk]))
    )
    target, actual = figure["data"]
    assert (target["x"], target["y"]) == ([110, 111, 112, 113], [10.0, 20.0, None, None])
    assert actual["y"] == [None, 15.0, None, None]
    client.logout()
    hidden = read(client, None, reverse("measure-indicator-figure", args=["1.1.1.1", indicator.pk]))
    assert json.loads(hidden)["data"][1]["y"] == [None, None, None, None]


def test_a_range_is_two_lines_and_a_baseline_a_point_of_its_own():
    figure = target_and_actual(
        [Point(110, None, Decimal(2), Decimal(4), Decimal(3))], "天", (109, Decimal(5))
    )
    assert [(trace["name"], trace["x"], trace["y"]) for trace in figure["data"]] == [
        ("上限", [110], [4.0]),
        ("下限", [110], [2.0]),
        ("實績", [110], [3.0]),
        ("基期", [109], [5.0]),
    ]


def test_money_and_indicators_can_be_taken_as_csv(client, world, report, officer_a):
    indicator = make_indicator(report.measure, world.alpha, officer_a, targets={111: 20})
    accept_with_actual(world, report, indicator)
    money = read(client, officer_a, reverse("measure-money-csv", args=["1.1.1.1"]))
    assert money.splitlines()[1:] == ["1.1.1.1,111,2022,甲部,公務預算,1200,900,"]
    rows = read(client, officer_a, reverse("measure-indicators-csv", args=["1.1.1.1"])).splitlines()
    assert rows[2] == "1.1.1.1,培訓人次,行政院甲部,人次,higher,111,2022,20.0000,,,15.0000,,,"
    client.logout()
    assert read(client, None, reverse("measure-money-csv", args=["1.1.1.1"])).splitlines()[1:] == []


def test_three_of_everything_cost_the_queries_of_one(
    client, world, report, officer_a, django_assert_max_num_queries
):
    accept_with_actual(world, report, make_indicator(report.measure, world.alpha, officer_a))
    client.force_login(officer_a)
    client.get(ADDRESS)
    with django_assert_max_num_queries(40) as one:
        client.get(ADDRESS)
    for number in (2, 3):
        make_indicator(report.measure, world.alpha, officer_a, name=f"指標{number}", ordinal=number)
        make_year(world.plan, world.collator, {2: 112, 3: 110}[number])
    with django_assert_max_num_queries(len(one)):
        client.get(ADDRESS)


def test_parts_and_formulas_are_shown_and_taken_along(client, world, report, officer_a):
    indicator = make_indicator(
        report.measure, world.alpha, officer_a, dimension="性別", parts=["女", "男"]
    )
    make_indicator(report.measure, world.alpha, officer_a, ordinal=2, name="加倍", formula="A × 2")
    given = {indicator.pk: {"actual": 15, "parts": {"女": 9, "男": 6}}}
    row = save_draft(report, seen_version=report.version, by=officer_a, fields={}, values=given)
    world.bring(row, Status.ACCEPTED)
    page = read(client, officer_a, ADDRESS)
    assert "性別：</small>女</th>" in page
    assert "B ＝ A × 2" in page
    rows = read(client, officer_a, reverse("measure-indicators-csv", args=["1.1.1.1"])).splitlines()
    assert rows[2].endswith(",15.0000,,性別,女9；男6")
    double = next(row for row in rows if "加倍" in row and ",111," in row)
    assert double.endswith(",30.0000,A × 2,,")
