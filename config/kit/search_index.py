"""For migrations: what only PostgreSQL has, and the index of the pairs of characters of a text; and
how to do without these indexes while many rows are added.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, migrations
from django.db.backends.utils import CursorWrapper


class OnPostgreSQL(migrations.RunSQL):
    """SQL that other engines pass over."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def search_index(name: str, table: str, text: str) -> OnPostgreSQL:
    """The index that `config.kit.search.Holds` asks, of a text in SQL.

    It is of an expression, so that it can't say anything else than the row. No statistics are kept
    of it: gathering them would compute the pairs of thousands of rows at every ANALYZE, and without
    them the planner always takes a word for rare, and asks the index.
    """
    return OnPostgreSQL(
        [
            f"CREATE INDEX {name} ON {table} USING gin (search_bigrams(search_fold({text})))",
            _no_statistics(name),
        ],
        [f"DROP INDEX {name}"],
    )


def _no_statistics(name: str) -> str:
    return f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 0"


@contextmanager
def without_search_indexes() -> Iterator[None]:
    """Inside, PostgreSQL has none of these indexes; after it, it has all of them, made anew.

    Making an index of many rows at once is many times quicker than adding them one by one. It
    needs a transaction, and nobody else reads or writes the tables until that ends.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = current_schema() AND indexdef LIKE '%search_bigrams(%'"
        )
        indexes = cursor.fetchall()
        _check_foreign_keys(cursor)
        for name, _made in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        _check_foreign_keys(cursor)
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for name, made in indexes:
            cursor.execute(made)
            cursor.execute(_no_statistics(name))


def _check_foreign_keys(cursor: CursorWrapper) -> None:
    """No index can be made or dropped while foreign keys of its table wait to be checked."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
