"""One's own dates for a calendar program, under an address that is shown once and can be ended."""

from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from icalendar import Calendar

from ministries.actions.people import reset_first_password, retire_membership
from ministries.models import AuditEvent, CalendarFeed, Membership
from tests.world import MEASURES
from tracking.actions import reports
from tracking.enums import Part, Status
from tracking.models import ProgressReport, ReportingYear
from tracking.reminders.feed import entries, render


@pytest.fixture
def browser(world, officer_a) -> Client:
    client = Client()
    client.force_login(officer_a)
    return client


def renew(client: Client) -> str:
    """Path of the new address, as the page shows it this once."""
    address = client.post("/calendar/", {"verb": "renew"}).context["address"]
    assert address.startswith("http") and address.endswith(".ics")
    return "/calendar/" + address.rpartition("/")[2]


def read(path: str):
    return Client().get(path)


def test_an_officer_s_calendar_holds_days_and_counts(world, officer_a, officer_b):
    row = world.bring(world.report("1.1.1.1", "alpha"), Status.UNDER_REVIEW)
    row = reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.MONEY: "請分列。"}
    )
    due = world.year.due_on
    told = {entry.says: entry.day for entry in entries(officer_a)}
    assert told == {
        "111年度協辦部分請先送出：甲部1件": world.year.partner_due_on,
        "111年度執行情形截止：甲部還有2件": due,
        "111年度補正到期：甲部1件": row.correction_due_on,
    }
    own = ProgressReport.objects.filter(ministry=world.beta, role="lead")
    ProgressReport.objects.filter(ministry=world.beta, role="partner").delete()
    own.update(extended_until=due + timedelta(days=5))
    assert {entry.day for entry in entries(officer_b)} == {due + timedelta(days=5)}


def test_the_science_ministry_s_calendar_holds_the_years(world, reviewer):
    ReportingYear.objects.create(
        plan=world.plan, year=112, opens_on=date(2027, 1, 4), due_on=date(2027, 2, 1),
        closes_on=date(2027, 3, 1),
    )  # fmt: skip
    told = {entry.says: entry.day for entry in entries(reviewer)}
    assert told["111年度截止：各部會還有8件沒有送出"] == world.year.due_on
    assert told["111年度關閉"] == world.year.closes_on
    assert told["112年度開放填報"] == date(2027, 1, 4)


def test_nobody_else_has_dates(world, expert):
    assert entries(expert) == []


def test_the_file_is_a_calendar_with_nothing_but_days_and_counts(world, officer_a):
    world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT, work_done="機密的句子")
    with translation.override("en"):
        raw = render(officer_a)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    calendar = Calendar.from_ical(raw)
    assert calendar["VERSION"] == "2.0" and calendar["X-WR-CALNAME"] == "國科計畫填報日期"
    early, event = calendar.walk("VEVENT")
    assert early["SUMMARY"] == "111年度協辦部分請先送出：甲部1件"
    assert event["DTSTART"].dt == world.year.due_on
    assert event["DTEND"].dt == world.year.due_on + timedelta(days=1)
    assert event["SUMMARY"] == "111年度執行情形截止：甲部還有3件"
    text = raw.decode().replace("\r\n ", "")
    for secret in (
        "機密的句子",
        officer_a.email,
        *MEASURES,
        *(name for name, *_ in MEASURES.values()),
    ):
        assert secret not in text


def test_an_event_keeps_its_name_while_counts_change(world, officer_a):
    before = [entry.key for entry in entries(officer_a)]
    world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    assert [entry.key for entry in entries(officer_a)] == before


# --- the address ---
def test_an_address_is_shown_once_and_read_without_signing_in(browser):
    path = renew(browser)
    answer = read(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert answer["Cache-Control"] == "private, no-store"
    assert path.rpartition("/")[2] not in browser.get("/calendar/").content.decode()
    feed = CalendarFeed.objects.get()
    assert feed.last_used_at and feed.digest not in path


def test_a_new_address_ends_the_old_and_revoking_ends_all(browser):
    first = renew(browser)
    second = renew(browser)
    assert first != second
    assert (read(first).status_code, read(second).status_code) == (404, 200)
    assert "撤銷了" in browser.post("/calendar/", {"verb": "revoke"}, follow=True).content.decode()
    assert read(second).status_code == 404
    again = browser.post("/calendar/", {"verb": "revoke"}, follow=True)
    assert "現在沒有行事曆網址" in again.content.decode()
    verbs = AuditEvent.objects.filter(verb__startswith="calendar.").values_list("verb", flat=True)
    expected = ["calendar.create"] * 2 + ["calendar.revoke"] * 2 + ["calendar.take"]
    assert sorted(verbs) == expected


def test_a_wrong_address_is_nowhere(browser):
    path = renew(browser)
    assert read(path.replace(".ics", "x.ics")).status_code == 404
    assert read("/calendar/x.ics").status_code == 404
    assert Client().post(path).status_code == 405
    assert browser.post("/calendar/", {"verb": "sing"}).status_code == 404


def test_it_ends_with_the_account_and_with_a_new_first_password(world, browser, administrator):
    path = renew(browser)
    reset_first_password(world.officer_a, by=administrator)
    assert read(path).status_code == 404
    world.officer_a.refresh_from_db()
    world.officer_a.must_change_password = False
    world.officer_a.save()
    browser.force_login(world.officer_a)
    path = renew(browser)
    retire_membership(Membership.objects.get(user=world.officer_a), by=administrator)
    assert read(path).status_code == 404


def test_it_is_throttled_by_address(browser, settings):
    path = renew(browser)
    caches["throttle"].clear()
    settings.API_RATES = {**settings.API_RATES, "download": 2}
    client = Client()
    answers = [client.get(path).status_code for _try in range(3)]
    assert answers == [200, 200, 429]


def test_the_page_shows_what_is_in_it(browser, world):
    text = browser.get("/calendar/").content.decode()
    assert "111年度執行情形截止：甲部還有3件" in text and "還沒有網址" in text
    assert f'href="{reverse("desk")}"' in text


def test_as_many_queries_for_many_dates_as_for_few(
    world, browser, django_assert_num_queries, django_assert_max_num_queries
):
    path = renew(browser)
    read(path)
    with django_assert_max_num_queries(9) as few:
        read(path)
    for number, row in enumerate(ProgressReport.objects.filter(ministry=world.alpha)):
        day = timezone.localdate() + timedelta(days=number + 1)
        ProgressReport.objects.filter(pk=row.pk).update(extended_until=day)
    with django_assert_num_queries(len(few)):
        read(path)
