"""The audit log with all its guards, and hands that go round them as the database's owner can."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ministries import audit_triggers
from ministries.audit_chain import Verdict, hash_of, verify
from ministries.models import AuditEvent, AuditSeal

EVENT, SEAL, HEAD, _CHECKPOINT = audit_triggers.TABLES


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


def write_anew(event: int) -> None:
    """Edit one event and make digests, seals and head anew, as the database's owner could."""
    with no_guards():
        run(f"UPDATE {EVENT} SET actor = 'c@example.org' WHERE id = {event}")
        row = AuditEvent.objects.get(pk=event)
        row.digest_content()
        run(f"UPDATE {EVENT} SET digest = '{row.digest}' WHERE id = {event}")
        previous = audit_triggers.START
        for seal in AuditSeal.objects.order_by("number"):
            content = row.digest if seal.event == event else seal.digest
            made = hash_of(seal.number, seal.event, content, previous)
            run(
                f"UPDATE {SEAL} SET digest = '{content}', previous = '{previous}', hash = '{made}'"
                f" WHERE number = {seal.number}"
            )
            previous = made
        run(f"UPDATE {HEAD} SET hash = '{previous}'")


def verified(anchors: list[dict] | None = None) -> Verdict:
    seal()
    return verify(anchors)


def kinds(anchors: list[dict] | None = None) -> list[tuple[str, int | None]]:
    """(kind, number) of each problem."""
    return [(one.kind, one.number) for one in verified(anchors).problems]
