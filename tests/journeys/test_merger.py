"""A merger in mid-year in a real browser: what was begun is finished by the successor's people."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ministries.models import Ministry
from tests.journeys.conftest import Person
from tests.world import PASSWORD, World, join, make_user
from tracking.enums import Status
from tracking.models import ProgressReport

BEGUN = "辦理兩場培訓，第三場因組織調整延到下半年。"


@pytest.fixture
def merging(transactional_db, world: World) -> World:
    """丁部 exists with its people; 甲部 has one report accepted, one begun and one blank."""
    heir = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    for role in ("officer", "window"):
        world.people[f"{role}_d"] = person = make_user(f"{role}_d")
        join(person, heir, role)
    world.ministries["delta"] = heir
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    world.bring(world.report("1.1.1.2", "alpha"), Status.DRAFT, work_done=BEGUN)
    return world


def test_what_was_begun_is_finished_under_the_new_name(merging, sign_in):
    def person(name: str) -> Page:
        return sign_in(Person(merging.people[name], PASSWORD, first=False))

    admin = person("administrator")
    admin.goto("/admin/ministries/succession/add/")
    choose(admin, "predecessor", "甲部")
    choose(admin, "successor", "丁部")
    admin.locator("#id_on").fill(timezone.localdate().isoformat())
    admin.locator("#id_legal_basis").fill("丁部組織法")
    # A split says who takes which measure; nobody has said so yet.
    admin.locator("#id_kind").select_option(label="分立")
    admin.get_by_role("button", name="儲存", exact=True).click()
    expect(admin.get_by_text("甲部有2件還沒有送出的報告會沒有部會承接")).to_be_visible()
    expect(admin.get_by_text("111 1.1.1.2 建置共用平臺、111 1.1.2.1 開放研究資料")).to_be_visible()
    admin.locator("#id_kind").select_option(label="併入")
    admin.get_by_role("button", name="儲存", exact=True).click()
    expect(admin.get_by_role("listitem").filter(has_text="成功")).to_be_visible()

    officer = person("officer_d")
    officer.goto("/desk/")
    expect(officer.get_by_role("link", name="開放研究資料")).to_be_visible()
    officer.goto(f"/reports/{merging.report('1.1.1.2', 'delta').pk}/edit/")
    expect(officer.get_by_label("111年做了什麼")).to_have_value(BEGUN)
    officer.get_by_role("button", name="送出這1件，請部會窗口核可").click()
    expect(officer.get_by_text("丁部 1.1.1.2已送出，等窗口核可。")).to_be_visible()

    window = person("window_d")
    page = f"/reports/{merging.report('1.1.1.2', 'delta').pk}/"
    window.goto(page)
    window.get_by_role("button", name="核可並送國科會").click()
    expect(window.get_by_role("button", name="核可並送國科會")).to_have_count(0)
    row = merging.report("1.1.1.2", "delta")
    assert row.status == Status.SUBMITTED and row.ministry_name == "行政院丁部"
    kept = ProgressReport.objects.get(status=Status.ACCEPTED)
    assert kept.ministry == merging.alpha and kept.ministry_name == "行政院甲部"

    calendar = person("officer_d")
    calendar.goto("/calendar/")
    expect(calendar.get_by_text("111年度執行情形截止：丁部還有1件")).to_be_visible()
    assert merging.year.due_on > timezone.localdate() + timedelta(days=1)


def choose(page: Page, field: str, name: str) -> None:
    """Pick a body in one of the admin's searching lists."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(name)
    page.locator(".select2-results__option", has_text=name).first.click()
