"""Session and person of a request: two queries, ended at once, gone when they should be."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ministries.enums import MembershipRole, SystemRole
from ministries.models.user import held_on
from ministries.queries import find_person
from tests.world import World, join

OWN_PAGE = reverse("account_change_password")


@pytest.fixture
def browser(world: World) -> Client:
    browser = Client()
    browser.force_login(world.officer_a)
    assert browser.get(OWN_PAGE).status_code == 200
    return browser


def test_a_deleted_session_is_over_with_the_next_request(browser):
    Session.objects.all().delete()
    assert browser.get(OWN_PAGE).status_code == 302


def test_a_session_past_its_time_is_over(browser):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.get(OWN_PAGE).status_code == 302


def test_a_closed_account_and_another_password_end_the_session(browser, world):
    world.officer_a.is_active = False
    world.officer_a.save()
    assert browser.get(OWN_PAGE).status_code == 302
    world.officer_a.is_active = True
    world.officer_a.set_password("another-long-password")
    world.officer_a.save()
    assert browser.get(OWN_PAGE).status_code == 302


def test_whoever_asks_is_known_after_two_queries(browser, world, monkeypatch):
    # So that PostgreSQL is asked in full, not by the name of a plan that it keeps.
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with CaptureQueriesContext(connection) as found:
        browser.get(reverse("home"))
    tables = ("django_session", "ministries_user", "ministries_membership",
              "ministries_deputyship", "ministries_rolegrant")  # fmt: skip
    starts = tuple(f'SELECT "{table}"' for table in tables)
    assert sum(query["sql"].startswith(starts) for query in found) == 2


def test_a_person_comes_with_all_that_they_hold_today(world, django_assert_num_queries):
    person, today = world.officer_a, timezone.localdate()
    person.role_grants.create(role=SystemRole.EXPERT, since=today)
    person.role_grants.create(role=SystemRole.REVIEWER, since=today + timedelta(days=1))
    join(person, world.beta, MembershipRole.VIEWER)
    ended = person.memberships.get(ministry=world.beta)
    with django_assert_num_queries(1):
        found = find_person(person.pk)
        assert found == person and found.email == person.email
        assert found.roles == {"expert"}
        assert found.held.memberships == {
            (world.alpha.pk, "officer"),
            (world.beta.pk, "viewer"),
        }
    assert held_on(person, today) == found.held
    ended.until = today
    ended.save()
    assert find_person(person.pk).held.memberships == {(world.alpha.pk, "officer")}
    assert find_person(0) is None


def test_a_role_counts_from_the_next_request(browser, world):
    queue = reverse("review-queue")
    assert browser.get(queue).status_code == 403
    held = world.officer_a.role_grants.create(role=SystemRole.REVIEWER)
    assert browser.get(queue).status_code == 200
    held.until = timezone.localdate()
    held.save()
    assert browser.get(queue).status_code == 403
