"""Signing in and out, the forced change of a first password, and the pages that do not exist."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ministries.actions import attempts
from ministries.models import AuditEvent, Membership, User
from tests.ministries.conftest import LONG_AGO, PASSWORD, person

NEW = "a-quite-other-phrase"


def sign_in(client, email: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_people_sign_in_by_email_in_any_case(client, people):
    response = sign_in(client, "Window@Example.org")
    assert response.status_code == 302
    assert response.url == reverse("desk")
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


def test_a_refusal_does_not_tell_who_has_an_account(client, people):
    wrong = sign_in(client, people.window.email, "wrong").context["form"].errors
    unknown = sign_in(client, "nobody@example.org", "wrong").context["form"].errors
    assert wrong == unknown
    assert "電子郵件或密碼不正確。" in str(wrong)


def test_five_failures_lock_one_account_for_a_while(client, people):
    for _attempt in range(5):
        assert "不正確" in sign_in(client, people.window.email, "wrong").content.decode()
    assert "15分鐘" in sign_in(client, people.window.email).content.decode()
    assert not signed_in(client)
    assert "15分鐘" in sign_in(client, people.window.email.upper()).content.decode()
    sign_in(client, people.officer.email)
    assert signed_in(client)


class Clock:
    """The time that the tests of the lock say it is."""

    def __init__(self, monkeypatch) -> None:
        self.time = timezone.now()
        monkeypatch.setattr(attempts.timezone, "now", lambda: self.time)

    def goes_on(self, **by: int) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def said(client, email: str, password: str = PASSWORD, address: str = "127.0.0.1") -> str:
    """What the sign-in page answers; "in" where it lets in."""
    given = {"login": email, "password": password}
    answer = client.post(reverse("account_login"), given, REMOTE_ADDR=address)
    if answer.status_code == 302:
        return "in"
    return "locked" if "15分鐘" in answer.content.decode() else "wrong"


def test_the_lock_lasts_15_minutes_from_the_fifth_failure(client, people, clock):
    """Not from the first: five failures spread over a quarter of an hour lock as long."""
    email = people.window.email
    for _attempt in range(4):
        assert said(client, email, "wrong") == "wrong"
        clock.goes_on(minutes=3)
    assert said(client, email, "wrong") == "wrong"
    for minutes in (1, 8, 5):
        clock.goes_on(minutes=minutes)
        assert said(client, email) == "locked"
    clock.goes_on(minutes=1, seconds=1)
    assert said(client, email) == "in"


def test_failures_that_are_long_past_do_not_count(client, people, clock):
    email = people.window.email
    for _round in range(3):
        for _attempt in range(4):
            assert said(client, email, "wrong") == "wrong"
        clock.goes_on(minutes=16)
    assert said(client, email) == "in"


def test_a_whole_sign_in_forgives(client, people):
    email = people.window.email
    for _round in range(3):
        for _attempt in range(4):
            assert said(client, email, "wrong") == "wrong"
        assert said(client, email) == "in"
        client.post(reverse("account_logout"))


def test_an_account_is_locked_wherever_one_tries_and_whether_it_exists_or_not(client, people):
    for email in (people.window.email, "nobody@example.org"):
        answers = [said(client, email, "wrong", f"192.0.2.{n}") for n in range(7)]
        assert answers == ["wrong"] * 5 + ["locked"] * 2, email


def test_an_address_that_fails_with_one_account_after_the_other_is_locked(client, people, clock):
    tried = [said(client, f"guess{n}@example.org", "wrong", "192.0.2.9") for n in range(31)]
    assert tried == ["wrong"] * 30 + ["locked"]
    assert said(client, people.window.email, address="192.0.2.9") == "locked"
    assert said(Client(), people.window.email, address="192.0.2.10") == "in"
    clock.goes_on(minutes=15, seconds=1)
    assert said(client, people.officer.email, address="192.0.2.9") == "in"


def test_an_ipv6_customer_is_one_address(client, db):
    tried = [said(client, f"guess{n}@x.org", "w", f"2001:db8:0:1::{n:x}") for n in range(31)]
    assert tried[-1] == "locked"


@pytest.mark.postgres
def test_however_many_try_at_once_five_are_tried(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes one writer after the other.")

    def attempt(_number: int) -> bool:
        try:
            return attempts.begin("someone@example.org", "192.0.2.1")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 5


def test_failures_and_sign_ins_are_recorded_but_not_what_was_typed(client, people):
    sign_in(client, people.window.email, "wrong")
    sign_in(client, "a-password-by-mistake@example.org", "wrong")
    sign_in(client, people.window.email)
    told = AuditEvent.objects.order_by("pk").values_list("verb", "actor", "target")
    window = f"ministries.user:{people.window.pk}"
    assert list(told) == [
        ("session.fail", "system:sign_in", window),
        ("session.fail", "system:sign_in", "unknown"),
        ("session.start", people.window.email, window),
    ]


def test_a_retired_person_is_signed_out_and_stays_out(client, people):
    client.force_login(people.officer)
    User.objects.filter(pk=people.officer.pk).update(is_active=False)
    assert client.get(reverse("people")).url.startswith(reverse("account_login"))
    response = sign_in(client, people.officer.email)
    assert response.url == reverse("account_inactive")
    assert "已經停用" in client.get(response.url).content.decode()


def test_a_first_password_must_be_changed_before_anything_else(client, people):
    User.objects.filter(pk=people.window.pk).update(must_change_password=True)
    sign_in(client, people.window.email)
    change = reverse("account_change_password")
    for path in ("/", "/people/", "/admin/", "/accounts/password/reset/"):
        assert client.get(path).url == change, path
    answer = client.get("/api/v1/plans/")
    assert answer.status_code == 403
    assert answer.json()["code"] == "password_change_required"
    assert "第一次的密碼" in client.get(change).content.decode()

    def change_to(new: str, again: str | None = None):
        given = {"oldpassword": PASSWORD, "password1": new, "password2": again or new}
        return client.post(change, given)

    for refused in (PASSWORD, "short", "123456789012", "window@example.org"):
        assert change_to(refused).context["form"].errors.get("password1"), refused
    assert change_to(NEW, NEW + "!").context["form"].errors.get("password2")
    assert User.objects.get(pk=people.window.pk).must_change_password

    assert change_to(NEW).url == reverse("desk")
    assert not User.objects.get(pk=people.window.pk).must_change_password
    assert client.get("/people/").status_code == 200


def test_demo_people_keep_their_password(client, people):
    demo = person("demo", member=[(people.alpha, "window")])
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    sign_in(client, demo.email)
    assert client.get("/people/").status_code == 200


def test_a_forgotten_password_is_mended_by_mail(client, people):
    User.objects.filter(pk=people.window.pk).update(must_change_password=True)
    reset = reverse("account_reset_password")
    for email in ("nobody@example.org", people.window.email):
        assert client.post(reset, {"email": email}).url == reverse("account_reset_password_done")
    assert [message.to for message in mail.outbox] == [[people.window.email]]
    assert "重設密碼" in mail.outbox[0].subject
    link = re.search(r"https?://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    done = client.post(form, {"password1": NEW, "password2": NEW})
    assert done.url == reverse("account_reset_password_from_key_done")
    assert User.objects.get(pk=people.window.pk).check_password(NEW)
    assert not User.objects.get(pk=people.window.pk).must_change_password
    assert "失效" in client.get(link, follow=True).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_set_password",
        "mfa_reauthenticate",
        "socialaccount_connections",
        "socialaccount_signup",
    ],
)
def test_pages_that_make_no_sense_here_have_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("path", ["signup/", "email/", "social/connections/", ""])
def test_and_answer_404(client, db, path):
    assert client.get(f"/accounts/{path}").status_code == 404


def test_demo_people_are_listed_without_a_password_and_never_in_production(
    client, people, settings, django_assert_max_num_queries
):
    page = client.get(reverse("account_login")).content.decode()
    assert "示範帳號" not in page
    for number in range(3):
        demo = person(f"demo{number}", system=["reviewer"])
        User.objects.filter(pk=demo.pk).update(is_demo=True)
        Membership.objects.create(user=demo, ministry=people.beta, role="viewer", since=LONG_AGO)
    with django_assert_max_num_queries(4):
        page = client.get(reverse("account_login")).content.decode()
    assert "demo1@example.org" in page
    assert "乙部・檢視者" in page
    assert people.window.email not in page
    assert PASSWORD not in page
    settings.DEPLOYMENT = "production"
    assert "demo1@example.org" not in client.get(reverse("account_login")).content.decode()
