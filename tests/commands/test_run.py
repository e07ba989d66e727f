"""./run for real: a site that answers, three services, and nothing left when it ends."""

import contextlib
import os
import secrets
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.commands.processes import IS_LINUX
from config.commands.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180

pytestmark = pytest.mark.skipif(not IS_LINUX, reason="Processes are found through /proc.")


class Run:
    """One ./run on a data folder of its own; its processes carry a mark in their environment."""

    def __init__(self, var: Path, static: Path, *options: str) -> None:
        self.mark = f"NSTP_RUN={secrets.token_hex(8)}"
        self.port = free_port()
        self.output = var.parent / f"output-{self.port}"
        foreign = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DEBUG", "SECRET_KEY")
        env = {name: value for name, value in os.environ.items() if name not in foreign}
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                ["./run", "--port", str(self.port), *options],
                cwd=ROOT,
                env=env
                | {
                    "VAR_DIR": str(var),
                    "STATIC_ROOT": str(static),
                    "NSTP_RUN": self.mark.partition("=")[2],
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until(self, condition, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.text()
            return "Ctrl-C" in self.text()

        self.wait_until(ready)

    def first_page(self) -> tuple[int, str]:
        address = f"http://127.0.0.1:{self.port}/"
        with urllib.request.urlopen(address, timeout=START_SECONDS) as answer:
            return answer.status, answer.read().decode()

    def commands(self) -> dict[int, str]:
        """Process id and command line of everything this ./run started, itself included."""
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if self.mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    found[int(entry.name)] = b" ".join(words).decode()
        return found

    def stop(self, signum: int = signal.SIGINT) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=START_SECONDS)


@pytest.fixture(scope="module")
def static(tmp_path_factory) -> Path:
    """Compressed once for all: they depend on the code only."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def start(tmp_path: Path, static: Path) -> Iterator:
    runs = []

    def start(*options: str) -> Run:
        runs.append(Run(tmp_path / "var", static, *options))
        return runs[-1]

    yield start
    for run in runs:
        for pid in run.commands():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait(timeout=START_SECONDS)


def rows(var: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(var / "db.sqlite3")) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_from_an_empty_folder_to_ctrl_c_and_on_again(start, tmp_path):
    var = tmp_path / "var"
    run = start("--empty")
    run.wait_until_ready()
    status, page = run.first_page()
    assert status == 200
    assert "<html" in page
    # What was loaded is counted; notes on the print's own sums are not the last word.
    assert " 項改變" in run.text()
    commands = " ".join(run.commands().values())
    # Where a package of the tools is installed, gunicorn names itself.
    assert "config.commands.web" in commands or "gunicorn: master" in commands
    for service in ("celery -A config worker", "celery -A config beat"):
        assert service in commands
    assert rows(var, "plan_measure") == 134
    assert rows(var, "ministries_user") == 0
    assert (var / "secret").stat().st_mode & 0o077 == 0

    # A terminal sends Ctrl-C to the whole foreground group.
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.process.wait(timeout=START_SECONDS) == 0
    assert run.commands() == {}

    with contextlib.closing(sqlite3.connect(var / "db.sqlite3")) as database:
        database.execute("UPDATE plan_measure SET name = 'kept' WHERE code = '1.1.1.1'")
        database.commit()
    secret = (var / "secret").read_text()
    again = start()
    again.wait_until_ready()
    assert again.stop(signal.SIGTERM) == 0
    assert again.commands() == {}
    with contextlib.closing(sqlite3.connect(var / "db.sqlite3")) as database:
        kept = "SELECT count(*) FROM plan_measure WHERE name = 'kept'"
        assert database.execute(kept).fetchone() == (1,)
    # A folder that was started empty stays so: demo data would mix with what people entered.
    assert rows(var, "ministries_user") == 0
    assert (var / "secret").read_text() == secret


def test_a_service_that_dies_is_named_and_takes_the_others_along(start):
    run = start("--empty")
    run.wait_until_ready()
    run.wait_until(lambda: any("celery -A config beat" in c for c in run.commands().values()))
    beat = next(pid for pid, c in run.commands().items() if "celery -A config beat" in c)
    os.kill(beat, signal.SIGKILL)
    assert run.process.wait(timeout=START_SECONDS) == 1
    assert "beat has ended" in run.text()
    assert run.commands() == {}


@pytest.mark.deep
def test_demo_data_is_made_once_and_fresh_makes_it_again(start, tmp_path):
    var = tmp_path / "var"
    first = start()
    first.wait_until_ready()
    assert "@" in first.text().partition("Demo accounts")[2]
    first.stop()
    people = rows(var, "ministries_user")
    reports = rows(var, "tracking_progressreport")
    assert people > 0
    assert reports > 0
    old = [var / folder / "old" for folder in ("audit", "evidence", "uploads")]
    for path in old:
        path.parent.mkdir(exist_ok=True)
        path.touch()

    second = start("--fresh")
    second.wait_until_ready()
    second.stop()
    assert [path for path in old if path.exists()] == []
    assert rows(var, "ministries_user") == people
    assert rows(var, "tracking_progressreport") == reports
