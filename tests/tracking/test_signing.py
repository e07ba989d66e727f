"""Signing and submitting many at once: what is listed first, what goes, what stays and why."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ministries.actions.people import appoint_deputy
from ministries.models import AuditEvent
from tests.world import World, make_indicator
from tracking.actions import reports
from tracking.actions.signing import sign_off_many, submit_many
from tracking.enums import Status
from tracking.models import Notice, ProgressReport, Receipt, ReportEvent

CODES = ("1.1.1.1", "1.1.1.2", "1.1.2.1")


def waiting(world: World) -> list[ProgressReport]:
    """Three reports of 甲部 that wait for its window."""
    for code in CODES:
        world.bring(world.report(code, "alpha"), Status.SIGNING)
    return [world.report(code, "alpha") for code in CODES]


def boxes(rows: list[ProgressReport]) -> list[str]:
    return [f"{row.pk}:{row.version}" for row in rows]


def ticked(page: str) -> int:
    return len(re.findall(r'<input type="checkbox" name="report"[^>]* checked', page))


def statuses(world: World) -> list[str]:
    return [world.report(code, "alpha").status for code in CODES]


# --- the list -------------------------------------------------------------------------------------
def test_the_list_ticks_all_or_one_goal_without_a_script(world, as_user):
    waiting(world)
    window, url = as_user(world.window_a), reverse("signing")
    assert ticked(window.get(url).content.decode()) == 0
    assert ticked(window.get(url, {"tick": "all"}).content.decode()) == 3
    assert ticked(window.get(url, {"tick": "1"}).content.decode()) == 3
    assert ticked(window.get(url, {"tick": "2"}).content.decode()) == 0


def test_what_is_lacking_is_listed_and_not_ticked(world, as_user):
    rows = waiting(world)
    # Approved after the report was handed over: its answer is missing now.
    make_indicator(rows[0].measure, world.alpha, world.officer_a, name="結訓人次")
    page = as_user(world.window_a).get(reverse("signing"), {"tick": "all"}).content.decode()
    assert "填「結訓人次」的實績" in page and "還沒有佐證資料。" in page
    assert ticked(page) == 2


def test_the_list_asks_as_much_for_three_as_for_one(world, as_user):
    window = as_user(world.window_a)
    counts = []
    for code in CODES:
        world.bring(world.report(code, "alpha"), Status.SIGNING)
        window.get(reverse("signing"))
        with CaptureQueriesContext(connection) as found:
            assert window.get(reverse("signing")).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[2]


def test_others_find_nothing_to_sign(world, as_user):
    rows = waiting(world)
    for name in ("officer_a", "viewer_a", "window_b", "reviewer"):
        page = as_user(world.people[name]).get(reverse("signing"), {"tick": "all"})
        assert ticked(page.content.decode()) == 0
    other = as_user(world.window_b)
    other.post(reverse("signing"), {"do": "sign_off", "confirm": "1", "report": boxes(rows)})
    assert statuses(world) == [Status.SIGNING] * 3


# --- the step -------------------------------------------------------------------------------------
def test_a_page_names_what_will_go_before_anything_goes(world, as_user):
    rows = waiting(world)
    given = {"do": "sign_off", "report": boxes(rows[:2])}
    page = as_user(world.window_a).post(reverse("signing"), given).content.decode()
    assert "要核可2件" in page.replace("\u2006", "") and "1.1.1.2" in page and "1.1.2.1" not in page
    assert ticked(page) == 2 and 'name="confirm"' in page
    assert statuses(world) == [Status.SIGNING] * 3


def test_the_confirmed_step_signs_all_and_gives_receipts(world, as_user):
    rows = waiting(world)
    given = {"do": "sign_off", "confirm": "1", "report": boxes(rows)}
    answer = as_user(world.window_a).post(reverse("signing"), given, follow=True)
    assert statuses(world) == [Status.SUBMITTED] * 3
    whole = Receipt.objects.get(report=None)
    assert [row.report.measure.code for row in whole.lines.order_by("report_id")] == list(CODES)
    assert [row["measure"] for row in whole.content["reports"]] == list(CODES)
    assert reverse("receipt", args=[whole.number]) in answer.content.decode()


def test_what_was_changed_meanwhile_stays_and_the_others_go(world, as_user):
    rows = waiting(world)
    seen = boxes(rows)
    row = reports.withdraw(rows[1], seen_version=rows[1].version, by=world.officer_a)
    reports.submit(row, seen_version=row.version, by=world.officer_a)
    window = as_user(world.window_a)
    asked = window.post(reverse("signing"), {"do": "sign_off", "report": seen}).content.decode()
    assert "你勾選以後被改過" in asked and ticked(asked) == 2
    given = {"do": "sign_off", "confirm": "1", "report": seen}
    told = window.post(reverse("signing"), given, follow=True).content.decode()
    assert statuses(world) == [Status.SUBMITTED, Status.SIGNING, Status.SUBMITTED]
    assert "這份報告在你打開以後，已經被別人改過。" in told


def test_nothing_is_signed_where_the_step_breaks(world, monkeypatch):
    rows = waiting(world)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("tracking.notices.receipts.announce", broken)
    with pytest.raises(RuntimeError):
        sign_off_many([(row, row.version) for row in rows], by=world.window_a)
    assert statuses(world) == [Status.SIGNING] * 3
    assert not Receipt.objects.exists()


def test_one_mail_a_person_tells_of_all(world, django_capture_on_commit_callbacks):
    rows = waiting(world)
    Notice.objects.update(sent_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        sign_off_many([(row, row.version) for row in rows], by=world.window_a)
    assert sorted(message.to[0].split("@")[0] for message in mail.outbox) == [
        "officer_a",
        "window_a",
    ]
    number = Receipt.objects.get(report=None).number
    assert mail.outbox[0].subject == f"送件收據{number}：111年度3件"
    assert all(code in mail.outbox[0].body for code in CODES)


# --- a deputy -------------------------------------------------------------------------------------
def test_a_deputy_signs_many_and_both_names_are_kept(world, as_user):
    until = timezone.localdate() + timedelta(days=3)
    appoint_deputy(ministry=world.alpha, deputy=world.viewer_a, until=until, by=world.window_a)
    rows = waiting(world)
    deputy = as_user(world.viewer_a)
    assert "你代理window_a" in deputy.get(reverse("signing")).content.decode()
    given = {"do": "sign_off", "confirm": "1", "report": boxes(rows)}
    deputy.post(reverse("signing"), given)
    assert statuses(world) == [Status.SUBMITTED] * 3
    for event in ReportEvent.objects.filter(verb="sign_off"):
        assert (event.by, event.on_behalf_of) == (world.viewer_a, world.window_a)
    for receipt in Receipt.objects.all():
        assert (receipt.signed_by, receipt.on_behalf_of) == (world.viewer_a, world.window_a)
        assert receipt.content["signed_by"] == "viewer_a"
        assert receipt.content["on_behalf_of"] == "window_a"
    whole = Receipt.objects.get(report=None)
    page = deputy.get(reverse("receipt", args=[whole.number])).content.decode()
    assert "viewer_a（代理window_a）" in page
    assert "viewer_a（代理window_a）" in Notice.objects.filter(kind="receipt").first().body
    audit = AuditEvent.objects.filter(verb="report.sign_off").first()
    assert audit.after["on_behalf_of"] == world.window_a.email


def test_a_deputyship_that_ended_signs_nothing(world, as_user):
    until = timezone.localdate() + timedelta(days=3)
    deputyship = appoint_deputy(
        ministry=world.alpha, deputy=world.viewer_a, until=until, by=world.window_a
    )
    rows = waiting(world)
    deputyship.until = timezone.localdate()
    deputyship.since = timezone.localdate() - timedelta(days=5)
    deputyship.save()
    given = {"do": "sign_off", "confirm": "1", "report": boxes(rows)}
    as_user(world.viewer_a).post(reverse("signing"), given)
    assert statuses(world) == [Status.SIGNING] * 3


# --- submitting many ------------------------------------------------------------------------------
def test_an_officer_submits_the_whole_ones_and_one_mail_tells_of_them(world, as_user):
    for code in CODES[:2]:
        world.bring(world.report(code, "alpha"), Status.DRAFT)
    world.bring(world.report(CODES[2], "alpha"), Status.DRAFT, work_done="")
    rows = [world.report(code, "alpha") for code in CODES]
    officer = as_user(world.officer_a)
    page = officer.get(reverse("signing"), {"do": "submit", "tick": "all"}).content.decode()
    assert "寫下這一年做了什麼。" in page and ticked(page) == 2
    given = {"do": "submit", "confirm": "1", "report": boxes(rows)}
    told = officer.post(reverse("signing"), given, follow=True).content.decode()
    assert statuses(world) == [Status.SIGNING, Status.SIGNING, Status.DRAFT]
    assert "還沒有填完" in told and "?check=1" in told
    notice = Notice.objects.get(kind="sign_off_waiting")
    assert notice.subject == "等你核可：甲部2件年度執行情形"
    assert not Receipt.objects.exists()


def test_many_of_one_is_told_as_one(world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    row = world.report("1.1.1.1", "alpha")
    outcome = submit_many([(row, row.version)], by=world.officer_a)
    assert [one.pk for one in outcome.done] == [row.pk]
    assert Notice.objects.get().subject.startswith("等你核可：111年度 1.1.1.1")


def test_nothing_ticked_is_said(world, as_user):
    given = {"do": "sign_off", "confirm": "1", "report": ["x:1", "0:0", "99999999999:1"]}
    told = as_user(world.window_a).post(reverse("signing"), given, follow=True)
    assert "還沒有選取任何一件。" in told.content.decode()
