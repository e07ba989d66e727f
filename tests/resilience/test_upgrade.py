"""From the first release's database to today's: no row and no text is lost."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

HERE = Path(__file__).parent
FIRST = HERE / "first_release.json"


def upgraded(url: str, var: Path) -> list:
    done = subprocess.run(
        [sys.executable, "-m", "tests.resilience.upgrade", str(FIRST)],
        cwd=HERE.parents[1],
        env={**os.environ, "DATABASE_URL": url, "VAR_DIR": str(var)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_first_release_had_something_in_every_table():
    first = json.loads(FIRST.read_text(encoding="utf-8"))
    assert len(first["rows"]) == 55
    assert all(table["rows"] for table in first["rows"].values())
    assert first["migrations"] == {
        "ministries": "0001_initial",
        "plan": "0002_revision",
        "reports": "0001_initial",
        "tracking": "0001_initial",
    }


@pytest.mark.deep
def test_everything_is_still_there_on_sqlite(tmp_path):
    assert upgraded(f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path) == []


@pytest.mark.postgres
def test_everything_is_still_there_on_postgresql(tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("./test starts a PostgreSQL.")
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"upgrade_{secrets.token_hex(6)}"
    with contextlib.closing(psycopg2.connect(server.geturl())) as database:
        database.autocommit = True
        database.cursor().execute(f"CREATE DATABASE {name}")
        try:
            assert upgraded(server._replace(path=f"/{name}").geturl(), tmp_path) == []
        finally:
            database.cursor().execute(f"DROP DATABASE {name}")
