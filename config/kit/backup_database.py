"""The database of a backup, on either engine: a consistent dump, and the way back.

Both engines give the same three things of one moment, however busy the site is: the dump as a file,
the rows of each table with a SHA-256 of their content, and the names in columns of files.
SQLite dumps by its own backup interface, PostgreSQL by `pg_dump` in the snapshot in which the rows
are counted. A dump is restored into the same engine.

Sessions are left out: who was signed out since the backup must not be let in again by it.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

from config.kit.backup_archive import BackupError

# Rows that a database has before anybody wrote into it.
_FURNITURE = {"auth_permission", "django_content_type", "django_migrations", "sqlite_sequence"}

Tables = dict[str, dict[str, object]]


class Moment:
    """The database at one moment: `dump` is a file, `tables` its rows and digests by name."""

    def __init__(self, dump: Path, tables: Tables, names: list[str]) -> None:
        self.dump, self.tables, self.names = dump, tables, names


def left_out() -> list[str]:
    """The tables whose rows stay behind: sessions, and whatever hangs on one."""
    found = [Session]
    for model in found:
        further = (relation.related_model for relation in model._meta.related_objects)
        found += [one for one in further if one not in found]
    return [model._meta.db_table for model in found]


def take(folder: Path, file_columns: Iterable[tuple[str, str]]) -> Moment:
    """Dump into `folder`; `names` are the different texts in these (table, column), sorted."""
    take_one = _take_sqlite if connection.vendor == "sqlite" else _take_postgresql
    return take_one(folder / "database", list(file_columns))


def tables_now() -> Tables:
    """Rows and digests of the database as it is."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return _sqlite_tables(connection.connection)
    with _snapshot() as (database, _name):
        return _postgresql_tables(database)


def is_empty() -> bool:
    """No table, or none with rows of anybody's."""
    names = set(connection.introspection.table_names()) - _FURNITURE
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")
            if cursor.fetchone():
                return False
    return True


def check_dump(dump: Path, tables: Tables) -> None:
    """Look as far into a dump as its engine allows before anything is touched."""
    if connection.vendor != "sqlite":
        _run([_program("pg_restore"), "--list", str(dump)])
        return
    with closing(sqlite3.connect(dump)) as copy:
        try:
            found = _sqlite_tables(copy)
        except sqlite3.DatabaseError as error:
            raise BackupError(f"備份檔裡的資料庫讀不出來，沒有動任何資料：{error}") from error
        if found != tables:
            raise BackupError("備份檔裡的資料庫與清單不符，沒有動任何資料。")


def put_back(dump: Path) -> None:
    """Replace the whole database, in one transaction: a failure leaves it as it was."""
    if connection.vendor == "sqlite":
        _put_back_sqlite(dump)
    else:
        _put_back_postgresql(dump)
    connection.close()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


# --- SQLite ---------------------------------------------------------------------------------------
def _take_sqlite(dump: Path, file_columns: list[tuple[str, str]]) -> Moment:
    connection.ensure_connection()
    with closing(sqlite3.connect(dump, isolation_level=None)) as copy:
        connection.connection.backup(copy)
        # One file, without the log beside it that a busy database needs.
        copy.execute("PRAGMA journal_mode=DELETE")
        for name in left_out():
            copy.execute(f"DELETE FROM {_quoted(name)}")
        # What was deleted would otherwise still stand in free pages.
        copy.execute("VACUUM")
        names = sorted(
            {
                name
                for table, column in file_columns
                for (name,) in copy.execute(_file_names(table, column))
            }
        )
        return Moment(dump, _sqlite_tables(copy), names)


def _sqlite_tables(database: sqlite3.Connection) -> Tables:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    tables = {}
    for (name,) in database.execute(listed).fetchall():
        digest, rows = hashlib.sha256(), 0
        # As it is stored: of a bare column Django's own connection would make a date or a boolean.
        listed = database.execute(f"PRAGMA table_info({_quoted(name)})")
        columns = ", ".join(f"+{_quoted(column)}" for _number, column, *_rest in listed)
        for row in database.execute(f"SELECT {columns} FROM {_quoted(name)} ORDER BY rowid"):
            digest.update(repr(tuple(row)).encode())
            rows += 1
        tables[name] = {"rows": rows, "sha256": digest.hexdigest()}
    return tables


