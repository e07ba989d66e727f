"""./bench search: each reader asks each of the words, and what misses the goal stands out."""

import pytest

from config.commands.bench_search import BEGIN, END, PERFORMANCE, as_markdown, keep
from config.commands.measure_search import asked, questions
from config.commands.problem import Problem
from tracking.enums import Status


@pytest.mark.django_db(transaction=True)
def test_every_reader_asks_every_word(world, settings):
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED, work_done="共同的暗號")
    pages = questions({"public": "", "reviewer": world.reviewer.email}, {"rare": "暗號"})
    found = asked(pages, times=2)
    assert [(row["who"], row["words"]) for row in found["rows"]] == [
        ("public", "rare"),
        ("reviewer", "rare"),
    ]
    assert all(len(row["times"]) == 2 for row in found["rows"])
    assert found["rows"][0]["queries"] < found["rows"][1]["queries"]
    assert "| public | rare | " in as_markdown(found | {"reports": 1})


def test_what_misses_its_goal_stands_out():
    row = {"who": "public", "words": "rare", "cpu_times": [5.0], "queries": 9}
    table = as_markdown(
        {
            "machine": "a machine.",
            "day": "2026-11-24",
            "reports": 166400,
            "times": 1,
            "rows": [{**row, "times": [99.0]}, {**row, "times": [101.0]}],
        }
    )
    assert "166,400 reports" in table
    assert "| public | rare | 99.0 | 99.0 | 100 | 5.0 | 9 |" in table
    assert "| public | rare | 101.0 | **101.0** | 100 | 5.0 | 9 |" in table


def test_the_table_is_written_between_its_marks(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    keep("new", file, BEGIN, END)
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    file.write_text("no marks", encoding="utf-8")
    with pytest.raises(Problem):
        keep("new", file, BEGIN, END)
    assert BEGIN in PERFORMANCE.read_text(encoding="utf-8")
