"""Querysets compiled once: Django makes their SQL anew for every request, and for a wide read of a
few hundred rows that takes as long as reading them. For the reads behind the busiest pages it is
kept, and PostgreSQL keeps how it reads them (PREPARE) for as long as the connection lasts.

Only the SQL and its plan are kept, never a row: every call asks the database.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from itertools import count
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

# Stand-ins for the arguments while the SQL is made; the numbers fit every integer column.
_FIRST = 32_001
_FIRST_DAY = date(1001, 1, 1)

Argument = int | str | UUID | date | tuple[int, ...] | tuple[UUID, ...]


class _Made(NamedTuple):
    """What is kept of a queryset for one shape of its arguments.

    parameters  (place among the arguments or None, constant) for each `%s` of the SQL
    converters  by column
    as_objects  what makes objects of the rows; None for tuples
    """

    name: str
    sql: str
    parameters: list[tuple[int | None, object]]
    converters: dict
    as_objects: Callable[[list[tuple]], list] | None


# Of the widest integer that a column holds, without its sign.
BITS = 63
# PostgreSQL's connection → name of what it has prepared, by the name of what was made. A new
# connection begins with nothing.
_known_to: WeakKeyDictionary[object, dict[str, str]] = WeakKeyDictionary()
_number = count(1)


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """A function that returns a queryset becomes one that returns its rows: tuples of a
    `values_list`, else objects, with those that `select_related` names.

    Its arguments, positional, are integers, texts, UUIDs, days, or tuples of one of the first
    three for `__in`. They must reach the queryset as parameters and decide nothing else about it:
    SQL is made once for each length. Raises ValueError where one does not reach it. Integers name
    rows: for one that no column can hold there are none.
    """
    made: dict[tuple, _Made] = {}

    @wraps(build)
    def rows(*arguments: Argument) -> list[tuple]:
        shape = tuple(
            (type(next(iter(one), None)), len(one)) if isinstance(one, tuple) else (type(one), None)
            for one in arguments
        )
        given = [one for argument in arguments for one in _flat(argument)]
        if any(type(one) is int and one.bit_length() > BITS for one in given):
            return []
        # The one of this thread; asked for once, since each `connection.…` looks for it anew.
        database = connections[DEFAULT_DB_ALIAS]
        key = (database.vendor, shape)
        if key not in made:
            made[key] = _make(build, shape)
        statement = made[key]
        found = _ask(database, statement, given)
        if statement.converters:
            found = _convert(found, statement.converters)
        return statement.as_objects(found) if statement.as_objects else found

    return rows


def _ask(database: BaseDatabaseWrapper, made: _Made, given: list[object]) -> list[tuple]:
    """The rows, for these arguments as the database takes them; one round trip."""
    with database.cursor() as cursor:
        if not _keeps_plans(database):
            cursor.execute(
                made.sql,
                [value if place is None else given[place] for place, value in made.parameters],
            )
            return cursor.fetchall()
        known = _known_to.setdefault(database.connection, {})
        # A new name at each attempt: one that failed half-way may have left its own behind.
        name = known.get(made.name) or f"{made.name}_{next(_number)}"
        execute = f"EXECUTE {name}"
        if given:
            execute += f"({', '.join(['%s'] * len(given))})"
        if made.name not in known:
            execute = f"{_prepare(made, name, cursor)}; {execute}"
        cursor.execute(execute, given)
        known[made.name] = name
        return cursor.fetchall()


def _keeps_plans(database: BaseDatabaseWrapper) -> bool:
    """PostgreSQL does; where its connections are pooled by transaction, they are not ours to keep
    anything in (the setting says so to Django itself).
    """
    pooled = database.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return database.vendor == "postgresql" and not pooled


def _prepare(made: _Made, name: str, cursor) -> str:
    """PREPARE with the constants written out and the arguments as $1, $2, …; it is to be sent with
    parameters, so its per cent signs are doubled.
    """
    written = made.sql % tuple(
        cursor.mogrify("%s", [value]).decode() if place is None else f"${place + 1}"
        for place, value in made.parameters
    )
    return f"PREPARE {name} AS {written}".replace("%", "%%")


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


def _make(build: Callable[..., QuerySet], shape: tuple) -> _Made:
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
    name = f"{build.__name__.strip('_')}_{next(_number)}"
    return _Made(name, sql, parameters, converters, _object_maker(queryset, compiler))


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
