"""Charts in the browser: what the tables say is what the API, the files and the figures say; the
pictures can be saved; the policy is kept; the library comes only where there is a chart.
"""

import csv
import io
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from ministries.models import User
from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from tests.journeys.conftest import Person
from tracking.demo.people import DEMO_PASSWORD, address

GOAL = "/plan/goals/3/?year=111"
CHARTS = ["parts", "years", "causes", "indicators", "filing", "money", "ministries"]
# What the tables print for zero and for unknown.
ZERO, UNKNOWN = "0–", "沒有資料—"


@pytest.fixture
def reviewer(transactional_db) -> Person:
    load_plan(read(), by="system:tests")
    call_command("seed_demo", years="110-111", stdout=StringIO())
    user = User.objects.get(email=address("reviewer1"))
    return Person(user=user, password=DEMO_PASSWORD, first=False)


@pytest.fixture
def page(reviewer, sign_in) -> Page:
    """A reviewer on goal 3, all charts drawn. `new_page` sees to it that no script breaks and that
    the policy blocks nothing.
    """
    found = sign_in(reviewer)
    found.goto(GOAL)
    expect(found.locator("[data-chart-drawn]")).to_have_count(len(CHARTS), timeout=30_000)
    return found


def table(page: Page, part: str) -> list[dict[str, str]]:
    """The rows beneath a chart by the words of their heads, as they stand in the page."""
    box = page.locator(f'[data-rows-of="c-{part}"]')
    heads = [" ".join(words.split()) for words in box.locator("thead th").all_text_contents()]
    return [
        dict(zip(heads, row, strict=True))
        for row in box.evaluate(
            "table => [...table.tBodies[0].rows].map(row =>"
            " [...row.cells].map(cell => cell.textContent.trim()))"
        )
    ]


def number(text: str) -> Decimal | None:
    if text == UNKNOWN:
        return None
    return Decimal(0) if text == ZERO else Decimal(text.replace(",", "").rstrip("%"))


def file_of(page: Page, part: str) -> list[dict[str, str]]:
    answer = page.request.get(f"{GOAL}&format=csv&part={part}")
    assert answer.ok
    return list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))


def figure(page: Page, part: str) -> list[dict]:
    answer = page.request.get(f"/plan/goals/3/figures/{part}.json?year=111")
    return answer.json()["data"]


def api(page: Page, path: str) -> list[dict]:
    """All rows of a list of the API."""
    found, url = [], f"/api/v1/{path}"
    while url:
        answer = page.request.get(url).json()
        found += answer["results"]
        url = answer["next"]
    return found


def say_what_tables_files_and_the_api_say(page: Page) -> None:
    assert page.locator("[data-chart-drawn]").count() == len(CHARTS)

    # Lights: by sub-goal, from the API's measures.
    measures = api(page, "measures/?goal=3&year=111&page_size=100")
    lights = Counter((one["sub_goal"], one["light"]["shown"]) for one in measures)
    words = {"behind": "落後", "far_behind": "嚴重落後", "on_track": "符合"}
    bars = {trace["name"]: dict(zip(trace["y"], trace["x"], strict=True)) for trace in figure(
        page, "parts"
    )}  # fmt: skip
    for row in table(page, "parts"):
        code = row["編號"]
        assert number(row["措施"]) == sum(n for (part, _l), n in lights.items() if part == code)
        for light, word in words.items():
            expected = lights[code, light]
            assert number(row[word]) == expected, (code, light)
            assert (bars[word][code] or 0) == expected, (code, light)
    for row in file_of(page, "parts"):
        for light in words:
            assert int(row[light]) == lights[row["part"], light]

    # Money: accepted reports of the API, by ministry.
    codes = {one["code"] for one in measures}
    spent: Counter[str] = Counter()
    for report in api(page, "reports/?year=111&status=accepted&page_size=100"):
        if report["measure"] in codes:
            for line in report["money"]:
                spent[report["ministry"]] += line["spent_thousand"] or 0
    of_file = {row["ministry"]: row for row in file_of(page, "ministries")}
    assert {code: int(row["spent_thousand_twd"]) for code, row in of_file.items()} == spent
    shown = {row["部會"]: row for row in table(page, "ministries")}
    for row in of_file.values():
        cells = shown[row["ministry_name"]]
        assert number(cells["支用數（千元）"]) == int(row["spent_thousand_twd"])
        assert number(cells["執行率"]) == round(Decimal(row["spent_percent"]), 1)
    [_allocated, inner] = figure(page, "ministries")
    for name, value in zip(inner["y"], inner["x"], strict=True):
        assert round(value * 100_000) == number(shown[name]["支用數（千元）"])

    # Years without reports are gaps everywhere.
    years = {row["年度"]: row for row in table(page, "money")}
    assert number(years["113"]["支用數（千元）"]) is None
    assert [row["spent_thousand_twd"] for row in file_of(page, "money")][2:] == ["", ""]
    for trace in figure(page, "money"):
        assert trace["y"][2:] == [None, None]
        assert round(trace["y"][1] * 100_000) in (
            number(years["111"]["分配數（千元）"]),
            number(years["111"]["支用數（千元）"]),
        )


def reach_the_whole_table_with_the_keyboard(page: Page) -> None:
    folded = page.locator("details", has=page.locator('[data-rows-of="c-indicators"]'))
    assert not page.locator('[data-rows-of="c-indicators"]').is_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert page.locator('[data-rows-of="c-indicators"]').is_visible()
    assert len(table(page, "indicators")) == len(file_of(page, "indicators"))
    # The drawing is for the eye: neither keyboard nor screen reader meets it.
    for box in page.locator("[data-chart-src]").all():
        assert box.get_attribute("aria-hidden") == "true"
        assert box.locator("a, button, [tabindex]").count() == 0


def save_pictures(page: Page) -> None:
    box = page.locator("figure", has=page.locator("#c-parts"))
    with page.expect_download() as png:
        box.get_by_role("button", name="下載圖（PNG）").click()
    assert Path(png.value.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert png.value.suggested_filename.endswith(".png")
    with page.expect_download() as svg:
        box.get_by_role("button", name="下載圖（SVG）").click()
    drawing = Path(svg.value.path()).read_text(encoding="utf-8")
    assert drawing.startswith("<svg")
    assert "111年度39項措施" in drawing, "the title goes with the picture"
    assert "即時資料" in drawing, "and what it was drawn from"


def bring_the_library_only_where_there_is_a_chart(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for url in ("/", "/plan/", "/ministries/"):
        page.goto(url)
        page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "plotly" in url or url.endswith("chart.js")]


def follow_dark_mode(page: Page) -> None:
    def ink() -> str:
        return page.locator("#c-years .xtick text").first.evaluate("n => getComputedStyle(n).fill")

    light = ink()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert ink() != light


def hold_every_number_without_script(page: Page, new_page) -> None:
    plain = new_page(javascript=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(GOAL)
    for part in CHARTS:
        assert plain.locator(f'[data-rows-of="c-{part}"] tbody tr').count() == len(
            table(page, part)
        )
    assert plain.get_by_role("button", name="下載圖（PNG）").count() == 0


def test_charts(page, new_page):
    """One story, since the whole plan and two years are made for it."""
    say_what_tables_files_and_the_api_say(page)
    reach_the_whole_table_with_the_keyboard(page)
    save_pictures(page)
    follow_dark_mode(page)
    hold_every_number_without_script(page, new_page)
    bring_the_library_only_where_there_is_a_chart(page)
