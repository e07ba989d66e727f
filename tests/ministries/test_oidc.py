"""A ministry's own identity provider: a real one in a process of its own, asked as browsers do.

`oidc-provider-mock` signs in whoever one names, with the claims that were set for them.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse

from config.commands.processes import Processes
from config.commands.servers import free_port
from ministries.actions.second_factors import reset_second_factor
from ministries.models import AllowedDomain, AuditEvent, User
from tests.conftest import ROOT
from tests.ministries.second_factors import code_of, second_step, set_up_app
from tests.ministries.test_sign_in import sign_in, signed_in

REFUSED = "機關登入沒有對應到這裡的帳號"


@pytest.fixture(scope="module")
def provider(tmp_path_factory) -> Iterator[str]:
    """Its address."""
    port, processes = free_port(), Processes()
    log = tmp_path_factory.mktemp("oidc") / "provider.log"
    argv = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    try:
        process = processes.start("provider", argv, cwd=ROOT, env={**os.environ}, log=log)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while True:
            try:
                urlopen(f"{url}/.well-known/openid-configuration", timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The provider did not start:\n{log.read_text(encoding='utf-8')}")
                time.sleep(0.1)
        yield url
    finally:
        processes.stop_all()


@pytest.fixture
def claims(provider: str) -> Callable:
    """Say who somebody is there: `claims("42", email=…, email_verified=True)`."""

    def put(sub: str, **told: object) -> None:
        request = Request(
            f"{provider}/users/{sub}",
            data=json.dumps(told).encode(),
            method="PUT",
            headers={"Content-Type": "application/json"},
        )
        urlopen(request, timeout=5).close()

    return put


@pytest.fixture
def ministry(provider: str, settings, people) -> None:
    """甲部 has a provider, which may speak for example.org."""
    one = {
        "id": "alpha", "name": "甲部", "server_url": provider, "client_id": "nstp",
        "secret": "a secret of the tests", "ministry": "alpha",
    }  # fmt: skip
    settings.OIDC_PROVIDERS = [one]
    app = {"provider_id": "alpha", "name": "甲部", "client_id": "nstp", "secret": one["secret"]}
    app["settings"] = {"server_url": provider}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    AllowedDomain.objects.create(provider="alpha", domain="example.org")


def through(client: Client, sub: str, **data: str):
    """The whole way: our button, the provider's page, its form, and back with a code."""
    away = client.post(reverse("openid_connect_login", args=["alpha"]), data)
    assert away.status_code == 302, away.content.decode()
    answer = requests.post(away.url, data={"sub": sub}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = answer.headers["Location"].removeprefix("http://testserver")
    return client.get(back, follow=True)


def why() -> str:
    return AuditEvent.objects.filter(verb="session.fail").first().after["reason"]


def test_an_existing_account_signs_in_and_is_known_again(client, people, ministry, claims):
    page = client.get(reverse("account_login")).content.decode()
    assert "用甲部的帳號登入" in page
    claims("w1", email="Window@Example.org", email_verified=True)
    back = through(client, "w1", next="/people/")
    assert signed_in(client) and back.redirect_chain[-1][0] == "/people/"
    tie = SocialAccount.objects.get()
    assert (tie.user, tie.provider, tie.uid) == (people.window, "alpha", "w1")
    assert ["機關登入" in one.subject for one in mail.outbox] == [True]
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["account.connect", "session.start"]
    assert AuditEvent.objects.first().after == {"how": ["socialaccount"]}

    through(other := Client(), "w1")
    assert signed_in(other) and SocialAccount.objects.count() == 1 and len(mail.outbox) == 1


def test_what_is_sent_is_bound_to_this_browser_and_this_request(client, ministry, claims):
    claims("w1", email="window@example.org", email_verified=True)
    away = client.post(reverse("openid_connect_login", args=["alpha"])).url
    assert "code_challenge_method=S256" in away and "state=" in away
    answer = requests.post(away, data={"sub": "w1"}, allow_redirects=False, timeout=5)
    back = answer.headers["Location"].removeprefix("http://testserver")
    victim = Client()
    assert REFUSED in victim.get(back, follow=True).content.decode()
    assert not signed_in(victim)
    client.get(back)
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert REFUSED in client.get(back, follow=True).content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"email": "window@example.org", "email_verified": False}, "not_verified"),
        ({"email": "window@example.org"}, "not_verified"),
        ({"email": "window@example.org", "email_verified": "true"}, "not_verified"),
        ({"email_verified": True}, "not_verified"),
        ({"email": "nobody@example.org", "email_verified": True}, "no_account"),
        ({"email": "window@sub.example.org", "email_verified": True}, "domain"),
        ({"email": "window@example.org.evil.test", "email_verified": True}, "domain"),
        ({"email": "window.b@example.org", "email_verified": True}, "ministry"),
        ({"email": "admin@example.org", "email_verified": True}, "ministry"),
    ],
)
def test_nobody_else_comes_in_and_nobody_is_signed_up(
    client, people, ministry, claims, told, reason
):
    accounts = User.objects.count()
    claims("someone", **told)
    page = through(client, "someone").content.decode()
    assert REFUSED in page and not signed_in(client)
    assert why() == reason
    assert User.objects.count() == accounts and not SocialAccount.objects.exists()


