"""Querysets compiled once: Django makes their SQL anew for every request, and for a wide read of a
few hundred rows that takes as long as reading them. For the reads behind the busiest pages it is
kept.

Only the text of the SQL is kept, never a row: every call asks the database.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps

from django.db import connection
from django.db.models import QuerySet

# Stand-ins for the arguments while the SQL is made; the numbers fit every integer column.
_FIRST = 32_001
_FIRST_DAY = date(1001, 1, 1)

Argument = int | tuple[int, ...] | date


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list[tuple]]:
    """A function that returns a `values_list` queryset becomes one that returns its rows.

    Its arguments, positional, are integers, tuples of them for `__in`, or days. They must reach
    the queryset as parameters and decide nothing else about it: SQL is made once for each length.
    Raises ValueError where one does not reach it.
    """
    made: dict[tuple, tuple] = {}

    @wraps(build)
    def rows(*arguments: Argument) -> list[tuple]:
        shape = tuple(len(one) if isinstance(one, tuple) else type(one) for one in arguments)
        key = (connection.vendor, shape)
        if key not in made:
            made[key] = _make(build, shape)
        sql, parameters, converters = made[key]
        given = [one for argument in arguments for one in _flat(argument)]
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [value if place is None else given[place] for place, value in parameters]
            )
            found = cursor.fetchall()
        return _convert(found, converters) if converters else found

    return rows


def _flat(argument: Argument) -> tuple:
    """The parameters that an argument makes, as the database takes them."""
    if isinstance(argument, date):
        return (connection.ops.adapt_datefield_value(argument),)
    return argument if isinstance(argument, tuple) else (argument,)


def _make(build: Callable[..., QuerySet], shape: tuple) -> tuple:
    """(SQL, parameters as (place among the arguments or None, constant), converters by column)."""
    stand_ins, places = [], {}
    for kind in shape:
        taken = len(places)
        if kind is date:
            stand_in = _FIRST_DAY + timedelta(days=taken)
        elif isinstance(kind, int):
            stand_in = tuple(_FIRST + taken + step for step in range(kind))
        else:
            stand_in = _FIRST + taken
        stand_ins.append(stand_in)
        places |= {value: taken + step for step, value in enumerate(_flat(stand_in))}
    compiler = build(*stand_ins).query.get_compiler(connection=connection)
    sql, constants = compiler.as_sql()
    parameters = [(places.get(value), value) for value in constants]
    if places.keys() - set(constants):
        raise ValueError(f"{build.__name__}: an argument is no parameter of the SQL")
    converters = compiler.get_converters([column for column, *_rest in compiler.select])
    return sql, parameters, converters


def _convert(rows: list[tuple], converters: dict) -> list[tuple]:
    """Values as the ORM gives them, where the database gives something else (SQLite's UUIDs)."""
    converted = []
    for row in rows:
        values = list(row)
        for place, (functions, expression) in converters.items():
            for function in functions:
                values[place] = function(values[place], expression, connection)
        converted.append(tuple(values))
    return converted
