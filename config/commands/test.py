"""./test: every check of the project on servers of its own, and no process left behind."""

import argparse
import contextlib
import dataclasses
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from config.commands import servers
from config.commands.environment import PYTHON, ROOT, install, make_writable, say, speak_utf8
from config.commands.exit_codes import SKIPPED
from config.commands.problem import Problem
from config.commands.processes import IS_LINUX, Processes, supervised

DESCRIPTION = """\
檢查整個專案：程式碼規則、匯入方向、資料表變更、PostgreSQL 與 SQLite 上的測試、瀏覽器旅程。
其餘文字交給 pytest，此時只在 PostgreSQL 上執行這些測試。

Checks the whole project: linters, import direction, migrations, the tests on PostgreSQL and the
core again on SQLite, the browser journeys. Other words go to pytest; then only these tests run,
on PostgreSQL.
"""
# Whole stories in a browser and whole commands; what asks every address as everybody; the API. All
# on PostgreSQL alone, beside the other tests: the more parts, the more evenly the lines end.
JOURNEYS = ("tests/journeys", "tests/commands")
ACCESS = ("tests/access", "tests/security")
API = ("tests/api",)
LINES = 3
# Carried by every process of one run, so that a stray one can be told from the machine's own.
MARK = "NSTP_TEST_RUN"

# Set by ./test itself; the caller's own must not reach the tests' servers or settings.
OURS = {
    "ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DEPLOYMENT", "EMAIL_URL", "REDIS_URL", "SECRET_KEY",
    "SITE_URL", "VAR_DIR",
}  # fmt: skip


@dataclasses.dataclass
class Stage:
    """One check: its command, and once it ran its exit code, seconds and counts of tests."""

    name: str
    argv: list[str]
    env: dict[str, str]
    report: Path | None = None
    code: int | None = None
    seconds: float = 0
    output: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def count(self) -> None:
        """Read pytest's own report; any other check, or a pytest that broke, counts as one."""
        if self.report and self.report.exists():
            suite = ElementTree.parse(self.report).getroot().find("testsuite")
            total, failures, errors, skipped = (
                int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
            )
            self.skipped = skipped
            # A test whose clean-up fails too is reported twice.
            self.failed = min(failures + errors, total)
            self.passed = total - self.failed - skipped
        elif self.code == SKIPPED:
            self.code, self.skipped = 0, 1
        elif self.code == 0:
            self.passed = 1
        if self.code and not self.failed:
            self.failed = 1


def main() -> int:
    speak_utf8()
    parser = argparse.ArgumentParser(
        prog="./test",
        allow_abbrev=False,
        usage="./test [--deep] [pytest …]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--deep",
        action="store_true",
        help="也執行較久的測試 also run the tests that take longer",
    )
    options, words = parser.parse_known_args()
    mark = secrets.token_hex(16)
    os.environ[MARK] = mark
    # Short, since the path of a socket holds about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="nstp-", dir="/tmp"))
    try:
        return supervised(lambda processes: _test(options.deep, words, folder, processes))
    finally:
        _end_strays(mark)
        shutil.rmtree(folder, ignore_errors=True)