def test_only_domains_that_an_administrator_allowed(client, people, ministry, claims):
    claims("w1", email="window@example.org", email_verified=True)
    admin = Client()
    admin.force_login(people.administrator)
    row = AllowedDomain.objects.get()
    admin.post(reverse("admin:ministries_alloweddomain_delete", args=[row.pk]), {"post": "yes"})
    through(client, "w1")
    assert not signed_in(client) and why() == "domain"
    form = {"provider": "alpha", "domain": "example.org"}
    admin.post(reverse("admin:ministries_alloweddomain_add"), form)
    through(client, "w1")
    assert signed_in(client)
    told = AuditEvent.objects.filter(target__startswith="ministries.alloweddomain")
    assert [one.actor for one in told] == [people.administrator.email] * 2


def test_another_identity_with_the_same_address_is_not_the_same_person(
    client, people, ministry, claims
):
    claims("w1", email="window@example.org", email_verified=True)
    through(client, "w1")
    claims("heir", email="window@example.org", email_verified=True)
    through(other := Client(), "heir")
    assert not signed_in(other) and why() == "other_identity"
    claims("w1", email="officer@example.org", email_verified=True)
    through(other, "w1")
    assert not signed_in(other) and why() == "other_account"
    meant = AuditEvent.objects.filter(verb="session.fail").order_by("pk")
    assert all(one.target.startswith("ministries.user:") for one in meant)
    reset_second_factor(people.window, by=people.administrator)
    through(other, "heir")
    assert signed_in(other)


def test_a_closed_account_stays_closed(client, people, ministry, claims):
    claims("w1", email="window@example.org", email_verified=True)
    through(client, "w1")
    User.objects.filter(pk=people.window.pk).update(is_active=False)
    through(other := Client(), "w1")
    assert not signed_in(other)


def test_the_second_factor_is_asked_here_all_the_same(client, people, ministry, claims, settings):
    sign_in(client, people.window.email)
    secret, _codes = set_up_app(client)
    claims("w1", email="window@example.org", email_verified=True)
    page = through(other := Client(), "w1")
    assert page.redirect_chain[-1][0] == reverse("mfa_authenticate")
    assert not signed_in(other)
    second_step(other, code_of(secret, ahead=1))
    assert signed_in(other)


def test_a_provider_that_is_away_or_says_no_leads_back_to_the_password(
    client, people, ministry, settings
):
    callback = reverse("openid_connect_callback", args=["alpha"])
    away = client.post(reverse("openid_connect_login", args=["alpha"])).url
    state = away.split("state=")[1].split("&")[0]
    answer = client.get(
        f"{callback}?{urlencode({'state': state, 'error': 'access_denied'})}", follow=True
    )
    assert REFUSED in answer.content.decode()
    providers = settings.SOCIALACCOUNT_PROVIDERS
    providers["openid_connect"]["APPS"][0]["settings"] = {"server_url": "http://127.0.0.1:9"}
    answer = client.post(reverse("openid_connect_login", args=["alpha"]), follow=True)
    assert REFUSED in answer.content.decode()
    assert client.post("/accounts/oidc/unknown/login/").status_code == 404
    assert client.get("/accounts/oidc/unknown/login/callback/").status_code == 404


def test_who_is_signed_in_ties_nothing_to_their_account(client, people, ministry, claims):
    sign_in(client, people.window.email)
    claims("x", email="officer@example.org", email_verified=True)
    page = through(client, "x", process="connect").content.decode()
    assert REFUSED in page and not SocialAccount.objects.exists()
