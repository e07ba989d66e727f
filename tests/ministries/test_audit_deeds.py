"""Deeds that leave no row of their own: sign-ins that fail, programs that call, passwords that are
changed on the machine.
"""

import getpass
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ministries.actions.feeds import renew_feed
from ministries.actions.tokens import create_token
from ministries.models import ApiToken, AuditEvent, CalendarFeed, LiveSession, User
from tests.ministries.conftest import PASSWORD
from tests.ministries.test_sign_in import sign_in, signed_in

NEW = "a-quite-other-phrase"


def told(*verbs: str) -> list[tuple]:
    rows = AuditEvent.objects.filter(verb__in=verbs).order_by("pk")
    return list(rows.values_list("actor", "target", "after"))


def test_an_attempt_while_locked_is_a_failed_sign_in_as_well(client, people):
    for _each in range(5):
        sign_in(client, people.window.email, "wrong")
    sign_in(client, people.window.email)
    sign_in(client, "nobody@example.org")
    window = f"ministries.user:{people.window.pk}"
    first, *_more, last, unknown = told("session.fail")
    assert first[2] == {"how": "password", "locked": False, "refused": False}
    assert last == (
        "system:sign_in", window, {"how": "password", "locked": True, "refused": True}
    )  # fmt: skip
    assert unknown[1] == "unknown"
    assert len(told("session.fail")) == 7
    assert told("session.start") == []


def test_the_right_password_of_a_closed_account_is_a_failed_sign_in(client, people):
    User.objects.filter(pk=people.officer.pk).update(is_active=False)
    sign_in(client, people.officer.email)
    assert not signed_in(client)
    expected = {"how": "closed", "locked": False, "refused": False}
    officer = f"ministries.user:{people.officer.pk}"
    assert told("session.fail") == [("system:sign_in", officer, expected)]


def test_a_program_that_calls_with_a_token_is_told_once_an_hour(people, rf):
    ends = timezone.localdate() + timedelta(days=30)
    token, secret = create_token(name="匯出", scopes=["read"], expires_on=ends, by=people.officer)
    bearer = {"Authorization": f"Bearer {secret}"}
    for _twice in "ab":
        assert Client(REMOTE_ADDR="192.0.2.7").get("/api/v1/plans/", headers=bearer).status_code
    target = f"ministries.apitoken:{token.pk}"
    assert told("token.use") == [(people.officer.email, target, {"start": token.start})]
    assert AuditEvent.objects.get(verb="token.use").address == "192.0.2.7"
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(hours=2))
    Client().get("/api/v1/plans/", headers=bearer)
    assert len(told("token.use")) == 2


def test_a_calendar_that_is_read_is_told_once_a_day(people):
    path = f"/calendar/{renew_feed(by=people.officer)}.ics"
    for _twice in "ab":
        assert Client().get(path).status_code == 200
    feed = CalendarFeed.objects.get()
    target = f"ministries.calendarfeed:{feed.pk}"
    assert told("calendar.take") == [(people.officer.email, target, None)]
    CalendarFeed.objects.update(last_used_at=timezone.now() - timedelta(days=1, hours=1))
    Client().get(path)
    assert len(told("calendar.take")) == 2
    assert Client().get("/calendar/nonsense.ics").status_code == 404
    assert len(told("calendar.take")) == 2


def test_a_password_that_is_changed_on_the_machine_is_told_and_signs_out(
    client, people, monkeypatch
):
    sign_in(client, people.window.email)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: NEW)
    call_command("changepassword", people.window.email, stdout=StringIO())
    window = f"ministries.user:{people.window.pk}"
    assert told("password.change") == [("system:changepassword", window, None)]
    assert not LiveSession.objects.exists()
    assert client.get("/people/").status_code == 302
    people.window.refresh_from_db()
    assert people.window.check_password(NEW)


def test_a_password_that_could_not_be_changed_is_no_change(people, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "short")
    with pytest.raises(CommandError):
        call_command("changepassword", people.window.email, stdout=StringIO(), stderr=StringIO())
    assert told("password.change") == []
    people.window.refresh_from_db()
    assert people.window.check_password(PASSWORD)
