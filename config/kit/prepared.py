"""Querysets compiled once: Django makes their SQL anew for every request, and for a wide read of a
few hundred rows that takes as long as reading them. For the reads behind the busiest pages it is
kept.

Only the text of the SQL is kept, never a row: every call asks the database.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

# Stand-ins for the arguments while the SQL is made; the numbers fit every integer column.
_FIRST = 32_001
_FIRST_DAY = date(1001, 1, 1)

Argument = int | str | UUID | date | tuple[int, ...] | tuple[UUID, ...]


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """A function that returns a queryset becomes one that returns its rows: tuples of a
    `values_list`, else objects, with those that `select_related` names.

    Its arguments, positional, are integers, texts, UUIDs, days, or tuples of one of the first
    three for `__in`. They must reach the queryset as parameters and decide nothing else about it:
    SQL is made once for each length. Raises ValueError where one does not reach it.
    """
    made: dict[tuple, tuple] = {}

    @wraps(build)
    def rows(*arguments: Argument) -> list[tuple]:
        shape = tuple(
            (type(next(iter(one), None)), len(one)) if isinstance(one, tuple) else (type(one), None)
            for one in arguments
        )
        key = (connection.vendor, shape)
        if key not in made:
            made[key] = _make(build, shape)
        sql, parameters, converters, as_objects = made[key]
        given = [one for argument in arguments for one in _flat(argument)]
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [value if place is None else given[place] for place, value in parameters]
            )
            found = cursor.fetchall()
        if converters:
            found = _convert(found, converters)
        return as_objects(found) if as_objects else found

    return rows


def _flat(argument: Argument) -> tuple:
    """The parameters that an argument makes, as the database takes them."""
    every = argument if isinstance(argument, tuple) else (argument,)
    return tuple(_as_sent(one) if isinstance(one, date | UUID) else one for one in every)


def _as_sent(value: date | UUID) -> object:
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value if connection.features.has_native_uuid_field else value.hex


def _stand_in(kind: type, place: int) -> int | str | UUID | date:
    if kind is date:
        return _FIRST_DAY + timedelta(days=place)
    if kind is str:
        return f"stand-in {place}"
    return kind(int=_FIRST + place) if kind is UUID else _FIRST + place


def _make(build: Callable[..., QuerySet], shape: tuple) -> tuple:
    """(SQL, parameters as (place among the arguments or None, constant), converters by column,
    what makes objects of the rows).
    """
    stand_ins, places = [], {}
    for kind, length in shape:
        taken = len(places)
        steps = range(1 if length is None else length)
        every = tuple(_stand_in(kind, taken + step) for step in steps)
        stand_ins.append(every[0] if length is None else every)
        places |= {value: taken + step for step, value in enumerate(_flat(every))}
    queryset = build(*stand_ins)
    compiler = queryset.query.get_compiler(connection=connection)
    sql, constants = compiler.as_sql()
    parameters = [(places.get(value), value) for value in constants]
    if places.keys() - set(constants):
        raise ValueError(f"{build.__name__}: an argument is no parameter of the SQL")
    converters = compiler.get_converters([column for column, *_rest in compiler.select])
    return sql, parameters, converters, _object_maker(queryset, compiler)


def _object_maker(queryset: QuerySet, compiler) -> Callable[[list[tuple]], list] | None:
    """As Django's own ModelIterable does; None where the queryset gives tuples."""
    if queryset._iterable_class is not ModelIterable:
        return None
    chosen = compiler.klass_info["select_fields"]
    first, end = chosen[0], chosen[-1] + 1
    names = [column.target.attname for column, *_rest in compiler.select[first:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)

    def objects(rows: list[tuple]) -> list:
        found = []
        for row in rows:
            one = queryset.model.from_db(connection.alias, names, row[first:end])
            for populator in related:
                populator.populate(row, one)
            found.append(one)
        return found

    return objects


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
