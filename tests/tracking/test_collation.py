"""The matrix and the collator's years: exact counts, who may, and what each verb does."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ministries.models import AuditEvent
from tests.kept import kept
from tests.outcomes import file_in_every_state, let_due_date_pass
from tests.world import make_year
from tracking.enums import FilingState, Status, YearState
from tracking.matrix import MEASURE, Matrix
from tracking.models import ProgressReport, ReportingYear

COLLATION = "/collation/"
YEARS = "/collation/years/"


@kept
def filed(world):
    file_in_every_state(world)
    return world


def matrix(world, **filters) -> Matrix:
    return Matrix(world.year, world.reviewer, timezone.localdate(), **filters)


def cells(table: Matrix) -> dict:
    """(line, ministry) → (states, any as lead)."""
    bodies = {body.pk: body.code for body in table.all_bodies}
    return {
        (table.every_line[line].code, bodies[pk]): (
            {str(state): n for state, n in cell.states.items()},
            cell.lead,
        )
        for (line, pk), cell in table.cells.items()
    }


# --- numbers --------------------------------------------------------------------------------------
def test_cells_by_strategy(filed):
    table = matrix(filed)
    assert cells(table) == {
        ("1.1.1", "alpha"): ({"accepted": 1, "waiting": 1}, True),
        ("1.1.1", "beta"): ({"nothing_to_report": 1, "returned": 1}, True),
        ("1.1.1", "science"): ({"not_applicable": 1}, False),
        ("1.1.2", "alpha"): ({"not_due": 1}, False),
        ("1.1.2", "science"): ({"not_due": 1}, True),
        ("2.1.1", "beta"): ({"not_due": 1}, True),
    }
    assert {str(state): n for state, n in table.totals.items()} == {
        "accepted": 1, "waiting": 1, "nothing_to_report": 1, "returned": 1,
        "not_applicable": 1, "not_due": 3,
    }  # fmt: skip
    assert [(body.code, table.columns[body.pk].owed) for body in table.bodies] == [
        ("alpha", 3), ("beta", 3), ("science", 1),
    ]  # fmt: skip
    assert [(line.code, table.rows[line.pk].accepted) for line in table.lines] == [
        ("1.1.1", 2), ("1.1.2", 0), ("2.1.1", 0),
    ]  # fmt: skip


def test_cells_by_measure_hold_one_report_each(filed):
    table = matrix(filed, level=MEASURE)
    assert len(table.cells) == 8
    assert all(sum(cell.states.values()) == 1 for cell in table.cells.values())
    assert {cell.report for cell in table.cells.values()} == set(
        filed.year.reports.values_list("pk", flat=True)
    )
    assert [line.code for line in table.lines] == ["1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1"]


def test_filters_narrow_cells_and_never_the_key(filed):
    whole = matrix(filed).totals
    assert set(cells(matrix(filed, goal="2"))) == {("2.1.1", "beta")}
    assert set(cells(matrix(filed, code="1.1.2"))) == {("1.1.2", "alpha"), ("1.1.2", "science")}
    assert set(cells(matrix(filed, ministry="science"))) == {
        ("1.1.1", "science"), ("1.1.2", "science"),
    }  # fmt: skip
    assert cells(matrix(filed, role="partner"))["1.1.1", "beta"] == (
        {"nothing_to_report": 1}, False,
    )  # fmt: skip
    narrowed = matrix(filed, states=[FilingState.WAITING])
    assert [line.code for line in narrowed.lines] == ["1.1.1"]
    assert narrowed.totals == matrix(filed, role="lead").totals == whole


def test_a_cells_state_is_its_worst_and_the_year_tells_when_it_is_overdue(filed):
    let_due_date_pass(filed.year)
    table = matrix(filed)
    found = {
        (table.every_line[line].code, pk): table.state_of(cell)
        for (line, pk), cell in table.cells.items()
    }
    assert found["1.1.1", filed.alpha.pk] == FilingState.WAITING
    assert found["1.1.1", filed.beta.pk] == FilingState.RETURNED
    assert found["1.1.1", filed.science.pk] is None
    assert found["1.1.2", filed.alpha.pk] == FilingState.OVERDUE


def test_rows_of_a_ministry_bear_the_name_of_the_year(filed):
    """丙署 merged into 乙部 a year ago: the year's report is 乙部's."""
    assert "gamma" not in {body.code for body in matrix(filed).all_bodies}


def test_rows_add_up(filed):
    _header, rows = matrix(filed).csv()
    states = [row[8:-3] for row in rows]
    assert [row[7] for row in rows] == [sum(numbers) for numbers in states]
    assert sum(row[7] for row in rows) == 8
    assert all(sum(row[-3:]) <= row[7] for row in rows)


# --- page -----------------------------------------------------------------------------------------
def test_who_opens_the_matrix_and_the_years(world, as_user):
    expected = {
        "reviewer": 200, "collator": 200, "administrator": 200, "expert": 403,
        "officer_a": 403, "window_a": 403, "viewer_a": 403, None: 302,
    }  # fmt: skip
    for url in (COLLATION, YEARS):
        answers = {
            name: as_user(name and world.people[name]).get(url).status_code for name in expected
        }
        assert answers == expected, url


def test_the_page_says_what_is_missing(filed, as_user):
    page = as_user(filed.reviewer).get(COLLATION).content.decode()
    assert "111年度還缺5件：1件退回、3件未到期、1件待審" in page
    assert "應交" in page
    assert "7件，3個部會署及單位" in page
    assert "甲部 1.1.1：待審1件、已接受1件，主辦" in page
    assert "科學部 1.1.1：不適用1件，協辦" in page
    assert "從最早的開始審1件" in page
    assert "從最早的開始審" not in as_user(filed.administrator).get(COLLATION).content.decode()


def test_cells_lead_to_their_rows(filed, as_user):
    waiting = filed.report("1.1.1.2", "alpha")
    page = as_user(filed.reviewer).get(COLLATION).content.decode()
    assert "/collation/?year=111&amp;level=measure&amp;code=1.1.1&amp;ministry=alpha" in page
    by_measure = as_user(filed.reviewer).get(f"{COLLATION}?level=measure").content.decode()
    assert reverse("report-review", args=[waiting.pk]) in by_measure
    # A collator does not review: the measure's page instead.
    by_measure = as_user(filed.collator).get(f"{COLLATION}?level=measure").content.decode()
    assert reverse("report-review", args=[waiting.pk]) not in by_measure


@pytest.mark.parametrize(
    "query", ["level=goal", "role=owner", "sort=size", "state=draft", "year=99", "year=x"]
)
def test_unknown_filters_are_refused(world, as_user, query):
    assert as_user(world.reviewer).get(f"{COLLATION}?{query}").status_code == 404


def test_filters_that_match_nothing_say_so(world, as_user):
    page = as_user(world.reviewer).get(f"{COLLATION}?goal=9").content.decode()
    assert "沒有符合篩選的報告。" in page


def test_csv_gives_the_same_rows(filed, as_user):
    answer = as_user(filed.collator).get(f"{COLLATION}?format=csv&ministry=science")
    assert answer["Content-Disposition"] == 'attachment; filename="small-filing-111.csv"'
    lines = answer.content.decode().splitlines()
    assert lines[0].endswith(
        "reports,overdue,returned,waiting,not_due,accepted,nothing_to_report,not_applicable,"
        "filed_in_time,filed_by_extension,filed_late"
    )
    assert lines[1:] == [
        "111,2022,1.1.1,培育人才,science,科學部,partner,1,0,0,0,0,0,0,1,0,0,0",
        "111,2022,1.1.2,開放資源,science,科學部,lead,1,0,0,0,1,0,0,0,0,0,0",
    ]


def test_as_many_queries_with_one_strategy_as_with_three(
    world, as_user, django_assert_max_num_queries
):
    browser = as_user(world.reviewer)
    numbers = []
    for url in (f"{COLLATION}?goal=2", COLLATION, f"{COLLATION}?level=measure"):
        with django_assert_max_num_queries(8) as queries:
            assert browser.get(url).status_code == 200
        numbers.append(len(queries))
    ProgressReport.objects.exclude(measure__code="2.1.1.1").delete()
    with django_assert_max_num_queries(8) as queries:
        browser.get(COLLATION)
    assert {*numbers, len(queries)} == {numbers[0]}


def test_before_any_year_there_is_a_way_on(world, as_user):
    ProgressReport.objects.all().delete()
    ReportingYear.objects.all().delete()
    page = as_user(world.collator).get(COLLATION).content.decode()
    assert "還沒有開放的填報年度" in page
    assert YEARS in page
    assert "這個計畫還沒有填報年度。" in as_user(world.collator).get(YEARS).content.decode()


# --- years ----------------------------------------------------------------------------------------
def dates(opens, due, closes) -> dict:
    posted = {}
    for name, day in (("opens_on", opens), ("due_on", due), ("closes_on", closes)):
        posted |= {f"{name}_0": day.year - 1911, f"{name}_1": day.month, f"{name}_2": day.day}
    return posted


def test_a_year_is_added_opened_closed_reopened_and_released(world, as_user):
    browser = as_user(world.collator)
    today = timezone.localdate()
    day = timedelta(days=1)
    answer = browser.post(YEARS, {"year": 112, **dates(today, today + day, today + 2 * day)})
    assert answer.status_code == 302
    year = ReportingYear.objects.get(year=112)
    assert (year.state, year.opens_on) == (YearState.PLANNED, today)

    def move(verb: str, **posted) -> str:
        answer = browser.post(reverse("year-move", args=[year.pk, verb]), posted, follow=True)
        year.refresh_from_db()
        return answer.content.decode()

    page = browser.get(YEARS).content.decode()
    assert "開放112年度填報" in page
    assert "為每個部會的每項措施建立一件空白報告" in page
    assert "這次建立8件空白報告" in move("open")
    assert year.state == YearState.OPEN
    assert "這次建立0件空白報告" in move("open")
    assert "還有8件沒有送出" in browser.get(YEARS).content.decode()
    assert "112年度已截止收件" in move("close")
    assert year.state == YearState.CLOSED
    later = today + 9 * day
    prefix = f"reopen-{year.pk}-closes_on"
    posted = {f"{prefix}_0": later.year - 1911, f"{prefix}_1": later.month}
    answer = browser.post(reverse("year-move", args=[year.pk, "reopen"]), posted)
    assert answer.status_code == 422
    assert "填年、月、日。" in answer.content.decode()
    assert "112年度重新開放" in move("reopen", **posted, **{f"{prefix}_2": later.day})
    assert (year.state, year.closes_on) == (YearState.OPEN, later)
    move("close")
    assert "公布以後不能收回" in browser.get(YEARS).content.decode()
    assert "任何人都看得到" in move("release")
    assert year.state == YearState.RELEASED
    verbs = AuditEvent.objects.filter(target=f"tracking.reportingyear:{year.pk}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "year.add", "year.open", "year.open", "year.close", "year.reopen", "year.close",
        "year.release",
    ]  # fmt: skip


def test_reopening_until_a_day_that_has_passed_is_refused_at_the_field(world, as_user):
    ReportingYear.objects.filter(pk=world.year.pk).update(state=YearState.CLOSED)
    prefix = f"reopen-{world.year.pk}-closes_on"
    posted = {f"{prefix}_0": 110, f"{prefix}_1": 1, f"{prefix}_2": 1}
    answer = as_user(world.collator).post(
        reverse("year-move", args=[world.year.pk, "reopen"]), posted
    )
    assert answer.status_code == 422
    assert "新的關閉日不能在今天以前" in answer.content.decode()
    world.year.refresh_from_db()
    assert world.year.state == YearState.CLOSED


def test_dates_out_of_order_are_refused_and_kept(world, as_user):
    today = timezone.localdate()
    day = timedelta(days=1)
    answer = as_user(world.collator).post(
        YEARS, {"year": 112, **dates(today, today - day, today + day)}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "截止日不能在開放日以前。" in page
    assert 'value="112" selected' in page
    assert not ReportingYear.objects.filter(year=112).exists()


def test_a_year_that_exists_cannot_be_added_again(world, as_user):
    today = timezone.localdate()
    answer = as_user(world.collator).post(YEARS, {"year": 111, **dates(today, today, today)})
    assert answer.status_code == 422
    assert ReportingYear.objects.filter(year=111).count() == 1


@pytest.mark.parametrize("name", ["reviewer", "administrator"])
def test_others_see_why_they_may_not_move_a_year(world, as_user, name):
    browser = as_user(world.people[name])
    page = browser.get(YEARS).content.decode()
    assert 'aria-disabled="true"' in page
    assert "你不是彙整人" in page
    assert "新增這個年度" not in page
    assert browser.post(YEARS, {"year": 112}).status_code == 403
    assert browser.post(reverse("year-move", args=[world.year.pk, "close"])).status_code == 403
    world.year.refresh_from_db()
    assert world.year.state == YearState.OPEN


def test_a_move_at_the_wrong_time_is_refused_with_a_sentence(world, as_user):
    answer = as_user(world.collator).post(
        reverse("year-move", args=[world.year.pk, "release"]), follow=True
    )
    assert "只有「已截止」的年度可以「公布」" in answer.content.decode()
    world.year.refresh_from_db()
    assert world.year.state == YearState.OPEN


def test_an_unknown_verb_or_year_is_not_found_and_a_move_is_no_link(world, as_user):
    browser = as_user(world.collator)
    assert browser.post(reverse("year-move", args=[world.year.pk, "delete"])).status_code == 404
    assert browser.post(reverse("year-move", args=[0, "open"])).status_code == 404
    assert browser.get(reverse("year-move", args=[world.year.pk, "open"])).status_code == 405


def test_as_many_queries_with_one_year_as_with_three(world, as_user, django_assert_num_queries):
    browser = as_user(world.collator)
    browser.get(YEARS)
    with django_assert_num_queries(6) as one:
        browser.get(YEARS)
    make_year(world.plan, world.collator, 110)
    make_year(world.plan, world.collator, 112)
    with django_assert_num_queries(len(one)):
        browser.get(YEARS)


def test_a_drafts_text_never_shows(world, report, as_user):
    world.bring(report, Status.DRAFT, work_done="還沒有送出的話")
    for url in (COLLATION, f"{COLLATION}?level=measure", f"{COLLATION}?format=csv", YEARS):
        assert "還沒有送出的話" not in as_user(world.administrator).get(url).content.decode()
