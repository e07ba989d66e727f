"""The page of reminders: shown beforehand with their text, sent by a collator's button, once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.kit import roc
from ministries.models import AuditEvent, Membership
from tests.world import join, make_user
from tracking.models import Notice, ReportingYear
from tracking.reminders import digest
from tracking.reminders.rules import Kind

PAGE = "/collation/reminders/"


@pytest.fixture
def browser(world):
    def enter(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name])
        return client

    return enter


def next_day():
    """On which everybody is told: 7 days before the year's due date. Partners' day comes before."""
    today = timezone.localdate()
    found = digest.due_items(today, today + timedelta(days=45))
    return next(day for day, items in found.items() if items[0].kind == Kind.WEEK)


def test_who_is_mailed_and_what_stands_there_before(world, browser):
    day = next_day()
    text = browser("reviewer").get(PAGE, {"day": day.isoformat()}).content.decode()
    assert f"{roc.format_date(day)}寄給誰" in text
    assert "officer_a@example.test" in text and "　1.1.1.1 培育種子師資（草稿）" in text
    assert "提醒由彙整人寄出，你不是彙整人。" in text and "現在寄給這" not in text
    assert not Notice.objects.exists()


def test_a_collator_sends_now_and_nobody_twice(world, browser, collator):
    client, day = browser("collator"), next_day()
    assert "現在寄給這6人" in client.get(PAGE, {"day": day.isoformat()}).content.decode()
    text = client.post(PAGE, {"day": day.isoformat()}, follow=True).content.decode()
    assert "寄給6人，共16件" in text and "每個人都已經寄過。" in text and "都寄了" in text
    assert Notice.objects.count() == 6
    text = client.post(PAGE, {"day": day.isoformat()}, follow=True).content.decode()
    assert "這次沒有再寄" in text
    assert Notice.objects.count() == 6
    assert {row.actor for row in AuditEvent.objects.filter(verb="reminder.send")} == {
        collator.email
    }


@pytest.mark.parametrize("who", ["reviewer", "administrator"])
def test_others_are_refused(world, browser, who):
    assert browser(who).post(PAGE, {"day": next_day().isoformat()}).status_code == 403
    assert not Notice.objects.exists()


def test_a_day_without_reminders_is_refused_with_a_reason(world, browser):
    day = next_day() + timedelta(days=1)
    text = browser("collator").post(PAGE, {"day": day.isoformat()}, follow=True).content.decode()
    assert f"{roc.format_date(day)}沒有要寄的提醒。" in text
    assert browser("collator").post(PAGE, {"day": "?"}).status_code == 404
    assert browser("collator").get(PAGE, {"day": "?"}).status_code == 404


def test_who_can_t_be_reached_is_listed(world, browser):
    Membership.objects.filter(user=world.officer_a).update(until=timezone.localdate())
    digest.send(next_day())
    Notice.objects.filter(recipient=world.window_b).update(attempts=3)
    text = browser("collator").get(PAGE, {"day": next_day().isoformat()}).content.decode()
    assert "沒有承辦人或窗口的部會" in text and "寄不出去，試了3次" in text
    assert "郵件伺服器退回的地址" in text


def test_without_an_open_year_the_page_says_so(world, browser):
    ReportingYear.objects.update(state="closed")
    text = browser("collator").get(PAGE).content.decode()
    assert "接下來45天沒有要寄的提醒" in text and "這段期間沒有提醒。" in text


def test_of_a_year_without_a_calendar_the_page_says_so(world, browser, monkeypatch):
    monkeypatch.setattr("tracking.reminders.working_days.shipped", lambda: ({}, frozenset()))
    year = roc.roc_year(timezone.localdate())
    assert f"{year}" in (text := browser("collator").get(PAGE).content.decode())
    assert "辦公日曆還沒有匯入" in text


def test_as_many_queries_for_many_people_as_for_few(
    world, browser, django_assert_num_queries, django_assert_max_num_queries
):
    client = browser("collator")
    client.get(PAGE)
    with django_assert_max_num_queries(20) as few:
        client.get(PAGE)
    for number in range(4):
        join(make_user(f"more{number}"), world.alpha, "officer")
    with django_assert_num_queries(len(few)):
        client.get(PAGE)
