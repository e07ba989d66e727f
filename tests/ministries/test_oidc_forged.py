"""A provider that lies: a small one of our own, on this machine, says what no honest one does."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from ministries.models import AllowedDomain
from tests.ministries.test_oidc import REFUSED, why
from tests.ministries.test_sign_in import signed_in

LOGIN = reverse("openid_connect_login", args=["alpha"])
CALLBACK = reverse("openid_connect_callback", args=["alpha"])
KEYS = [rsa.generate_private_key(65537, 2048) for _key in range(2)]
PERSON = {"email": "window@example.org", "email_verified": True}


class Liar(ThreadingHTTPServer):
    """Honest until a test changes `claims` (of the token), `key`, `alg`, `issuer` or `leads`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.issuer, self.leads, self.asked = self.url, "", []
        self.key, self.alg = KEYS[0], "RS256"
        now = int(time.time())
        self.claims = {"iss": self.url, "aud": "nstp", "sub": "w1", "iat": now, "exp": now + 60}
        self.person = {"sub": "w1", **PERSON}

    def signed(self) -> str:
        return jwt.encode(self.claims, self.key, self.alg, {"kid": "1"})

    def told(self, path: str) -> dict:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/token": {
                "access_token": "a", "token_type": "Bearer",
                **({"id_token": self.signed()} if self.claims else {}),
            },
            "/userinfo": self.person,
            "/jwks": {"keys": [
                jwt.algorithms.RSAAlgorithm.to_jwk(KEYS[0].public_key(), as_dict=True)
                | {"kid": "1", "alg": "RS256"}
            ]},
        }[path]  # fmt: skip


class Answers(BaseHTTPRequestHandler):
    server: Liar

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(self.path)
        led = self.path == "/userinfo" and self.server.leads
        body = b"" if led else json.dumps(self.server.told(self.path)).encode()
        self.send_response(302 if led else 200)
        if led:
            self.send_header("Location", led)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_said: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def liar(settings, people) -> Iterator[Liar]:
    server = Liar()
    thread = Thread(target=server.serve_forever)
    thread.start()
    app = {"name": "甲部", "client_id": "nstp", "secret": "a secret of the tests"}
    apps = [
        {"provider_id": one, **app, "settings": {"server_url": server.url}}
        for one in ("alpha", "beta")
    ]
    settings.OIDC_PROVIDERS = [
        {"id": one, "server_url": server.url, "ministry": one, **app} for one in ("alpha", "beta")
    ]
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}
    }
    AllowedDomain.objects.create(provider="alpha", domain="example.org")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def comes_back(client, callback: str = CALLBACK):
    """As a browser that was at the provider: with the state of its own request, and a code."""
    away = client.post(LOGIN)
    state = parse_qs(urlsplit(away.url).query).get("state", ["none"])[0]
    return client.get(f"{callback}?{urlencode({'state': state, 'code': 'c'})}", follow=True)


def test_an_honest_answer_signs_in(client, liar):
    comes_back(client)
    assert signed_in(client)


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://other.test"},
        {"aud": "another-client"},
        {"exp": 1},
        {"sub": "somebody-else"},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_token_of_others_for_others_or_of_long_ago_signs_nobody_in(client, liar, lie):
    liar.claims |= lie
    assert REFUSED in comes_back(client).content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize(("key", "alg"), [(KEYS[1], "RS256"), ("k" * 64, "HS256"), (None, "none")])
def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(client, liar, key, alg):
    liar.key, liar.alg = key, alg
    assert REFUSED in comes_back(client).content.decode()
    assert not signed_in(client)


def test_without_a_token_nobody_knows_for_whom_the_answer_is(client, liar):
    liar.claims = {}
    assert REFUSED in comes_back(client).content.decode()
    assert not signed_in(client) and why() == "identity"


def test_a_provider_describes_itself_and_no_other(client, liar):
    liar.issuer = "https://other.test"
    assert REFUSED in client.post(LOGIN, follow=True).content.decode()
    assert not signed_in(client)


def test_nobody_is_asked_to_whom_the_provider_leads(client, liar):
    liar.leads = f"{liar.url}/token"
    assert REFUSED in comes_back(client).content.decode()
    assert not signed_in(client)
    assert liar.asked[-1] == "/userinfo"


def test_the_answer_of_one_provider_is_not_taken_for_anothers(client, liar):
    AllowedDomain.objects.create(provider="beta", domain="example.test")
    callback = reverse("openid_connect_callback", args=["beta"])
    assert REFUSED in comes_back(client, callback).content.decode()
    assert not signed_in(client) and "/token" not in liar.asked
