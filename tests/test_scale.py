"""Every read page asks as many queries with three plans as with one, and says the same of the one:
what other plans have under the same codes, ministries and years stays theirs.
"""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.commands.measure_pages import COLLATOR, OFFICER, REVIEWER, pages
from ministries.models import User
from plan.models import Plan
from plan.queries import find_measure
from tests.test_query_counts import as_person, queries
from tests.world import make_ministries, make_tree
from tracking.demo import seed, seed_plans

# What stands for the whole plan's busiest ministry, measure, goal and last year in the small one.
SMALL = (("moea", "alpha"), ("3.3.1.2", "1.1.1.1"), ("goals/3", "goals/1"), ("s/113/", "s/111/"))
# The same rows as files: (address, who asks).
FILES = (
    *((f"/?format=csv&part={part}", REVIEWER) for part in ("goals", "worse", "filing", "causes")),
    ("/plan/?format=csv", REVIEWER),
    ("/plan/?format=csv&year=110", ""),
    ("/collation/?format=csv", COLLATOR),
    ("/collation/?format=csv&level=measure&year=110", COLLATOR),
    ("/ministries/moea/measures.csv", OFFICER),
    ("/plan/measures/3.3.1.2/money.csv", ""),
    ("/plan/measures/3.3.1.2/indicators.csv", REVIEWER),
    ("/api/v1/measures/?page_size=200", REVIEWER),
)


def asked(text: str) -> str:
    for whole, small in SMALL:
        text = text.replace(whole, small)
    return text


@pytest.fixture
def plan(db) -> Plan:
    version, _measures = make_tree(make_ministries())
    seed(version.plan, [110, 111], today=timezone.localdate())
    return version.plan


def browsers(plan: Plan) -> dict[str, Client]:
    people = {page.user for page in pages(plan.slug)} | {who for _address, who in FILES}
    return {who: as_person(User.objects.get(email=asked(who)) if who else None) for who in people}


def counted(plan: Plan) -> dict[str, int]:
    who = browsers(plan)
    return {
        page.name: queries(who[page.user], asked(page.address))
        for page in pages(plan.slug)
        if not page.address.startswith("/bench/")
    }


def told(plan: Plan) -> dict[str, str]:
    who = browsers(plan)
    found = {}
    for address, user in FILES:
        answer = who[user].get(asked(address))
        assert answer.status_code == 200, address
        content = b"".join(answer) if answer.streaming else answer.content
        found[address] = content.decode()
    return found


def test_three_plans_ask_as_much_as_one_and_say_the_same_of_it(plan):
    numbers, words = counted(plan), told(plan)
    seed_plans(plan, 3, today=timezone.localdate())
    assert sorted(Plan.objects.values_list("start_year", flat=True)) == [106, 110, 110]
    assert counted(plan) == numbers
    assert told(plan) == words


def test_a_code_and_a_year_lead_into_the_newest_plan_and_a_slug_into_its_own(plan):
    seed_plans(plan, 3, today=timezone.localdate())
    reviewer = as_person(User.objects.get(email=REVIEWER))
    measure = find_measure("1.1.1.1", None, plan=None, version=None)
    assert measure.version.plan == plan
    same, before = Plan.objects.exclude(pk=plan.pk).order_by("-start_year")
    for address, shown in (
        ("", plan),
        ("?year=110", plan),
        ("?year=107", before),
        (f"?plan={same.slug}", same),
        (f"?plan={same.slug}&year=110", same),
    ):
        edition = reviewer.get(reverse("plan-tree") + address).context["edition"]
        assert edition.plan == shown, address
        assert edition.default == (shown == plan)
        assert {other.slug for other in edition.others} == set(
            Plan.objects.exclude(pk=shown.pk).values_list("slug", flat=True)
        )
        if edition.year:
            assert edition.year.plan == shown


def test_the_desk_stays_with_one_plan_until_another_is_asked_for(plan):
    seed_plans(plan, 3, today=timezone.localdate())
    same = Plan.objects.exclude(pk=plan.pk).get(start_year=plan.start_year)
    officer = as_person(User.objects.get(email=asked(OFFICER)))
    desk = reverse("desk")
    for address, shown in (
        ("", plan),
        ("?year=110", plan),
        (f"?plan={same.slug}&year=110", same),
        (f"?plan={same.slug}", same),
    ):
        page = officer.get(desk + address)
        assert page.context["year"].plan == shown, address
        assert {year.plan for year in page.context["years"]} == {shown}
        assert page.context["plans"][0][0] == plan.slug
    assert f"?plan={same.slug}&amp;year=112" in page.content.decode()


def test_a_plan_alone_offers_no_other(plan):
    page = as_person(User.objects.get(email=asked(OFFICER))).get(reverse("desk"))
    assert page.context["plans"] == []
    assert "f-plan" not in page.content.decode()


@pytest.mark.deep
def test_a_dozen_whole_plans_ask_as_much_as_one(db):
    call_command("load_plan", stdout=StringIO())
    call_command("seed_demo", years="110-113", stdout=StringIO())
    plan = Plan.objects.get()
    who = browsers_of_the_whole(plan)
    one = {page.name: queries(who[page.user], page.address) for page in asked_of_the_whole(plan)}
    call_command("seed_demo", years="110-113", plans=12, plan=plan.slug, stdout=StringIO())
    assert {
        page.name: queries(who[page.user], page.address) for page in asked_of_the_whole(plan)
    } == one


def asked_of_the_whole(plan: Plan) -> list:
    return [page for page in pages(plan.slug) if not page.address.startswith("/bench/")]


def browsers_of_the_whole(plan: Plan) -> dict[str, Client]:
    people = {page.user for page in asked_of_the_whole(plan)}
    return {who: as_person(User.objects.get(email=who) if who else None) for who in people}
