"""What WCAG 2.2 added, and a page can be asked: the focus is not covered (2.4.11), nothing must be
dragged (2.5.7), targets have 24 px (2.5.8), help stands in the same place (3.2.6), nothing is asked
twice (3.3.7), signing in needs no memory (3.3.8). And its elder: keys of one letter go off (2.1.4).
"""

import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.journeys.test_keyboard import MOST, STOP, press, skip_to_content, tab_to
from tests.world import PASSWORD, World
from tracking.enums import Status

pytestmark = pytest.mark.postgres
# Targets smaller than 24 by 24 px that have not the room either: a circle of 24 px around each must
# not touch another target. Links in a sentence may be as high as its line; a box and its label are
# one target; what is only for readers or hidden has no size.
SMALL = """() => {
    const shown = at => {
        const box = at.getBoundingClientRect(), style = getComputedStyle(at);
        return box.width > 1 && box.height > 1 && style.visibility !== "hidden"
            && style.clipPath === "none" && !at.closest("[hidden], .skip, .past");
    };
    const inSentence = at => {
        if (at.tagName !== "A" || getComputedStyle(at).display !== "inline") return false;
        return [...at.parentNode.childNodes].some(one => one.nodeType === 3 && one.data.trim());
    };
    const boxOf = at => {
        const box = at.getBoundingClientRect();
        const label = at.labels?.[0]?.getBoundingClientRect();
        if (!label || !["radio", "checkbox"].includes(at.type)) return box;
        const left = Math.min(box.left, label.left), top = Math.min(box.top, label.top);
        return new DOMRect(left, top, Math.max(box.right, label.right) - left,
            Math.max(box.bottom, label.bottom) - top);
    };
    const all = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary"
    )].filter(at => shown(at) && !inSentence(at)).map(at => [at, boxOf(at)]);
    const near = (one, other) => {
        const x = one.left + one.width / 2, y = one.top + one.height / 2;
        const dx = Math.max(other.left - x, 0, x - other.right);
        const dy = Math.max(other.top - y, 0, y - other.bottom);
        return Math.hypot(dx, dy) < 12;
    };
    return all
        .filter(([at, box]) => Math.min(box.width, box.height) < 23.9
            && all.some(([it, other]) => it !== at && !it.contains(at) && !at.contains(it)
                && near(box, other)))
        .map(([at, box]) => `${Math.round(box.width)}x${Math.round(box.height)} `
            + at.outerHTML.slice(0, 90));
}"""


def lead(world: World, status: str):
    return world.bring(world.report("1.1.1.1", "alpha"), status)


def covered(page: Page, key: str) -> list[str]:
    """The stops of the Tab key, one way through the page, that nobody sees or that bear no mark."""
    found = []
    for _press in range(MOST):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            break
        stop = page.evaluate(f"({STOP})()")
        if not (stop["marked"] and stop["seen"]):
            found.append(stop["what"])
    return found


# --- 2.4.11 focus not obscured --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("width", "height", "most"),
    [(1280, 560, 2), *(pytest.param(width, height, 5, marks=pytest.mark.deep)
                       for width, height in ((1280, 560), (820, 560), (360, 640)))],
)  # fmt: skip
def test_no_bar_covers_the_focus(transactional_db, world: World, visit, width, height, most):
    """Low windows: the bars that stay in view take most of them, both ways through the page."""
    under_review = lead(world, Status.UNDER_REVIEW)
    draft = world.bring(world.report("1.1.1.2", "alpha"), Status.DRAFT)
    pages = {
        reverse("report-review", args=[under_review.pk]): world.reviewer,
        reverse("collation"): world.collator,
        reverse("desk"): world.officer_a,
        reverse("report-edit", args=[draft.pk]) + "?check=1": world.officer_a,
        reverse("plan-tree"): None,
    }
    for url, who in list(pages.items())[:most]:
        page = visit(who, width=width, height=height)
        page.goto(url)
        for key in ("Tab", "Shift+Tab"):
            assert covered(page, key) == [], (url, key)


# --- 2.5.7 dragging movements ---------------------------------------------------------------------
def test_nothing_has_to_be_dragged(transactional_db, world: World, visit):
    """No script of ours listens to a drag; beside each slider stands a field that says the same."""
    listens = re.compile(r"dragstart|draggable|dragover|pointermove|mousemove|touchmove")
    ours = [*Path(site.BASE_DIR, "static/js").glob("*.js")]
    ours += [*Path(site.BASE_DIR, "templates").rglob("*.html")]
    assert [one.name for one in ours if listens.search(one.read_text(encoding="utf-8"))] == []
    page = visit(None)
    page.goto(reverse("budget"))
    for slider in page.locator("input[type=range]").all():
        field = page.locator(f"#{slider.get_attribute('data-slides')}")
        expect(field).to_be_editable()
        field.fill("3")
        expect(slider).to_have_value("3")


