"""./bench: how long pages, API and commands take, on a database of its own."""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from config.commands import servers
from config.commands.bench_charts import bench_charts
from config.commands.bench_filing import bench_filing
from config.commands.bench_load import USERS, bench_load
from config.commands.bench_pages import bench_pages
from config.commands.bench_review import bench_review
from config.commands.bench_search import bench_search
from config.commands.environment import PYTHON, ROOT, install, make_writable, say, speak_utf8
from config.commands.problem import Problem
from config.commands.processes import Processes, supervised
from config.commands.step import run_step

DESCRIPTION = """\
載入整份計畫與兩年示範填報到自己的資料庫，量每個頁面與API的伺服器時間，並與同一組中介軟體下的空白頁面、
與同樣查詢直接執行的時間並列。./bench run 改量 ./run 第一次與再次啟動到首頁的秒數；
./bench pages 改量每個可讀的頁面，一個計畫與一百個計畫並列；
./bench review 改量四年全滿的評估彙編，計畫本身與十倍，並與用 pandas 合併21個活頁簿並列；
./bench filing 改量五十個人同時送出報告，並核對有沒有遺失；
./bench search 改量在166,400件報告裡查找；
./bench load 改量截止日：五百個人同時填、查、簽，並核對有沒有遺失。

Loads the whole plan and two filled years into a database of its own and measures the server time
of pages and API beside an empty view under the same middleware and beside their bare SQL.
./bench run measures how long ./run takes to its first page instead, cold and warm; ./bench pages
measures every page that is read, with one plan and with a hundred; ./bench review measures
compiling four full years, as large as the plan and ten times, beside merging 21 workbooks;
./bench filing measures fifty people submitting at once, and whether anything was lost;
./bench search measures searching among 166,400 reports;
./bench load measures the last day of filing, with five hundred people, and counts afterwards.
"""
# Set here; the caller's own must not reach the database or settings of the bench.
OURS = {
    "ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DEPLOYMENT", "EMAIL_URL", "REDIS_URL", "SECRET_KEY",
    "SITE_URL", "STATIC_ROOT", "VAR_DIR",
}  # fmt: skip
FIRST_PAGE_SECONDS = 600


def main() -> int:
    speak_utf8()
    parser = argparse.ArgumentParser(
        prog="./bench",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what", nargs="?", choices=["pages", "run", "review", "charts", "filing", "search", "load"]
    )
    parser.add_argument(
        "--sqlite", action="store_true", help="用 SQLite，不用 PostgreSQL use SQLite"
    )
    parser.add_argument(
        "--times",
        default="1,100",
        metavar="N,…",
        help="計畫數，用於 pages numbers of plans, for pages (1,100)",
    )
    parser.add_argument(
        "--repeats", type=int, default=100, metavar="N", help="每頁次數 times a page (100)"
    )
    parser.add_argument(
        "--users",
        default=USERS,
        metavar="N,…",
        help=f"人數一步步增加，用於 load numbers of people, for load ({USERS})",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=1.5,
        metavar="M",
        help="全部的人待多久，用於 load how long all people stay, for load (1.5)",
    )
    parser.add_argument(
        "--machines",
        type=int,
        default=1,
        metavar="N",
        help="再放到 N 臺後面量一次，用於 load the same again behind N machines, for load (1)",
    )
    parser.add_argument(
        "--write", action="store_true", help="寫進 docs/performance.md write the table there"
    )
    options = parser.parse_args()
    # Short, since the path of a socket holds about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="nstp-", dir="/tmp"))
    try:
        return supervised(lambda processes: _bench(options, folder, processes))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bench(options: argparse.Namespace, folder: Path, processes: Processes) -> int:
    if options.what == "run":
        return _bench_run(folder, processes)
    if options.what == "charts":
        env = _environment(folder, _database(options, folder, processes))
        return bench_charts(env, folder, processes, write=options.write)
    if options.what == "filing":
        env = _environment(folder, _database(options, folder, processes))
        return bench_filing(env, folder, processes, write=options.write)
    if options.what == "search":
        env = _environment(folder, _database(options, folder, processes))
        return bench_search(env, folder, processes, write=options.write)
    if options.what == "load":
        if servers.postgres_folder() is None:
            raise Problem("截止日要在 PostgreSQL 上量。", "./bench load needs PostgreSQL.")
        database = servers.start_postgres(folder / "postgres", processes, durable=True)
        return bench_load(
            _environment(folder, database),
            folder,
            processes,
            users=options.users,
            minutes=options.minutes,
            machines=options.machines,
            write=options.write,
        )
    if options.what == "review":
        env = _environment(folder, _database(options, folder, processes))
        return bench_review(env, folder, processes, write=options.write)
    if options.what == "pages":
        make_writable(ROOT / "var")
        install("requirements.lock", processes)
        envs = {
            plans: _environment(folder, database)
            for plans, database in _databases(options, folder, processes).items()
        }
        return bench_pages(envs, processes, repeats=options.repeats, write=options.write)
    return _bench_site(options, folder, processes)


