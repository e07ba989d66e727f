"""Who gets which answer: every address × every kind of person, held against `answers.txt`.

The table is written down, not worked out: a changed answer must be changed there by hand, and an
address that is not in the table fails.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.access import cases_reports, cases_reviews
from tests.access.asking import names, table, visitors
from tests.access.world_of_reviews import STATIONS, Walk
from tests.world import World

# Thousands of requests, whose answers do not depend on the database: one run is enough.
pytestmark = pytest.mark.postgres
ROOMS = {
    "pages": lambda name: (
        not name.startswith(("api", "admin:"))
        and (name in cases_reports.CASES or name not in cases_reviews.CASES)
    ),
    "api": lambda name: name.startswith("api"),
    "admin": lambda name: name.startswith("admin:"),
}


@pytest.mark.parametrize("room", ROOMS)
def test_every_address_answers_everybody_as_written(full_world, room):
    everybody = visitors(full_world.people, cases_reports.ROLES)
    found = dict(cases_reports.asked(full_world, everybody, ROOMS[room]))
    assert found == table(room)


def test_a_review_answers_everybody_as_written_all_along_its_road(world: World):
    walk, found = Walk(world), {}
    everybody = visitors(world.people, cases_reviews.ROLES)
    for station in STATIONS:
        walk.to(station)
        found |= cases_reviews.asked(walk, everybody, station)
    assert found == table("reviews")


def refuses(url: str, browser: Client) -> bool:
    answer = browser.post(url, "{}", content_type="application/json")
    return answer.status_code == 403


def test_no_address_takes_a_post_without_its_token(full_world):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(full_world.administrator)
    taken = set()
    for name in set(names()) - (cases_reviews.CASES.keys() - cases_reports.CASES.keys()):
        for case in cases_reports.cases_of(name).values():
            with transaction.atomic():
                cases_reports.arrange(full_world, case.status)
                if not refuses(cases_reports.address(name, case, full_world), browser):
                    taken.add(name)
                transaction.set_rollback(True)
    # Browsers send their reports by themselves.
    assert taken == {"csp-reports"}


def test_no_address_of_a_review_takes_a_post_without_its_token(world: World):
    walk = Walk(world)
    for station in STATIONS:
        walk.to(station)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.reviewer)
    taken = {
        name
        for name, cases in cases_reviews.CASES.items()
        if not refuses(reverse(name, args=cases[0].args(walk)), browser)
    }
    assert taken == set()
