"""./bench measures what it says: percentiles, queries, whole answers, and the table it writes."""

import pytest

from config.commands.measure import (
    BEGIN,
    EMPTY,
    END,
    OTHERS,
    PAGES,
    PERFORMANCE,
    Page,
    as_markdown,
    measure,
    percentile,
    replay,
    write,
)
from tests.world import make_user
from tracking.enums import Status


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([3], 95, 3), (list(range(1, 101)), 95, 95), (list(range(1, 21)), 95, 19), ([5, 1], 50, 1)],
)
def test_a_percentile_is_a_value_that_was_measured(values, share, found):
    assert percentile(values, share) == found


# As under a server, a connection may end with a request: no transaction around the test.
@pytest.mark.django_db(transaction=True)
def test_pages_are_asked_as_their_reader_and_their_queries_replayed(world, settings):
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    email = world.reviewer.email
    pages = [
        Page(EMPTY, "/bench/empty/", email),
        Page("API", "/api/v1/measures/?page_size=200", email, goal=24),
        Page("API, public", "/api/v1/measures/?page_size=200", ""),
    ]
    measure(pages, repeats=3)
    assert [len(page.times) for page in pages] == [3, 3, 3]
    assert len(pages[0].queries) == 2  # session and person, by the middleware
    assert len(pages[2].queries) < len(pages[1].queries)
    assert pages[1].bytes > pages[2].bytes > 0
    replay(pages[1].queries)
    table = as_markdown(tuple(pages), {"load_plan": "1.50"}, 3)
    assert "| API | " in table
    assert "| `load_plan` | 1.50 |" in table


def test_a_page_that_fails_is_no_measurement(db, settings):
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    user = make_user("somebody")
    with pytest.raises(SystemExit, match="/nowhere/"):
        measure([Page(EMPTY, "/nowhere/", user.email)], repeats=1)


def test_what_misses_its_goal_stands_out(db):
    pages = []
    for name, ms, goal in ((EMPTY, 1.0, None), ("overview", 20.0, 15), ("measure page", 20.0, 25)):
        page = Page(name, "/", "", goal)
        page.times, page.cpu_times, page.sql_times = [ms] * 3, [ms] * 3, [0.5] * 3
        pages.append(page)
    table = as_markdown(tuple(pages), {}, 3)
    assert "| **20.0** |" in table
    assert table.count("**") == 2


def test_every_goal_and_every_comparison_has_its_page():
    assert OTHERS.keys() <= {page.name for page in PAGES}
    goals = {page.name: page.goal for page in PAGES}
    assert goals["overview"] == 15
    assert goals["measure page"] == 25
    assert goals["plan tree, 134 measures"] == 60
    assert goals["API, 134 measures"] == 24


def test_the_table_is_written_between_its_marks(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write("new", file)
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert BEGIN in PERFORMANCE.read_text(encoding="utf-8")
