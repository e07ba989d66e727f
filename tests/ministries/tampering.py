"""The audit log with all its guards, and hands that go round them as the database's owner can."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ministries import audit_triggers
from ministries.audit_chain import Verdict, verify


def run(sql: str, parameters: list | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def seal() -> None:
    """As a commit does; the tests' own transaction never commits."""
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("SET CONSTRAINTS ALL DEFERRED")


def put_guards() -> None:
    """All of them, those that the tests do without included, until the transaction ends."""
    seal()
    if connection.vendor == "postgresql":
        for table in audit_triggers.TABLES:
            run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    for name in audit_triggers.missing(connection):
        run(audit_triggers.triggers("sqlite")[name])


@contextmanager
def no_guards() -> Iterator[None]:
    seal()
    if connection.vendor == "postgresql":
        for table in audit_triggers.TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        for name in audit_triggers.triggers("sqlite"):
            run(f"DROP TRIGGER IF EXISTS {name}")
    yield
    put_guards()


def tamper(*statements: str) -> None:
    with no_guards():
        for statement in statements:
            run(statement)


def verified(anchors: list[dict] | None = None) -> Verdict:
    seal()
    return verify(anchors)


def kinds(anchors: list[dict] | None = None) -> list[tuple[str, int | None]]:
    """(kind, number) of each problem."""
    return [(one.kind, one.number) for one in verified(anchors).problems]
