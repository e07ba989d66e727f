"""./bench pages: every page is asked, the overview's sums are the statement's, misses stand out."""

import pytest
from django.urls import resolve

from config.commands import measure_pages
from config.commands.bench_pages import BEGIN, END, PERFORMANCE, as_markdown, keep, together
from config.commands.measure import EMPTY
from config.commands.measure_pages import lights_of, measured, pages, sums
from tracking.enums import Light, Status
from tracking.models import LightOverride


@pytest.mark.django_db(transaction=True)
def test_pages_are_asked_and_the_sums_of_the_overview_are_those_of_the_statement(
    world, settings, monkeypatch
):
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    monkeypatch.setattr(measure_pages, "REVIEWER", world.reviewer.email)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    LightOverride.objects.create(
        measure=world.report("1.1.1.1", "alpha").measure,
        reporting_year=world.year,
        light=Light.BEHIND,
        reason="改列",
        by=world.reviewer,
    )
    ours, bare = sums(world.plan.slug)
    assert ours()[0] == lights_of(bare())
    assert ours()[0][world.year.pk, "1"][Light.BEHIND] == 1
    asked = [page for page in pages(world.plan.slug) if page.name in (EMPTY, "API plans")]
    for page in asked:
        page.user = world.reviewer.email
    found = measured(asked, world.plan.slug, repeats=2)
    assert found["pages"]["API plans"]["queries"] > 0
    # Across plans a tenth, but not less than three times.
    assert len(found["pages"]["API plans"]["times"]) == 3
    assert len(found["aggregate"]["sql"]) == 2
    assert found["counts"]["plan"] == 1


def test_every_address_is_one_of_the_site():
    for page in pages("a-plan"):
        resolve(page.address.partition("?")[0], "config.commands.measure_urls")


def measurement(queries: int, times: list[float], sql: float) -> dict:
    page = {"queries": queries, "times": times, "scans": ["tracking_progressreport"]}
    return {
        "pages": {"overview": page, "desk": page},
        "aggregate": {"page": [3.0], "sql": [sql]},
        "machine": "a machine. Load at the end: 1.0.",
        "counts": {"plan": 1, "measure": 134, "progressreport": 1643},
    }


def test_what_misses_its_goal_stands_out():
    one = together([measurement(9, [10.0], 1.0), measurement(9, [12.0], 1.0)])
    assert one["pages"]["overview"]["times"] == [10.0, 12.0]
    table = as_markdown({1: one, 100: together([measurement(10, [20.0], 0.5)])})
    assert "| overview | 9 | 11.0 | 12.0 | **10** | 20.0 | 20.0 | **1.67** |" in table
    assert "| desk | 9 | 11.0 | 12.0 | **10** | 20.0 | 20.0 | 1.67 |" in table
    assert "| × 1 | 3.0 | 1.0 | 3.0 | ≤ 3 |" in table
    assert "| × 100 | 3.0 | 0.5 | **6.0** | ≤ 3 |" in table


def test_the_table_is_written_between_its_marks(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    keep("new", file, BEGIN, END)
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    text = PERFORMANCE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
