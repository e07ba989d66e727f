"""A second installation to restore into, and what a database and a folder hold, to compare."""

import contextlib
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "a passphrase of the tests"
# Backing up and restoring are themselves in the log, after what they copied.
LOGGED = "ministries_audit"
SESSIONS = ("django_session", "ministries_livesession")
Rows = dict[str, list[str]]
# Started by a small process: to Linux a process has held what the one that started it holds.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)
"""

# Read back, PostgreSQL words an expression otherwise, so indexes and constraints are told by name.
_SHAPE = {
    "sqlite": {
        "shape": "SELECT type, name, sql FROM sqlite_master",
        "numbers": "SELECT name, seq FROM sqlite_sequence",
    },
    "postgresql": {
        "indexes": "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'",
        "triggers": "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger"
        " WHERE NOT tgisinternal",
        "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc"
        " WHERE proname LIKE 'audit%' AND pronamespace = 'public'::regnamespace",
        "constraints": "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "numbers": "SELECT sequencename, last_value FROM pg_sequences",
    },
}


class Elsewhere:
    """An installation of its own on the same engine, with an empty database."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "elsewhere"
        self.var.mkdir(parents=True)
        self.media = self.var / "evidence"
        self.most_kilobytes = 0
        if connection.vendor == "sqlite":
            self.url = f"sqlite:///{self.var / 'db.sqlite3'}"
            return
        name = f"drill_{secrets.token_hex(6)}"
        self.url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")

    @contextlib.contextmanager
    def cursor(self) -> Iterator:
        with opened(self.url) as cursor:
            yield cursor

    def manage(self, *words: str, **env: str) -> subprocess.CompletedProcess:
        return manage(self.url, self.var, *words, **env)

    def measured(self, *words: str) -> int:
        """Run a command that must succeed; the most memory that it held, in MB."""
        argv = [sys.executable, "-c", _MEASURE, sys.executable, "manage.py", *words]
        done = subprocess.run(
            argv, cwd=ROOT, env=_environment(self.url, self.var), stdout=subprocess.PIPE, text=True
        )
        assert done.returncode == 0, words
        return int(done.stdout)

    def remove(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {urlsplit(self.url).path[1:]} WITH (FORCE)")


def _environment(url: str, var: Path) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(var)}


def manage(url: str, var: Path, *words: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=_environment(url, var) | env, capture_output=True, text=True,
    )  # fmt: skip


@contextlib.contextmanager
def opened(url: str) -> Iterator:
    """A cursor in a transaction of its own, committed at the end."""
    if url.startswith("sqlite"):
        database = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60)
    else:
        database = psycopg2.connect(url)
    with contextlib.closing(database):
        yield database.cursor()
        database.commit()


def rows_of(cursor) -> Rows:
    """Every row of every table as text, sorted (of sessions none, as in a backup); and beside them
    what the database itself holds: indexes, triggers, constraints, the next numbers.
    """
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"
        if connection.vendor == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    cursor.execute(tables)
    asked = {name: f'SELECT * FROM "{name}"' for (name,) in cursor.fetchall()}
    found = {}
    for name, sql in (asked | _SHAPE[connection.vendor]).items():
        cursor.execute(sql)
        found[name] = [] if name in SESSIONS else sorted(map(repr, cursor.fetchall()))
    # The log goes on, and sessions are left out.
    apart = (LOGGED, *SESSIONS)
    found["numbers"] = [one for one in found["numbers"] if not any(name in one for name in apart)]
    return found


def rows_here() -> Rows:
    """Of the tests' own database."""
    if connection.vendor == "postgresql":
        with opened(_url_here()) as cursor:
            return rows_of(cursor)
    with contextlib.closing(sqlite3.connect(":memory:")) as copy:
        connection.connection.backup(copy)
        return rows_of(copy.cursor())


def _url_here() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def same_as_here(place: Elsewhere) -> None:
    """Give an empty place the tables of the tests' own database, quicker than by migrating."""
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(place.var / "db.sqlite3")) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=WAL")
        return
    dump = subprocess.run(
        ["pg_dump", "--no-owner", _url_here()], capture_output=True, check=True
    ).stdout
    subprocess.run(
        ["psql", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", place.url],
        input=dump, check=True,
    )  # fmt: skip


def files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def audited(place: Elsewhere) -> dict:
    """What `verify_audit` says there, but for the guards that every test does without."""
    told = json.loads(place.manage("verify_audit", "--format=json").stdout)
    problems = [one for one in told["problems"] if one["kind"] != "guard"]
    return {"rows": told["rows"], "problems": problems}


class Writer(threading.Thread):
    """Somebody who writes all the time: each transaction one row into each of two tables."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.written, self.leaving = url, 0, threading.Event()
        with opened(url) as cursor:
            for name in ("left_hand", "right_hand"):
                cursor.execute(f"CREATE TABLE {name} (number integer PRIMARY KEY)")

    def run(self) -> None:
        while not self.leaving.is_set():
            number = self.written + 1
            with opened(self.url) as cursor:
                for name in ("left_hand", "right_hand"):
                    cursor.execute(f"INSERT INTO {name} VALUES ({number})")
            self.written = number

    def __enter__(self) -> "Writer":
        self.start()
        return self

    def __exit__(self, *exc_info) -> None:
        self.leaving.set()
        self.join()
