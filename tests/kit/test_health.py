"""Probes: alive, ready, and to whom it is told what is missing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config.kit import health, tasks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _always_anew(monkeypatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 0)


@pytest.fixture
def worker() -> None:
    tasks.worker_is_here.delay()


def ready(query: str = "", **meta: str):
    return Client().get(f"/readyz{query}", **meta)


def test_alive_under_any_name_and_without_the_database(django_assert_num_queries, settings):
    settings.SECURE_SSL_REDIRECT = True
    with django_assert_num_queries(0):
        answer = Client().get("/healthz", headers={"Host": "10.1.2.3"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"
    assert Client().post("/healthz").status_code == 405


def test_ready_when_everything_is_there(worker):
    answer = ready()
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "failed": [],
        "checks": dict.fromkeys(("database", "migrations", "broker", "disk", "worker"), "ok"),
    }


def test_strangers_learn_the_outcome_alone(worker, settings):
    settings.METRICS_TOKEN = "a token of this test"
    assert ready(**STRANGER).json() == {"status": "ok"}
    told = ready(headers={"Authorization": "Bearer a token of this test"}, **STRANGER).json()
    assert told["checks"]["disk"] == "ok"
    wrong = ready(headers={"Authorization": "Bearer another"}).json()
    assert wrong == {"status": "ok"}


@pytest.mark.parametrize(
    ("proxies", "headers", "told"),
    [
        (0, {}, True),
        # A proxy of this machine that nobody announced: its visitors are not of ours.
        (0, {"X-Forwarded-For": "203.0.113.9"}, False),
        (0, {"X-Forwarded-Proto": "https"}, False),
        (1, {}, True),
        (1, {"X-Forwarded-Proto": "https"}, False),
        (1, {"X-Forwarded-For": "203.0.113.9"}, False),
        (1, {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, False),
        (1, {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}, True),
        (1, {"X-Forwarded-For": "nonsense"}, False),
    ],
)
def test_who_is_of_ours(worker, settings, proxies, headers, told):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    assert ("checks" in ready(headers=headers).json()) is told


def test_without_a_worker_it_is_not_ready(settings):
    answer = ready()
    assert answer.status_code == 503
    assert answer.json()["failed"] == ["worker"]
    assert answer.json()["checks"]["worker"] == "never seen"
    assert ready("?exclude=broker,worker").status_code == 200
    cache.set(health.WORKER_SEEN, time.time() - settings.READY_WORKER_SECONDS - 5)
    assert ready().json()["checks"]["worker"].startswith("seen 18")


def test_a_full_disk_is_named(worker, settings):
    settings.READY_FREE_MB = 10**9
    answer = ready()
    assert (answer.status_code, answer.json()["failed"]) == (503, ["disk"])


def test_a_migration_that_waits_is_named(worker, monkeypatch):
    monkeypatch.setattr(health._migrated, "_flag", False)
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("reports", "0008_workbook")
    answer = ready()
    assert (answer.status_code, answer.json()["failed"]) == (503, ["migrations"])
    recorder.record_applied("reports", "0008_workbook")
    assert ready().status_code == 200


def test_servers_that_are_gone_are_named(tmp_path):
    code = "import django; django.setup(); from config.kit import health; print(health.look())"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "READY_FREE_MB": "0",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    gone = "does not answer"
    # What the cache keeps is asked of this machine's files meanwhile.
    expected = {
        "database": gone,
        "migrations": gone,
        "broker": gone,
        "disk": "",
        "worker": "never seen",
    }
    assert done.stdout.strip() == str(expected), done.stderr
