"""The worlds of the access tests, each built once, with somebody whose invitation ran out."""

import pytest

from tests.access import world_of_reports
from tests.access.conftest import _quiet  # noqa: F401 - and the cases of every noun
from tests.access.world_of_reviews import Walk
from tests.kept import kept
from tests.world import World, make_user


@kept
def attacked(world: World) -> World:
    """Drafts of 甲部 and 乙部 with a planted word in every field."""
    world_of_reports.fill(world)
    world.people["late"] = make_user("late")
    return world


@pytest.fixture
def walk(world: World) -> Walk:
    """A review whose invitation of `late` ran out. It is led on by the test."""
    walk = Walk(world)
    world.people["late"] = make_user("late")
    return walk


@pytest.fixture
def full_world(world: World) -> World:
    """One row at least of every kind, and drafts of 甲部 and 乙部 with a word in every field."""
    return world_of_reports.fill(world)
