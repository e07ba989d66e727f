"""./bench review: what compiling four full years costs, once and ten times the plan's size."""

import json
from pathlib import Path
from typing import Any

from config.commands.environment import PYTHON, ROOT, install, make_writable, say
from config.commands.performance import PERFORMANCE, keep
from config.commands.processes import Processes
from config.commands.step import run_step

SCALES = (1, 10)
WORKBOOKS = 21
BEGIN = "<!-- measured by ./bench review -->"
END = "<!-- end of ./bench review -->"
# What must hold: seconds, queries and MB at the plan's own size, and how much ten times may cost.
FREEZE_SECONDS, COMPILE_SECONDS, QUERIES, MEGABYTES, TIMES = 1.0, 3.0, 100, 300, 11.0
# Volumes as PDF, at the plan's own size only: their names and the seconds that they may take.
VOLUMES = {"main": ("main volume", 5), "annex": ("annex volume", 60)}

Measured = dict[str, Any]


def bench_review(env: dict[str, str], folder: Path, processes: Processes, *, write: bool) -> int:
    """Measure on the database that `env` names, print the table and, if asked, keep it."""
    make_writable(ROOT / "var")
    # Reading workbooks needs packages that the system itself does not.
    install("requirements-dev.lock", processes)
    manage = [str(PYTHON), "manage.py"]
    run_step([*manage, "migrate", "--verbosity=0"], env, processes)
    run_step([*manage, "load_plan"], env, processes)
    found: list[tuple[int, Measured, Measured]] = []
    volumes: dict[str, Measured] = {}
    for scale in SCALES:
        say(f"×{scale} …")
        seed = ["seed_demo", "--years=110-113", "--complete", f"--scale={scale}"]
        run_step([*manage, *seed], env, processes)
        compiled = _measured(["compile"], env, processes)
        if scale == 1:
            volumes = {kind: _measured(["document", kind], env, processes) for kind in VOLUMES}
        books = folder / f"workbooks-{scale}"
        _measured(["write", str(books), str(WORKBOOKS)], env, processes)
        found.append((scale, compiled, _measured(["read", str(books)], env, processes)))
    table = as_markdown(found, volumes)
    print(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 0


def _measured(args: list[str], env: dict[str, str], processes: Processes) -> Measured:
    """Each in a process of its own, so that the peak of memory is its own too."""
    argv = [str(PYTHON), "-m", "config.commands.measure_review", *args]
    return json.loads(run_step(argv, env, processes).splitlines()[-1])


def as_markdown(
    found: list[tuple[int, Measured, Measured]], volumes: dict[str, Measured] | None = None
) -> str:
    """The table of `docs/performance.md`; what misses its goal stands out."""
    once = found[0][1]
    lines = [
        f"{once['machine']}; {once['database']}; medians of {once['rounds']} runs.",
        "",
        "| | " + " | ".join(f"× {scale}" for scale, *_ in found) + " | goal at × 1 |",
        "|---|" + "---:|" * (len(found) + 1),
    ]

    def row(name: str, cells: list[str], goal: str = "") -> None:
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {goal} |")

    def marked(text: str, missed: bool) -> str:
        return f"**{text}**" if missed else text

    def seconds(name: str, most: float) -> list[str]:
        cells = []
        for scale, compiled, _books in found:
            own = compiled[name]
            missed = own > most if scale == 1 else own > TIMES * once[name]
            cells.append(marked(f"{own:.2f} s", missed))
        return cells

    row("snapshot lines", [f"{compiled['lines']:,}" for _, compiled, _ in found])
    row("freeze", seconds("freeze", FREEZE_SECONDS), f"≤ {FREEZE_SECONDS:.0f} s")
    row("queries of it", _counted(found, "freeze_queries", marked), f"≤ {QUERIES}")
    row("standing", [f"{compiled['standing']:.2f} s" for _, compiled, _ in found])
    row("whole compile", seconds("compile", COMPILE_SECONDS), f"≤ {COMPILE_SECONDS:.0f} s")
    row("queries of it", _counted(found, "compile_queries", marked), f"≤ {QUERIES}")
    row(
        "× the time of × 1",
        [f"{compiled['compile'] / once['compile']:.1f}" for _, compiled, _ in found],
        f"× 10: ≤ {TIMES:.0f}",
    )
    row(
        "peak memory",
        [
            marked(
                f"{compiled['megabytes']:.0f} MB", scale == 1 and compiled["megabytes"] > MEGABYTES
            )
            for scale, compiled, _ in found
        ],
        f"≤ {MEGABYTES} MB",
    )
    empty = [""] * (len(found) - 1)
    for kind, made in (volumes or {}).items():
        name, most = VOLUMES[kind]
        told = marked(f"{made['seconds']:.1f} s", made["seconds"] > most)
        what = f"{name} as PDF ({made['conclusions']} conclusions, {made['size'] / 1e6:.1f} MB)"
        row(what, [told, *empty], f"≤ {most} s")
        row("peak memory of its typesetter", [f"{made['typesetter']:.0f} MB", *empty])
    row(
        f"beside: {WORKBOOKS} workbooks of the same reports and actuals, read and merged by pandas",
        [f"{books['seconds']:.2f} s" for *_, books in found],
    )
    row("their rows", [f"{books['rows']:,}" for *_, books in found])
    row("their peak memory", [f"{books['megabytes']:.0f} MB" for *_, books in found])
    return "\n".join(lines)


def _counted(found: list[tuple[int, Measured, Measured]], name: str, marked) -> list[str]:
    return [
        marked(str(compiled[name]), scale == 1 and compiled[name] > QUERIES)
        for scale, compiled, _ in found
    ]
