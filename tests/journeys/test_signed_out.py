"""What is left in a browser: what was typed, for who only went away and came back; and nothing of
any page, for who comes after the sign-out.
"""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.postgres
TYPED = "寫到一半的理由。"


@pytest.mark.parametrize("javascript", [False, pytest.param(True, marks=pytest.mark.deep)])
def test_typed_words_outlast_a_visit_elsewhere_and_no_page_the_sign_out(world, visit, javascript):
    page = visit(world.officer_a, javascript=javascript)
    page.on("dialog", lambda asked: asked.accept())
    form = f"/years/{world.year.pk}/alpha/extension/"
    # No answer is stored, and still the browser gives back what its owner typed.
    assert "no-store" in page.goto(form).headers["cache-control"]
    page.locator("textarea").fill(TYPED)
    page.goto("/desk/")
    page.go_back()
    expect(page.locator("textarea")).to_have_value(TYPED)

    page.goto("/desk/")
    inside = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="登出").click()
    page.get_by_role("link", name="登入").first.wait_for()
    for _page in ("desk", "form"):
        page.go_back()
        expect(page.get_by_label("密碼")).to_be_visible()
        assert "/accounts/login/" in page.url
        shown = page.locator("body").inner_text()
        assert inside not in shown and TYPED not in shown
