"""The worlds of the access tests, and quiet: thousands of refusals are not worth a line each."""

import logging
from collections.abc import Iterator

import pytest

from tests.access import world_of_reports
from tests.world import World


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def full_world(world: World) -> World:
    """One row at least of every kind, and drafts of 甲部 and 乙部 with a word in every field."""
    return world_of_reports.fill(world)
