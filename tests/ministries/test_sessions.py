"""Open sessions: listed, ended from afar, ended by idleness, and what was typed is kept."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import NotAllowed
from ministries.actions.people import reset_first_password
from ministries.actions.sessions import end_session
from ministries.models import AuditEvent, LiveSession
from ministries.tasks import clear_sessions
from tests.ministries.test_sign_in import PASSWORD, sign_in, signed_in
from tests.world import PASSWORD as WORLD_PASSWORD
from tests.world import World

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = reverse("mfa_index")
END_OTHERS = reverse("session-end-others")


def idle(minutes: float) -> None:
    """Nobody has done anything for so long."""
    LiveSession.objects.update(seen_at=timezone.now() - timedelta(minutes=minutes))


@pytest.fixture
def other() -> Client:
    return Client(headers={"user-agent": FIREFOX})


# --- idle -----------------------------------------------------------------------------------------
def test_who_does_nothing_for_half_an_hour_is_signed_out(client, people, settings):
    sign_in(client, people.window.email)
    idle(29)
    assert client.get("/people/").status_code == 200
    idle(31)
    assert client.get("/people/").url.startswith(reverse("account_login"))
    sign_in(client, people.window.email)
    settings.SESSION_IDLE_MINUTES = 5
    idle(6)
    assert client.get("/api/v1/me/").status_code in (401, 403, 404)
    assert client.get("/people/").status_code == 302


def test_being_there_is_written_once_a_minute_at_most(client, people):
    sign_in(client, people.window.email)

    def writes() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("account_inactive")).status_code == 200
        return sum(one["sql"].startswith(("UPDATE", "INSERT", "DELETE")) for one in found)

    assert writes() == 0
    idle(2)
    assert writes() == 1
    assert writes() == 0
    assert LiveSession.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


def test_what_an_open_page_asks_by_itself_keeps_nobody_signed_in(world: World):
    browser = Client()
    browser.force_login(world.officer_a)
    idle(20)
    seen = LiveSession.objects.get().seen_at
    report = world.report("1.1.1.1", "alpha")
    answer = browser.post(reverse("report-presence", args=[report.pk]), {"seen_version": 1})
    assert answer.status_code == 200
    assert LiveSession.objects.get().seen_at == seen
    browser.get(reverse("desk"))
    assert LiveSession.objects.get().seen_at > seen


def test_what_was_typed_when_the_session_was_idle_is_there_after_signing_in(world: World):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.officer_a)
    report = world.report("1.1.1.1", "alpha")
    url = reverse("report-edit", args=[report.pk])
    page = browser.get(url)
    hidden = {
        name: page.content.decode().split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("csrfmiddlewaretoken", "holder", "seen_version", "copy")
    }
    idle(45)
    typed = {**hidden, "work_done": "打了一個下午的字。", "do": "save"}
    to_login = browser.post(url, typed).url
    assert to_login.startswith(reverse("account_login"))
    token = browser.get(to_login).content.decode().split('name="csrfmiddlewaretoken" value="')[1]
    given = {
        "login": world.officer_a.email, "password": WORLD_PASSWORD, "next": url,
        "csrfmiddlewaretoken": token.split('"')[0],
    }  # fmt: skip
    assert browser.post(reverse("account_login"), given).url == url
    offered = browser.get(url).content.decode()
    assert "打了一個下午的字。" in offered
    assert world.report("1.1.1.1", "alpha").work_done == ""


# --- absolute -------------------------------------------------------------------------------------
def test_after_eight_hours_it_is_over_whatever_was_done_meanwhile(client, people):
    sign_in(client, people.window.email)
    begun = timezone.now() - timedelta(hours=8)
    LiveSession.objects.update(since=begun + timedelta(minutes=1))
    session = client.session
    session["anything"] = "put in late"  # Django counts its own eight hours from here
    session.save()
    assert client.get("/people/").status_code == 200
    LiveSession.objects.update(since=begun)
    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=7)
    assert client.get("/people/").url.startswith(reverse("account_login"))
    assert not LiveSession.objects.alive().exists()


def test_whoever_proves_again_who_they_are_goes_on_in_a_new_session(client, people):
    sign_in(client, people.window.email)
    old, begun = client.session.session_key, LiveSession.objects.get().since
    client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert client.session.session_key == old
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.session.session_key != old and not Session.objects.filter(pk=old).exists()
    assert LiveSession.objects.get().since == begun
    assert client.get("/people/").status_code == 200


# --- listed and ended -----------------------------------------------------------------------------
def test_one_sees_where_one_is_signed_in_and_signs_out_elsewhere(client, people, other):
    sign_in(client, people.window.email)
    sign_in(other, people.window.email)
    page = client.get(PAGE).content.decode()
    assert "Firefox・Windows" in page and "就是這裡" in page and "127.0.0.1" in page
    row = LiveSession.objects.get(agent=FIREFOX)
    assert client.post(reverse("session-end", args=[row.pk])).url == PAGE
    assert other.get("/people/").status_code == 302
    assert client.get("/people/").status_code == 200
    event = AuditEvent.objects.first()
    assert (event.verb, event.before["agent"]) == ("session.end_other", FIREFOX)


def test_all_others_at_once(client, people):
    browsers = [Client() for _number in range(3)]
    for browser in (client, *browsers):
        sign_in(browser, people.window.email)
    assert (
        "登出其他3個連線"
        in client.post(reverse("session-end-others"), follow=True).content.decode()
    )
    assert [browser.get("/people/").status_code for browser in (client, *browsers)] == [
        200, 302, 302, 302,
    ]  # fmt: skip


@pytest.mark.parametrize("button", ["one", "others"])
def test_whoever_signed_in_long_ago_shows_the_password_before_ending_others(
    client, people, other, button, monkeypatch
):
    sign_in(client, people.window.email)
    sign_in(other, people.window.email)
    row = LiveSession.objects.get(agent=FIREFOX)
    url = reverse("session-end", args=[row.pk]) if button == "one" else END_OTHERS
    monkeypatch.setattr("ministries.adapter.PROVEN_FOR", -1)
    assert client.post(url).url.startswith(reverse("account_reauthenticate"))
    assert LiveSession.objects.filter(pk=row.pk).exists()
    monkeypatch.setattr("ministries.adapter.PROVEN_FOR", 300)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, follow=True)
    client.post(url)
    assert not LiveSession.objects.filter(pk=row.pk).exists()


def test_nobody_ends_or_sees_anybody_elses(client, people, other):
    sign_in(other, people.officer.email)
    row = LiveSession.objects.get()
    sign_in(client, people.window.email)
    assert client.post(reverse("session-end", args=[row.pk])).status_code == 404
    assert "Firefox" not in client.get(PAGE).content.decode()
    with pytest.raises(NotAllowed):
        end_session(row, by=people.administrator)
    assert other.get("/accounts/tokens/").status_code == 200


def test_a_session_that_is_over_is_not_listed_and_is_cleared_at_the_next_sign_in(
    client, people, other
):
    sign_in(other, people.window.email)
    idle(60)
    sign_in(client, people.window.email)
    assert "Firefox" not in client.get(PAGE).content.decode()
    assert LiveSession.objects.count() == Session.objects.count() == 1


def test_signing_out_ends_the_session_and_is_recorded(client, people):
    sign_in(client, people.window.email)
    client.post(reverse("account_logout"))
    assert not signed_in(client) and not LiveSession.objects.exists()
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["session.start", "session.end"]


def test_a_new_first_password_signs_out_everywhere(client, people):
    sign_in(client, people.officer.email, PASSWORD)
    reset_first_password(people.officer, by=people.window)
    assert client.get("/accounts/tokens/").status_code == 302
    assert not LiveSession.objects.filter(user=people.officer).exists()


def test_sessions_that_expired_are_forgotten_at_night(client, other, people):
    sign_in(client, people.officer.email)
    sign_in(other, people.officer.email)
    Session.objects.filter(pk=other.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    clear_sessions()
    kept = [client.session.session_key]
    assert list(Session.objects.values_list("pk", flat=True)) == kept
    assert list(LiveSession.objects.values_list("session_id", flat=True)) == kept


def test_signing_in_once_more_goes_on_with_the_same_session(client, people):
    client.force_login(people.officer)
    client.force_login(people.officer)
    assert LiveSession.objects.get().session_id == client.session.session_key
