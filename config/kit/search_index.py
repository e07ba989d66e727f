"""For migrations: what only PostgreSQL has, and the index of the pairs of characters of a text."""

from django.db import migrations


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
            f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 0",
        ],
        [f"DROP INDEX {name}"],
    )
