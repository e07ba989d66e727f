"""Desk and review queue: order, groups, filters, and queries that don't grow with the rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import join, make_indicator, make_user
from tracking.enums import Status
from tracking.models import ProgressReport
from tracking.views import review_queue


def queries(browser, url: str) -> int:
    browser.get(url)  # roles and content types are asked for once
    with CaptureQueriesContext(connection) as found:
        assert browser.get(url).status_code == 200
    return len(found)


def groups(answer) -> list[tuple[str, list[str]]]:
    return [
        (group.key, [row.report.measure.code for row in group.rows])
        for group in answer.context["groups"]
    ]


def test_what_needs_me_comes_first(world, as_user):
    world.bring(world.report("1.1.1.1", "alpha"), Status.RETURNED)
    world.bring(world.report("1.1.1.2", "alpha"), Status.SIGNING)
    officer, window = as_user(world.officer_a), as_user(world.window_a)
    assert groups(officer.get(reverse("desk"))) == [
        ("returned", ["1.1.1.1"]),
        ("due", ["1.1.2.1"]),
        ("signing", ["1.1.1.2"]),
    ]
    # The window signs; what the officers have to do is not theirs.
    assert groups(window.get(reverse("desk")))[0] == ("signing", ["1.1.1.2"])


def test_overdue_drafts_lead_and_are_counted(world, as_user):
    today = timezone.localdate()
    world.year.due_on, world.year.closes_on = today - timedelta(days=3), today + timedelta(days=9)
    world.year.save()
    page = as_user(world.officer_a).get(reverse("desk")).content.decode()
    assert "3件已經逾期，請先填。" in page
    assert "逾期3天" in page


def test_a_person_of_two_ministries_can_tell_them_apart(world, as_user):
    both = make_user("both")
    join(both, world.alpha, "officer")
    join(both, world.science, "officer")
    browser = as_user(both)
    page = browser.get(reverse("desk"))
    assert {row.report.ministry.code for group in page.context["groups"] for row in group.rows} == {
        "alpha",
        "science",
    }
    assert "科學部" in page.content.decode()
    only = browser.get(reverse("desk"), {"ministry": "science"})
    assert {row.report.ministry.code for group in only.context["groups"] for row in group.rows} == {
        "science"
    }
    none = browser.get(reverse("desk"), {"goal": "9"})
    assert "沒有符合的件。" in none.content.decode()


def test_the_desk_asks_as_much_for_one_row_as_for_three(world, as_user):
    for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1"):
        world.bring(world.report(code, "alpha"), Status.RETURNED)
    browser = as_user(world.officer_a)
    three = queries(browser, reverse("desk"))
    ProgressReport.objects.filter(
        ministry=world.alpha, measure__code__in=["1.1.1.2", "1.1.2.1"]
    ).update(ministry=world.gamma, ministry_name="丙署")
    assert len(groups(browser.get(reverse("desk")))[0][1]) == 1
    assert queries(browser, reverse("desk")) == three


def test_the_queue_is_oldest_first_and_asks_as_much_for_one_row_as_for_three(world, as_user):
    now = timezone.now()
    for days, (code, ministry) in enumerate(
        [("1.1.1.1", "alpha"), ("1.1.1.2", "beta"), ("1.1.2.1", "science")], start=1
    ):
        report = world.bring(world.report(code, ministry), Status.SUBMITTED)
        ProgressReport.objects.filter(pk=report.pk).update(filed_at=now - timedelta(days=days))
    browser, url = as_user(world.reviewer), reverse("review-queue")
    answer = browser.get(url)
    assert [row["report"].measure.code for row in answer.context["rows"]] == [
        "1.1.2.1",
        "1.1.1.2",
        "1.1.1.1",
    ]
    three = queries(browser, url)
    filtered = browser.get(url, {"ministry": "beta", "year": "111"})
    assert [row["report"].ministry.code for row in filtered.context["rows"]] == ["beta"]
    assert "?ministry=beta&amp;year=111" in filtered.content.decode()
    ProgressReport.objects.exclude(ministry=world.beta).update(status=Status.DRAFT)
    assert len(browser.get(url).context["rows"]) == 1
    assert queries(browser, url) == three


def test_previous_and_next_stay_within_the_filters(world, as_user):
    now = timezone.now()
    reports = []
    for days, code in enumerate(["1.1.1.1", "1.1.1.2", "1.1.2.1"]):
        report = world.bring(world.report(code, "alpha"), Status.UNDER_REVIEW)
        ProgressReport.objects.filter(pk=report.pk).update(filed_at=now - timedelta(days=9 - days))
        reports.append(report)
    url = reverse("report-review", args=[reports[1].pk]) + "?ministry=alpha"
    answer = as_user(world.reviewer).get(url)
    assert answer.context["before"].pk == reports[0].pk
    assert answer.context["after"].pk == reports[2].pk
    assert f"{reverse('report-review', args=[reports[2].pk])}?ministry=alpha" in (
        answer.content.decode()
    )


def test_a_report_of_two_duties_names_both(world, as_user):
    both, one = world.report("2.1.1.1", "beta"), world.report("1.1.1.1", "beta")
    officer = as_user(world.people["officer_b"])
    for name in ("report", "report-edit"):
        page = officer.get(reverse(name, args=[both.pk])).content.decode()
        assert "乙部（主辦）、丙署（協辦）" in page
        page = officer.get(reverse(name, args=[one.pk])).content.decode()
        assert "乙部（協辦）</small>" not in page


# --- the queue and its flags ----------------------------------------------------------------------
COPIED = "協助一家業者導入智慧設備並完成驗收，辦理三場說明會。"


def queued(world) -> tuple[ProgressReport, ProgressReport, ProgressReport]:
    """Three that wait, oldest first: late without evidence; two of 甲部 with the same text."""
    late = world.bring(world.report("2.1.1.1", "beta"), Status.SUBMITTED)
    ProgressReport.objects.filter(pk=late.pk).update(late=True)
    first = world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED, work_done=COPIED)
    second = world.bring(world.report("1.1.1.2", "alpha"), Status.UNDER_REVIEW, work_done=COPIED)
    return late, first, second


def listed(answer) -> list[str]:
    return [row["report"].measure.code for row in answer.context["rows"]]


def test_the_queue_counts_flags_and_is_filtered_and_sorted_by_them(world, as_user):
    queued(world)
    browser, url = as_user(world.reviewer), reverse("review-queue")
    plain = browser.get(url)
    assert listed(plain) == ["2.1.1.1", "1.1.1.1", "1.1.1.2"]
    rules = [[flag.rule for flag in row["flags"]] for row in plain.context["rows"]]
    # The small world's reports share 效益 and 次年計畫 only where they are long enough to count.
    assert rules == [["late", "missing"], ["elsewhere", "missing"], ["elsewhere", "missing"]]
    assert listed(browser.get(url + "?flag=late")) == ["2.1.1.1"]
    assert listed(browser.get(url + "?flag=elsewhere&ministry=alpha")) == ["1.1.1.1", "1.1.1.2"]
    assert listed(browser.get(url + "?flag=none")) == []
    assert len(listed(browser.get(url + "?flag=any"))) == 3
    # An unknown name filters nothing.
    assert len(listed(browser.get(url + "?flag=unheard-of"))) == 3
    ProgressReport.objects.filter(measure=world.measures["1.1.1.2"]).update(late=True)
    assert listed(browser.get(url + "?sort=flags")) == ["1.1.1.2", "2.1.1.1", "1.1.1.1"]


def test_the_next_report_is_the_next_under_the_filters(world, as_user):
    late, first, second = queued(world)
    browser = as_user(world.reviewer)
    url = reverse("report-review", args=[first.pk])
    assert browser.get(url).context["before"] == late
    only = browser.get(url + "?flag=elsewhere&side=stacked")
    assert (only.context["before"], only.context["after"]) == (None, second)
    following = reverse("report-review", args=[second.pk]) + "?flag=elsewhere&amp;side=stacked"
    assert f'href="{following}" rel="next"' in only.content.decode()


def wait_with_indicator(world, code: str, ministry: str, status: str) -> ProgressReport:
    """A report that waits, with an actual of its indicator."""
    report = world.bring(world.report(code, ministry), status, work_done=COPIED)
    indicator = make_indicator(report.measure, report.ministry, world.officer_a)
    report.values.create(indicator=indicator, actual=5)
    return report


@pytest.mark.parametrize("query", ["", "?flag=any", "?sort=flags"])
def test_flags_ask_as_much_for_one_row_as_for_three(world, as_user, query):
    browser, url = as_user(world.reviewer), reverse("review-queue") + query
    first = wait_with_indicator(world, "1.1.1.1", "alpha", Status.UNDER_REVIEW)
    page = reverse("report-review", args=[first.pk]) + query
    one = queries(browser, url), queries(browser, page)
    wait_with_indicator(world, "1.1.1.2", "alpha", Status.SUBMITTED)
    wait_with_indicator(world, "2.1.1.1", "beta", Status.SUBMITTED)
    assert (queries(browser, url), queries(browser, page)) == one


@pytest.mark.parametrize(
    ("query", "read"), [("", 1), ("?ministry=alpha&year=111", 1), ("?flag=any", 3)]
)
def test_texts_are_read_for_the_page_alone_unless_flags_choose_it(
    world, as_user, monkeypatch, query, read
):
    monkeypatch.setattr(review_queue, "PAGE_SIZE", 1)
    waiting = {report.pk for report in queued(world)}
    browser = as_user(world.reviewer)
    with CaptureQueriesContext(connection) as found:
        answer = browser.get(reverse("review-queue") + query)
    assert len(answer.context["rows"]) == 1
    # Flags are made of texts; what was filed elsewhere is read by ministry, not by report.
    asked = [re.search(r"work_done.*WHERE .*\"id\" IN \(([\d, ]+)\)", row["sql"]) for row in found]
    (ids,) = [{int(pk) for pk in one[1].split(",")} for one in asked if one]
    assert len(ids) == read and ids <= waiting
