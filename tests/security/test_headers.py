"""What every kind of answer says in its headers: pages, files, the API, static files, errors."""

import json
import logging

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.test import Client

from reports.documents.sources import subject_of_filing
from reports.models import Document
from tests.world import PASSWORD
from tracking.actions import evidence

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": django_settings.SECURITY_HEADERS["Permissions-Policy"],
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; report-uri /csp-reports/; report-to csp"
)
OF_A_FILE = "default-src 'none'; sandbox"
HOSTILE = 'a"\r\nSet-Cookie: b=c; 年報 <script>.pdf'


def directives(answer) -> set[str]:
    return set(answer["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/", 200),
        ("/accounts/login/", 200),
        ("/plan/?format=csv", 200),
        ("/data/catalog.json", 200),
        ("/api/v1/plans/", 200),
        ("/api/v1/nowhere/", 404),
        ("/nowhere/", 404),
        ("/?q=%00", 400),
        ("/desk/", 302),
        ("/static/css/theme.css", 200),
    ],
)
def test_every_answer_says_how_a_browser_must_treat_it(world, settings, url, status):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get(url, headers={"Origin": "https://evil.test"})
    assert answer.status_code == status
    assert not any(name.startswith("Access-Control-") for name in answer.headers)
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    if not url.startswith("/static/"):  # a style sheet loads nothing of others
        assert directives(answer) == set(POLICY.split("; "))
        assert answer["X-Frame-Options"] == "DENY"


