"""Accounts that nobody used for 90 days are listed to who manages them, and not closed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ministries.models import ApiToken, User

PAGE = "/people/idle/"


def seen(user: User, days: int) -> None:
    """Signed in so many days ago."""
    User.objects.filter(pk=user.pk).update(last_login=timezone.now() - timedelta(days=days))


def listed(client, user: User) -> list[str]:
    client.force_login(user)
    seen(user, 0)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return [person.name for person in answer.context["page"]]


@pytest.fixture(autouse=True)
def everybody_was_here(people):
    User.objects.update(last_login=timezone.now())


def test_from_90_days_on_an_account_is_listed_longest_first(client, people):
    seen(people.officer, 89)
    seen(people.viewer, 91)
    seen(people.officer_b, 200)
    assert listed(client, people.administrator) == ["officer.b", "viewer"]
    assert User.objects.get(pk=people.viewer.pk).is_active


def test_a_window_sees_those_of_its_ministry(client, people):
    for one in (people.officer, people.officer_b, people.reviewer):
        seen(one, 100)
    assert listed(client, people.window) == ["officer"]
    page = client.get(PAGE).content.decode()
    assert "1個帳號90天沒有人用" in page and "/hand-over/" in page
    assert PAGE in client.get("/people/").content.decode()


def test_who_never_signed_in_counts_from_the_making_and_a_token_is_a_use(client, people):
    long_ago = timezone.now() - timedelta(days=100)
    User.objects.filter(pk=people.officer.pk).update(last_login=None)
    User.objects.filter(pk=people.viewer.pk).update(last_login=None, date_joined=long_ago)
    seen(people.officer_b, 100)
    ApiToken.objects.create(
        owner=people.officer_b, name="x", digest="0", start="x", last_used_at=timezone.now(),
        expires_on=timezone.localdate() + timedelta(days=9),
    )  # fmt: skip
    assert listed(client, people.administrator) == ["viewer"]


def test_a_closed_account_is_not_listed(client, people):
    User.objects.filter(pk=people.viewer.pk).update(is_active=False)
    seen(people.viewer, 100)
    assert listed(client, people.administrator) == []


@pytest.mark.parametrize("who", ["officer", "reviewer"])
def test_others_have_no_such_page(client, people, who):
    client.force_login(getattr(people, who))
    assert client.get(PAGE).status_code == 403


def test_as_many_queries_for_many_as_for_one(client, people, django_assert_num_queries):
    seen(people.officer, 100)
    client.force_login(people.administrator)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for one in (people.viewer, people.officer_b, people.window_b):
        seen(one, 100)
    with django_assert_num_queries(len(few)):
        client.get(PAGE)