def _put_back_sqlite(dump: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(dump)) as copy:
        try:
            copy.backup(connection.connection)
        except sqlite3.OperationalError as error:
            raise BackupError(f"資料庫正在使用中，請先停止系統再還原：{error}") from error


# --- PostgreSQL -----------------------------------------------------------------------------------
def _take_postgresql(dump: Path, file_columns: list[tuple[str, str]]) -> Moment:
    program = _program("pg_dump")
    with _snapshot() as (database, snapshot):
        without = [f"--exclude-table-data={name}" for name in left_out()]
        # Whose the tables are, and who else may read them, is the matter of each server.
        _run([program, "--format=custom", "--no-owner", "--no-privileges", *without,
              f"--snapshot={snapshot}", f"--file={dump}"])  # fmt: skip
        names = set()
        with database.cursor() as cursor:
            for table, column in file_columns:
                cursor.execute(_file_names(table, column))
                names.update(name for (name,) in cursor)
        return Moment(dump, _postgresql_tables(database), sorted(names))


@contextmanager
def _snapshot() -> Iterator[tuple[BaseDatabaseWrapper, str]]:
    """A connection of its own that sees one moment only, and the name by which others see it."""
    database = connection.copy()
    try:
        with database.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # The same text of a row on every server.
            for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "IntervalStyle = 'iso_8601'",
                            "bytea_output = 'hex'", "extra_float_digits = 1"):  # fmt: skip
                cursor.execute(f"SET LOCAL {setting}")
            cursor.execute("SELECT pg_export_snapshot()")
            [name] = cursor.fetchone()
        yield database, name
    finally:
        database.close()


class _Sink:
    """Takes PostgreSQL's COPY: one line for each row."""

    def __init__(self) -> None:
        self.digest, self.rows = hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.rows += data.count(b"\n")


def _postgresql_tables(database: BaseDatabaseWrapper) -> Tables:
    tables = {}
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
        for (name,) in cursor.fetchall():
            sink = _Sink()
            keys = database.introspection.get_primary_key_columns(cursor, name) or ["ctid"]
            # As text in byte order, since servers differ in how they sort words.
            order = ", ".join(f'{_quoted(key)}::text COLLATE "C"' for key in keys)
            where = " WHERE false" if name in left_out() else ""
            cursor.copy_expert(
                f"COPY (SELECT * FROM {_quoted(name)}{where} ORDER BY {order}) TO STDOUT", sink
            )
            tables[name] = {"rows": sink.rows, "sha256": sink.digest.hexdigest()}
    return tables


def _put_back_postgresql(dump: Path) -> None:
    """The script is committed by its last line only, which is not sent unless all before it was."""
    words, env = _address("psql")
    psql = subprocess.Popen(
        [*words, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"],
        env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    begin = (
        "BEGIN; SET LOCAL lock_timeout = '15s';DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
    )
    psql.stdin.write(begin.encode())
    psql.stdin.flush()
    script = subprocess.run(
        [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)],
        stdout=psql.stdin, stderr=subprocess.PIPE,
    )  # fmt: skip
    _out, said = psql.communicate(b"" if script.returncode else b"\nCOMMIT;\n")
    if psql.returncode or script.returncode:
        why = (said or script.stderr).decode(errors="replace").strip()
        raise BackupError(f"還原資料庫失敗，資料庫維持原狀。若系統還在執行，請先停止：\n{why}")


def _address(program: str) -> tuple[list[str], dict[str, str]]:
    """The command line that reaches our database, and its environment, which holds the password."""
    words, env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return [_program(program), *words[1:]], {**os.environ, **(env or {})}


def _run(words: list[str]) -> None:
    """A program of PostgreSQL's; `pg_dump` is told our database."""
    address, env = _address("pg_dump")
    if words[0] == address[0]:
        words = [*words, *address[1:]]
    done = subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        raise BackupError(f"{Path(words[0]).name} 失敗，沒有動任何資料：\n{why}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise BackupError(
            f"這台機器沒有 {name}。請安裝與資料庫伺服器同版或較新的 PostgreSQL 用戶端"
            "（Debian：apt install postgresql-client），或在裝有它的機器上執行。"
        )
    return found


def _file_names(table: str, column: str) -> str:
    return f"SELECT DISTINCT {_quoted(column)} FROM {_quoted(table)} WHERE {_quoted(column)} <> ''"
