"""./bench search: how soon four readers find three kinds of words in 166,400 reports."""

import json
import statistics
from pathlib import Path
from typing import Any

from config.commands.environment import PYTHON, ROOT, install, make_writable, say
from config.commands.measure import percentile
from config.commands.performance import PERFORMANCE, keep
from config.commands.problem import Problem
from config.commands.processes import Processes
from config.commands.step import run_step

BEGIN = "<!-- measured by ./bench search -->"
END = "<!-- end of ./bench search -->"
# What must hold of each p95, in milliseconds.
GOAL = 100
REPEATS = 40


def bench_search(env: dict[str, str], folder: Path, processes: Processes, *, write: bool) -> int:
    """Fill the database, measure, print the table and, if asked, keep it. Raises Problem without
    PostgreSQL, which has the only index.
    """
    if not env["DATABASE_URL"].startswith("postgresql:"):
        raise Problem("./bench search 需要 PostgreSQL。", "./bench search needs PostgreSQL.")
    make_writable(ROOT / "var")
    install("requirements.lock", processes)
    env = env | {"STATIC_ROOT": str(folder / "static")}
    manage = [str(PYTHON), "manage.py"]
    run_step([*manage, "migrate", "--verbosity=0"], env, processes)
    run_step([*manage, "collectstatic", "--no-input", "--verbosity=0"], env, processes)
    argv = [str(PYTHON), "-m", "config.commands.measure_search", str(REPEATS)]
    table = as_markdown(json.loads(run_step(argv, env, processes).splitlines()[-1]))
    say(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 0


def as_markdown(found: dict[str, Any]) -> str:
    """What `measure_search` printed; a p95 that misses the goal stands out."""
    lines = [
        found["machine"],
        "",
        f"{found['reports']:,} reports; each question asked {found['times']} times on "
        f"{found['day']}, in milliseconds of server time.",
        "",
        "| who | words | p50 | p95 | goal | CPU | queries |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in found["rows"]:
        p95 = percentile(row["times"], 95)
        bold = "**" * (p95 > GOAL)
        lines.append(
            f"| {row['who']} | {row['words']} | {statistics.median(row['times']):.1f} "
            f"| {bold}{p95:.1f}{bold} | {GOAL} | {statistics.median(row['cpu_times']):.1f} "
            f"| {row['queries']} |"
        )
    return "\n".join(lines)
