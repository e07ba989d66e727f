"""The second factor: who needs one, setting it up, signing in with it, losing it."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kit.errors import NotAllowed
from ministries.actions.second_factors import reset_second_factor
from ministries.models import AuditEvent, LiveSession, SignInLock, User
from tests.ministries.conftest import PASSWORD, person
from tests.ministries.second_factors import code_of, second_step, set_up_app
from tests.ministries.test_passwords import NEW, reset_by_mail
from tests.ministries.test_sign_in import sign_in, signed_in

SETUP = reverse("mfa_index")


@pytest.fixture(autouse=True)
def _required(settings) -> None:
    settings.SECOND_FACTOR_FOR = list(settings.SECOND_FACTOR_ALWAYS)


@pytest.fixture
def other() -> Client:
    return Client()


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("role", ["administrator", "reviewer", "collator"])
def test_who_decides_can_do_nothing_before_a_second_factor_is_set_up(client, people, role):
    someone = person(f"some.{role}", system=[role])
    sign_in(client, someone.email)
    for path in ("/", "/people/", "/admin/", "/accounts/tokens/", "/accounts/password/change/"):
        assert client.get(path).url == SETUP, path
    assert client.post("/people/new/", {}).url == SETUP
    answer = client.get("/api/v1/plans/")
    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_required"
    assert "請先設定第二因素" in client.get(SETUP).content.decode()
    set_up_app(client)
    assert client.get("/accounts/tokens/").status_code == 200
    assert client.get("/api/v1/plans/").status_code == 200


def test_who_does_not_decide_and_who_is_for_show_may_go_on(client, people):
    sign_in(client, people.window.email)
    assert client.get("/people/").status_code == 200
    demo = person("demo", system=["reviewer"])
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    sign_in(other := Client(), demo.email)
    assert other.get("/accounts/tokens/").status_code == 200


def test_a_role_that_is_given_later_asks_for_it_with_the_next_request(client, people):
    sign_in(client, people.officer.email)
    assert client.get("/accounts/tokens/").status_code == 200
    people.officer.role_grants.create(role="reviewer")
    assert client.get("/accounts/tokens/").url == SETUP


def test_it_is_asked_without_a_query(client, people, settings):
    client.force_login(people.reviewer)
    page = reverse("account_inactive")

    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(page)
        return len(found)

    count()
    led_away = count()
    settings.SECOND_FACTOR_FOR = []
    assert led_away <= 2
    let_in = count()
    settings.SECOND_FACTOR_FOR = ["reviewer"]
    set_up = Client()
    sign_in(set_up, people.reviewer.email)
    set_up_app(set_up)
    client.force_login(people.reviewer)
    count()
    assert count() == let_in


def test_the_password_alone_signs_nobody_in_any_more(client, people, other):
    sign_in(client, people.window.email)
    secret, _codes = set_up_app(client)
    answer = sign_in(other, people.window.email)
    assert answer.url == reverse("mfa_authenticate")
    assert not signed_in(other)
    assert other.get("/people/").url.startswith(reverse("account_login"))

    sign_in(other, people.window.email)
    assert "不正確" in second_step(other, "000000").content.decode()
    assert not signed_in(other)
    assert second_step(other, code_of(secret, ahead=1)).url == reverse("desk")
    assert signed_in(other)
    start = AuditEvent.objects.filter(verb="session.start").first()
    assert start.after == {"how": ["password", "totp"]}


def test_a_code_counts_once(client, people, other):
    sign_in(client, people.window.email)
    secret, _codes = set_up_app(client)
    code = code_of(secret, ahead=1)
    for browser, comes_in in ((other, True), (Client(), False)):
        sign_in(browser, people.window.email)
        second_step(browser, code)
        assert signed_in(browser) == comes_in


def test_a_recovery_code_counts_once_and_its_owner_is_told(client, people, other):
    sign_in(client, people.window.email)
    _secret, codes = set_up_app(client)
    assert len(codes) == 10
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert codes[0] not in again and "還有10組" in again
    mail.outbox.clear()
    for browser, comes_in in ((other, True), (Client(), False)):
        sign_in(browser, people.window.email)
        second_step(browser, codes[0])
        assert signed_in(browser) == comes_in
    [told] = [one for one in mail.outbox if "救援碼" in one.subject]
    assert told.to == [people.window.email] and "還有9組" in told.body


def test_five_wrong_codes_lock_the_account_for_codes_and_passwords(client, people, other):
    sign_in(client, people.window.email)
    secret, _codes = set_up_app(client)
    sign_in(other, people.window.email)
    for _attempt in range(5):
        assert "不正確" in second_step(other, "000000").content.decode()
    assert "15分鐘" in second_step(other, code_of(secret, ahead=1)).content.decode()
    assert not signed_in(other)
    assert "15分鐘" in sign_in(Client(), people.window.email).content.decode()


def test_who_knows_the_password_cannot_try_codes_for_ever(client, people):
    """The right password between wrong codes takes no failure back."""
    sign_in(client, people.window.email)
    set_up_app(client)
    for browser in [Client() for _round in range(5)]:
        sign_in(browser, people.window.email)
        second_step(browser, "000000")
    assert "15分鐘" in sign_in(Client(), people.window.email).content.decode()


@pytest.mark.parametrize("sent", ["", "null", "[]", "{}", '{"id": 1}', '{"response": []}', "x"])
def test_a_passkey_that_is_none_is_a_failure_and_no_error(client, people, other, sent):
    sign_in(client, people.window.email)
    set_up_app(client)
    sign_in(other, people.window.email)
    assert other.post(reverse("mfa_authenticate"), {"credential": sent}).status_code == 200
    assert not signed_in(other)
    add = client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": sent})
    assert add.status_code == 200


def test_setting_one_up_ends_the_sessions_that_had_none(client, people, other):
    sign_in(client, people.window.email)
    sign_in(other, people.window.email)
    mail.outbox.clear()
    set_up_app(client)
    assert client.get("/people/").status_code == 200
    assert other.get("/people/").url.startswith(reverse("account_login"))
    assert verbs()[-3:] == ["second_factor.add", "session.end_others", "second_factor.add"]


def test_an_old_sign_in_must_show_the_password_again_before_it_changes_anything(client, people):
    client.force_login(people.window)
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        asked = client.get(reverse(name)).url
        assert asked.startswith(reverse("account_reauthenticate")), name
    wrong = client.post(asked, {"password": "wrong"})
    assert "密碼不正確" in wrong.content.decode()
    assert client.post(asked, {"password": PASSWORD}).url == reverse("mfa_add_webauthn")
    set_up_app(client)


def test_removing_the_last_one_leads_whoever_needs_one_back(client, people):
    sign_in(client, people.reviewer.email)
    set_up_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not User.objects.get(pk=people.reviewer.pk).has_second_factor
    assert client.get("/accounts/tokens/").url == SETUP
    assert verbs()[-2:] == ["second_factor.remove"] * 2


# --- lost -----------------------------------------------------------------------------------------
def test_an_administrator_resets_anothers_and_nobody_their_own(client, people, settings, other):
    sign_in(other, people.reviewer.email)
    set_up_app(other)
    mail.outbox.clear()
    settings.SECOND_FACTOR_FOR = ["reviewer"]
    client.force_login(people.administrator)
    own = reverse("people-second-factor", args=[people.administrator.pk])
    assert client.post(own).status_code == 403
    page = reverse("people-second-factor", args=[people.reviewer.pk])
    assert "重設reviewer的第二因素" in client.get(page).content.decode()
    assert client.post(page).status_code == 302

    assert not other.get("/accounts/tokens/").url.startswith(SETUP)  # signed out
    assert not LiveSession.objects.filter(user=people.reviewer).exists()
    [told] = mail.outbox
    assert told.to == [people.reviewer.email] and "重設" in told.subject
    event = AuditEvent.objects.filter(verb="second_factor.reset").get()
    assert event.actor == people.administrator.email
    assert event.before == {"types": ["recovery_codes", "totp"], "providers": []}
    sign_in(other, people.reviewer.email)
    assert other.get("/accounts/tokens/").url == SETUP


def test_a_window_resets_none_even_of_its_own_people(client, people):
    client.force_login(people.window)
    page = reverse("people-second-factor", args=[people.officer.pk])
    assert client.post(page).status_code == 403
    with pytest.raises(NotAllowed):
        reset_second_factor(people.officer, by=people.window)


def test_a_password_reset_by_mail_neither_signs_in_nor_skips_the_second_factor(
    client, people, other
):
    sign_in(client, people.window.email)
    secret, _codes = set_up_app(client)
    mail.outbox.clear()
    done = reset_by_mail(other, people.window, NEW)
    assert done.url == reverse("account_reset_password_from_key_done")
    assert not signed_in(other)
    assert client.get("/people/").url.startswith(reverse("account_login"))  # all others ended
    assert ["重設" in one.subject for one in mail.outbox] == [True, True]  # link, and notice
    assert sign_in(other, people.window.email, NEW).url == reverse("mfa_authenticate")
    second_step(other, code_of(secret, ahead=1))
    assert signed_in(other)


def test_a_lock_is_forgotten_only_by_a_whole_sign_in(client, people, other):
    sign_in(client, people.window.email)
    set_up_app(client)
    for _attempt in range(3):
        sign_in(other, people.window.email, "wrong")
    sign_in(other, people.window.email)
    account = SignInLock.objects.order_by("failures").last()
    assert account.failures == 3


def test_who_stands_before_the_second_step_when_it_is_reset_begins_anew(client, people, other):
    sign_in(client, people.window.email)
    set_up_app(client)
    sign_in(other, people.window.email)
    reset_second_factor(people.window, by=people.administrator)
    step = other.get(reverse("mfa_authenticate"), follow=True)
    assert step.redirect_chain == [(reverse("account_login"), 302)]
    sign_in(other, people.window.email)
    assert signed_in(other)
