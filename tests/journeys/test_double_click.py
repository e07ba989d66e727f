"""Who clicks twice gets what one click gives."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from ministries.models import ApiToken, User

pytestmark = pytest.mark.postgres
# Between two clicks of a finger, in milliseconds.
APART = 200


def test_a_double_click_shows_the_secret_of_the_one_token_that_it_makes(world, visit):
    page = visit(world.officer_a)
    page.goto("/accounts/tokens/new/")
    page.get_by_label("名稱").fill("每週匯出")
    button = page.get_by_role("button", name="建立這個權杖")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    # The answer to the first click has to wait until the second one was made.
    with transaction.atomic():
        User.objects.select_for_update().get(pk=world.officer_a.pk)
        for _click in range(2):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(APART)
    expect(page.locator("#secret")).to_contain_text("nstp_")
    assert ApiToken.objects.get().name == "每週匯出"
