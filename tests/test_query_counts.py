"""Queries of whole requests: within their budget with the whole plan and two filled years, and as
many with one row as with three.

Every request is counted whole, session and person of the signed-in included.
"""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ministries.actions.people import appoint_deputy
from ministries.enums import MembershipRole
from ministries.models import User
from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from plan.models import Measure
from tests.kept import kept
from tests.world import World, join, make_indicator, make_user
from tracking.actions import evidence, years
from tracking.demo.people import address
from tracking.enums import Status

OVERVIEW, TREE, MEASURE = 11, 8, 15


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


# --- the whole plan -------------------------------------------------------------------------------
@kept
def whole_plan() -> None:
    load_plan(read(), by="system:tests")
    call_command("seed_demo", years="110-111", stdout=StringIO())


def test_pages_of_the_whole_plan_stay_within_their_budget(whole_plan):
    assert Measure.objects.count() == 134
    trees = (reverse("plan-tree"), reverse("plan-tree") + "?year=110")
    measures = [reverse("measure", args=[code]) for code in ("3.3.1.2", "1.1.1.1")]
    for name in ("", "officer.moea", "window.moea", "reviewer1", "collator", "administrator"):
        browser = as_person(User.objects.get(email=address(name)) if name else None)
        assert queries(browser, reverse("home")) <= OVERVIEW, name
        assert max(queries(browser, url) for url in trees) <= TREE, name
        assert max(queries(browser, url) for url in measures) <= MEASURE, name
    public = as_person(None)
    tree = public.get(reverse("plan-tree")).content.decode()
    assert all(f">{code}<" in tree for code in Measure.objects.values_list("code", flat=True))

    api = reverse("api-measure-list") + "?page_size=134"
    assert len(public.get(api).json()["results"]) == 134
    assert queries(public, api) <= TREE


def test_a_deputy_asks_no_more_than_others(whole_plan):
    window, officer = (
        User.objects.get(email=address(f"{it}.moea")) for it in ("window", "officer")
    )
    ministry = window.memberships.get().ministry
    until = timezone.localdate() + timedelta(days=3)
    appoint_deputy(ministry=ministry, deputy=officer, until=until, by=window)
    browser = as_person(officer)
    assert queries(browser, reverse("plan-tree")) <= TREE
    assert queries(browser, reverse("home")) <= OVERVIEW


def test_lists_of_api_and_admin_ask_the_same_for_one_row_and_for_three(whole_plan, monkeypatch):
    root = User.objects.get(email=address("administrator"))
    lists = [
        reverse(f"api-{name}-list")
        for name in (
            "plan", "version", "goal", "sub-goal", "strategy", "measure", "ministry", "succession",
            "reporting-year", "report",
        )
    ]  # fmt: skip
    reviewer = as_person(User.objects.get(email=address("reviewer1")))
    for url in lists:
        one, three = (queries(reviewer, f"{url}?page_size={size}") for size in (1, 3))
        assert one == three, url
    browser = as_person(root)
    for model, options in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        counts = []
        for size in (1, 3):
            monkeypatch.setattr(options, "list_per_page", size)
            counts.append(queries(browser, url))
        assert counts[0] == counts[1], url


# --- one row and three ----------------------------------------------------------------------------
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
