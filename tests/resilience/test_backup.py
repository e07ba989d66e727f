"""Backup and restore: every row and every file comes back, and a broken backup touches nothing."""

import contextlib
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from config.kit.backup_archive import BackupError, verified, writing
from config.kit.backup_database import tables_now
from config.kit.sealed import MARK, PIECE
from ministries.models import AuditEvent
from tests.world import World
from tracking.actions import evidence
from tracking.enums import Status

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "a passphrase of the tests"
# Backing up and restoring are themselves in the log, after what they copied.
LOGGED = "ministries_audit"
SESSIONS = ("django_session", "ministries_livesession")
Rows = dict[str, list[str]]


# --- the drill ------------------------------------------------------------------------------------
class Elsewhere:
    """An installation of its own on the same engine, with something of somebody's in it."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "elsewhere"
        self.var.mkdir()
        self.media = self.var / "evidence"
        name = f"drill_{secrets.token_hex(6)}"
        if connection.vendor == "sqlite":
            self.url = f"sqlite:///{self.var / 'db.sqlite3'}"
        else:
            self.url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        with self.cursor() as cursor:
            cursor.execute("CREATE TABLE somebodys (word varchar(20))")
            cursor.execute("INSERT INTO somebodys VALUES ('mine')")

    @contextlib.contextmanager
    def cursor(self) -> Iterator:
        if connection.vendor == "sqlite":
            database = sqlite3.connect(self.var / "db.sqlite3")
        else:
            import psycopg2

            database = psycopg2.connect(self.url)
        with contextlib.closing(database):
            yield database.cursor()
            database.commit()

    def manage(self, *words: str, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.url, "VAR_DIR": str(self.var), **env},
            capture_output=True,
            text=True,
        )

    def remove(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {urlsplit(self.url).path[1:]}")


@pytest.fixture
def elsewhere(transactional_db, tmp_path: Path) -> Iterator[Elsewhere]:
    place = Elsewhere(tmp_path)
    yield place
    place.remove()


# Read back, PostgreSQL words an expression otherwise, so indexes and constraints are told by name.
SHAPE = {
    "sqlite": {"shape": "SELECT type, name, sql FROM sqlite_master"},
    "postgresql": {
        "indexes": "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'",
        "triggers": "SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger"
        " WHERE NOT tgisinternal",
        "constraints": "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "numbers": "SELECT sequencename, last_value FROM pg_sequences",
    },
}


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
    for name, sql in (asked | SHAPE[connection.vendor]).items():
        cursor.execute(sql)
        found[name] = [] if name in SESSIONS else sorted(map(repr, cursor.fetchall()))
    # The log goes on, and sessions are left out.
    if numbers := found.get("numbers"):
        apart = (LOGGED, *SESSIONS)
        found["numbers"] = [one for one in numbers if not any(name in one for name in apart)]
    return found


def rows_here() -> Rows:
    if connection.vendor == "postgresql":
        import psycopg2

        url = urlsplit(os.environ["DATABASE_URL"])
        url = url._replace(path=f"/{connection.settings_dict['NAME']}")
        with contextlib.closing(psycopg2.connect(url.geturl())) as database:
            return rows_of(database.cursor())
    with contextlib.closing(sqlite3.connect(":memory:")) as copy:
        connection.connection.backup(copy)
        return rows_of(copy.cursor())


def files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "evidence"
    return settings.MEDIA_ROOT


@pytest.fixture
def passphrase(settings) -> str:
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    return PASSPHRASE


@pytest.fixture
def filled(transactional_db, media: Path, world: World) -> World:
    """Reports on their road, awkward texts, files of which one is longer than a piece."""
    text = "第一行\n\t第二行\\n 「引號」'\"; -- 𠮷 \u3000 結束"
    accepted = world.report("1.1.1.1", "alpha")
    contents = [
        b"%PDF-1.7\n" + secrets.token_bytes(2 * PIECE),
        "會議紀錄\n".encode(),
        b"%PDF-1.4\n",
    ]
    for number, content in enumerate(contents):
        suffix = "txt" if number == 1 else "pdf"
        added = evidence.add_file(
            accepted,
            seen_version=accepted.version,
            by=world.officer_a,
            title=f"附件{number}",
            upload=SimpleUploadedFile(f"附件.{suffix}", content),
        )
        accepted = added.report
    world.bring(accepted, Status.ACCEPTED, work_done=text)
    world.bring(world.report("1.1.1.2", "beta"), Status.SUBMITTED, work_done=text)
    return world


def test_every_row_and_every_file_comes_back(
    filled, media, elsewhere, client, passphrase, tmp_path
):
    client.force_login(filled.officer_a)
    before, stored = rows_here(), files_in(media)
    assert len(stored) == 3
    assert before["tracking_evidence"] and before["ministries_auditevent"]
    (media / "nobodys").write_bytes(b"no row names it")
    file = tmp_path / "day.backup"
    call_command("backup", str(file), "--encrypt")
    assert file.stat().st_mode & 0o077 == 0

    refused = elsewhere.manage("restore", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
    assert refused.returncode == 1 and "--yes" in refused.stderr, refused
    with elsewhere.cursor() as cursor:
        assert rows_of(cursor)["somebodys"] == ["('mine',)"]

    done = elsewhere.manage("restore", str(file), "--yes", BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    with elsewhere.cursor() as cursor:
        after = rows_of(cursor)
    assert after.keys() == before.keys()
    for name in before:
        if not name.startswith(LOGGED):
            assert after[name] == before[name], name
        elif name != "ministries_audithead":  # where the log ends now
            assert set(before[name]) <= set(after[name]), name
    [one] = set(after["ministries_auditevent"]) - set(before["ministries_auditevent"])
    assert "backup.restore" in one
    assert files_in(elsewhere.media) == stored
    assert AuditEvent.objects.get(verb="backup.make").after["files"] == 3


@pytest.mark.deep
def test_a_hundred_plans_come_back(elsewhere, tmp_path):
    """From one installation into another, 100 times the seed, within bounded memory."""
    (first := tmp_path / "first").mkdir()
    source = Elsewhere(first)
    try:
        with source.cursor() as cursor:
            cursor.execute("DROP TABLE somebodys")
        for words in (
            ("migrate", "-v0"),
            ("load_plan",),
            ("seed_demo", "--years=110-113", "--plans=100"),
        ):
            done = source.manage(*words)
            assert done.returncode == 0, done.stderr
        file = tmp_path / "hundred.backup"
        done = source.manage("backup", str(file))
        assert done.returncode == 0, done.stderr
        done = elsewhere.manage("restore", str(file), "--yes")
        assert done.returncode == 0, done.stderr
        with source.cursor() as cursor, elsewhere.cursor() as other:
            before, after = rows_of(cursor), rows_of(other)
        assert len(before["tracking_progressreport"]) > 100_000
        for name in before:
            if not name.startswith(LOGGED):
                assert after[name] == before[name], name
    finally:
        source.remove()


# --- a file that is not what it was ---------------------------------------------------------------
def archive(passphrase: str = "", **members: bytes) -> bytes:
    """A backup's file with these members beside its database; `__` stands for a slash."""
    raw = BytesIO()
    with writing(raw, passphrase) as writer:
        for name, data in {"database": secrets.token_bytes(3 * PIECE), **members}.items():
            writer.add(name.replace("__", "/"), BytesIO(data), len(data))
        writer.finish({"format": 1, "missing": []})
    return raw.getvalue()


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_what_was_written_is_read(tmp_path, key):
    (file := tmp_path / "whole").write_bytes(archive(key, files__ab__abcd="檔案".encode()))
    assert set(verified(file, key)["members"]) == {"database", "files/ab/abcd"}
    assert file.read_bytes().startswith(MARK) == bool(key)
    if key:
        assert "檔案".encode() not in file.read_bytes()


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_cut_anywhere_it_is_refused(tmp_path, key):
    whole = archive(key, files__ab__abcd=b"file")
    file = tmp_path / "cut"
    # The last piece, whole pieces, the head, and in between.
    piece = PIECE + 16
    head = len(MARK) + 16 + 16
    lengths = {0, 5, head, head + piece, head + 2 * piece, len(whole) - 30, len(whole) // 2}
    for length in lengths:
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="損壞"):
            verified(file, key)


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_a_flipped_bit_is_refused(tmp_path, key):
    whole = archive(key, files__ab__abcd=b"file")
    file = tmp_path / "flipped"
    for place in range(50, len(whole) - 40, len(whole) // 5):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(BackupError):
            verified(file, key)


def test_pieces_in_another_order_are_refused(tmp_path):
    whole = archive(PASSPHRASE)
    head, piece = len(MARK) + 16 + 16, PIECE + 16
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    (file := tmp_path / "swapped").write_bytes(
        whole[:head] + second + first + whole[head + 2 * piece :]
    )
    with pytest.raises(BackupError, match="損壞"):
        verified(file, PASSPHRASE)


def test_the_passphrase_is_asked_for_and_must_be_right(tmp_path):
    (file := tmp_path / "sealed").write_bytes(archive(PASSPHRASE))
    with pytest.raises(BackupError, match="BACKUP_PASSPHRASE"):
        verified(file, "")
    with pytest.raises(BackupError, match="密語不對"):
        verified(file, "another")


@pytest.mark.parametrize("name", ["files__..__..__escaped", "__etc__passwd", "settings.py"])
def test_a_member_that_we_never_write_is_refused(tmp_path, name):
    (file := tmp_path / "foreign").write_bytes(archive(**{name: b"x"}))
    with pytest.raises(BackupError, match="不該有"):
        verified(file, "")


# --- what the commands refuse ---------------------------------------------------------------------
def test_nothing_is_touched_by_what_is_refused(filled, media, tmp_path, monkeypatch):
    file = tmp_path / "day.backup"
    call_command("backup", str(file))
    call_command("restore", str(file), "--check")
    before, stored = tables_now(), files_in(media)
    whole = file.read_bytes()
    (cut := tmp_path / "cut").write_bytes(whole[: len(whole) * 2 // 3])
    for words, sentence in (
        (["restore", str(file)], "已經有資料"),
        (["restore", str(cut), "--yes"], "損壞"),
        (["restore", str(tmp_path / "none"), "--yes"], "none"),
        (["backup", str(file)], "已經存在"),
        (["backup", str(tmp_path / "sealed"), "--encrypt"], "BACKUP_PASSPHRASE"),
        (["backup", str(tmp_path / "no" / "file")], "/no/"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command(*words)
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", "")
        with pytest.raises(CommandError, match="沒有 pg_dump"):
            call_command("backup", str(tmp_path / "other"))
    assert (tables_now(), files_in(media)) == (before, stored)
    assert {path.name for path in tmp_path.iterdir()} == {"cut", "day.backup", "evidence"}


def test_a_file_that_is_gone_is_named_and_the_rest_is_kept(filled, media, tmp_path, capsys):
    gone = next(iter(files_in(media)))
    (media / gone).unlink()
    call_command("backup", str(tmp_path / "day.backup"))
    assert gone in capsys.readouterr().err
    manifest = verified(tmp_path / "day.backup", "")
    assert manifest["missing"] == [gone]
    assert sum(name.startswith("files/") for name in manifest["members"]) == 2
