"""Passwords: the last three, too common, too like oneself; whichever way one is set."""

import getpass
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator as Tokens
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ministries.actions.people import create_account, reset_first_password
from ministries.models import AuditEvent, LiveSession, UsedPassword, User
from tests.ministries.conftest import PASSWORD
from tests.ministries.test_sign_in import sign_in, signed_in

NEW = "a-quite-other-phrase"
CHANGE, RESET = reverse("account_change_password"), reverse("account_reset_password")


def change(client: Client, old: str, new: str):
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def reset_by_mail(client: Client, user: User, new: str):
    client.post(RESET, {"email": user.email})
    link = re.search(r"https?://testserver(\S+)", mail.outbox[-1].body)[1]
    return client.post(client.get(link).url, {"password1": new, "password2": new})


def phrase(number: int) -> str:
    return f"phrase number {number} of the tests"


def test_the_last_three_are_refused_and_the_fourth_may_come_again(client, people):
    sign_in(client, people.window.email)
    old = PASSWORD
    for number in range(3):
        assert change(client, old, phrase(number)).status_code == 302
        old = phrase(number)
    for used in (phrase(0), phrase(1), phrase(2)):
        answer = change(client, old, used)
        assert answer.context["form"].errors.get("password1"), used
    assert "最近" in str(change(client, old, phrase(0)).context["form"].errors)
    assert change(client, old, PASSWORD).status_code == 302
    assert UsedPassword.objects.filter(user=people.window).count() == 3


def test_a_link_in_a_mail_does_not_bring_an_old_one_back(client, people):
    people.window.set_password(NEW)
    people.window.save()
    refused = reset_by_mail(client, people.window, PASSWORD)
    assert "最近用過" in refused.content.decode()
    assert reset_by_mail(Client(), people.window, phrase(1)).status_code == 302


def test_every_road_that_sets_a_password_notes_it(people):
    made, first = create_account(
        email="new@example.org", name="新人", ministry=people.alpha, role="officer",
        by=people.window,
    )  # fmt: skip
    second = reset_first_password(made, by=people.window)
    made = User.objects.get(pk=made.pk)
    assert made.has_used(first) and made.has_used(second)
    made.set_password(phrase(1))
    made.save(update_fields=["password"])
    made.set_password(phrase(2))
    made.save()
    assert not made.has_used(first)
    assert all(made.has_used(one) for one in (second, phrase(1), phrase(2)))


def test_a_password_from_before_they_were_noted_counts(people):
    UsedPassword.objects.all().delete()
    people.window.set_password(NEW)
    people.window.save()
    assert people.window.has_used(PASSWORD)


def test_a_hash_made_anew_is_no_new_password(people, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert people.window.check_password(PASSWORD)
    assert people.window.password.startswith("pbkdf2")
    assert UsedPassword.objects.filter(user=people.window).count() == 1


@pytest.mark.parametrize(
    "weak",
    [
        "1qaz2wsx3edc4rfv",
        "window@example.org",
        "123412341234123",
        "short",
        "企劃處企劃處企劃處企劃處",
        "Password2023!!",
        "2023--Sunshine",
        "dragondragondragon",
        "monkeymonkey",
        "110113NSTP!!!",
        "國科會20231120",
    ],
)
def test_common_similar_short_and_numeric_ones_are_refused(people, weak):
    people.window.unit = "企劃處" * 4
    with pytest.raises(ValidationError):
        validate_password(weak, people.window)


@pytest.mark.parametrize("taken", [NEW, "password or sunshine", "  1 keep my blanks  ", "長" * 64])
def test_any_signs_are_taken_as_they_are_typed(client, people, taken):
    """Long ones whole, blanks at the ends too; a common word is no harm where others stand by."""
    sign_in(client, people.window.email)
    assert change(client, PASSWORD, taken).status_code == 302
    person = User.objects.get(pk=people.window.pk)
    assert person.check_password(taken)
    assert not person.check_password(taken[:-1]) and not person.check_password(taken.upper() + "a")


def test_without_the_old_one_nothing_is_changed(client, people):
    sign_in(client, people.window.email)
    assert change(client, "not the old one", NEW).status_code == 200
    assert User.objects.get(pk=people.window.pk).check_password(PASSWORD)


def test_another_password_ends_the_other_sessions_and_tells_the_owner(client, people):
    other = Client()
    sign_in(client, people.window.email)
    sign_in(other, people.window.email)
    mail.outbox.clear()
    assert change(client, PASSWORD, NEW).status_code == 302
    assert client.get("/people/").status_code == 200
    assert not signed_in(other) or other.get("/people/").status_code == 302
    assert LiveSession.objects.filter(user=people.window).count() == 1
    [told] = mail.outbox
    assert told.to == [people.window.email] and "密碼已變更" in told.subject
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["password.change", "session.end_others"]


def test_what_was_done_stands_where_no_mail_can_go(client, people, settings):
    sign_in(client, people.window.email)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert change(client, PASSWORD, NEW).status_code == 302
    assert User.objects.get(pk=people.window.pk).check_password(NEW)


def test_a_link_that_is_opened_where_one_is_signed_in_signs_out_there_too(client, people):
    sign_in(client, people.window.email)
    done = reset_by_mail(client, people.window, NEW)
    assert done.url == reverse("account_reset_password_from_key_done")
    assert client.get(done.url).status_code == 200
    assert not signed_in(client) and not LiveSession.objects.exists()


def test_an_address_that_was_given_up_gets_no_link(client, people):
    """The mailbox may be somebody else's by now."""
    was = people.window.email
    reset_by_mail(client, people.window, NEW)
    User.objects.filter(pk=people.window.pk).update(email="moved@example.org")
    mail.outbox.clear()
    client.post(RESET, {"email": was})
    assert mail.outbox == []
    assert "不正確" in sign_in(Client(), was, NEW).content.decode()


def test_a_link_counts_once_and_for_an_hour(client, people, monkeypatch):
    client.post(RESET, {"email": people.window.email})
    link = re.search(r"https?://testserver(\S+)", mail.outbox[-1].body)[1]
    now = Tokens()._now()
    monkeypatch.setattr(Tokens, "_now", lambda self: now + timedelta(minutes=61))
    assert "失效" in client.get(link, follow=True).content.decode()
    monkeypatch.setattr(Tokens, "_now", lambda self: now)
    client.post(client.get(link).url, {"password1": NEW, "password2": NEW})
    assert "失效" in Client().get(link, follow=True).content.decode()


def test_the_command_line_refuses_them_too(people, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": PASSWORD)
    quiet = {"stdout": StringIO(), "stderr": StringIO()}
    with pytest.raises(CommandError):
        call_command("changepassword", people.window.email, **quiet)
