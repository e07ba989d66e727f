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
