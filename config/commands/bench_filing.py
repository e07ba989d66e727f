"""./bench filing: many people send their reports at the same moment; nothing may be lost."""

import json
from pathlib import Path
from typing import Any

from config.commands import servers
from config.commands.environment import PYTHON, ROOT, install, make_writable
from config.commands.performance import PERFORMANCE, keep
from config.commands.processes import Processes
from config.commands.served import GUNICORN, WORKERS, fill
from config.commands.step import run_step

BEGIN = "<!-- measured by ./bench filing -->"
END = "<!-- end of ./bench filing -->"
# What must hold: this many at once, on PostgreSQL and two cores, in seconds.
PEOPLE, SECONDS = 50, 1.0
ROUNDS = 4


def bench_filing(env: dict[str, str], folder: Path, processes: Processes, *, write: bool) -> int:
    """Open a year, serve it, let everybody submit at once, count what arrived, print the table."""
    make_writable(ROOT / "var")
    install("requirements.lock", processes)
    env = env | {
        **WORKERS,
        "STATIC_ROOT": str(folder / "static"),
        "REDIS_URL": servers.start_redis(folder / "redis", processes),
    }
    fill(env, processes)
    port = servers.free_port()
    serve = [*GUNICORN, f"--bind=127.0.0.1:{port}"]
    processes.start("web", serve, cwd=ROOT, env=env, log=folder / "web.log")
    measure = ["config.commands.measure_filing", str(port), str(PEOPLE), str(ROUNDS)]
    found = json.loads(run_step([str(PYTHON), "-m", *measure], env, processes).splitlines()[-1])
    table = as_markdown(found)
    print(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 1 if found["lost"] else 0


def as_markdown(found: dict[str, Any]) -> str:
    """What `measure_filing` printed, against what must hold; bold where it does not."""

    def seconds(value: float, goal: float | None = None) -> str:
        text = f"{value:.2f} s"
        return f"**{text}**" if goal is not None and value > goal else text

    lost = ", ".join(f"**{number}** {what}" for what, number in found["lost"].items())
    return "\n".join(
        [
            f"{found['people']} people at once, {found['rounds']} times, {found['reports']} reports"
            f" of about {found['letters']:,} characters; {found['database']}; measured on"
            f" {found['day']}.",
            "",
            "| from the press of the button to the answer | | goal |",
            "|---|--:|--:|",
            f"| median | {seconds(found['median'])} | |",
            f"| p95 | {seconds(found['p95'], SECONDS)} | ≤ {SECONDS:g} s |",
            f"| slowest | {seconds(found['slowest'])} | |",
            f"| one alone | {seconds(found['alone'])} | |",
            f"| reports, histories or mails that differ from what was sent | {lost or 0} | 0 |",
        ]
    )
