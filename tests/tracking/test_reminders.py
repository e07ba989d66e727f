"""Who is reminded on which day, by one mail each that really arrives, once."""

from collections.abc import Callable
from datetime import date, timedelta
from email.header import decode_header, make_header

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from config.kit.errors import NotAllowed, NotNow
from ministries.models import AuditEvent, Deputyship, Membership
from tests.world import join, make_user
from tracking import outbox, tasks
from tracking.actions import reports
from tracking.enums import Part, Status
from tracking.models import Handover, Notice, ProgressReport, ReportingYear
from tracking.models.notice import NoticeKind
from tracking.reminders import digest
from tracking.reminders.people import As, Recipients
from tracking.reminders.rules import Kind

# A Thursday; 30 days before it is a Tuesday, 7 days before a Thursday, and all are working days.
DUE = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def pretend(monkeypatch, world) -> Callable[[date], None]:
    """Today is 115-11-10, or the day that the test says; not before the world stands, which other
    modules look at as well.
    """
    real = timezone.localdate

    def become(day: date) -> None:
        monkeypatch.setattr(
            timezone, "localdate", lambda *args, **named: real(*args, **named) if args else day
        )

    become(date(2026, 11, 10))
    return become


@pytest.fixture
def due(world) -> ReportingYear:
    """Year 111 of the small world, due on DUE."""
    ReportingYear.objects.filter(pk=world.year.pk).update(
        opens_on=date(2026, 1, 5), due_on=DUE, closes_on=date(2026, 12, 30)
    )
    world.year.refresh_from_db()
    return world.year


def told(day: date) -> dict[str, list[str]]:
    """Who is told on a day, and of which measures."""
    items = digest.due_items(day, day).get(day, [])
    found = digest.digests(items, Recipients(day, [item.report for item in items]))
    return {
        one.person.email.split("@")[0]: sorted({item.code for item in one.items}) for one in found
    }


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 11, 9), set()),
        (date(2026, 11, 10), {Kind.MONTH}),
        (date(2026, 11, 11), set()),
        (date(2026, 12, 2), set()),
        (date(2026, 12, 3), {Kind.WEEK}),
        (date(2026, 12, 4), set()),
        (date(2026, 12, 9), set()),
        (date(2026, 12, 10), set()),
        (date(2026, 12, 11), {Kind.OVERDUE}),
        (date(2026, 12, 12), set()),
    ],
)
def test_the_day_before_on_the_day_and_after(due, day, kinds):
    items = digest.due_items(day, day).get(day, [])
    assert {item.kind for item in items} == kinds
    assert len(items) == (8 if kinds else 0)


def test_over_a_year_s_end(due):
    ReportingYear.objects.filter(pk=due.pk).update(
        due_on=date(2026, 12, 31), closes_on=date(2027, 3, 1)
    )
    found = digest.due_items(date(2026, 12, 1), date(2027, 1, 31))
    assert {day: {item.kind for item in items} for day, items in found.items()} == {
        date(2026, 12, 1): {Kind.MONTH},
        date(2026, 12, 17): {Kind.PARTNER},
        date(2026, 12, 24): {Kind.WEEK},
        date(2027, 1, 4): {Kind.OVERDUE},
    }


def test_a_unit_with_more_time_is_reminded_of_its_own_date(due, world):
    ProgressReport.objects.filter(ministry=world.alpha).update(extended_until=date(2026, 12, 17))
    day = date(2026, 12, 10)
    assert {item.ministry for item in digest.due_items(day, day)[day]} == {"甲部"}
    assert told(day).keys() == {"officer_a", "window_a"}
    assert "officer_a" not in told(date(2026, 12, 3))


