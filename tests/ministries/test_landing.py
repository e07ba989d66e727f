"""Where one is led after signing in: to what waits there for this person."""

import pytest
from django.urls import reverse

from tests.ministries.conftest import LONG_AGO, PASSWORD


def landing(client, user, **query) -> str:
    url = reverse("account_login")
    return client.post(url, {"login": user.email, "password": PASSWORD, **query}).url


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("officer", "desk"),
        ("window", "desk"),
        ("viewer", "home"),
        ("reviewer", "home"),
        ("administrator", "home"),
    ],
)
def test_landing(client, people, who, page):
    assert landing(client, getattr(people, who)) == reverse(page)


def test_a_reviewer_who_also_files_comes_to_the_overview(client, people):
    people.officer.role_grants.create(role="reviewer", since=LONG_AGO)
    assert landing(client, people.officer) == reverse("home")


def test_the_page_that_was_asked_for_comes_first(client, people):
    assert landing(client, people.officer, next="/plan/") == "/plan/"
