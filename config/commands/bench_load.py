"""./bench load: the last day of filing, five hundred people on one machine; nothing may be lost."""

import json
import os
import socket
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.commands import servers
from config.commands.environment import PYTHON, ROOT, install, make_writable, say
from config.commands.performance import PERFORMANCE, keep
from config.commands.problem import Problem
from config.commands.processes import Processes
from config.commands.served import GUNICORN, WORKERS, fill
from config.commands.step import run_step

BEGIN = "<!-- measured by ./bench load -->"
END = "<!-- end of ./bench load -->"
USERS = "50,100,200,350,500"
MOST_PEOPLE = 500
KNEE_SECONDS = 30
# All of them think a half, a fourth … of the time, until the machine has nothing left to give: so
# many times more requests have come to it, and no more than so many times more were answered.
MOST_HURRY, KNEE = 64, 1.1
# Behind several machines the question is whether it is right, not whether it stays so.
SHARED_SECONDS = 180
# People come during the first seconds; a load that does not end by itself is ended after the last.
RAMP_SECONDS, SLACK_SECONDS = 10, 120
START_SECONDS = 60
# What must hold on two cores: p95 of reading and of writing, in seconds; growth of a process in
# per cent between the first third and the end.
READ_SECONDS, WRITE_SECONDS, GROWTH = 1.0, 2.0, 10
KINDS = (
    "overview", "measure", "desk", "form", "tree", "search", "API",
    "autosave", "save", "submit", "sign_off", "withdraw",
)  # fmt: skip
WRITES = KINDS[7:]
CELERY = [str(PYTHON), "-m", "celery", "-A", "config"]


def bench_load(
    env: dict[str, str],
    folder: Path,
    processes: Processes,
    *,
    users: str,
    minutes: float,
    machines: int,
    write: bool,
) -> int:
    """Open a year, serve it, raise the number of people step by step, keep all of them for
    `minutes`, count what arrived; the same behind `machines`, where there are to be more than one.
    """
    steps = _numbers(users)
    make_writable(ROOT / "var")
    install("requirements-dev.lock", processes)
    env = env | {
        **WORKERS,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "STATIC_ROOT": str(folder / "static"),
        "REDIS_URL": servers.start_redis(folder / "redis", processes),
    }
    fill(env, processes)
    measure = [str(PYTHON), "-m", "config.commands.measure_load"]
    file = folder / "load.json"
    ports = _serve(1, env, folder, processes)
    run_step([*measure, "open", str(file), str(ports[0])], env, processes)
    knee = []
    for people in steps:
        say(f"{people} 人… {people} people …")
        knee.append(_load(people, 1, KNEE_SECONDS, ports, file, env, processes))
    while not is_full(knee) and knee[-1]["hurry"] < MOST_HURRY:
        hurry = 2 * knee[-1]["hurry"]
        say(f"{steps[-1]} 人，快 {hurry} 倍… The same in a hurry, {hurry} times as fast …")
        knee.append(_load(steps[-1], hurry, KNEE_SECONDS, ports, file, env, processes))
    say(f"{steps[-1]} 人，{minutes:g} 分鐘… {steps[-1]} people for {minutes:g} minutes …")
    days = [_load(steps[-1], 1, minutes * 60, ports, file, env, processes)]
    if machines > 1:
        _stop(processes)
        ports = _serve(machines, env, folder, processes)
        seconds = min(minutes * 60, SHARED_SECONDS)
        say(f"{machines} 臺… The same behind {machines} …")
        days.append(_load(steps[-1], 1, seconds, ports, file, env, processes))
    found = json.loads(run_step([*measure, "count", str(file)], env, processes).splitlines()[-1])
    table = as_markdown(found, knee, days, machines)
    print(table)
    if write:
        keep(table, PERFORMANCE, BEGIN, END)
    return 1 if found["lost"] or any(stage["errors"] for stage in [*knee, *days]) else 0