def test_partners_are_told_before_their_own_date_the_leads_are_not(due, world, pretend):
    """Asked for by 12-03, told 7 days before; that day being gone is no overdue of theirs."""
    day = date(2026, 11, 26)
    found = digest.due_items(date(2026, 11, 20), date(2026, 12, 2))
    assert list(found) == [day]
    assert {(item.kind, item.last_day) for item in found[day]} == {
        (Kind.PARTNER, date(2026, 12, 3))
    }
    partners = set(
        ProgressReport.objects.filter(role="partner").values_list("ministry__short_name", "pk")
    )
    assert {(item.ministry, item.report) for item in found[day]} == partners
    assert partners and len(partners) < 8
    items = found[day]
    [one, *_others] = digest.digests(items, Recipients(day, [item.report for item in items]))
    pretend(day)
    subject, body = digest.text(one, day)
    assert "協辦部分請在115-12-03以前先送出" in subject
    assert "協辦部分請在115-12-03以前先送出，讓主辦引用，還有7天；截止日不變" in body
    assert "主辦115-12-03起等著引用" in digest.text(one, date(2026, 12, 4))[1]


def test_no_earlier_day_more_time_and_a_part_that_was_sent_are_not_reminded_of_one(due, world):
    day = date(2026, 11, 26)
    partners = list(ProgressReport.objects.filter(role="partner"))
    world.bring(partners[0], Status.SUBMITTED)
    ProgressReport.objects.filter(pk=partners[1].pk).update(extended_until=date(2026, 12, 17))
    told_of = {item.report for item in digest.due_items(day, day).get(day, [])}
    assert told_of == {row.pk for row in partners[2:]}
    ReportingYear.objects.filter(pk=due.pk).update(partner_days=0)
    assert digest.due_items(day, day) == {}


def test_a_partner_s_day_moves_to_the_working_day_before(due, world):
    """Asked for by Saturday 12-05, told on Friday 11-27 and not on Saturday."""
    ReportingYear.objects.filter(pk=due.pk).update(partner_days=5)
    found = digest.due_items(date(2026, 11, 20), date(2026, 12, 2))
    assert {day: {item.last_day for item in items} for day, items in found.items()} == {
        date(2026, 11, 27): {date(2026, 12, 5)}
    }


def test_officers_and_windows_are_told_each_of_their_own(due):
    assert told(date(2026, 12, 3)) == {
        "officer_a": ["1.1.1.1", "1.1.1.2", "1.1.2.1"],
        "window_a": ["1.1.1.1", "1.1.1.2", "1.1.2.1"],
        "officer_b": ["1.1.1.1", "1.1.1.2", "2.1.1.1"],
        "window_b": ["1.1.1.1", "1.1.1.2", "2.1.1.1"],
        "officer_s": ["1.1.1.2", "1.1.2.1"],
        "window_s": ["1.1.1.2", "1.1.2.1"],
    }


def test_what_was_sent_is_not_asked_for_and_what_waits_for_a_signature_only_of_windows(due, world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.SIGNING)
    world.bring(world.report("1.1.1.2", "alpha"), Status.SUBMITTED)
    found = told(date(2026, 12, 3))
    assert found["officer_a"] == ["1.1.2.1"]
    assert found["window_a"] == ["1.1.1.1", "1.1.2.1"]


def test_of_what_somebody_began_they_are_told_and_not_their_colleagues(due, world, report):
    join(make_user("colleague"), world.alpha, "officer")
    world.bring(report, Status.DRAFT)
    found = told(date(2026, 12, 3))
    assert "1.1.1.1" in found["officer_a"]
    assert found["colleague"] == ["1.1.1.2", "1.1.2.1"]


def test_what_was_handed_over_is_told_to_who_took_it(due, world, report):
    join(taker := make_user("taker"), world.alpha, "officer")
    join(make_user("colleague"), world.alpha, "officer")
    world.bring(report, Status.DRAFT)
    Membership.objects.filter(user=world.officer_a).update(until=date(2026, 11, 1))
    Handover.objects.create(
        leaver=world.officer_a, taker=taker, ministry=world.alpha, note="調職", by=world.window_a
    )
    found = told(date(2026, 12, 3))
    assert found["taker"] == ["1.1.1.1", "1.1.1.2", "1.1.2.1"]
    assert found["colleague"] == ["1.1.1.2", "1.1.2.1"]


def test_a_deputy_is_told_as_the_window_is(due, world, viewer_a):
    Deputyship.objects.create(
        window=world.window_a,
        deputy=viewer_a,
        ministry=world.alpha,
        since=date(2026, 12, 1),
        until=date(2026, 12, 4),
    )
    assert "viewer_a" in told(date(2026, 12, 3))
    ReportingYear.objects.update(due_on=date(2026, 12, 11))
    assert "viewer_a" not in told(date(2026, 12, 4))