def test_errors_are_no_exception(world, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("config.kit.views.SignedInMixin.dispatch", broken)
    browser = Client(raise_request_exception=False)
    answer = browser.get("/desk/")
    assert answer.status_code == 500
    assert b"secret of the machine" not in answer.content
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("url", ["/", "/desk/", "/api/v1/plans/", "/accounts/login/", "/nowhere/"])
def test_nothing_that_was_sent_is_echoed(world, url):
    answer = Client().generic(
        "TRACE", url, "said in the body", headers={"X-Word": "said in a head"}
    )
    assert "said in" not in answer.content.decode()


def test_another_host_is_refused(world):
    for host in ("evil.test", "localhost.evil.test", "localhost:80@evil.test", "a b"):
        assert Client().get("/", headers={"Host": host}).status_code == 400


SIGNED_IN = (
    "/", "/desk/", "/plan/", "/plan/?format=csv", "/search/?q=計畫", "/data/", "/data/reports.csv",
    "/accounts/security/", "/accounts/login/", "/people/", "/nowhere/", "/?q=%00",
    "/api/v1/plans/", "/api/v1/nowhere/", "/api/v1/docs/", "/jobs/", "/receipts/",
)  # fmt: skip
# What holds a form for a password, and the API's refusals and pages for people.
NEVER_KEPT = ("/accounts/login/", "/api/v1/docs/")


@pytest.mark.parametrize("url", SIGNED_IN)
def test_what_somebody_gets_who_is_signed_in_is_stored_nowhere(world, url):
    public = Client().get(url).headers.get("Cache-Control", "")
    browser = Client()
    browser.force_login(world.officer_a)
    said = browser.get(url)["Cache-Control"]
    assert {"no-store", "private"} <= set(said.split(", ")), said
    assert "public" not in said
    # Who is nobody in particular is answered as before.
    assert ("no-store" in public) == (url in NEVER_KEPT), public


def test_signing_in_and_out_are_stored_nowhere_either(world):
    browser = Client()
    given = {"login": world.officer_a.email, "password": PASSWORD}
    for answer in (
        browser.post("/accounts/login/", given),
        browser.post("/i18n/setlang/", {"language": "en"}),
        browser.post("/desk/", {}),
        browser.post("/accounts/logout/"),
    ):
        assert "no-store" in answer["Cache-Control"]
    assert "no-store" not in browser.get("/").headers.get("Cache-Control", "")


def test_errors_of_who_is_signed_in_are_no_exception(world, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    browser = Client(raise_request_exception=False)
    browser.force_login(world.officer_a)
    assert browser.get("/static/css/none.css")["Cache-Control"] == "private, no-store"
    monkeypatch.setattr("config.kit.views.SignedInMixin.dispatch", broken)
    answer = browser.get("/desk/")
    assert (answer.status_code, answer["Cache-Control"]) == (500, "private, no-store")


# --- files ------------------------------------------------------------------------------------
def is_held_down(answer) -> None:
    """A file that somebody brought, or that holds their words, is saved and never shown."""
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == OF_A_FILE
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in answer.headers or "b=c" not in answer["Set-Cookie"]


def test_evidence_is_saved_and_its_name_cannot_leave_its_header(world):
    report = world.report("1.1.1.1", "alpha")
    pdf = ContentFile(b"%PDF-1.7\n<script>alert(1)</script>", name="a.pdf")
    row = evidence.add_file(
        report, seen_version=report.version, by=world.officer_a, upload=pdf, title=HOSTILE
    )
    browser = Client()
    browser.force_login(world.officer_a)
    answer = browser.get(f"/evidence/{row.pk}/")
    is_held_down(answer)
    name = answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/pdf"
    assert name.isascii() and name.isprintable() and '"\r' not in name and "<" not in name


def test_a_document_is_saved_too(world):
    row = Document(
        subject=subject_of_filing(world.alpha, world.year), owner="alpha", kind="filing",
        format="odt", digest="0" * 64, name="filing.odt", size=4, sha256="0" * 64,
    )  # fmt: skip
    row.file.save("", ContentFile(b"file"))
    browser = Client()
    browser.force_login(world.officer_a)
    is_held_down(browser.get(f"/documents/{row.pk}/"))


# --- cookies ------------------------------------------------------------------------------------
def test_cookies_are_for_this_site_and_no_script(world):
    browser = Client()
    browser.post("/accounts/login/", {"login": world.officer_a.email, "password": PASSWORD})
    browser.get("/accounts/password/change/")
    browser.post("/i18n/setlang/", {"language": "en"})
    for name in ("sessionid", "csrftoken", "django_language"):
        cookie = browser.cookies[name]
        assert cookie["httponly"] is True, name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"] and cookie["path"] == "/"


# --- reports of browsers --------------------------------------------------------------------------
REPORT = {
    "document-uri": "http://testserver/invitations/a-secret-of-a-link/?x=1",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://user:password@evil.test/steal?what=1",
    "script-sample": "words of a page",
}


def report(body: str | bytes, kind: str = "application/csp-report", **more):
    return Client().post("/csp-reports/", body, content_type=kind, **more)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/csp-report", {"csp-report": REPORT}),
        (
            "application/reports+json",
            [
                {
                    "type": "csp-violation",
                    "body": {
                        "documentURL": REPORT["document-uri"],
                        "effectiveDirective": REPORT["effective-directive"],
                        "blockedURL": REPORT["blocked-uri"],
                    },
                }
            ],
        ),
    ],
)
def test_a_report_is_logged_without_what_addresses_tell(caplog, kind, body):
    with caplog.at_level(logging.WARNING, "config.kit.csp_reports"):
        assert report(json.dumps(body), kind).status_code == 204
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == (
        "The content security policy kept something out: "
        "script-src-elem on invitation, from evil.test"
    )


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "text/plain", 415),
        ("not JSON", "application/csp-report", 400),
        ("[" * 8000, "application/csp-report", 400),
        (json.dumps({"csp-report": {"blocked-uri": "x" * 20_000}}), "application/csp-report", 413),
        ("null", "application/csp-report", 204),
        (json.dumps({"csp-report": {"document-uri": 7}}), "application/csp-report", 204),
        (json.dumps([7, {"body": []}]), "application/reports+json", 204),
        (json.dumps([{"body": {"documentURL": "http://["}}]), "application/reports+json", 204),
    ],
)
def test_what_is_no_report_is_refused_or_says_nothing(caplog, body, kind, status):
    assert report(body, kind).status_code == status
    for record in caplog.records:
        assert "\n" not in record.getMessage()