def _numbers(users: str) -> list[int]:
    """Numbers of people, rising; there are accounts for the last of them at most."""
    try:
        found = sorted({int(text) for text in users.split(",")})
    except ValueError:
        found = []
    if not found or not 1 <= found[0] <= found[-1] <= MOST_PEOPLE:
        raise Problem(
            f"--users 要像 {USERS}，最多 {MOST_PEOPLE}。",
            f"--users: give numbers such as {USERS}, at most {MOST_PEOPLE}.",
        )
    return found


# --- processes ------------------------------------------------------------------------------------
def _serve(machines: int, env: dict[str, str], folder: Path, processes: Processes) -> list[int]:
    """So many web processes and workers, and one clock; the ports of the web processes."""
    ports = []
    for number in range(machines):
        ports.append(port := servers.free_port())
        web = [*GUNICORN, f"--bind=127.0.0.1:{port}"]
        worker = [
            *CELERY, "worker", "--loglevel=WARNING", "--concurrency=2",
            f"--hostname=worker{number}@%h",
        ]  # fmt: skip
        for name, argv in ((f"web {number + 1}", web), (f"worker {number + 1}", worker)):
            log = folder / f"{name.replace(' ', '-')}.log"
            processes.start(name, argv, cwd=ROOT, env=env, log=log)
    beat = [*CELERY, "beat", "--loglevel=WARNING", "--pidfile="]
    processes.start("beat", beat, cwd=ROOT, env=env, log=folder / "beat.log")
    # Bound once the site is loaded: who connects is answered.
    until = time.monotonic() + START_SECONDS
    while not all(map(_listens, ports)):
        if time.monotonic() > until:
            raise Problem("網頁伺服器沒有啟動。", "A web server did not start.")
        time.sleep(0.2)
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _stop(processes: Processes) -> None:
    for name in [name for name in processes.children if name.split()[0] in ("web", "worker")]:
        processes.stop(name)
    processes.stop("beat")


def _load(
    users: int,
    hurry: int,
    seconds: float,
    ports: list[int],
    file: Path,
    env: dict[str, str],
    processes: Processes,
) -> dict[str, Any]:
    """What `load_people` printed, with the memory of each process at four moments."""
    log = file.with_name("people.log")
    log.unlink(missing_ok=True)
    argv = [str(PYTHON), "-m", "config.commands.load_people", str(file)]
    argv += map(str, (users, hurry, seconds, *ports))
    child = processes.start("people", argv, cwd=ROOT, env=env, log=log)
    began = time.monotonic()
    moments = [RAMP_SECONDS + seconds * share for share in (0, 1 / 3, 2 / 3)]
    samples = []
    while child.poll() is None:
        passed = time.monotonic() - began
        if moments and passed >= moments[0]:
            samples.append(_memory(processes))
            moments.pop(0)
        if passed > RAMP_SECONDS + seconds + SLACK_SECONDS:
            raise Problem("人沒有在時間內離開。", "The people did not leave in time.")
        time.sleep(0.2)
    samples.append(_memory(processes))
    del processes.children["people"]
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if child.returncode or not lines:
        raise Problem("\n".join(lines[-15:]), "The load broke off.")
    return json.loads(lines[-1]) | {"memory": samples}


def _memory(processes: Processes) -> dict[str, float]:
    """Megabytes of each process of ours, children apart; pages that they share are shared out."""
    found = {}
    for name, child in processes.children.items():
        if name.split()[0] not in ("web", "worker", "beat", "redis"):
            continue
        found[name] = _megabytes(child.pid)
        for number, pid in enumerate(sorted(_children(child.pid)), start=1):
            found[f"{name}, child {number}"] = _megabytes(pid)
    return found


