"""What the scripts of the guides' pictures share: a picture, ways to a state, the camera."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parent / "guide" / "pictures"
PASSWORD = "demo-nstp-110"
WIDTH = 1280
QUALITY = 65
YEAR = 111


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, who looks (a demo account, None for the public), where, and
    what of it. `show` brings the page into the state to be seen; `height` is in pixels.
    """

    name: str
    who: str | None
    path: str
    height: int
    show: Callable[[Page], None] = lambda page: None


def follow(row: str, link: str) -> Callable[[Page], None]:
    """Open the first link called `link` in the desk's group `row`."""
    return lambda page: page.locator(f"#g-{row}").get_by_role("link", name=link).first.click()


def scroll(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).evaluate("row => row.scrollIntoView()")


def at(show: Callable[[Page], None], selector: str) -> Callable[[Page], None]:
    """`show`, and then scrolled there."""

    def both(page: Page) -> None:
        show(page)
        page.wait_for_load_state("networkidle")
        scroll(selector)(page)

    return both


def enter(browser: Browser, address: str, who: str | None) -> Page:
    """A page of a browser context of its own, signed in."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": 800},
        locale="zh-TW",
        timezone_id="Asia/Taipei",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if who:
        page.goto("/accounts/login/")
        page.get_by_label("電子郵件").fill(f"{who}@demo.example")
        page.get_by_label("密碼").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="登入").click()
        page.get_by_role("button", name="登出").wait_for()
    return page


def take(page: Page, picture: Picture) -> None:
    page.set_viewport_size({"width": WIDTH, "height": picture.height})
    page.goto(picture.path)
    picture.show(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    # WebP takes half of what PNG or JPEG do; Chromium writes it, Playwright's own call can't.
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{picture.name}.webp").write_bytes(base64.b64decode(shot["data"]))
