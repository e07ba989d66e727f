"""Production refuses to start unsafe: as the web server, a worker, beat, and in manage.py."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.core import checks as django_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import checks
from ministries.models import User

ROOT = Path(__file__).resolve().parent.parent
STARTS = {
    "web": [sys.executable, "-c", "import config.wsgi"],
    "worker": [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo"],
    "beat": [sys.executable, "-m", "celery", "-A", "config", "beat"],
    "manage": [sys.executable, "manage.py", "check"],
}


def start(what: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run it with nothing of this process's settings; it must end by itself."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        STARTS[what],
        cwd=ROOT,
        env={**kept, "VAR_DIR": str(tmp_path), "DEPLOYMENT": "production", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("what", STARTS)
def test_an_unsafe_production_does_not_start(what, tmp_path):
    ended = start(what, tmp_path, DEBUG="1")
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    for clause in ("DEBUG is on", "SECRET_KEY is the default", "the database is SQLite"):
        assert clause in said
    if what in ("worker", "beat"):
        assert "Traceback" not in said


@pytest.mark.parametrize("what", STARTS)
def test_a_misspelled_production_does_not_start(what, tmp_path):
    ended = start(what, tmp_path, DEPLOYMENT="Production")
    assert ended.returncode != 0
    assert "DEPLOYMENT is 'Production'" in ended.stdout + ended.stderr


@pytest.mark.parametrize("what", ["web", "manage"])
def test_the_same_settings_start_elsewhere(what, tmp_path):
    assert start(what, tmp_path, DEPLOYMENT="trial").returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "clause"),
    [
        ("DEBUG", True, "DEBUG is on"),
        ("SECRET_KEY", checks.settings.DEFAULT_SECRET_KEY, "SECRET_KEY is the default"),
        ("SECRET_KEY", "0123456789" * 4 + "123456789", "SECRET_KEY is shorter than 50 characters"),
        ("SECRET_KEY", "abcd" * 20, "SECRET_KEY has fewer than 5 different characters"),
        (
            "SECRET_KEY_FALLBACKS",
            ["x" * 40 + "0123456789", checks.settings.DEFAULT_SECRET_KEY],
            "key 2 of SECRET_KEY_FALLBACKS is the default",
        ),
        (
            "SECRET_KEY_FALLBACKS",
            ["0123456789"],
            "key 1 of SECRET_KEY_FALLBACKS is shorter than 50 characters",
        ),
        (
            "DATABASES",
            {"default": {"ENGINE": "django.db.backends.sqlite3"}},
            "the database is SQLite",
        ),
        ("AUDIT_KEEP_DAYS", 179, "AUDIT_KEEP_DAYS is less than 180"),
        ("SESSION_IDLE_MINUTES", 0, "SESSION_IDLE_MINUTES is not between 1 and 480"),
        ("SECOND_FACTOR_FOR", ["administrator"], "SECOND_FACTOR_FOR leaves out reviewer"),
        (
            "OIDC_PROVIDERS",
            [{"id": "moe", "server_url": "http://sso.example.org"}],
            "the identity provider moe is asked without https",
        ),
    ],
)
def test_each_setting_is_refused_by_itself(monkeypatch, name, value, clause):
    safe = {
        "DEPLOYMENT": "production",
        "DEBUG": False,
        "SECRET_KEY": "another one, of fifty characters or a few more than that",
        "SECRET_KEY_FALLBACKS": [],
        "DEFAULT_SECRET_KEY": checks.settings.DEFAULT_SECRET_KEY,
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
        "AUDIT_KEEP_DAYS": 180,
        "SESSION_IDLE_MINUTES": 480,
        "SECOND_FACTOR_ALWAYS": ("administrator", "reviewer"),
        "SECOND_FACTOR_FOR": ["administrator", "reviewer", "window"],
        "OIDC_PROVIDERS": [{"id": "moe", "server_url": "https://sso.example.org"}],
    }
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**safe))
    assert checks.unsafe_settings() == []
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**safe, name: value}))
    assert checks.unsafe_settings() == [clause]
    assert [error.id for error in checks.check_settings(None)] == ["config.E001"]
    checks.settings.DEPLOYMENT = "trial"
    assert checks.unsafe_settings() == []


POSTGRES = {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example"}
SMTP = "django.core.mail.backends.smtp.EmailBackend"
PLAIN = " without TLS, or takes any certificate"


@pytest.mark.parametrize(
    ("changed", "clauses"),
    [
        ({}, []),
        (
            {"DATABASES": {"default": POSTGRES | {"OPTIONS": {"sslmode": "require"}}}},
            ["DATABASE_URL asks db.example"],
        ),
        (
            {"DATABASES": {"default": POSTGRES | {"HOST": "127.0.0.1,10.0.0.7,/run/x,db.ours"}}},
            ["DATABASE_URL asks 10.0.0.7"],
        ),
        ({"DATABASES": {"default": POSTGRES | {"OPTIONS": {"sslmode": "verify-full"}}}}, []),
        ({"DATABASES": {"default": POSTGRES | {"HOST": ""}}}, []),
        ({"REDIS_URL": "redis://:secret@redis.example:6379/0"}, ["REDIS_URL asks redis.example"]),
        (
            {"REDIS_URL": "rediss://redis.example/0?ssl_cert_reqs=none"},
            ["REDIS_URL asks redis.example"],
        ),
        ({"REDIS_URL": "rediss://redis.example/0?ssl_cert_reqs=required"}, []),
        ({"REDIS_URL": "redis://[::1]:6379/0"}, []),
        (
            {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "mail.example"},
            ["EMAIL_URL asks mail.example"],
        ),
        ({"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "mail.example", "EMAIL_USE_TLS": True}, []),
        ({"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "mail.example", "EMAIL_USE_SSL": True}, []),
        (
            {"STORAGES": {"default": {"OPTIONS": {"endpoint_url": "http://s3.example:9000"}}}},
            ["EVIDENCE_STORAGE_OPTIONS asks s3.example"],
        ),
    ],
)
def test_servers_elsewhere_that_are_asked_without_tls_are_named(monkeypatch, changed, clauses):
    """A warning, and no refusal: the network may be ours alone, which `PLAIN_HOSTS` says."""
    safe = {
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "HOST": ""}},
        "REDIS_URL": "",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "STORAGES": {"default": {"OPTIONS": {"bucket_name": "nstp"}}},
        "PLAIN_HOSTS": ["db.ours"],
    }
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**safe, **changed}))
    found = checks.check_servers(None)
    assert [one.msg for one in found] == [f"{clause}{PLAIN}." for clause in clauses]
    assert {one.id for one in found} <= {"config.W002"}
    checks.settings.PLAIN_HOSTS = ["db.example", "10.0.0.7", "redis.example", "mail.example",
                                   "s3.example", "db.ours"]  # fmt: skip
    assert checks.plain_servers() == []


def test_the_servers_are_looked_at_before_one_deploys_and_at_each_start(monkeypatch, caplog):
    monkeypatch.setattr(checks, "plain_servers", lambda: ["DATABASE_URL asks db.example"])

    def found(**how) -> list[str]:
        messages = django_checks.run_checks(tags=["security"], **how)
        return [one.msg for one in messages if one.id == "config.W002"]

    assert found(include_deployment_checks=True) == ["DATABASE_URL asks db.example."]
    assert found() == []
    monkeypatch.setattr(checks, "unsafe_settings", list)
    monkeypatch.setattr(checks, "demo_people", list)
    monkeypatch.setattr(connection, "close", lambda: None)
    checks.enforce()
    assert caplog.messages == []
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DEPLOYMENT="production"))
    checks.enforce()
    assert caplog.messages == [
        "DATABASE_URL asks db.example; see PLAIN_HOSTS in docs/operations.md."
    ]


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("storages.backends.s3.Storage", {}),
        ("django.core.files.storage.FileSystemStorage", {"bucket": "nstp"}),
    ],
)
def test_a_place_for_evidence_that_is_none_is_found_at_the_start(settings, path, options):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": path, "OPTIONS": options}}
    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_STORAGE can't be used"):
        checks.enforce()
    assert [error.id for error in checks.check_storage(None)] == ["config.E003"]


def test_demo_people_are_refused(db, settings, monkeypatch):
    monkeypatch.setattr(checks, "unsafe_settings", list)
    monkeypatch.setattr(connection, "close", lambda: None)
    User.objects.create_user("demo@example.org", name="示範", is_demo=True)
    checks.enforce()
    settings.DEPLOYMENT = "production"
    with pytest.raises(ImproperlyConfigured, match="1 demo accounts"):
        checks.enforce()
    found = django_checks.run_checks(tags=["database"], databases=["default"])
    assert "config.E002" in [error.id for error in found]
    User.objects.update(is_demo=False)
    checks.enforce()


@pytest.mark.postgres
def test_a_safe_production_starts_and_demo_people_stop_it(transactional_db, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("A safe production needs PostgreSQL; ./test starts one.")
    database = urlsplit(os.environ["DATABASE_URL"])
    safe = {
        "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "SECRET_KEY": "a secret of this test, long enough to be one, and of no use elsewhere",
    }
    ended = start("web", tmp_path, **safe)
    assert ended.returncode == 0, ended.stderr
    User.objects.create_user("demo@example.org", name="示範", is_demo=True)
    for what in ("web", "worker", "beat"):
        ended = start(what, tmp_path, **safe)
        assert ended.returncode != 0
        assert "1 demo accounts are in the database" in ended.stdout + ended.stderr


def test_a_database_that_cannot_be_asked_counts_as_unsafe(tmp_path):
    ended = start(
        "web",
        tmp_path,
        SECRET_KEY="a secret of this test, long enough to be one, and of no use elsewhere",
        DATABASE_URL="postgres://nobody:nothing@127.0.0.1:9/none",
    )
    assert ended.returncode != 0
    assert "can't be asked about demo accounts" in ended.stderr
