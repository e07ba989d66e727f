"""A report is filed, signed and reviewed by keyboard alone, and assistive technology hears what
the pages say: each stop of the Tab key is marked, in sight and leads on.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import MEASURE, YEAR
from tracking.enums import Status
from tracking.models import ProgressReport

# More stops than any page has: who needs more is trapped.
MOST = 150
STOP = """target => {
    const at = document.activeElement;
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    const hit = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].some(([x, y]) => {
        const top = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
        return top && (at.contains(top) || top.contains(at) && top !== document.body);
    });
    return {
        there: at === target,
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: hit,
        what: at.outerHTML.slice(0, 120),
    };
}"""
UNNAMED = re.compile(
    r"^\s*- (?:button|link|textbox|searchbox|checkbox|radio|combobox|table)(?! \")", re.M
)


def skip_to_content(page: Page) -> None:
    """The first stop of each page leads past the menus."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要內容")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def tab_to(target: Locator) -> None:
    """Press Tab until the focus is there; every stop on the way is marked and not covered."""
    for _press in range(MOST):
        target.page.keyboard.press("Tab")
        stop = target.evaluate(STOP)
        assert stop["marked"] and stop["seen"], stop
        if stop["there"]:
            return
    raise AssertionError(f"{MOST} stops, and never {target}")


def write(target: Locator, text: str) -> None:
    tab_to(target)
    target.page.keyboard.type(text)


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)


def hear(page: Page) -> str:
    """What assistive technology is told; its landmarks are there and nothing lacks a name."""
    told = page.locator("body").aria_snapshot()
    for landmark in ("banner", 'navigation "主選單"', 'search "查找全站"', "main", "contentinfo"):
        assert re.search(rf"^\s*- {landmark}:", told, re.M), landmark
    assert UNNAMED.findall(told) == []
    return told


@pytest.mark.postgres
def test_signing_in_needs_no_mouse(transactional_db, new_page):
    page = new_page(reduced_motion="reduce")
    page.goto("/accounts/login/")
    hear(page)
    skip_to_content(page)
    write(page.get_by_label("電子郵件"), "nobody@example.test")
    write(page.get_by_label("密碼"), "a wrong password")
    press(page.get_by_role("main").get_by_role("button", name="登入"))
    page.get_by_role("alert").wait_for()
    assert "- alert" in hear(page)


@pytest.mark.postgres
@pytest.mark.deep
def test_a_report_is_filed_signed_and_reviewed_by_keyboard_alone(story, sign_in):
    officer = sign_in(story.officer, reduced_motion="reduce")
    address = f"/reports/{story.report.pk}/edit/"
    officer.goto(address)
    assert '- group "111年底的燈號"' in hear(officer)
    expect(officer.get_by_role("status").first).to_be_attached()

    # Sent too early: what is missing is said at once, and read out.
    skip_to_content(officer)
    press(officer.get_by_role("button", name="送出這1件，請部會窗口核可"))
    expect(officer.get_by_role("alert")).to_be_focused()
    assert "- alert" in hear(officer)

    officer.goto(address)
    skip_to_content(officer)
    tab_to(officer.get_by_role("radio", name="超前", exact=True))
    officer.keyboard.press("ArrowDown")
    expect(officer.get_by_role("radio", name="符合", exact=True)).to_be_checked()
    write(officer.get_by_label("累計完成度"), "60")
    write(officer.get_by_label(f"{YEAR}年做了什麼"), "用鍵盤寫的。")
    write(officer.get_by_label(f"{story.indicator.name}，{YEAR}年實績"), "8")
    write(officer.get_by_label("帶來什麼改變"), "停機時間少了一成。")
    write(officer.get_by_label(f"{YEAR + 1}年要做什麼"), "再加四座。")
    press(officer.get_by_role("button", name="送出這1件，請部會窗口核可"))
    expect(officer.get_by_text("看下一件要填的")).to_be_visible()

    window = sign_in(story.window, reduced_motion="reduce")
    window.goto("/desk/")
    hear(window)
    skip_to_content(window)
    press(window.get_by_role("link", name="一次核可：看哪些不完整"))
    window.wait_for_url("**/desk/signing/**")
    skip_to_content(window)
    press(window.get_by_label(f"選取{MEASURE}"), "Space")
    press(window.get_by_role("button", name="看一遍要核可的件"))
    expect(window.get_by_role("heading", level=1)).to_contain_text("要核可1件")
    hear(window)
    skip_to_content(window)
    press(window.get_by_role("button", name="核可勾選的件"))
    expect(window.get_by_text("核可了1件，已送國科會。")).to_be_visible()

    reviewer = sign_in(story.reviewer, reduced_motion="reduce")
    reviewer.goto(f"/reports/{story.report.pk}/review/")
    skip_to_content(reviewer)
    press(reviewer.get_by_role("button", name="開始審查這一件"))
    expect(reviewer.get_by_role("button", name="沒選的都接受，送出")).to_be_visible()
    assert '- radio "接受"' in hear(reviewer)
    skip_to_content(reviewer)
    press(reviewer.get_by_role("button", name="沒選的都接受，送出"))
    expect(reviewer.get_by_text("已接受經濟部的這份報告。")).to_be_visible()
    report = ProgressReport.objects.get(pk=story.report.pk)
    assert (report.status, report.work_done) == (Status.ACCEPTED, "用鍵盤寫的。")
