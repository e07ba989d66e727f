"""The worlds of the access tests, and quiet: thousands of refusals are not worth a line each."""

import logging
from collections.abc import Iterator

import pytest

from tests.access import (
    cases_budget,
    cases_calendar,
    cases_data,
    cases_figures,
    cases_form,
    cases_goals,
    cases_indicators,
    cases_jobs,
    cases_reports,
    cases_requests,
    cases_sign_in,
    cases_signing,
    cases_thread,
    cases_views,
    cases_workbook,
    world_of_reports,
)
from tests.world import World

# Cases of a noun of its own stand in a file of their own; every test here asks them all.
for more in (
    cases_budget,
    cases_calendar,
    cases_data,
    cases_figures,
    cases_form,
    cases_goals,
    cases_indicators,
    cases_jobs,
    cases_requests,
    cases_sign_in,
    cases_signing,
    cases_thread,
    cases_views,
    cases_workbook,
):
    cases_reports.CASES.update(more.CASES)


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
