"""Secrets of second factors: sealed in the database, readable after a change of the key, and a
clear word where no key opens them.
"""

import logging

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.urls import reverse

from ministries import seeds
from ministries.actions.second_factors import reset_second_factor
from ministries.models import AuditEvent, LiveSession, User
from ministries.tasks import seal_seeds
from tests.ministries.second_factors import code_of, second_step, set_up_app
from tests.ministries.test_sign_in import sign_in, signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEED = "5f" * 40
# The first code of that seed, by the rule of the release before: HMAC-SHA1 of "  0,".
FIRST_CODE = "73526248"
OLD, NEW = "a secret of the tests alone", "the key that came after it, long enough to be one"
REFUSED = "系統換過金鑰，讀不出驗證App和救援碼。"
CODES, NEW_CODES = reverse("mfa_view_recovery_codes"), reverse("mfa_generate_recovery_codes")


def everything() -> str:
    """All that a dump of the database would hold."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def plain(user: User) -> None:
    """Rows as they were written before there was a seal."""
    types = Authenticator.Type
    Authenticator.objects.create(user=user, type=types.TOTP, data={"secret": SECRET})
    Authenticator.objects.create(
        user=user, type=types.RECOVERY_CODES, data={"seed": SEED, "used_mask": 0}
    )


def comes_in(user: User, code: str) -> bool:
    browser = Client()
    sign_in(browser, user.email)
    second_step(browser, code)
    return signed_in(browser)


def kept() -> list[str]:
    rows = Authenticator.objects.order_by("pk")
    return [row.data[seeds.FIELDS[row.type]] for row in rows if row.type in seeds.FIELDS]


def events() -> list[tuple]:
    told = AuditEvent.objects.filter(verb="second_factor.seal").order_by("pk")
    return list(told.values_list("actor", "target", "after"))


# --- the database ---------------------------------------------------------------------------------
def test_a_dump_of_the_database_has_no_secret(client, people):
    sign_in(client, people.window.email)
    waiting = client.get(reverse("mfa_activate_totp")).context["form"].secret
    assert waiting not in everything()
    assert waiting not in str(dict(client.session))
    secret, codes = set_up_app(client)
    dump = everything()
    assert people.window.email in dump
    seed = seeds.unseal(kept()[1])
    assert len(seed) == 80
    for one in (secret, seed, *codes):
        assert one not in dump
    assert all(one.startswith("sealed1:") for one in kept())


def test_a_wrong_code_leaves_the_secret_that_was_shown(client, people):
    sign_in(client, people.window.email)
    page = reverse("mfa_activate_totp")
    secret = client.get(page).context["form"].secret
    again = client.post(page, {"code": "000000"})
    assert again.context["form"].secret == secret
    assert client.post(page, {"code": code_of(secret)}).url == CODES


def test_each_seal_is_another_and_the_label_is_ours(settings):
    assert seeds.unseal(seeds.seal(SECRET)) == SECRET
    assert seeds.seal(SECRET) != seeds.seal(SECRET)
    sealed = seeds.seal(SECRET)
    for changed in (sealed[:-4] + "AAA=", seeds.MARK, seeds.MARK + SECRET):
        with pytest.raises(seeds.Unreadable):
            seeds.unseal(changed)


# --- before there was a seal ----------------------------------------------------------------------
def test_a_row_from_before_still_signs_in_and_is_sealed_at_night(people):
    plain(people.window)
    assert comes_in(people.window, code_of(SECRET))
    assert comes_in(people.window, FIRST_CODE)
    seal_seeds()
    assert SECRET not in everything() and SEED not in everything()
    assert all(seeds.is_current(one) for one in kept())
    assert events() == [
        ("system:seal_seeds", f"ministries.user:{people.window.pk}", {"type": kind})
        for kind in ("totp", "recovery_codes")
    ]
    assert comes_in(people.window, code_of(SECRET, ahead=1))
    assert not comes_in(people.window, FIRST_CODE)  # crossed out, as before


def test_a_second_night_changes_nothing(people):
    plain(people.window)
    seal_seeds()
    before = kept()
    seal_seeds()
    assert kept() == before and len(events()) == 2


# --- another key ----------------------------------------------------------------------------------
def test_a_new_key_takes_over_in_a_night(client, people, settings):
    settings.SECRET_KEY = OLD
    sign_in(client, people.window.email)
    secret, codes = set_up_app(client)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert client.get("/people/").status_code == 200  # nobody is signed out
    assert LiveSession.objects.filter(user=people.window).count() == 1
    assert comes_in(people.window, code_of(secret, ahead=1))
    assert not any(seeds.is_current(one) for one in kept())
    seal_seeds()
    settings.SECRET_KEY_FALLBACKS = []
    assert comes_in(people.window, codes[0])
    assert all(seeds.is_current(one) for one in kept())


@pytest.fixture
def locked_out(client, people, settings) -> tuple[str, list[str]]:
    """A window whose second factor was sealed under a key that is gone."""
    settings.SECRET_KEY = OLD
    sign_in(client, people.window.email)
    made = set_up_app(client)
    settings.SECRET_KEY = NEW
    return made


def test_without_the_old_key_a_sentence_refuses_and_locks_nobody(locked_out, people, caplog):
    secret, codes = locked_out
    browser = Client()
    for code in (code_of(secret, ahead=1), codes[0], *["000000"] * 4):
        sign_in(browser, people.window.email)
        answer = second_step(browser, code)
        assert answer.status_code == 200 and REFUSED in answer.content.decode()
        assert not signed_in(browser)
    assert "sealed under another SECRET_KEY" in caplog.text
    assert AuditEvent.objects.filter(verb="session.fail").count() == 6

    reset_second_factor(people.window, by=people.administrator)
    sign_in(browser, people.window.email)
    assert signed_in(browser)
    secret, _codes = set_up_app(browser)
    assert comes_in(people.window, code_of(secret, ahead=1))


def test_with_the_old_key_back_everything_is_as_it_was(locked_out, people, settings, caplog):
    before = kept()
    with caplog.at_level(logging.ERROR):
        seal_seeds()
    assert "2 second factors are sealed under a key" in caplog.text
    assert (kept(), seeds.count_unreadable()) == (before, 2)
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert seeds.count_unreadable() == 0
    assert comes_in(people.window, code_of(locked_out[0], ahead=1))


def test_who_comes_in_by_a_passkey_finds_the_way_to_new_codes(locked_out, people):
    browser = Client()
    browser.force_login(people.window)
    page = browser.get(reverse("mfa_index")).content.decode()
    assert "讀不出來，請移除後重新設定" in page and "讀不出來，請換一批" in page
    asked = browser.get(CODES).url
    browser.post(asked, {"password": "correct-horse-battery"})
    assert browser.get(CODES).url == NEW_CODES
    assert browser.get(NEW_CODES).status_code == 200
    shown = browser.post(NEW_CODES, follow=True)
    assert len(shown.context["unused_codes"]) == 10
    assert seeds.count_unreadable() == 1