# --- 2.5.8 target size ----------------------------------------------------------------------------
@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.deep)])
def test_a_finger_hits_what_it_aims_at(transactional_db, world: World, visit, width):
    under_review = lead(world, Status.UNDER_REVIEW)
    draft = world.bring(world.report("1.1.1.2", "alpha"), Status.DRAFT)
    pages = {
        reverse("home"): None,
        reverse("account_login"): None,
        reverse("desk"): world.officer_a,
        reverse("report-edit", args=[draft.pk]): world.officer_a,
        reverse("report-review", args=[under_review.pk]): world.reviewer,
        reverse("collation"): world.collator,
        reverse("admin:index"): world.administrator,
        reverse("job-list"): world.administrator,
    }
    found = {}
    for url, who in pages.items():
        page = visit(who, width=width)
        page.goto(url)
        if small := page.evaluate(SMALL):
            found[url] = small
    assert found == {}


# --- 3.2.6 consistent help ------------------------------------------------------------------------
def test_help_stands_in_the_same_place_everywhere(world: World):
    """The last lines of each page lead to the same pages in the same order, errors included."""
    browser = Client()
    browser.force_login(world.officer_a)
    draft = world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    for url in (
        reverse("home"), reverse("desk"), reverse("report-edit", args=[draft.pk]),
        reverse("plan-tree"), "/nowhere/", reverse("collation"), reverse("mfa_index"),
    ):  # fmt: skip
        foot = browser.get(url).content.decode().split("<footer")[1]
        links = re.findall(r'href="(/[^"]+)"', foot)
        assert links[:3] == ["/sitemap/", "/accessibility/", "/api/v1/docs/"], url


# --- 3.3.7 redundant entry ------------------------------------------------------------------------
def test_what_was_said_is_not_asked_again(transactional_db, world: World, visit):
    """A refused sign-in keeps the address; a selection is there again on the page that confirms."""
    page = visit(None)
    page.goto(reverse("account_login"))
    page.get_by_label("電子郵件").fill("nobody@example.test")
    page.get_by_label("密碼").fill("a wrong password")
    page.get_by_role("main").get_by_role("button", name="登入").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("電子郵件")).to_have_value("nobody@example.test")

    lead(world, Status.SIGNING)
    page = visit(world.window_a)
    page.goto(reverse("desk"))
    page.get_by_label("選取1.1.1.1").check()
    page.get_by_role("group", name="勾選的件").get_by_role("button").first.click()
    expect(page.get_by_label("選取1.1.1.1")).to_be_checked()


# --- 3.3.8 accessible authentication --------------------------------------------------------------
def test_signing_in_takes_what_is_pasted(transactional_db, world: World, visit):
    """From a password manager or another window: into every field of both steps."""
    page = visit(None)
    page.goto(reverse("account_login"))
    email, password = page.get_by_label("電子郵件"), page.get_by_label("密碼")
    assert email.get_attribute("autocomplete") in ("email", "username")
    assert password.get_attribute("autocomplete") == "current-password"
    email.fill(PASSWORD)
    email.press("Control+a")
    email.press("Control+c")
    password.press("Control+v")
    expect(password).to_have_value(PASSWORD)


# --- 2.1.4 keys of a single letter ----------------------------------------------------------------
def test_keys_of_one_letter_can_be_switched_off(transactional_db, world: World, visit):
    lead(world, Status.DRAFT)
    page = visit(world.officer_a)
    page.goto(reverse("desk"))
    row = page.locator("table.desk tr.is-on")
    page.keyboard.press("j")
    expect(row).to_have_count(1)
    page.get_by_role("button", name="關閉單鍵快速鍵").click()
    page.reload()
    page.keyboard.press("j")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="開啟單鍵快速鍵").click()
    page.get_by_role("main").focus()
    page.keyboard.press("j")
    expect(row).to_have_count(1)


# --- past the rows of a list ----------------------------------------------------------------------
def test_from_a_ticked_row_the_keyboard_reaches_the_buttons_at_once(
    transactional_db, world: World, visit
):
    for code, ministry in (("1.1.1.1", "alpha"), ("1.1.1.2", "alpha")):
        world.bring(world.report(code, ministry), Status.SIGNING)
    page = visit(world.window_a)
    page.goto(reverse("desk"))
    past = page.get_by_role("link", name="跳到下面的按鈕")
    bar = page.get_by_role("group", name="勾選的件")
    skip_to_content(page)
    # Before the rows, and in a row once it is ticked.
    expect(past).to_have_count(1)
    press(past)
    expect(bar).to_be_focused()
    page.get_by_label("選取1.1.1.1").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(past.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(bar).to_be_focused()
    tab_to(bar.get_by_role("button").first)
    page.keyboard.press("Enter")
    expect(page.get_by_label("選取1.1.1.1")).to_be_checked()
    expect(page.get_by_label("選取1.1.1.2")).to_have_count(0)
