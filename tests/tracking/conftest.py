"""Fixtures of the tracking pages."""

import pytest
from django.test import Client


@pytest.fixture
def as_user():
    """Clients by person: `as_user(world.officer_a)`; None is the public."""

    def client(user) -> Client:
        browser = Client()
        if user is not None:
            browser.force_login(user)
        return browser

    return client
