"""What production adds: https only, cookies that only this host may set, known hosts."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Asks a page that needs no database, since nothing of this test is about one.
ASK = """
import json, django
django.setup()
from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.http import HttpResponse
from django.test import Client, RequestFactory
plain = Client().get("/csp-reports/", headers={"Host": "nstp.example"})
safe = Client().get("/csp-reports/", secure=True, headers={"Host": "nstp.example"})
other = Client().get("/api/v1/plans/", secure=True, headers={"Host": "evil.test"})
api = Client().get("/api/v1/me/?x=1", headers={"Host": "nstp.example", "Authorization": "Bearer x"})
page = Client().get("/plan/?x=1", headers={"Host": "nstp.example"})
asked = RequestFactory().get("/")
asked.session = {}
said, answer = default_storage(asked), HttpResponse()
said.add(20, "done")
said.update(answer)
names = ("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE")
kinds = ("NAME", "SECURE", "HTTPONLY", "SAMESITE")
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "api": [api.status_code, api.headers.get("Location"), api.json(), api["Referrer-Policy"]],
    "page": [page.status_code, page.headers.get("Location")],
    "safe": [safe.status_code, safe.headers.get("Strict-Transport-Security")],
    "other": other.status_code,
    "cookies": [[getattr(settings, f"{name}_{kind}") for kind in kinds] for name in names],
    "messages": [
        [name, *(kept[what] for what in ("secure", "httponly", "samesite", "domain", "path"))]
        for name, kept in answer.cookies.items()
    ],
    "domains": [getattr(settings, f"{name}_DOMAIN") for name in names],
}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ended = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEPLOYMENT": "production",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "nstp.example",
            "SITE_URL": "https://nstp.example",
            "DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
            "VAR_DIR": str(tmp_path_factory.mktemp("production")),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_whoever_comes_by_http_is_sent_to_https(answers):
    assert answers["plain"] == [301, "https://nstp.example/csp-reports/"]


def test_a_program_that_comes_by_http_is_refused_and_not_led(answers):
    told = {
        "code": "https_required",
        "detail": "API只接受https。用http送出過的權杖別人可能看得到，請撤銷。",
    }
    assert answers["api"] == [403, None, told, "same-origin"]
    assert answers["page"] == [301, "https://nstp.example/plan/?x=1"]


def test_a_browser_is_told_to_stay_with_https(answers):
    assert answers["safe"] == [405, "max-age=31536000; includeSubDomains; preload"]


def test_a_host_of_others_is_refused(answers):
    assert answers["other"] == 400


def test_cookies_belong_to_this_host_alone(answers):
    assert answers["cookies"] == [
        ["__Host-sessionid", True, True, "Lax"],
        ["__Host-csrftoken", True, True, "Lax"],
        ["__Host-language", True, True, "Lax"],
    ]
    assert answers["domains"] == [None, None, None]
    assert answers["messages"] == [["__Host-messages", True, True, "Lax", "", "/"]]
