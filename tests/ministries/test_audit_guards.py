"""What the database does for the audit log stands as it was made, and nothing else does."""

import pytest
from django.db import connection

from ministries import audit_triggers
from tests.ministries import tampering
from tests.ministries.tampering import run, verified

EVENT, _SEAL, _HEAD, CHECKPOINT = audit_triggers.TABLES


@pytest.fixture
def guarded(db) -> None:
    tampering.put_guards()


def test_after_all_migrations_every_guard_stands(db):
    """But those that the tests switch off (conftest); SQLite loses them with a table made anew."""
    off = {name for name, _table in audit_triggers.against_emptying(connection.vendor)}
    assert set(audit_triggers.missing(connection)) == off


def test_a_guard_that_is_off_is_a_problem(guarded):
    name = "auditevent_no_update"
    on = f" ON {EVENT}" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER {name}{on}")
    [problem] = verified().problems
    assert (problem.kind, name in problem.text) == ("guard", True)


def test_a_guard_that_was_made_toothless_is_a_problem(guarded):
    """It stands there under its name, and lets everything through."""
    if connection.vendor == "postgresql":
        name = "audit_refuse()"
        run(
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$"
        )
    else:
        name = "auditevent_no_update"
        run(f"DROP TRIGGER {name}")
        run(f"CREATE TRIGGER {name} BEFORE UPDATE ON {EVENT} BEGIN SELECT 1; END")
    [problem] = verified().problems
    assert (problem.kind, name in problem.text) == ("guard", True)


def test_one_that_swallows_events_before_they_are_written_is_a_problem(guarded):
    if connection.vendor == "postgresql":
        run(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$"
        )
        run(
            f"CREATE TRIGGER swallow BEFORE INSERT ON {EVENT} FOR EACH ROW"
            " WHEN (NEW.actor = 'b@example.org') EXECUTE FUNCTION swallow()"
        )
        run(f"CREATE RULE hush AS ON INSERT TO {CHECKPOINT} DO INSTEAD NOTHING")
        expected = ["hush", "swallow"]
    else:
        run(
            f"CREATE TRIGGER swallow BEFORE INSERT ON {EVENT} WHEN NEW.actor = 'b@example.org'"
            " BEGIN SELECT RAISE(IGNORE); END"
        )
        expected = ["swallow"]
    found = verified().problems
    assert [one.kind for one in found] == ["guard"] * len(expected)
    assert all(name in one.text for name, one in zip(expected, found, strict=True))
