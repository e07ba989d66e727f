"""What the browser tells assistive technology, read from its accessibility tree: names, roles,
states and live regions, while pages change under whoever listens.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from reports.enums import JobState, ReviewState
from reports.models import Job
from tests.access.world_of_reviews import SENT, Walk
from tests.world import World
from tracking.enums import Status

pytestmark = pytest.mark.postgres


@dataclass(frozen=True)
class Told:
    """A node of the tree: `key` is the element's own, so that a new one is told from the old."""

    role: str
    name: str
    text: str
    key: int
    value: str
    states: dict[str, object]


def tree(page: Page) -> Iterator[Told]:
    """All that is not hidden from assistive technology, in order."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    known = {one["nodeId"]: one for one in nodes}

    def text(node: dict) -> str:
        if node.get("role", {}).get("value") == "StaticText":
            return node["name"]["value"]
        return "".join(text(known[one]) for one in node.get("childIds", ()) if one in known)

    for one in nodes:
        if one.get("ignored") or "backendDOMNodeId" not in one:
            continue
        states = {item["name"]: item["value"].get("value") for item in one.get("properties", ())}
        described = one.get("description", {}).get("value", "")
        yield Told(
            one["role"]["value"], one.get("name", {}).get("value", ""), text(one),
            one["backendDOMNodeId"], one.get("value", {}).get("value", ""),
            states | {"description": described},
        )  # fmt: skip


def told(page: Page, role: str, of: str = "") -> Told:
    """The one node of this role that says or is named so."""
    found = [one for one in tree(page) if one.role == role and of in one.name + one.text]
    assert len(found) == 1, found
    return found[0]


# --- live regions ---------------------------------------------------------------------------------
def test_saving_by_itself_is_said_where_it_was_said_before(transactional_db, world: World, visit):
    draft = world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    page = visit(world.officer_a)
    page.goto(reverse("report-edit", args=[draft.pk]))
    first = told(page, "status", "已儲存")
    assert first.states["live"] == "polite"
    page.get_by_label("111年做了什麼").fill("辦理四場培訓。")
    assert told(page, "status", "尚未儲存").key == first.key
    expect(page.locator("#save-state")).to_contain_text("已儲存")
    assert told(page, "status", "已儲存").key == first.key


def test_totals_are_said_once_typing_rests(transactional_db, world: World, visit):
    draft = world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    page = visit(world.officer_a)
    page.goto(reverse("report-edit", args=[draft.pk]))
    page.evaluate(
        """() => {
            const total = document.querySelector("[data-total=allocated]");
            window.said = [];
            new MutationObserver(() => window.said.push(total.textContent))
                .observe(total, { childList: true, characterData: true, subtree: true });
        }"""
    )
    box = page.get_by_label("公務預算，分配，千元")
    box.press("End")
    box.press_sequentially("34", delay=20)
    expect(page.locator("[data-total=allocated]")).to_have_text("120,034")
    assert page.evaluate("window.said") == ["120,034"]


def test_an_opinion_that_saves_itself_says_so_in_a_region_that_stays(
    transactional_db, world: World, visit
):
    walk = Walk(world)
    for station in list(ReviewState)[:2]:
        walk.to(station)
    page = visit(walk.peer)
    page.goto(reverse("opinion", args=[walk.review.pk, SENT]))
    first = told(page, "status", "尚未儲存")
    page.get_by_label("意見", exact=True).fill("人次足夠。")
    expect(page.locator("#save-state")).to_contain_text("已儲存")
    assert told(page, "status", "已儲存").key == first.key


def test_a_job_is_said_when_it_changes_and_keeps_the_focus(transactional_db, world: World, visit):
    """It is drawn anew each second: neither is the reader told so, nor the keyboard lost."""
    job = Job.objects.create(
        key="spoken", task="none", state=JobState.RUNNING, total=9, done=1,
        started_by=world.collator, beat_at=timezone.now(),
    )  # fmt: skip
    page = visit(world.collator)
    page.goto(reverse("job-status", args=[job.pk]))
    page.get_by_role("button", name="停止").focus()
    region = told(page, "status", "等候執行").key
    Job.objects.filter(pk=job.pk).update(done=2)
    expect(page.get_by_text("2／9")).to_be_visible()
    expect(page.get_by_role("button", name="停止")).to_be_focused()
    assert told(page, "status", "等候執行").key == region
    assert told(page, "progressbar").name == "等候執行"
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    expect(page.locator("p[data-said]")).to_have_text(re.compile("^已完成。"))
    assert told(page, "status", "已完成。").states["live"] == "polite"


# --- errors ---------------------------------------------------------------------------------------
def test_errors_are_summed_up_and_said_at_their_fields(transactional_db, world: World, visit):
    """The summary is read at once and holds the focus; each of its lines leads to a field that is
    told to be wrong, and why.
    """
    draft = world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    page = visit(world.officer_a)
    page.goto(reverse("report-edit", args=[draft.pk]))
    page.get_by_label("累計完成度").fill("百分之十")
    page.get_by_role("button", name="先存草稿").click()
    expect(page.get_by_role("alert")).to_be_focused()
    summary = told(page, "alert")
    assert summary.name and summary.states["focused"] and summary.states["live"] == "assertive"
    page.get_by_role("alert").get_by_role("link", name="累計完成度").press("Enter")
    field = told(page, "textbox", "累計完成度")
    assert field.states["focused"] and field.states["invalid"] == "true"
    why = page.get_by_role("alert").get_by_role("link").inner_text()
    assert why.endswith(f"累計完成度\u3000{field.states['description']}")


# --- pictures, tables, what unfolds ---------------------------------------------------------------
def test_of_a_chart_the_table_is_told_and_the_drawing_is_not(transactional_db, world: World, visit):
    """The same name, the same numbers; nothing of the drawing is met on the way."""
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    page = visit(world.reviewer)
    page.goto(reverse("goal", args=["1"]) + "?year=111")
    page.locator("[data-chart-drawn]").first.wait_for()
    titles = page.locator("[data-chart-src]").evaluate_all(
        "boxes => boxes.map(box => box.dataset.chartName)"
    )
    assert titles
    page.locator("details.how").evaluate_all("folds => folds.forEach(one => one.open = true)")
    everything = list(tree(page))
    tables = {one.name for one in everything if one.role == "table"}
    assert set(titles) <= tables
    drawn = {"graphics-document", "SvgRoot", "image", "img"}
    assert [one for one in everything if one.role in drawn and not one.name] == []


def test_a_sorted_list_says_its_order_and_a_fold_whether_it_is_open(
    transactional_db, world: World, visit
):
    world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    page = visit(world.reviewer)
    page.goto(reverse("review-queue") + "?sort=flags")
    chosen = page.get_by_label("排列").locator("option:checked").inner_text()
    assert page.get_by_label("排列").input_value() == "flags"
    assert told(page, "combobox", "排列").value == chosen

    page.goto(reverse("goal", args=["1"]))
    fold = page.locator("details.how > summary").first
    name = fold.inner_text()
    for state in (False, True):
        found = [one for one in tree(page) if one.role == "DisclosureTriangle"]
        assert next(one for one in found if one.name == name).states["expanded"] is state
        fold.click()


def test_no_page_speaks_by_a_dialog():
    """None opens over a page: what must be decided first has a page of its own, with an address."""
    opens = re.compile(r"<dialog|role=\"(alert)?dialog\"|\b(window\.)?(alert|confirm|prompt)\(")
    ours = [*Path(site.BASE_DIR, "static/js").glob("*.js")]
    ours += [*Path(site.BASE_DIR, "templates").rglob("*.html")]
    assert [one.name for one in ours if opens.search(one.read_text(encoding="utf-8"))] == []


def test_on_an_english_page_the_chinese_is_told_to_be_chinese(
    transactional_db, world: World, visit
):
    page = visit(None)
    page.goto(reverse("plan-tree"))
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    of = "at => at.closest('[lang]').lang"
    assert page.get_by_role("link", name="培育種子師資").evaluate(of) == "zh-Hant"
    assert page.get_by_role("heading", level=2).last.locator("a").evaluate(of) == "zh-Hant"
    assert page.get_by_role("columnheader").first.evaluate(of) == "en"
