"""Readers and writers of the API in the small world."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from tests.access.world_of_reviews import STATIONS, Walk
from tests.kept import kept
from tracking.actions import years
from tracking.enums import Status

ROOT = "/api/v1/"


@pytest.fixture
def api(client):
    """Call the API: `api(user, "get", "reports/3/", …)`; None is the public, `match` the version
    that If-Match names."""

    def call(user, method: str, path: str, data=None, match: int | str | None = None):
        caller = Client()
        if user is not None:
            caller.force_login(user)
        headers = {} if match is None else {"if-match": f'"{match}"'}
        options = {"headers": headers}
        if method != "get":
            options |= {"data": data or {}, "content_type": "application/json"}
        return getattr(caller, method)(f"{ROOT}{path}", **options)

    return call


@kept
def every_state(world):
    """A report in every status, in the open year, beside those that stay drafts."""
    places = {
        Status.SIGNING: ("1.1.1.1", "alpha"),
        Status.SUBMITTED: ("1.1.1.1", "beta"),
        Status.UNDER_REVIEW: ("1.1.1.2", "alpha"),
        Status.RETURNED: ("1.1.1.2", "beta"),
        Status.ACCEPTED: ("1.1.2.1", "science"),
        Status.NOT_APPLICABLE: ("1.1.2.1", "alpha"),
        Status.DRAFT: ("2.1.1.1", "beta"),
    }
    return {
        status: world.bring(world.report(code, ministry), status)
        for status, (code, ministry) in places.items()
    }


@pytest.fixture
def release(world):
    """Close the year and publish it."""

    def act() -> None:
        years.close_year(world.year, by=world.collator)
        years.release_year(world.year, by=world.collator)

    return act


@kept
def published_world(world) -> Walk:
    """A review of 111 that is published, with drafts and secrets beside it; 111 is not released."""
    walk = Walk(world)
    for station in STATIONS:
        walk.to(station)
    return walk


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The test's own transaction outlasts requests: Django would close its connection between
    them, as its test client knows to prevent, but not for what goes around it.
    """
    between = (request_started, request_finished)
    for signal in between:
        signal.disconnect(close_old_connections)
    yield
    for signal in between:
        signal.connect(close_old_connections)
