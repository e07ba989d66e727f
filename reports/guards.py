"""The database's own word on what was filed: no statement changes it, whoever sends it.

Triggers are made anew after every migration, since SQLite drops them with a table that it remakes.
They speak of updates; deleting is refused by the foreign keys of filings, and what is missing shows
in the digest (`reports.closing.is_intact`).
"""

from django.db import connections

# What may not change once a filing names the edition; `compiled_at` may.
EDITION = ("review_id", "number", "digest", "head", "rules", "standing", "closing", "created_at")
LINE = ("edition_id", "ordinal", "key", "kind", "year", "measure_code", "ministry_code",
        "content", "digest")  # fmt: skip
FILING = ("review_id", "edition_id", "step", "document_number", "on", "addressee",
          "content_digest", "by_id", "at")  # fmt: skip
FILED = "EXISTS (SELECT 1 FROM reports_filing WHERE edition_id = OLD.{})"
# table: (columns, when it holds beside a change of them)
GUARDS = {
    "reports_edition": (EDITION, FILED.format("id")),
    "reports_snapshotline": (LINE, FILED.format("edition_id")),
    "reports_filing": (FILING, ""),
}
SENTENCE = "what was filed does not change"


def install(using: str = "default", **_kwargs) -> None:
    """Make the triggers of every table that is there. Receiver of `post_migrate`."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    make = {"sqlite": _sqlite, "postgresql": _postgresql}.get(connection.vendor)
    if make is None or not GUARDS.keys() <= tables:
        return
    with connection.cursor() as cursor:
        for table, (columns, when) in GUARDS.items():
            for statement in make(table, columns, when):
                cursor.execute(statement)


def _sqlite(table: str, columns: tuple[str, ...], when: str) -> list[str]:
    changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in columns)
    return [
        f"DROP TRIGGER IF EXISTS {table}_filed",
        f"CREATE TRIGGER {table}_filed BEFORE UPDATE ON {table}"
        f" WHEN ({changed}){f' AND {when}' if when else ''}"
        f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
    ]


def _postgresql(table: str, columns: tuple[str, ...], when: str) -> list[str]:
    changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)
    return [
        f"CREATE OR REPLACE FUNCTION {table}_filed() RETURNS trigger AS $$ BEGIN"
        f" IF ({changed}){f' AND {when}' if when else ''} THEN"
        f" RAISE EXCEPTION '{SENTENCE}'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql",
        f"DROP TRIGGER IF EXISTS {table}_filed ON {table}",
        f"CREATE TRIGGER {table}_filed BEFORE UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_filed()",
    ]
