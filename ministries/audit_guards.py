"""Do the audit log's guards in the database still say what they were made to say?

A trigger that bears the right name but does nothing, or one more that swallows events before they
are written, would leave no trace in the chain: what was never there can't be missed.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from ministries import audit_triggers
from ministries.audit_triggers import TABLES


def altered(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers and functions of ours that read otherwise than they were made."""
    return sorted(_wrong(connection) & _wanted(connection.vendor).keys())


def strange(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers and rules on the log's tables that are none of ours."""
    found = _wrong(connection) - _wanted(connection.vendor).keys()
    if connection.vendor == "postgresql":
        found |= {name for (name,) in _asked(connection, _RULES)}
    return sorted(found)


def _wrong(connection: BaseDatabaseWrapper) -> set[str]:
    wanted = _wanted(connection.vendor)
    rows = _asked(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)
    return {name for name, sql in rows if wanted.get(name) != _plain(sql)}


def _wanted(vendor: str) -> dict[str, str]:
    made = {name: _plain(sql) for name, sql in audit_triggers.triggers(vendor).items()}
    if vendor == "postgresql":
        made |= {f"{name}()": _plain(body) for name, body in audit_triggers.bodies().items()}
    return made


def _asked(connection: BaseDatabaseWrapper, sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _plain(sql: str) -> str:
    return " ".join(sql.split())


_NAMES = ", ".join(f"'{table}'" for table in TABLES)
_SQLITE = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({_NAMES})"
_POSTGRESQL = f"""
SELECT t.tgname::text, pg_get_triggerdef(t.oid, true)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relname IN ({_NAMES}) AND NOT t.tgisinternal
 UNION ALL
SELECT p.proname || '()', p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = current_schema()
   AND p.proname IN ('audit_seal', 'audit_refuse', 'audit_refuse_delete')
"""
_RULES = f"""
SELECT rulename::text FROM pg_rules
 WHERE schemaname = current_schema() AND tablename IN ({_NAMES})
"""