def test_without_officers_the_window_without_both_the_reviewers(due, world):
    Membership.objects.filter(user=world.officer_a).update(until=date(2026, 12, 1))
    assert "officer_a" not in (found := told(date(2026, 12, 3)))
    assert len(found["window_a"]) == 3
    world.window_a.is_active = False
    world.window_a.save()
    found = told(date(2026, 12, 3))
    assert found["reviewer"] == ["1.1.1.1", "1.1.1.2", "1.1.2.1"]
    day = date(2026, 12, 3)
    assert Recipients(day, []).lacks(world.alpha.pk) == [As.OFFICER, As.WINDOW]


def test_who_has_no_address_counts_as_nobody(due, world):
    for name in ("officer_a", "window_a"):
        person = world.people[name]
        person.email = "" if name == "officer_a" else person.email
        person.save()
    assert set(told(date(2026, 12, 3))) >= {"window_a"}
    assert "" not in told(date(2026, 12, 3))


def returned(world, until: date):
    row = world.bring(world.report("1.1.1.1", "alpha"), Status.UNDER_REVIEW)
    row = reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.MONEY: "請分列。"}
    )
    ProgressReport.objects.filter(pk=row.pk).update(correction_due_on=until)


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 11, 22), []),
        (date(2026, 11, 23), [Kind.CORRECTION]),
        (date(2026, 11, 24), []),
        (date(2026, 11, 25), []),
        (date(2026, 11, 26), [Kind.CORRECTION_OVERDUE]),
        (date(2026, 11, 27), []),
    ],
)
def test_a_correction_two_days_before_it_ends_and_the_day_after(due, world, day, kinds):
    returned(world, date(2026, 11, 25))
    items = digest.due_items(day, day).get(day, [])
    assert [item.kind for item in items if item.kind != Kind.PARTNER] == kinds


def test_an_ended_correction_of_a_closed_year_is_still_told(due, world):
    returned(world, date(2027, 1, 20))
    ReportingYear.objects.filter(pk=due.pk).update(state="closed")
    day = date(2027, 1, 18)
    assert {item.code for item in digest.due_items(day, day)[day]} == {"1.1.1.1"}
    assert told(day).keys() == {"officer_a", "window_a"}


# --- the mails ---
def test_one_mail_a_person_arrives_with_all_that_is_due(due, world, mail_server, pretend):
    returned(world, date(2026, 12, 7))  # two days before is Saturday, so it is said on Friday
    ReportingYear.objects.update(due_on=date(2026, 12, 11))  # seven days before is that Friday
    pretend(date(2026, 12, 4))
    with translation.override("en"):
        sent = digest.send(date(2026, 12, 4))
    assert sent.people == 6
    Notice.objects.exclude(kind=NoticeKind.REMINDER).delete()
    mail_server.messages.clear()
    while outbox.deliver_waiting():
        pass
    by_person = {message["To"].split("@")[0]: message for message in mail_server.messages}
    assert len(mail_server.messages) == len(by_person) == 6
    message = by_person["officer_a"]
    assert message.get_content_type() == "text/plain"
    subject = str(make_header(decode_header(message["Subject"])))
    assert subject.startswith("提醒：3件年度執行情形") and "115-12-07" in subject
    body = message.get_payload(decode=True).decode(message.get_content_charset())
    body = body.replace("\r\n", "\n")
    assert body.startswith("officer_a，您好：\n")
    assert body.index("補正期限115-12-07，還有3天") < body.index("115-12-11截止，還有7天")
    assert "111年度 甲部\n　1.1.1.1 培育種子師資（退回補正）" in body
    assert "　1.1.1.2 建置共用平臺（草稿）" in body
    assert body.rstrip().endswith("/desk/")


def test_beat_that_runs_twice_mails_nobody_twice(due, mail_server, pretend):
    pretend(date(2026, 12, 3))
    tasks.send_reminders.delay()
    tasks.send_reminders.delay()
    while outbox.deliver_waiting():
        pass
    tasks.send_reminders.delay()
    outbox.deliver_waiting()
    assert len(mail_server.messages) == 6
    assert len({message["To"] for message in mail_server.messages}) == 6
    assert AuditEvent.objects.filter(verb="reminder.send").count() == 1


