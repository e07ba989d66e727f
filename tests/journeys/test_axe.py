"""axe finds nothing on any page, wide and narrow, with the whole plan and two demo years.

All of WCAG 2.0–2.2 A and AA and axe's own best practices. Where Django's admin or Swagger draw the
page, what they do is listed by rule; everything else of axe holds there too.
"""

from collections.abc import Callable
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.mail import send_mail
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page

from ministries.models import User
from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from tests.journeys.looked_at import MORE, PAGES, Looked, as_it_is
from tracking.demo.people import address

WIDTHS = (1280, 360)
OPTIONS = {
    "resultTypes": ["violations"],
    # Only rules that are off want it, and it writes a stylesheet into the page.
    "preload": False,
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
    ],
}  # fmt: skip


@pytest.fixture
def demo(transactional_db, settings, tmp_path) -> None:
    load_plan(read(), by="system:tests")
    call_command("seed_demo", years="110-111", stdout=StringIO())
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    send_mail("等你核可", "請看 http://localhost/reports/7/ 。", "a@b.test", ["w@b.test"])


@pytest.fixture
def visit(new_page, live) -> Callable[[str | None], Page]:
    """A browser page for each person, signed in by the session's cookie."""
    pages: dict[str | None, Page] = {}

    def open_for(who: str | None) -> Page:
        if who not in pages:
            page = pages[who] = new_page()
            if who:
                client = Client()
                client.force_login(User.objects.get(email=address(who)))
                session = client.cookies["sessionid"].value
                cookie = {"name": "sessionid", "value": session, "url": live.url}
                page.context.add_cookies([cookie])
        return pages[who]

    return open_for


def violations(page: Page, width: int, theirs: frozenset[str]) -> set[str]:
    """`rule at selector` of everything that axe finds at this width, and whether the page must be
    scrolled in two directions (WCAG 1.4.10), which axe doesn't ask.

    Colours are compared once, in the wide page: they are the same in the narrow one, and nothing
    takes axe longer.
    """
    page.set_viewport_size({"width": width, "height": 900})
    off = {} if width == WIDTHS[0] else {"rules": {"color-contrast": {"enabled": False}}}
    found = Axe().run(page, options=OPTIONS | off).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth") > width
    return {
        f"{rule['id']} at {' '.join(map(str, node['target']))}"
        for rule in found
        for node in rule["nodes"]
        if rule["id"] not in theirs
    } | ({"wider than the window"} - theirs if wide else set())


def look_at(pages: dict[str, Looked], visit, width: int, scheme: str = "light") -> dict:
    """What axe finds on each of the pages, by name."""
    found = {}
    for name, looked in pages.items():
        page = visit(looked.who)
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(looked.url())
        looked.show(page)
        if wrong := violations(page, width, looked.theirs):
            found[name] = wrong
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("width", [WIDTHS[0], pytest.param(WIDTHS[1], marks=pytest.mark.deep)])
def test_axe_finds_nothing(demo, visit, width):
    """The narrow pages only in `--deep`: they hold the same elements, and take a minute more."""
    assert look_at(PAGES, visit, width) == {}


@pytest.mark.postgres
@pytest.mark.deep
@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (360, "light"), (640, "light"), (1280, "dark")]
)
def test_axe_finds_nothing_zoomed_in_the_dark_and_on_further_pages(demo, visit, width, scheme):
    """640 px are a page of 1280 px at 200 %."""
    # Where packages draw the page, they draw its colours.
    ours = {name: looked for name, looked in PAGES.items() if not looked.theirs}
    pages = MORE if scheme == "light" and width != 640 else ours | MORE
    assert look_at(pages, visit, width, scheme) == {}


@pytest.mark.postgres
@pytest.mark.deep
def test_axe_finds_nothing_on_english_pages_on_a_telephone(demo, visit, live):
    """Where words are longest and room is tightest; as the pages open."""
    pages = {name: one for name, one in (PAGES | MORE).items() if one.show is as_it_is}
    english = {"name": "django_language", "value": "en", "url": live.url}
    for looked in pages.values():
        visit(looked.who).context.add_cookies([english])
    assert look_at(pages, visit, WIDTHS[1]) == {}
