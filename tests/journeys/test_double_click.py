"""Who clicks twice gets what one click gives."""

import pytest
from playwright.sync_api import expect

from ministries.models import ApiToken

pytestmark = pytest.mark.postgres


def test_a_double_click_shows_the_secret_of_the_one_token_that_it_makes(world, visit):
    page = visit(world.officer_a)
    page.goto("/accounts/tokens/new/")
    page.get_by_label("名稱").fill("每週匯出")
    page.get_by_role("checkbox").first.check()
    page.locator("#main form button").dblclick()
    expect(page.locator("#secret")).to_contain_text("nstp_")
    assert ApiToken.objects.get().name == "每週匯出"
