"""./bench review measures what it says, and its table says what missed its goal."""

import pytest

from config.commands import measure_review
from config.commands.bench_review import BEGIN, END, PERFORMANCE, as_markdown, keep
from reports.models import Edition
from tests.world import make_indicator
from tracking.enums import Status

COMPILED = {
    "machine": "2 cores", "database": "SQLite", "rounds": 5, "lines": 1643, "freeze": 0.2,
    "standing": 0.01, "compile": 0.5, "freeze_queries": 16, "compile_queries": 27,
    "megabytes": 99.0,
}  # fmt: skip
BOOKS = {"rows": 2525, "seconds": 0.8, "megabytes": 120.0}


def table(**ten) -> str:
    return as_markdown([(1, COMPILED, BOOKS), (10, {**COMPILED, **ten}, BOOKS)])


def test_the_table_shows_what_missed_its_goal():
    assert "**" not in table(freeze=2.2, compile=5.5, megabytes=900, compile_queries=900)
    assert "| **5.51 s** |" in table(compile=5.51)
    slow = {**COMPILED, "compile": 3.1, "freeze": 1.1, "compile_queries": 101, "megabytes": 301}
    assert as_markdown([(1, slow, BOOKS)]).count("**") == 8


def test_volumes_stand_at_the_size_of_the_plan():
    made = {"seconds": 4.2, "conclusions": 198, "size": 7_800_000, "typesetter": 532.4}
    told = as_markdown(
        [(1, COMPILED, BOOKS), (10, COMPILED, BOOKS)],
        {"main": made, "annex": {**made, "seconds": 61}},
    )
    assert "| main volume as PDF (198 conclusions, 7.8 MB) | 4.2 s |  | ≤ 5 s |" in told
    assert "| peak memory of its typesetter | 532 MB |  |  |" in told
    assert "| **61.0 s** |  | ≤ 60 s |" in told


def test_it_is_kept_between_its_marks(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    keep("new", file, BEGIN, END)
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    text = PERFORMANCE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


@pytest.mark.django_db
def test_compiling_is_measured_on_editions_of_its_own(world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    found = measure_review.compile_once_and_again()
    assert Edition.objects.count() == measure_review.ROUNDS
    assert found["lines"] == Edition.objects.first().lines.count()
    assert 0 < found["freeze_queries"] < found["compile_queries"] < 100
    assert measure_review.compile_once_and_again()["lines"] == found["lines"]


@pytest.mark.django_db
def test_a_volume_is_set_with_all_its_conclusions(world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    measure_review.compile_once_and_again()
    found = measure_review.make_document("main")
    assert found["conclusions"] > 4
    assert found["seconds"] > 0 and found["size"] > 10_000
    assert found["typesetter"] > 10


@pytest.mark.django_db
def test_workbooks_hold_the_same_reports(world, tmp_path):
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    report.values.create(indicator=indicator, actual=3)
    assert measure_review.write_workbooks(str(tmp_path / "books"), "2") == {"rows": 2}
    found = measure_review.read_workbooks(str(tmp_path / "books"))
    assert found["rows"] == 2
    assert found["seconds"] > 0
