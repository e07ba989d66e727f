"""Who is told of what, by a mail that goes out after the commit and never because of it fails."""

import smtplib
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation

from ministries.models import Deputyship
from tests.world import join, make_user
from tracking import outbox
from tracking.actions import reports
from tracking.enums import Part, Status
from tracking.models import Notice
from tracking.models.notice import NoticeKind

SIGN_OFF, RETURNED, ACCEPTED = (
    NoticeKind.SIGN_OFF_WAITING,
    NoticeKind.RETURNED,
    NoticeKind.ACCEPTED,
)


def told(kind: NoticeKind) -> set[str]:
    rows = Notice.objects.filter(kind=kind).select_related("recipient")
    return {row.recipient.email.split("@")[0] for row in rows}


def return_it(world, report):
    row = world.bring(report, Status.UNDER_REVIEW)
    return reports.return_report(
        row, seen_version=row.version, by=world.people["reviewer"], parts={Part.MONEY: "請分列。"}
    )


# --- who ---
def test_windows_and_their_deputies_are_asked_to_sign(world, report):
    second = make_user("second_window")
    join(second, world.alpha, "window")
    retired = make_user("retired_window")
    join(retired, world.alpha, "window", until=timezone.localdate())
    make_user("inactive", is_active=False)
    Deputyship.objects.create(
        window=second,
        deputy=world.people["viewer_a"],
        ministry=world.alpha,
        since=timezone.localdate(),
        until=timezone.localdate() + timedelta(days=1),
    )
    world.bring(report, Status.SIGNING)
    assert told(SIGN_OFF) == {"window_a", "second_window", "viewer_a"}


@pytest.mark.parametrize("kind", [RETURNED, ACCEPTED])
def test_a_decision_reaches_authors_and_windows(world, report, kind):
    join(make_user("another_officer"), world.alpha, "officer")
    if kind == RETURNED:
        return_it(world, report)
    else:
        world.bring(report, Status.ACCEPTED)
    assert told(kind) == {"officer_a", "window_a"}


def test_where_the_author_has_left_the_officers_of_today_are_told(world, report, officer_a):
    row = world.bring(report, Status.UNDER_REVIEW)
    officer_a.memberships.update(until=timezone.localdate())
    join(make_user("new_officer"), world.alpha, "officer")
    reports.accept(row, seen_version=row.version, by=world.people["reviewer"])
    assert told(ACCEPTED) == {"new_officer", "window_a"}


def test_what_a_window_sends_back_reaches_its_authors_with_the_reason(world, report, window_a):
    join(make_user("another_officer"), world.alpha, "officer")
    join(make_user("second_window"), world.alpha, "window")
    row = world.bring(report, Status.SIGNING)
    reports.send_back(row, seen_version=row.version, by=window_a, note="人次請再核對。")
    assert told(NoticeKind.SENT_BACK) == {"officer_a"}
    notice = Notice.objects.get(kind=NoticeKind.SENT_BACK)
    assert notice.subject == "窗口退回：111年度 1.1.1.1 培育種子師資"
    assert "人次請再核對。" in notice.body


def test_one_is_not_told_of_what_one_did(world, report, officer_a):
    join(officer_a, world.alpha, "window")
    world.bring(report, Status.SIGNING)
    assert told(SIGN_OFF) == {"window_a"}


def test_a_second_round_is_told_of_again(world, report, officer_a, window_a):
    row = world.bring(report, Status.SIGNING)
    row = reports.send_back(row, seen_version=row.version, by=window_a, note="請改。")
    reports.submit(row, seen_version=row.version, by=officer_a)
    assert Notice.objects.filter(kind=SIGN_OFF, recipient=window_a).count() == 2


# --- what ---
def test_a_mail_says_which_report_why_and_where(world, report, settings):
    settings.SITE_URL = "https://plan.example/"
    with translation.override("en"):
        row = return_it(world, report)
    notice = Notice.objects.filter(kind=RETURNED).first()
    assert notice.subject == "退回補正：111年度 1.1.1.1 培育種子師資"
    assert "甲部" in notice.body and "經費：請分列。" in notice.body
    assert f"https://plan.example/reports/{row.pk}/" in notice.body


# --- when ---
def test_mail_goes_out_after_the_commit(world, report, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        world.bring(report, Status.SIGNING)
    assert mail.outbox == []
    for callback in callbacks:
        callback()
    assert [message.to for message in mail.outbox] == [["window_a@example.test"]]
    assert Notice.objects.get().sent_at


def test_a_broker_that_is_away_costs_nothing(
    world, report, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("tracking.tasks.deliver_notice.apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        row = world.bring(report, Status.SIGNING)
    assert row.status == Status.SIGNING and mail.outbox == []
    assert outbox.deliver_waiting() == 1
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_asked_again_later(world, report, monkeypatch):
    world.bring(report, Status.SIGNING)

    def refuse(notice):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as away:
        away.setattr(outbox, "_send", refuse)
        for attempt in range(1, 4):
            Notice.objects.update(next_try_at=timezone.now())
            assert outbox.deliver_waiting() == 0
            assert Notice.objects.get().attempts == attempt
    assert outbox.deliver_waiting() == 0  # not yet: four minutes from the third attempt
    assert Notice.objects.get().next_try_at > timezone.now() + timedelta(minutes=3)
    Notice.objects.update(next_try_at=timezone.now())
    assert outbox.deliver_waiting() == 1


def test_one_address_that_fails_holds_up_no_other(world, report, monkeypatch):
    world.bring(report, Status.ACCEPTED)
    send = outbox._send

    def picky(notice):
        if notice.recipient.email.startswith("window"):
            raise smtplib.SMTPRecipientsRefused({})
        send(notice)

    monkeypatch.setattr(outbox, "_send", picky)
    assert outbox.deliver_waiting() == 2
    assert [message.to for message in mail.outbox] == [["officer_a@example.test"]] * 2


# --- the real thing ---
def test_a_worker_mails_it_once(transactional_db, celery_worker_process, mail_server, world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    messages = mail_server.wait_for(5)  # to be signed; the receipt and the decision, to both
    assert sorted(message["To"] for message in messages) == [
        "officer_a@example.test",
        "officer_a@example.test",
        "window_a@example.test",
        "window_a@example.test",
        "window_a@example.test",
    ]
    deadline = time.monotonic() + 10
    while Notice.objects.filter(sent_at=None).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outbox.deliver_waiting() == 0
    assert len(mail_server.messages) == 5
