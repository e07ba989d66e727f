"""./bench charts: how soon a page of charts can be used in Chromium, and what it weighs."""

import json
from pathlib import Path
from typing import Any

from config.commands import servers
from config.commands.environment import PYTHON, ROOT, install, make_writable
from config.commands.performance import PERFORMANCE, keep
from config.commands.processes import Processes
from config.commands.step import run_step

BEGIN = "<!-- measured by ./bench charts -->"
END = "<!-- end of ./bench charts -->"
# What must hold with a cold cache from localhost: seconds since navigation began, kB on the wire.
SECONDS, KILOBYTES = 1.5, 700
REPEATS = 10


def bench_charts(env: dict[str, str], folder: Path, processes: Processes, *, write: bool) -> int:
    """Serve the demo plan as ./run does, open the page with a cold cache, print the table."""
    make_writable(ROOT / "var")
    # The browser is driven by a package that the system itself does not need.
    install("requirements-dev.lock", processes)
    env = env | {"STATIC_ROOT": str(folder / "static")}
    manage = [str(PYTHON), "manage.py"]
    for step in (
        ["migrate", "--verbosity=0"],
        ["load_plan"],
        ["seed_demo", "--years", "110-111"],
        ["collectstatic", "--no-input", "--verbosity=0"],
    ):
        run_step([*manage, *step], env, processes)
    port = servers.free_port()
    serve = ["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}", "--threads=8"]
    processes.start("web", [str(PYTHON), "-m", *serve], cwd=ROOT, env=env, log=folder / "web.log")
    measure = ["config.commands.measure_charts", f"http://localhost:{port}", str(REPEATS)]
    found = json.loads(run_step([str(PYTHON), "-m", *measure], env, processes).splitlines()[-1])
    table = as_markdown(found)
    print(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 0


def as_markdown(found: dict[str, Any]) -> str:
    """What `measure_charts` printed, against what must hold; bold where it does not."""

    def cell(value: float, limit: float, unit: str, digits: int) -> str:
        text = f"{value:.{digits}f} {unit}"
        return f"**{text}**" if value > limit else text

    return "\n".join(
        [
            f"{found['charts']} charts on one page ({found['page']}), {found['times']} times with a"
            f" cold cache, {found['browser']}; measured on {found['day']}.",
            "",
            "| | median | slowest | goal |",
            "|---|--:|--:|--:|",
            "| all charts drawn after navigation began"
            f" | {cell(found['median'], SECONDS, 's', 2)}"
            f" | {cell(found['slowest'], SECONDS, 's', 2)} | ≤ {SECONDS} s |",
            f"| on the wire, {found['requests']} requests"
            f" | {cell(found['kilobytes'], KILOBYTES, 'kB', 0)} | | ≤ {KILOBYTES} kB |",
        ]
    )
