"""What a journey starts from: the real plan, people who got their accounts, an open year."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from ministries.actions import people
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Ministry, User
from plan.actions import indicators
from plan.actions.load_plan import load_plan
from plan.enums import Accumulation, Direction, IndicatorKind
from plan.fixture_files.read import read
from plan.models import Indicator, Measure, Plan
from tracking.actions import years
from tracking.models import ProgressReport

YEAR = 111
# One lead, 經濟部, and no partner: its report alone decides the measure's light.
MEASURE = "3.3.1.2"
OWN_PASSWORD = "a-password-of-my-own"


@dataclass
class Person:
    """An account and the password that opens it; the first one is changed at the first sign-in."""

    user: User
    password: str
    first: bool = True


@dataclass
class Story:
    """The plan with one open year. `report` is the blank draft that the journey fills."""

    plan: Plan
    measure: Measure
    indicator: Indicator
    report: ProgressReport
    officer: Person
    colleague: Person
    window: Person
    reviewer: Person


@pytest.fixture
def story(transactional_db) -> Story:
    """Everything made by the actions that people use, on the facts in `fixtures/`."""
    load_plan(read(), by="system:tests")
    plan = Plan.objects.get()
    root = User.objects.create_superuser("root@example.test", OWN_PASSWORD, name="管理者")
    ministry = Ministry.objects.get(code="moea")

    def account(name: str, by: User, **role) -> Person:
        address = f"{name}@example.test"
        return Person(*people.create_account(email=address, name=name, by=by, **role))

    window = account("window", root, ministry=ministry, role=MembershipRole.WINDOW)
    officer, colleague = (
        account(name, window.user, ministry=ministry, role=MembershipRole.OFFICER)
        for name in ("officer", "colleague")
    )
    reviewer = account("reviewer", root, system_role=SystemRole.REVIEWER)
    collator = account("collator", root, system_role=SystemRole.COLLATOR)

    # Opened on the day on which the ministries still bore the plan's names.
    today = timezone.localdate()
    year = years.add_year(
        plan,
        year=YEAR,
        opens_on=date(2022, 1, 3),
        due_on=today + timedelta(days=30),
        closes_on=today + timedelta(days=60),
        by=collator.user,
    )
    year = years.open_year(year, by=collator.user)
    measure = Measure.objects.get(version__plan=plan, code=MEASURE)
    indicator = indicators.propose(
        measure,
        ministry,
        by=officer.user,
        targets={110: {"value": 3}, YEAR: {"value": 8}},
        name="完成檢測的風機",
        unit="座",
        kind=IndicatorKind.COUNT,
        accumulation=Accumulation.YEARLY,
        direction=Direction.HIGHER,
    )
    indicators.approve(indicator, by=reviewer.user)
    report = ProgressReport.objects.get(reporting_year=year, measure=measure)
    return Story(plan, measure, indicator, report, officer, colleague, window, reviewer)


@pytest.fixture
def sign_in(new_page) -> Callable[..., Page]:
    """Open a browser of its own for a person and sign in, changing a first password on the way."""

    def enter(person: Person, **options) -> Page:
        page = new_page(**options)
        page.goto("/accounts/login/")
        page.get_by_label("電子郵件").fill(person.user.email)
        page.get_by_label("密碼").fill(person.password)
        page.get_by_role("main").get_by_role("button", name="登入").click()
        if person.first:
            page.get_by_label("目前的密碼").fill(person.password)
            page.get_by_label("新密碼", exact=True).fill(OWN_PASSWORD)
            page.get_by_label("再輸入一次新密碼").fill(OWN_PASSWORD)
            page.get_by_role("button", name="變更密碼").click()
            person.password, person.first = OWN_PASSWORD, False
        page.get_by_role("button", name="登出").wait_for()
        return page

    return enter


@pytest.fixture
def visit(new_page, live) -> Callable[..., Page]:
    """A browser for a person (or nobody), signed in by the session's cookie."""

    def open_for(user: User | None, **options) -> Page:
        page = new_page(reduced_motion="reduce", **options)
        if user:
            client = Client()
            client.force_login(user)
            session = client.cookies["sessionid"].value
            cookie = {"name": "sessionid", "value": session, "url": live.url}
            page.context.add_cookies([cookie])
        return page

    return open_for
