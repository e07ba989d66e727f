"""What the database itself does for the audit log: it seals each new event into the chain, and
refuses to change or remove one. For migrations; the SQL is the same for good.

On PostgreSQL an event is sealed as its transaction commits, so that nobody waits for another
before that moment, and the chain's order is that of the commits. The function runs with its owner's
rights: a role that may only INSERT events can't write the chain. SQLite has one writer at a time
and seals at once.
"""

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

EVENT, SEAL = "ministries_auditevent", "ministries_auditseal"
HEAD, CHECKPOINT = "ministries_audithead", "ministries_auditcheckpoint"
TABLES = (EVENT, SEAL, HEAD, CHECKPOINT)
START = "0" * 64
REFUSED = "The audit log is append-only."

_NEW_HEAD = f"""
INSERT INTO {HEAD} (id, number, hash)
SELECT 1, coalesce((SELECT number FROM {SEAL} ORDER BY number DESC LIMIT 1), 0),
       coalesce((SELECT hash FROM {SEAL} ORDER BY number DESC LIMIT 1), '{START}')
 WHERE NOT EXISTS (SELECT 1 FROM {HEAD} WHERE id = 1)
"""
# What a signed checkpoint says was pruned may go, and nothing else.
_PRUNED_EVENT = f"""EXISTS (SELECT 1 FROM {SEAL} s JOIN {CHECKPOINT} c
    ON c.kind = 'prune' AND c.number >= s.number WHERE s.event = OLD.id)"""
_PRUNED_SEAL = f"""EXISTS (SELECT 1 FROM {CHECKPOINT} c
    WHERE c.kind = 'prune' AND c.number >= OLD.number)"""
_MAY_GO = {EVENT: _PRUNED_EVENT, SEAL: _PRUNED_SEAL, HEAD: "FALSE", CHECKPOINT: "FALSE"}

_POSTGRESQL_SEAL = f"""
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = {{schema}}, pg_temp
    -- The end of a long table, by its key: never a plan made for the whole.
    SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    place bigint;
    last text;
    made text;
    one record;
BEGIN
    -- The first event of a transaction seals them all.
    IF EXISTS (SELECT 1 FROM {SEAL} WHERE event = NEW.id) THEN
        RETURN NULL;
    END IF;
    {_NEW_HEAD} ON CONFLICT DO NOTHING;
    SELECT number, hash INTO place, last FROM {HEAD} WHERE id = 1 FOR UPDATE;
    FOR one IN
        SELECT e.id, e.digest FROM {EVENT} e
         WHERE e.id >= NEW.id AND (SELECT s.number FROM {SEAL} s WHERE s.event = e.id) IS NULL
         ORDER BY e.id
    LOOP
        place := place + 1;
        made := encode(sha256(convert_to(
            concat_ws(' ', place, one.id, one.digest, last), 'UTF8')), 'hex');
        INSERT INTO {SEAL} (number, event, digest, previous, hash)
            VALUES (place, one.id, one.digest, last, made);
        last := made;
    END LOOP;
    UPDATE {HEAD} SET number = place, hash = last WHERE id = 1;
    RETURN NULL;
END $$
"""
_POSTGRESQL_REFUSE = f"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{REFUSED} % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
# A trigger's WHEN can't ask other tables, so whether a row may go is asked within.
_POSTGRESQL_REFUSE_DELETE = f"""
CREATE FUNCTION audit_refuse_delete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = {{schema}}, pg_temp
AS $$
BEGIN
    IF TG_TABLE_NAME = '{EVENT}' THEN
        IF {_PRUNED_EVENT} THEN RETURN OLD; END IF;
    ELSIF TG_TABLE_NAME = '{SEAL}' THEN
        IF {_PRUNED_SEAL} THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '{REFUSED} DELETE of % is refused.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
_SQLITE_SEAL = f"""
CREATE TRIGGER audit_seal AFTER INSERT ON {EVENT} BEGIN
    {_NEW_HEAD};
    INSERT INTO {SEAL} (number, event, digest, previous, hash)
    SELECT number + 1, NEW.id, NEW.digest, hash,
           SHA256(printf('%d %d %s %s', number + 1, NEW.id, NEW.digest, hash))
      FROM {HEAD} WHERE id = 1;
    UPDATE {HEAD} SET (number, hash) = (SELECT number, hash FROM {SEAL} WHERE event = NEW.id)
     WHERE id = 1;
