"""Queries of whole requests with the whole plan and two filled years, within their budget.

Every request is counted whole, session and person of the signed-in included.
"""

from datetime import timedelta
from io import StringIO

from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from ministries.actions.people import appoint_deputy
from ministries.models import User
from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from plan.models import Measure, Plan
from reports.actions import synthesis
from reports.actions.compile import compile_review
from reports.actions.reviews import create_review
from reports.enums import ReviewKind, ReviewState
from reports.models import Opinion, Review, Seat
from tests.kept import kept
from tests.reports.experts import make_expert, make_seat
from tests.reports.synthesis_world import set_state
from tests.test_query_counts import as_person, queries
from tracking.demo.people import address

OVERVIEW, TREE, MEASURE, GOAL = 11, 8, 15, 18


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


def test_a_goal_of_the_whole_plan_stays_within_its_budget(whole_plan):
    browser = as_person(User.objects.get(email=address("reviewer1")))
    assert queries(browser, "/plan/goals/3/") <= GOAL
    assert browser.get("/plan/goals/3/").content.decode().count(" data-chart-src=") == 7


# --- a review of it -------------------------------------------------------------------------------
# page → at most as many, whoever of its readers asks.
BUDGET = {
    "review": 32,
    "review-edition": 18,
    "review-compare": 10,
    "review-rules": 10,
    "review-experts": 22,
    "review-opinions": 12,
    "review-synthesis": 15,
    "review-comments": 16,
    "review-coordination": 14,
    "review-trace": 20,
    "review-filing": 13,
    "conclusion": 22,
    "conclusion-edit": 26,
    "review-dossier": 14,
    "opinion": 25,
    "review-seat": 17,
}


@kept
def whole_review(whole_plan: None) -> Review:
    """Of the whole plan in two years: an expert asked for all of it, a conclusion on every node."""
    reviewer = User.objects.get(email=address("reviewer1"))
    review = create_review(
        Plan.objects.get(), kind=ReviewKind.MIDTERM, title="期中評估", first_year=110,
        last_year=111, by=reviewer,
    )  # fmt: skip
    edition = compile_review(review.pk, by=reviewer)
    set_state(review, ReviewState.SYNTHESIS)
    codes = sorted(set(edition.lines.values_list("measure_code", flat=True)))
    for name in ("first", "second"):
        seat = make_seat(review, make_expert(name), codes=tuple(codes))
        Opinion.objects.bulk_create(
            Opinion(
                seat=seat, measure_code=code, edition=edition, basis="0" * 64,
                scores={"relevance": 4}, text="足夠。", submitted_at=timezone.now(),
                sent_at=timezone.now(),
            )
            for code in codes
        )  # fmt: skip
    synthesis.prefill(review, edition, by=reviewer)
    review.refresh_from_db()
    return review


def test_a_review_of_the_whole_plan_stays_within_its_budget(whole_review: Review):
    review = set_state(whole_review, ReviewState.COMMENTING)
    node, code = ("measure", "3.3.1.2"), "3.3.1.2"
    rest = {
        "review-edition": [1], "conclusion": node, "conclusion-edit": node, "opinion": [code],
        "review-seat": [Seat.objects.first().pk],
    }  # fmt: skip
    staff = as_person(User.objects.get(email=address("reviewer1")))
    ministry = as_person(User.objects.get(email=address("window.moea")))
    expert = as_person(Seat.objects.first().user)
    readers = {
        "review-dossier": [expert], "opinion": [expert],
        "review-edition": [staff, ministry], "review-synthesis": [staff, ministry],
        "review-comments": [staff, ministry], "conclusion": [staff, ministry],
    }  # fmt: skip
    asked = {
        name: max(
            queries(browser, reverse(name, args=[review.pk, *rest.get(name, [])]))
            for browser in readers.get(name, [staff])
        )
        for name in BUDGET
    }
    assert {name: n for name, n in asked.items() if n > BUDGET[name]} == {}
