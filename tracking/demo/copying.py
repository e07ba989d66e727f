"""Copies of rows made inside the database, one statement a table.

Every copy's keys are those of the rows copied, moved by a distance of its own, so that a foreign
key is moved by the distance of the table that it leads to and nothing has to be looked up.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, Max, Min, Model, QuerySet


class Distance(NamedTuple):
    """How far the keys of a table move: `first` for copy 0, `each` more for every further one."""

    first: int
    each: int

    def of(self, copy: int) -> int:
        return self.first + copy * self.each


class Copier:
    """Makes `copies` copies of everything given to `add`, numbered from 0.

    Tables are to come in the order in which they refer to each other. A reference to a table that
    was not copied stays: people and ministries are shared.
    """

    def __init__(self, copies: int) -> None:
        self.copies = copies
        self.distances: dict[type[Model], Distance] = {}

    def move(self, rows: QuerySet) -> Distance:
        """Decide how far the keys of these rows move, behind all that the table holds."""
        table = rows.model
        ends = rows.order_by().aggregate(low=Min("pk"), high=Max("pk"))
        low, high = ends["low"] or 0, ends["high"] or 0
        last = table._base_manager.aggregate(last=Max("pk"))["last"] or 0
        self.distances[table] = Distance(last + 1 - low, high - low + 1)
        return self.distances[table]

    def add(self, rows: QuerySet, **own: str) -> None:
        """Copy these rows. `own` is SQL for columns that differ in a copy; `s` is the row copied
        and `k.n` the number of the copy.
        """
        distance = self.move(rows)
        table = rows.model
        quote = connection.ops.quote_name
        columns = [field for field in table._meta.concrete_fields if not field.generated]
        values = [own.get(field.name) or self._value(field, distance) for field in columns]
        chosen, parameters = rows.order_by().values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Rows made a moment ago are not in its statistics yet; it would go through the
                # table once for each of them.
                cursor.execute(f"ANALYZE {quote(table._meta.db_table)}")
            cursor.execute(
                f"INSERT INTO {quote(table._meta.db_table)} "
                f"({', '.join(quote(field.column) for field in columns)}) "
                "WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < %s) "
                f"SELECT {', '.join(values)} FROM {quote(table._meta.db_table)} s, k "
                f"WHERE s.{quote(table._meta.pk.column)} IN ({chosen}) "
                f"ORDER BY k.n, s.{quote(table._meta.pk.column)}",
                [self.copies - 1, *parameters],
            )

    def _value(self, field: Field, own: Distance) -> str:
        column = f"s.{connection.ops.quote_name(field.column)}"
        distance = own if field.primary_key else self.distances.get(field.related_model)
        return (
            column if distance is None else f"{column} + {distance.first} + k.n * {distance.each}"
        )

    def finish(self) -> None:
        """Let the tables number on behind the copies."""
        with connection.cursor() as cursor:
            for statement in self._resets():
                cursor.execute(statement)

    def _resets(self) -> Iterator[str]:
        yield from connection.ops.sequence_reset_sql(no_style(), list(self.distances))
