"""A rolling revision in a real browser: a collator changes the plan, a reviewer records the
approval, and the old code leads to the new one.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ministries.actions import people
from ministries.enums import SystemRole
from ministries.models import User
from plan.models import PlanVersion
from tests.journeys.conftest import MEASURE, YEAR, Person, Story
from tracking.models import ProgressReport

NAME = "整合深海離岸風電檢測"
REASON = "實際經費只有規劃的六成，集中在離岸風電。"
BASIS = "計畫柒、112年法定預算"


@pytest.fixture
def collator(story: Story) -> Person:
    root = User.objects.get(email="root@example.test")
    made = people.create_account(
        email="plan-keeper@example.test", name="計畫彙整", by=root, system_role=SystemRole.COLLATOR
    )
    return Person(*made)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_revision_is_drafted_approved_and_followed(
    story, sign_in, new_page, collator, javascript
):
    page = sign_in(collator, javascript=javascript)
    page.goto("/revisions/")
    page.get_by_role("button", name="開啟修正草案").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第2版草案有0項修正")

    tool = open_tool(page, story.measure.name, "修改文字")
    tool.get_by_label("名稱", exact=True).fill(NAME)
    give_reason(tool)
    tool.get_by_role("button", name="寫入草案：修改文字").click()
    expect(page.get_by_text(REASON)).to_be_visible()

    tool = open_tool(page, NAME, "移列")
    tool.get_by_label("移到").select_option(label="3.3.2 打造亞太綠能中心")
    give_reason(tool)
    tool.get_by_role("button", name="寫入草案：移列").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第2版草案有2項修正")
    new_code = PlanVersion.objects.get(number=2).measures.get(name=NAME).code

    reviewer = sign_in(story.reviewer, javascript=javascript)
    reviewer.goto("/revisions/")
    reviewer.get_by_role("link", name="第2版").first.click()
    reviewer.get_by_role("link", name="修正對照").click()
    expect(reviewer.locator("ins").filter(has_text="整合").first).to_be_visible()
    reviewer.get_by_role("link", name="第2版").click()
    reviewer.get_by_role("link", name="登錄核定").click()
    reviewer.get_by_label("核定文號").fill("院臺科字第1120000001號")
    today = timezone.localdate()
    for label, number in (("民國年", today.year - 1911), ("月", today.month), ("日", today.day)):
        reviewer.get_by_label(label, exact=True).fill(str(number))
    reviewer.get_by_label("移到新版本的同一項措施", exact=False).check()
    reviewer.get_by_role("button", name="登錄核定，取代現行版本").click()
    expect(reviewer.get_by_text("已核定並生效。")).to_be_visible()

    visitor = new_page(javascript=javascript)
    visitor.goto("/revisions/")
    visitor.get_by_role("link", name="編號對照").click()
    line = visitor.get_by_role("region", name="由舊查新").get_by_role("row", name=MEASURE)
    expect(line.first).to_contain_text(new_code)
    visitor.goto(f"/plan/measures/{new_code}/")
    visitor.get_by_role("link", name=f"第1版{MEASURE}").click()
    expect(visitor.get_by_text("已被取代")).to_be_visible()
    moved = ProgressReport.objects.get(reporting_year__year=YEAR, pk=story.report.pk)
    assert moved.measure.code == new_code


def open_tool(page: Page, name: str, verb: str):
    """The form of a verb on the node's page, unfolded."""
    page.get_by_role("link", name=name, exact=True).click()
    region = page.get_by_role("region", name=verb, exact=True)
    region.locator("summary").click()
    return region


def give_reason(tool) -> None:
    tool.get_by_label("緣由").select_option("funding")
    tool.get_by_label("理由").fill(REASON)
    tool.get_by_label("依據").fill(BASIS)
