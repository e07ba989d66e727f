"""Reading what stood at one moment, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction that only reads and sees the database as it was at its first query.

    SQLite's transactions do so by themselves. Inside of another transaction it is that one's view.
    """
    at_once = connection.vendor == "postgresql" and not connection.in_atomic_block
    with transaction.atomic():
        if at_once:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
