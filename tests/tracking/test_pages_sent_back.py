"""What a window sends back is told where the officer works: on the desk and in the form."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ministries.models import Deputyship
from tests.tracking.test_pages_lists import groups
from tracking.actions import reports
from tracking.enums import Status, YearState
from tracking.models import ReportEvent
from tracking.models.year import ReportingYear

NOTE = "人次與附件不符，請再核對。"


def pages(world, as_user, report) -> list[str]:
    """Desk and form as the officer sees them."""
    officer = as_user(world.officer(report))
    addresses = (reverse("desk"), reverse("report-edit", args=[report.pk]))
    return [officer.get(address).content.decode() for address in addresses]


@pytest.fixture
def sent_back(world, report):
    row = world.bring(report, Status.SIGNING)
    return reports.send_back(row, seen_version=row.version, by=world.window_a, note=NOTE)


def test_the_reason_stands_on_the_desk_and_in_the_form(world, sent_back, as_user):
    for page in pages(world, as_user, sent_back):
        assert NOTE in page
        assert str(world.window_a) in page


def test_the_reason_is_gone_once_it_is_submitted_again(world, sent_back, as_user):
    reports.submit(sent_back, seen_version=sent_back.version, by=world.officer_a)
    assert NOTE not in as_user(world.officer_a).get(reverse("desk")).content.decode()
    sent_back.refresh_from_db()
    reports.withdraw(sent_back, seen_version=sent_back.version, by=world.officer_a)
    assert not any(NOTE in page for page in pages(world, as_user, sent_back))


def test_a_deputy_is_named_with_the_window(world, report, as_user):
    deputy = world.people["viewer_a"]
    today = timezone.localdate()
    Deputyship.objects.create(
        window=world.window_a,
        deputy=deputy,
        ministry=world.alpha,
        since=today,
        until=today + timedelta(days=1),
    )
    row = world.bring(report, Status.SIGNING)
    row = reports.send_back(row, seen_version=row.version, by=deputy, note=NOTE)
    for page in pages(world, as_user, row):
        assert f"{deputy}（代理{world.window_a}）" in page


def test_a_correction_sent_back_is_still_a_correction(world, report, as_user):
    row = world.bring(report, Status.RETURNED)
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.send_back(row, seen_version=row.version, by=world.window_a, note=NOTE)
    # The year has closed since; the correction's own date has not come.
    yesterday = timezone.localdate() - timedelta(days=1)
    ReportingYear.objects.filter(pk=world.year.pk).update(
        state=YearState.CLOSED, due_on=yesterday, closes_on=yesterday
    )
    answer = as_user(world.officer_a).get(reverse("desk"))
    assert groups(answer)[0] == ("returned", ["1.1.1.1"])
    page = answer.content.decode()
    assert NOTE in page
    assert "請寫出人次。" in page
    shown = answer.context["groups"][0].rows[0]
    assert (shown.due_on, shown.overdue) == (row.correction_due_on, False)
    # One waits for the officer: the count beside the page's name says so.
    filing = next(item for item in answer.context["nav_items"] if item["url"] == reverse("desk"))
    assert filing["count"] == 1


# --- the window's own sentence ---
def test_a_window_reads_what_waits_for_its_signature(world, report, as_user):
    window = as_user(world.window_a)
    assert "沒有等你核可的件，承辦人還有3件沒有送出" in window.get(reverse("desk")).content.decode()
    world.bring(report, Status.SIGNING)
    left = (world.year.due_on - timezone.localdate()).days
    page = window.get(reverse("desk")).content.decode()
    assert f"1件等你核可，都是今天送來的；111年度還有{left}天截止" in page
    world.bring(world.report("1.1.1.2", "alpha"), Status.SIGNING)
    ReportEvent.objects.filter(report=report).update(at=timezone.now() - timedelta(days=4))
    assert "2件等你核可，最早的等了4天" in window.get(reverse("desk")).content.decode()
    assert "2件等你核可" not in as_user(world.officer_a).get(reverse("desk")).content.decode()
