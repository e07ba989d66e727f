"""Queries of whole requests: as many with one row as with three.

Every request is counted whole, session and person of the signed-in included.
"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ministries.enums import MembershipRole
from ministries.models import User
from tests.world import World, join, make_indicator, make_user
from tracking.actions import evidence, years
from tracking.enums import Status


def queries(browser: Client, url: str) -> int:
    """How many statements one request asks."""
    browser.get(url)  # what a process asks once in its life, such as content types
    with CaptureQueriesContext(connection) as found:
        assert browser.get(url).status_code == 200, url
    return len(found)


def as_person(user: User | None) -> Client:
    browser = Client()
    if user is not None:
        browser.force_login(user)
    return browser


def accept(world: World, n: int) -> None:
    world.bring(reports_of(world)[n], Status.ACCEPTED)


def submit(world: World, n: int) -> None:
    world.bring(reports_of(world)[n], Status.SUBMITTED)


def save(world: World, n: int) -> None:
    world.bring(reports_of(world)[n], Status.DRAFT)


def reports_of(world: World) -> list:
    """Three reports of 甲部."""
    return [world.report(code, "alpha") for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1")]


def indicate(world: World, n: int) -> None:
    report = world.report("1.1.1.1", "alpha")
    make_indicator(report.measure, world.alpha, world.officer_a, ordinal=n + 1, name=f"指標{n}")


def attach(world: World, n: int) -> None:
    report = world.report("1.1.1.1", "alpha")
    link = f"https://example.test/{n}"
    given = {"seen_version": report.version, "by": world.officer_a}
    evidence.add_link(report, url=link, title=link, public=False, **given)


def employ(world: World, n: int) -> None:
    join(make_user(f"officer_{n}_of_alpha"), world.alpha, MembershipRole.OFFICER)


def open_years(world: World, n: int) -> None:
    day = world.year.opens_on
    if n:
        given = {"opens_on": day, "due_on": day, "closes_on": day, "by": world.collator}
        years.add_year(world.plan, year=111 + n, **given)


# page: (who looks, address, what adds the n-th row)
LISTS: dict[str, tuple[str | None, Callable[[World], str], Callable[[World, int], None]]] = {
    "overview": ("officer_b", lambda world: reverse("home"), accept),
    "overview of the reviewer": ("reviewer", lambda world: reverse("home"), submit),
    "tree": ("officer_b", lambda world: reverse("plan-tree"), accept),
    "measure": (
        "officer_a",
        lambda world: reverse("measure", args=["1.1.1.1"]),
        indicate,
    ),
    "ministries": (None, lambda world: reverse("ministry-list"), accept),
    "ministry": ("officer_b", lambda world: reverse("ministry", args=["alpha"]), accept),
    "desk": ("officer_a", lambda world: reverse("desk"), save),
    "desk of the window": ("window_a", lambda world: reverse("desk"), submit),
    "review queue": ("reviewer", lambda world: reverse("review-queue"), submit),
    "matrix": ("collator", lambda world: reverse("collation"), accept),
    "matrix by measure": (
        "collator",
        lambda world: reverse("collation") + "?level=measure",
        accept,
    ),
    "years": ("collator", lambda world: reverse("year-list"), open_years),
    "indicators": (
        "officer_a",
        lambda world: reverse("indicator-list", args=["1.1.1.1"]),
        indicate,
    ),
    "report": (
        "officer_a",
        lambda world: reverse("report", args=[world.report("1.1.1.1", "alpha").pk]),
        attach,
    ),
    "form": (
        "officer_a",
        lambda world: reverse("report-edit", args=[world.report("1.1.1.1", "alpha").pk]),
        indicate,
    ),
    "people": ("window_a", lambda world: reverse("people"), employ),
}


@pytest.mark.parametrize("page", LISTS)
def test_one_row_asks_as_much_as_three(world, page):
    person, url, add = LISTS[page]
    browser = as_person(person and world.people[person])
    add(world, 0)
    one = queries(browser, url(world))
    for n in (1, 2):
        add(world, n)
    assert queries(browser, url(world)) == one