def _children(pid: int) -> Iterable[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return map(int, tasks.read_text().split()) if tasks.exists() else ()


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended a moment ago, or this is no Linux
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


# --- telling --------------------------------------------------------------------------------------
def percentile(values: list[float], share: int) -> float:
    """The smallest value that `share` per cent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * share // 100) - 1, 0)]


def as_markdown(found: dict[str, Any], knee: list[dict], days: list[dict], machines: int) -> str:
    """What was counted and timed; bold where it misses what must hold."""
    errors: Counter[str] = Counter()
    for stage in [*knee, *days]:
        errors.update(stage["errors"])
    saved = ", ".join(f"{number} × {kind}" for kind, number in sorted(found["saved"].items()))
    lost = ", ".join(f"**{number}** {what}" for what, number in found["lost"].items())
    wrong = ", ".join(f"**{number}** {what}" for what, number in errors.items())
    lines = [
        f"{found['people']} people of {found['ministries']} bodies with {found['reports']} reports;"
        f" three web processes of two threads, PostgreSQL and Redis on {os.cpu_count()} cores,"
        f" which the people's own program shares; {found['day']}.",
        "",
        "| | | goal |",
        "|---|--:|--:|",
        f"| answered as saved: {saved} | {sum(found['saved'].values()):,} | |",
        f"| of these not in text, version, history, audit, receipts or outbox | {lost or 0} | 0 |",
        f"| answers that were not as they should be | {wrong or 0} | 0 |",
        f"| mails sent by the workers | {found['mails']:,} | |",
        "",
        "| people | as fast | requests a second | writes | p50 | p95 | p99 |",
        "|--:|--:|--:|--:|--:|--:|--:|",
        *(_total(stage) for stage in knee),
    ]
    for stage, number in zip(days, (1, machines), strict=False):
        lines += ["", *_day(stage, number)]
    return "\n".join([*lines, "", *_steady(days[0])])


def is_full(knee: list[dict]) -> bool:
    """Whether twice the haste of the same people brought (almost) no more answers."""
    if len(knee) < 2 or knee[-1]["hurry"] == 1:
        return False
    before, now = map(_throughput, knee[-2:])
    return now < KNEE * before


def _throughput(stage: dict) -> float:
    """Answers a second."""
    return sum(map(len, stage["times"].values())) / stage["seconds"]


def _total(stage: dict) -> str:
    times = [value for values in stage["times"].values() for value in values]
    writes = sum(len(stage["times"].get(kind, [])) for kind in WRITES)
    return (
        f"| {stage['users']} | {stage['hurry']} × | {_throughput(stage):.1f} "
        f"| {100 * writes / max(len(times), 1):.0f} % | {_three(times)} |"
    )


def _day(stage: dict, machines: int) -> list[str]:
    """Each kind of request, with all people present."""
    many = f"{machines} web processes and {machines} workers"
    where = "one web process and one worker" if machines == 1 else many
    lines = [
        f"{stage['users']} people for {stage['seconds'] / 60:g} minutes, {where}:",
        "",
        "| | requests | p50 | p95 | p99 | goal of p95 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind in KINDS:
        if times := stage["times"].get(kind):
            goal = WRITE_SECONDS if kind in WRITES else READ_SECONDS
            lines.append(
                f"| {kind} | {len(times):,} | {_three(times, goal)} | ≤ {goal * 1000:,.0f} |"
            )
    return [*lines, f"| all, a second | {_throughput(stage):.1f} | | | | |"]


def _three(times: list[float], goal: float | None = None) -> str:
    """Milliseconds at the middle and at the two ends that matter."""
    if not times:
        return "– | – | –"
    middle, high, highest = (percentile(times, share) for share in (50, 95, 99))
    bold = "**" if goal is not None and high > goal else ""
    return f"{middle * 1000:.0f} | {bold}{high * 1000:.0f}{bold} | {highest * 1000:.0f}"


def _steady(stage: dict) -> list[str]:
    """Memory of each process at the start, at both thirds and at the end of the long run."""
    lines = [
        f"Memory in MB during these {stage['seconds'] / 60:g} minutes (growth from the first third"
        f" to the end, at most {GROWTH} %):",
        "",
        "| process | start | ⅓ | ⅔ | end | growth |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    start, first, second, end = stage["memory"]
    for name in end:
        at = [sample.get(name, 0.0) for sample in (start, first, second, end)]
        growth = 100 * (at[3] / at[1] - 1) if at[1] else 0.0
        bold = "**" if growth > GROWTH else ""
        cells = " | ".join(f"{value:.0f}" for value in at)
        lines.append(f"| {name} | {cells} | {bold}{growth:+.1f} %{bold} |")
    return lines
