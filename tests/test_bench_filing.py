"""./bench filing tells what was lost, and its table says what missed its goal."""

from config.commands.bench_filing import BEGIN, END, PERFORMANCE, as_markdown, keep

FOUND = {
    "people": 50, "rounds": 4, "reports": 201, "letters": 1600, "database": "postgresql",
    "median": 0.5, "p95": 1.0, "slowest": 1.2, "alone": 0.06, "lost": {}, "day": "2026-11-24",
}  # fmt: skip


def test_the_table_shows_what_missed_its_goal():
    assert "**" not in as_markdown(FOUND)
    assert "| p95 | **1.01 s** | ≤ 1 s |" in as_markdown({**FOUND, "p95": 1.01})
    assert "| **3** text, **1** mail | 0 |" in as_markdown(
        {**FOUND, "lost": {"text": 3, "mail": 1}}
    )


def test_it_is_kept_between_its_marks(tmp_path):
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    keep("new", file, BEGIN, END)
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    text = PERFORMANCE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