class Killed(BaseException):
    """What a worker's death looks like from inside: nothing after it runs."""


def test_a_worker_that_dies_after_the_half_leaves_the_rest_and_repeats_nothing(
    due, world, mail_server, monkeypatch
):
    digest.send(date(2026, 12, 3))
    send, count = outbox._send, 0

    def dying(notice):
        nonlocal count
        count += 1
        if count > 3:
            raise Killed
        send(notice)

    with monkeypatch.context() as killing:
        killing.setattr(outbox, "_send", dying)
        with pytest.raises(Killed):
            outbox.deliver_waiting()
    assert len(mail_server.messages) == 3
    digest.send(date(2026, 12, 3))
    outbox.deliver_waiting()
    assert len(mail_server.messages) == 6
    assert len({message["To"] for message in mail_server.messages}) == 6


def test_a_sender_that_dies_half_way_has_written_nothing(due, world, monkeypatch):
    text = digest.text

    def dying(one, today):
        if one.person == world.window_a:
            raise Killed
        return text(one, today)

    with monkeypatch.context() as killing:
        killing.setattr(digest, "text", dying)
        with pytest.raises(Killed):
            digest.send(date(2026, 12, 3))
    assert not Notice.objects.exists()
    assert digest.send(date(2026, 12, 3)).people == 6


# --- by hand ---
def test_a_collator_sends_early_and_beat_does_not_repeat_it(due, world, collator, pretend):
    pretend(date(2026, 11, 24))
    assert digest.send(date(2026, 12, 3), by=collator).people == 6
    assert "還有16天" in Notice.objects.first().body
    assert digest.send(date(2026, 12, 3)).people == 0
    event = AuditEvent.objects.get(verb="reminder.send")
    assert event.actor == collator.email and event.after["people"] == 6


def test_what_has_not_passed_is_not_said_to_have_passed(due, collator, pretend):
    pretend(date(2026, 12, 9))
    with pytest.raises(NotNow, match="期限過了"):
        digest.send(date(2026, 12, 11), by=collator)
    with pytest.raises(NotNow, match="沒有要寄"):
        digest.send(date(2026, 12, 8), by=collator)
    with pytest.raises(NotNow, match="14天以前"):
        digest.send(date(2026, 11, 10), by=collator)


@pytest.mark.parametrize("who", ["reviewer", "administrator", "window_a"])
def test_nobody_else_sends(due, world, who):
    with pytest.raises(NotAllowed):
        digest.send(date(2026, 12, 3), by=world.people[who])


def test_the_command_sends_and_shows(due, capsys, django_capture_on_commit_callbacks):
    call_command("send_reminders", "--day", "2026-12-03", "--dry-run")
    shown = capsys.readouterr().out
    assert "officer_a@example.test（會寄）" in shown and "1.1.2.1 開放研究資料" in shown
    assert not Notice.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("send_reminders", "--day", "2026-12-03")
    assert capsys.readouterr().out == "2026-12-03：6 人，16 件。\n"
    assert len(mail.outbox) == 6
    call_command("send_reminders", "--day", "2026-12-03", "--dry-run")
    assert "會寄" not in capsys.readouterr().out
    call_command("send_reminders", "--day", "2026-12-04", "--dry-run")
    assert capsys.readouterr().out == "2026-12-04：沒有要寄的提醒。\n"
    with pytest.raises(CommandError):
        call_command("send_reminders", "--day", "3.12.2026")


def test_as_many_queries_for_many_as_for_few(due, world, django_assert_max_num_queries):
    day = date(2026, 12, 3)
    for number in range(5):
        join(make_user(f"more{number}"), world.alpha, "officer")
        world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT) if not number else None
    with django_assert_max_num_queries(9):
        assert len(told(day)) == 11


def test_the_month_s_reminder_of_a_far_date_is_not_said_today(due):
    far = timezone.localdate() + timedelta(days=400)
    ReportingYear.objects.update(due_on=far, closes_on=far)
    assert digest.due_items(date(2026, 11, 1), date(2026, 12, 31)) == {}
