"""Last year's text in this year's empty fields, marked until it is touched."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.tracking.pages import fields
from tests.world import LATE
from tracking.actions import reports, years
from tracking.enums import Status

MARK = "沿用去年，尚未修改"


@pytest.fixture
def new(world):
    """This year's blank report, after a late one that was accepted."""
    world.bring(
        world.report("1.1.1.1", "alpha"),
        Status.ACCEPTED,
        **LATE,
        sub_cause="等標期太長",
        catch_up_on=timezone.localdate(),
    )
    today = timezone.localdate()
    year = years.add_year(
        world.plan,
        year=112,
        opens_on=today,
        due_on=today + timedelta(days=20),
        closes_on=today + timedelta(days=30),
        by=world.collator,
    )
    years.open_year(year, by=world.collator)
    return world.report("1.1.1.1", "alpha", year)


def carry(browser, report, section: str, **typed):
    url = reverse("report-edit", args=[report.pk])
    return browser.post(url, fields(browser.get(url), url) | typed | {"carry": section})


def test_a_section_is_brought_into_its_empty_fields(world, new, as_user):
    browser = as_user(world.officer_a)
    answer = carry(browser, new, "lateness", obstacle="今年另有原因。")
    new.refresh_from_db()
    assert answer.url.endswith("#id_cause")
    assert (new.cause, new.sub_cause, new.response) == (
        LATE["cause"], "等標期太長", LATE["response"],
    )  # fmt: skip
    assert (new.obstacle, new.catch_up_on, new.work_done) == ("今年另有原因。", None, "")
    assert new.carried == ["cause", "sub_cause", "response"]


def test_it_is_marked_until_touched_also_for_the_reviewer(world, new, as_user):
    browser = as_user(world.officer_a)
    carry(browser, new, "work")
    carry(browser, new, "next_year")
    new.refresh_from_db()
    assert new.carried == ["work_done", "next_steps"]
    url = reverse("report-edit", args=[new.pk])
    assert browser.get(url).content.decode().count(MARK) == 2

    row = reports.save_draft(
        new, seen_version=new.version, by=world.officer_a, fields={"work_done": "今年辦了五場。"}
    )
    assert row.carried == ["next_steps"]
    # Back to last year's words by hand is not untouched.
    row = reports.save_draft(
        row, seen_version=row.version, by=world.officer_a, fields={"work_done": LATE["work_done"]}
    )
    assert row.carried == ["next_steps"]
    page = browser.get(reverse("report", args=[new.pk])).content.decode()
    assert f"{MARK}：後續精進策略" in page
    world.bring(row, Status.UNDER_REVIEW, work_done="今年辦了五場。", next_steps=LATE["next_steps"])
    review = as_user(world.reviewer).get(reverse("report-review", args=[new.pk]))
    assert f"{MARK}：後續精進策略" in review.content.decode()


def test_nothing_is_brought_where_something_stands(world, new, as_user):
    carry(as_user(world.officer_a), new, "work", work_done="已經寫了。")
    new.refresh_from_db()
    assert (new.work_done, new.carried) == ("已經寫了。", [])


def test_without_last_year_there_is_no_button(world, report, as_user):
    url = reverse("report-edit", args=[report.pk])
    page = as_user(world.officer_a).get(url).content.decode()
    assert 'name="carry"' not in page
    carry(as_user(world.officer_a), report, "work")
    report.refresh_from_db()
    assert report.carried == []