def _test(deep: bool, words: list[str], folder: Path, processes: Processes) -> int:
    started = time.monotonic()
    make_writable(ROOT / "var")
    install("requirements-dev.lock", processes)
    servers.ensure_programs(processes)
    env = {
        **{name: value for name, value in os.environ.items() if name not in OURS},
        "CHROMIUM": servers.chromium() or "",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        # A package of the tools lets gunicorn write its name over its environment, and with it the
        # mark by which its processes are found.
        "SPT_NOENV": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    on_postgres = {
        **env,
        "DATABASE_URL": servers.start_postgres(folder / "postgres", processes),
        "REDIS_URL": servers.start_redis(folder / "redis", processes),
        "VAR_DIR": str(folder / "var-postgres"),
    }

    def on_its_own(name: str, queue: int) -> dict[str, str]:
        """A database, a queue and files beside the other tests on the same servers."""
        return {
            **env,
            "DATABASE_URL": on_postgres["DATABASE_URL"].rpartition("/")[0] + f"/{name}",
            "REDIS_URL": on_postgres["REDIS_URL"].rpartition("/")[0] + f"/{queue}",
            "VAR_DIR": str(folder / f"var-{name}"),
        }

    on_sqlite = {
        **env,
        "DATABASE_URL": "sqlite://:memory:",
        "VAR_DIR": str(folder / "var-sqlite"),
    }
    production = {
        **on_postgres,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEPLOYMENT": "production",
        "DEBUG": "False",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "nstp.example",
        "SITE_URL": "https://nstp.example",
        "VAR_DIR": str(folder / "production"),
    }
    python = str(PYTHON)
    marks = {"core": "not postgres", "all": ""}
    if not deep:
        marks = {"core": "not postgres and not deep", "all": "not deep"}

    def pytest(name: str, stage_env: dict[str, str], *arguments: str) -> Stage:
        report = folder / f"{name.replace(' ', '-')}.xml"
        color = ["--color=yes"] if sys.stdout.isatty() else []
        argv = [python, "-m", "pytest", f"--junitxml={report}", *color, *arguments]
        return Stage(name, argv, stage_env, report)

    apart = [] if words else [f"--ignore={name}" for name in (*JOURNEYS, *ACCESS, *API)]
    main_suite = pytest("pytest PostgreSQL", on_postgres, "-m", marks["all"], *apart, *words)
    beside = []
    if not words:
        manage = [python, "manage.py"]
        quiet = ("-q", "-p", "no:cacheprovider")
        beside = [
            Stage("ruff check", [python, "-m", "ruff", "check", "."], env),
            Stage("ruff format", [python, "-m", "ruff", "format", "--check", "."], env),
            Stage("import-linter", [str(PYTHON.with_name("lint-imports"))], env),
            Stage("migrations", [*manage, "makemigrations", "--check", "--dry-run"], on_postgres),
            Stage(
                "check --deploy",
                [*manage, "check", "--deploy", "--fail-level", "WARNING"],
                production,
            ),
            Stage("components", [python, "-m", "config.commands.known_vulnerabilities"], env),
            # The longest first: what is short fills the line that ends earlier.
            pytest(
                "pytest journeys", on_its_own("journeys", 1), *quiet,
                "-m", marks["all"], *JOURNEYS,
            ),
            pytest("pytest SQLite", on_sqlite, *quiet, "-m", marks["core"], "--core", *apart),
            pytest(
                "pytest access", on_its_own("access", 2), *quiet, "-m", marks["all"], *ACCESS
            ),
            pytest("pytest API", on_its_own("api", 3), *quiet, "-m", marks["all"], *API),
        ]  # fmt: skip
    _run_side_by_side(main_suite, beside, folder, processes)
    return _summarize([*beside, main_suite], time.monotonic() - started)


def _run_side_by_side(
    shown: Stage, beside: list[Stage], folder: Path, processes: Processes
) -> None:
    """Run `shown` on the console, and the stages `beside` it into files, in their order.

    Three lines of work keep both cores of a small machine busy while one waits for a server or a
    browser, without their outputs mixing; the line of `shown` takes its share of the others once it
    has ended.
    """
    began = time.monotonic()
    main_child = processes.start(shown.name, shown.argv, cwd=ROOT, env=shown.env)
    waiting = list(beside)
    running: list[tuple[Stage, subprocess.Popen, float]] = []
    while shown.code is None or running or waiting:
        if shown.code is None and main_child.poll() is not None:
            shown.code, shown.seconds = main_child.returncode, time.monotonic() - began
            processes.stop(shown.name)
        for ended in [one for one in running if one[1].poll() is not None]:
            stage, child, since = ended
            stage.code, stage.seconds = child.returncode, time.monotonic() - since
            log = _log(folder, stage)
            stage.output = log.read_text(encoding="utf-8", errors="replace")
            log.unlink()
            # Whatever the stage left running in its group ends with it.
            processes.stop(stage.name)
            running.remove(ended)
        while waiting and len(running) + (shown.code is None) < LINES:
            stage = waiting.pop(0)
            child = processes.start(
                stage.name, stage.argv, cwd=ROOT, env=stage.env, log=_log(folder, stage)
            )
            running.append((stage, child, time.monotonic()))
        if name := next((n for n in ("postgres", "redis") if _died(processes, n)), None):
            raise Problem(f"{name} 在測試中途結束。", f"{name} ended in the middle of the tests.")
        time.sleep(0.05)


def _log(folder: Path, stage: Stage) -> Path:
    return folder / f"{stage.name.replace(' ', '-')}.log"


def _died(processes: Processes, name: str) -> bool:
    return name in processes.children and processes.children[name].poll() is not None


def _summarize(stages: list[Stage], seconds: float) -> int:
    for stage in stages:
        stage.count()
        if (stage.code or (stage.skipped and not stage.report)) and stage.output:
            say(f"\n──── {stage.name} ────\n{stage.output.rstrip()}")
    say("")
    for stage in stages:
        result = (
            "FAILED" if stage.code else "skipped" if stage.skipped and not stage.report else "ok"
        )
        counts = f"{stage.passed} passed, {stage.failed} failed" if stage.report else ""
        if stage.skipped and stage.report:
            counts += f", {stage.skipped} skipped"
        say(f"{stage.name:<20} {result:<7} {stage.seconds:6.1f} s  {counts}".rstrip())
    say(f"{'':<20} {'':<7} {seconds:6.1f} s")
    passed, failed = (sum(getattr(stage, n) for stage in stages) for n in ("passed", "failed"))
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _end_strays(mark: str) -> None:
    """Kill what left its process group, as browsers do; found by the mark in its environment."""
    if not IS_LINUX:
        return
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