def _environment(folder: Path, database: str) -> dict[str, str]:
    """A trial deployment, as ./run starts it, with DEBUG off."""
    return {
        **{name: value for name, value in os.environ.items() if name not in OURS},
        "DEPLOYMENT": "trial",
        "DEBUG": "False",
        "ALLOWED_HOSTS": "localhost",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": database,
        "VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUTF8": "1",
        # Calls are counted as ever, and nobody is kept out.
        "API_RATE_ANONYMOUS": "1000000000",
        "API_RATE_SIGNED_IN": "1000000000",
        "API_RATE_DOWNLOAD": "1000000000",
        "RATE_SEARCH": "1000000000",
        "RATE_EXPORT": "1000000000",
        "RATE_SIGN_IN": "1000000000",
    }


def _database(options: argparse.Namespace, folder: Path, processes: Processes) -> str:
    """Address of an empty database: a PostgreSQL of our own where one is found, else SQLite."""
    if options.sqlite or servers.postgres_folder() is None:
        return f"sqlite:///{folder / 'bench.sqlite3'}"
    return servers.start_postgres(folder / "postgres", processes)


def _databases(options: argparse.Namespace, folder: Path, processes: Processes) -> dict[int, str]:
    """An empty database for each number of plans, on one server."""
    try:
        sizes = sorted({int(text) for text in options.times.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise Problem("--times 要像 1,100。", "--times: give numbers such as 1,100.")
    if options.sqlite or servers.postgres_folder() is None:
        return {plans: f"sqlite:///{folder / f'plans-{plans}.sqlite3'}" for plans in sizes}
    server, _slash, name = servers.start_postgres(folder / "postgres", processes).rpartition("/")
    found = {}
    for plans in sizes:
        env = _environment(folder, f"{server}/{name}")
        make = (
            f"import django; django.setup(); from django.db import connection as c; "
            f"c.cursor().execute('CREATE DATABASE plans{plans}')"
        )
        _call([str(PYTHON), "-c", make], env, processes)
        found[plans] = f"{server}/plans{plans}"
    return found


def _bench_site(options: argparse.Namespace, folder: Path, processes: Processes) -> int:
    make_writable(ROOT / "var")
    install("requirements.lock", processes)
    env = _environment(folder, _database(options, folder, processes))
    manage = [str(PYTHON), "manage.py"]
    _call([*manage, "migrate", "--verbosity=0"], env, processes)
    seconds = {"load_plan": _call([*manage, "load_plan"], env, processes)}
    document = os.environ.get("PLAN_DOCUMENT")
    if document:
        seconds["import_document"] = _call([*manage, "import_document", document], env, processes)
    else:
        say(
            "沒有 PLAN_DOCUMENT，不量 import_document。 "
            "No PLAN_DOCUMENT: import_document is left out."
        )
    seconds["seed_demo --years 110-111"] = _call(
        [*manage, "seed_demo", "--years", "110-111"], env, processes
    )
    _call([*manage, "collectstatic", "--no-input", "--verbosity=0"], env, processes)
    argv = [str(PYTHON), "-m", "config.commands.measure", f"--repeats={options.repeats}"]
    argv += [f"--seconds={name}={value:.2f}" for name, value in seconds.items()]
    argv += ["--write"] * options.write
    return processes.start("measure", argv, cwd=ROOT, env=env).wait()


def _call(argv: list[str], env: dict[str, str], processes: Processes) -> float:
    """Run one of our commands; return how many seconds it took, Python's start included."""
    started = time.perf_counter()
    run_step(argv, env, processes)
    return time.perf_counter() - started


# --- ./run ----------------------------------------------------------------------------------------
def _bench_run(folder: Path, processes: Processes) -> int:
    """Start ./run twice in a copy without .venv and var/, and wait for its first page."""
    copy = folder / "copy"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    for label, goal in (("cold 第一次", 90), ("warm 再次", 5)):
        say(f"./run {label}: {_first_page(copy, env, processes):.1f} s (goal 目標 ≤ {goal} s)")
    return 0


def _first_page(copy: Path, env: dict[str, str], processes: Processes) -> float:
    port = servers.free_port()
    started = time.perf_counter()
    child = processes.start(
        "run", ["./run", f"--port={port}"], cwd=copy, env=env, log=copy.parent / "run.log"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.perf_counter() - started < FIRST_PAGE_SECONDS and child.poll() is None:
        try:
            with opener.open(f"http://127.0.0.1:{port}/", timeout=60):
                seconds = time.perf_counter() - started
            processes.stop("run", signal.SIGINT)
            return seconds
        except OSError:
            time.sleep(0.05)
    sys.stderr.write((copy.parent / "run.log").read_text(encoding="utf-8", errors="replace"))
    raise Problem("./run 沒有回應首頁，原因見上。", "./run gave no first page, see above.")


if __name__ == "__main__":
    sys.exit(main())