END
"""


def bodies() -> dict[str, str]:
    """Name → what PostgreSQL keeps as the text of that function."""
    made = {
        "audit_seal": _POSTGRESQL_SEAL,
        "audit_refuse": _POSTGRESQL_REFUSE,
        "audit_refuse_delete": _POSTGRESQL_REFUSE_DELETE,
    }
    return {name: sql.split("$$")[1] for name, sql in made.items()}


def _short(table: str) -> str:
    return table.removeprefix("ministries_")


def triggers(vendor: str) -> dict[str, str]:
    """Name → SQL that makes it, of every trigger on this engine."""
    return _on_postgresql() if vendor == "postgresql" else _on_sqlite()


def _on_postgresql() -> dict[str, str]:
    made = {
        "audit_seal": f"CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON {EVENT}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal()",
    }
    for table in TABLES:
        name = _short(table)
        made[f"{name}_no_delete"] = (
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_refuse_delete()"
        )
        made[f"{name}_no_truncate"] = (
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
        # The head moves on by the hand of the seal's trigger alone.
        when = "WHEN (pg_trigger_depth() = 0)" if table == HEAD else ""
        made[f"{name}_no_update"] = (
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {table}"
            f" FOR EACH STATEMENT {when} EXECUTE FUNCTION audit_refuse()"
        )
    return made


def _on_sqlite() -> dict[str, str]:
    made = {"audit_seal": _SQLITE_SEAL}
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    for table in TABLES:
        name = _short(table)
        made[f"{name}_no_delete"] = (
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {table}"
            f" WHEN NOT {_MAY_GO[table]} {refuse}"
        )
        # The head moves on to what was sealed just now.
        when = (
            f"WHEN NOT EXISTS (SELECT 1 FROM {SEAL} WHERE number = NEW.number"
            " AND hash = NEW.hash AND number = OLD.number + 1)"
            if table == HEAD
            else ""
        )
        made[f"{name}_no_update"] = (
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {table} {when} {refuse}"
        )
    return made


def against_emptying(vendor: str) -> list[tuple[str, str]]:
    """(trigger, table) of those that keep a whole table from being emptied."""
    ending = "no_truncate" if vendor == "postgresql" else "no_delete"
    return [(f"{_short(table)}_{ending}", table) for table in TABLES]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that this database should have; gone or switched off there."""
    named = ", ".join(f"'{table}'" for table in TABLES)
    if connection.vendor == "postgresql":
        asked = (
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()"
            f" AND c.relname IN ({named}) AND t.tgenabled IN ('O', 'A')"
        )
    else:
        asked = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({named})"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        have = {name for (name,) in cursor.fetchall()}
    return sorted(set(triggers(connection.vendor)) - have)


class Guarded(migrations.operations.base.Operation):
    """Makes the functions and triggers; backwards, removes them."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label, state) -> None:
        """Models stay as they are."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        connection = schema_editor.connection
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT quote_ident(current_schema())")
                [schema] = cursor.fetchone()
            for function in (_POSTGRESQL_SEAL, _POSTGRESQL_REFUSE, _POSTGRESQL_REFUSE_DELETE):
                schema_editor.execute(function.replace("{schema}", schema), params=None)
        for statement in triggers(connection.vendor).values():
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        vendor = schema_editor.connection.vendor
        for name, made in triggers(vendor).items():
            table = next(one for one in TABLES if f" ON {one}" in made)
            on = f" ON {table}" if vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {name}{on}", params=None)
        if vendor == "postgresql":
            for name in ("audit_seal", "audit_refuse", "audit_refuse_delete"):
                schema_editor.execute(f"DROP FUNCTION {name}()", params=None)

    def describe(self) -> str:
        return "Seal and guard the audit log"
