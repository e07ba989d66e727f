"""Worlds that are built once and looked at by many tests.

To bring rows to a state by the real road takes longer than most tests that then look at them. What
`kept` marks is built once a module, in a transaction that stays open; every test works in a
savepoint within it, on copies of the objects, and nothing that it does reaches the next. Tests with
transactions of their own (`live_server`, `transactional_db`) build their own world, as ever.
"""

import copy
from collections.abc import Callable, Generator
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from itertools import groupby

import pytest
from django.db import transaction

Build = Callable[..., object]


def kept(build: Build) -> Callable:
    """A fixture of what `build` returns; its parameters name other kept fixtures."""
    needs = tuple(signature(build).parameters)

    def fixture(request: pytest.FixtureRequest, db: None, **needed: object) -> object:
        copies = _stack.copies()
        return copies[build] if build in copies else build(**needed)

    fixture.build, fixture.needs = build, needs
    fixture.__name__, fixture.__doc__, fixture.__module__ = (
        build.__name__, build.__doc__, build.__module__,
    )  # fmt: skip
    fixture.__signature__ = Signature(
        Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("request", "db", *needs)
    )
    return pytest.fixture(fixture)


@dataclass
class _Layer:
    build: Build
    atomic: transaction.Atomic
    made: dict[Build, object]


class _Stack:
    """The worlds that stand at the moment, each within the transaction of the one before it."""

    def __init__(self) -> None:
        self.layers: list[_Layer] = []
        self._copies: dict[Build, object] | None = None
        self.blocker = None

    def stand(self, wanted: dict[Build, tuple[Build, ...]]) -> None:
        """Have exactly these worlds, in this order: build → the builds whose worlds it needs."""
        self._copies = None
        have = [layer.build for layer in self.layers]
        same = 0
        while same < min(len(have), len(wanted)) and have[same] == list(wanted)[same]:
            same += 1
        while len(self.layers) > same:
            self._go_back()
        for build in list(wanted)[same:]:
            self._build(build, wanted[build])

    def copies(self) -> dict[Build, object]:
        """What one test may have of them and change as it likes."""
        if self._copies is None:
            self._copies = copy.deepcopy(self.layers[-1].made) if self.layers else {}
        return self._copies

    def _build(self, build: Build, needs: tuple[Build, ...]) -> None:
        made = copy.deepcopy(self.layers[-1].made) if self.layers else {}
        atomic = transaction.atomic()
        # As Django's TestCase marks its own, so that `durable` blocks may run within.
        atomic._from_testcase = True
        atomic.__enter__()
        self.layers.append(_Layer(build, atomic, made))
        try:
            names = signature(build).parameters
            made[build] = build(
                **{name: made[need] for name, need in zip(names, needs, strict=True)}
            )
        except BaseException:
            self._go_back()
            raise

    def _go_back(self) -> None:
        layer = self.layers.pop()
        transaction.set_rollback(True)
        layer.atomic.__exit__(None, None, None)


_stack = _Stack()


def _wanted(item: pytest.Item) -> dict[Build, tuple[Build, ...]]:
    """The kept fixtures that a test asks for, directly or not, each behind those it needs."""
    if _transactional(item):
        return {}
    known = item._fixtureinfo.name2fixturedefs
    found: dict[Build, tuple[Build, ...]] = {}

    def add(name: str) -> Build | None:
        fixture = known[name][-1].func if name in known else None
        build = getattr(fixture, "build", None)
        if build is not None and build not in found:
            found[build] = tuple(add(need) for need in fixture.needs)
        return build

    for name in item.fixturenames:
        add(name)
    return found


def _transactional(item: pytest.Item) -> bool:
    """As pytest-django decides it."""
    marker = item.get_closest_marker("django_db")
    asks = {"transactional_db", "live_server", "django_db_reset_sequences"}
    return bool(
        asks.intersection(item.fixturenames)
        or (marker and (marker.kwargs.get("transaction") or marker.kwargs.get("reset_sequences")))
    )


def together(items: list[pytest.Item]) -> list[pytest.Item]:
    """Within each module those next to each other that look at the same worlds."""

    def worlds(item: pytest.Item) -> tuple:
        names = tuple(build.__name__ for build in _wanted(item))
        return _transactional(item), names

    return [
        item
        for _module, of_module in groupby(items, key=lambda item: item.path)
        for item in sorted(of_module, key=worlds)
    ]


@pytest.fixture
def _kept_worlds(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker) -> None:
    _stack.blocker = django_db_blocker
    with django_db_blocker.unblock():
        _stack.stand(_wanted(request.node))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """No world is left standing for a test with transactions of its own: it would wait for it. Not
    as late as when that test begins, since a browser that starts first brings another connection.
    """
    result = yield
    if _stack.layers and nextitem is not None and _transactional(nextitem):
        with _stack.blocker.unblock():
            _stack.stand({})
    return result


@pytest.fixture
def _django_db_helper(_kept_worlds: None, _django_db_helper: None) -> None:
    """pytest-django's own, which opens the test's transaction, within that of its worlds."""
