"""./bench pages: every read page with one plan and with a hundred, side by side."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

from config.commands.environment import PYTHON, say
from config.commands.measure import percentile
from config.commands.measure_pages import ABOUT_ONE_PLAN
from config.commands.performance import PERFORMANCE, keep
from config.commands.processes import Processes
from config.commands.step import run_step

BEGIN = "<!-- measured by ./bench pages -->"
END = "<!-- end of ./bench pages -->"
PLAN = "nstp-110-113"
# The databases are measured in turn, so that a busy moment of the machine falls on all alike.
ROUNDS = 5
# What must hold: how much more a page about one plan may cost, and the overview's sums beside SQL.
TIMES, SUMS = 1.5, 3.0
_ONE = frozenset(name for name, *_rest in ABOUT_ONE_PLAN)

Measured = dict[str, Any]


def bench_pages(
    envs: dict[int, dict[str, str]], processes: Processes, *, repeats: int, write: bool
) -> int:
    """Seed and measure the database of each environment, by its number of plans; print the table
    and, if asked, keep it.
    """
    manage = [str(PYTHON), "manage.py"]
    for plans, env in envs.items():
        say(f"×{plans} …")
        run_step([*manage, "migrate", "--verbosity=0"], env, processes)
        run_step([*manage, "load_plan"], env, processes)
        run_step([*manage, "seed_demo", "--years=110-113", f"--plans={plans}"], env, processes)
        run_step([*manage, "collectstatic", "--no-input", "--verbosity=0"], env, processes)
    found: dict[int, list[Measured]] = {plans: [] for plans in envs}
    argv = [str(PYTHON), "-m", "config.commands.measure_pages", f"--plan={PLAN}"]
    argv.append(f"--repeats={max(repeats // ROUNDS, 1)}")
    for _ in range(ROUNDS):
        for plans, env in envs.items():
            found[plans].append(json.loads(run_step(argv, env, processes).splitlines()[-1]))
    table = as_markdown({plans: together(rounds) for plans, rounds in found.items()})
    say(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 0


def together(rounds: Sequence[Measured]) -> Measured:
    """Several rounds on one database as one: all their times; the rest as the last one found it."""
    last = rounds[-1]
    return {
        **last,
        "pages": {
            name: {**page, "times": [t for one in rounds for t in one["pages"][name]["times"]]}
            for name, page in last["pages"].items()
        },
        "aggregate": {
            name: [time for one in rounds for time in one["aggregate"][name]]
            for name in last["aggregate"]
        },
    }


# --- telling --------------------------------------------------------------------------------------
def as_markdown(found: dict[int, Measured]) -> str:
    """The table of `docs/performance.md`; what misses its goal stands out."""
    sizes = list(found)
    first, last = found[sizes[0]], found[sizes[-1]]
    repeats = max(len(page["times"]) for page in first["pages"].values())
    heads = [f"{what} × {size}" for size in sizes for what in ("queries", "median", "p95")]
    lines = [
        f"{first['machine']} Pages about one plan {repeats} times, the others a tenth of it, in"
        " milliseconds of server time.",
        "",
    ]
    for size in sizes:
        counts = found[size]["counts"]
        lines.append(
            f"- × {size}: {counts['plan']:,} plans, {counts['measure']:,} measures, "
            f"{counts['progressreport']:,} reports"
        )
    lines += [
        "",
        f"| page | {' | '.join(heads)} | p95 ratio | reads whole |",
        f"|---|{'--:|' * (len(heads) + 1)}---|",
    ]
    for about, title in ((True, "about one plan"), (False, "across plans")):
        lines.append(f"| **{title}** {'| ' * (len(heads) + 2)}|")
        for name in first["pages"]:
            if (name in _ONE) == about:
                lines.append(_row(name, [found[size]["pages"][name] for size in sizes], about))
    lines += [
        "",
        f"Goals: as many queries at each size; for pages about one plan p95 ≤ {TIMES} × that of "
        f"× {sizes[0]}. What misses one is in bold. *Reads whole*: large tables that a query of "
        f"the page reads from end to end at × {sizes[-1]}.",
        "",
        "| sums of the overview | page | one SQL statement | ratio | goal |",
        "|---|--:|--:|--:|--:|",
    ]
    for size in sizes:
        page, sql = (statistics.median(found[size]["aggregate"][name]) for name in ("page", "sql"))
        ratio = _marked(f"{page / sql:.1f}", page / sql > SUMS)
        lines.append(f"| × {size} | {page:.1f} | {sql:.1f} | {ratio} | ≤ {SUMS:g} |")
    lines += ["", f"At the end: {last['machine'].rsplit('. ', 1)[-1]}"]
    return "\n".join(lines)


def _row(name: str, pages: list[Measured], about_one: bool) -> str:
    cells = []
    for page in pages:
        queries = _marked(str(page["queries"]), page["queries"] != pages[0]["queries"])
        median, p95 = statistics.median(page["times"]), percentile(page["times"], 95)
        cells += [queries, f"{median:.1f}", f"{p95:.1f}"]
    ratio = percentile(pages[-1]["times"], 95) / percentile(pages[0]["times"], 95)
    cells.append(_marked(f"{ratio:.2f}", about_one and ratio > TIMES))
    scans = ", ".join(f"`{table}`" for table in pages[-1]["scans"])
    return f"| {name} | {' | '.join(cells)} | {scans} |"


def _marked(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text
