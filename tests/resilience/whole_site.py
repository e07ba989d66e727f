"""A whole site whose every server may be killed: PostgreSQL, Redis, web, worker, mail."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg2
import redis
from aiosmtpd.controller import Controller
from celery import Celery
from django.db import connection

from config.commands import servers
from config.commands.processes import Processes

ROOT = Path(__file__).resolve().parents[2]
# For a state that comes within seconds, on a machine that is busy with something else.
SECONDS = 240
TOKEN = "b" * 32
# What a lead on time must say, beside the text that a test follows.
WHOLE = {
    "light": "on_track",
    "completion": "40",
    "benefit": "受訓者在原校開課。",
    "next_steps": "擴大到五場。",
}


def nothing(count: int) -> None:
    """What a mail does to the servers, until a test says otherwise."""


class Mailbox:
    """Takes mail. `on_offer` is called when a mail is offered, `on_mail` when it is here and before
    that is said; each with the count of mails so far.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.on_offer = self.on_mail = nothing

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        self.on_offer(len(self.ids))
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        found = re.search(rb"^Message-ID: *(\S+)", envelope.content, re.MULTILINE | re.IGNORECASE)
        self.ids.append(found[1].decode())
        self.on_mail(len(self.ids))
        return "250 OK"


class Site:
    """Starts what `./run` starts, on servers of its own; each is killed and started by name."""

    def __init__(self, folder: Path, processes: Processes, mail: Controller) -> None:
        self.folder, self.processes, self.mail = folder, processes, mail.handler
        # What is killed must keep what it said it wrote, as in production.
        server = servers.start_postgres(folder / "postgres", processes, durable=True)
        self.redis_url = servers.start_redis(folder / "redis", processes)
        self.database = server.rpartition("/")[0] + "/site"
        self._fill(server)
        self.port = servers.free_port()
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.resilience.settings",
            "DEBUG": "False",
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis_url,
            "VAR_DIR": str(folder / "var"),
            "EMAIL_URL": f"smtp://{mail.hostname}:{mail.port}",
        }
        self.env.pop("CELERY_WORKER", None)
        (folder / "var" / "static").mkdir(parents=True)
        # Put on the queue by a process that the tests don't kill, as beat does.
        self.queue = Celery(broker=self.redis_url, set_as_current=False)

    def _fill(self, server: str) -> None:
        """The tables as the tests' own database has them; that is quicker than migrating."""
        with contextlib.closing(psycopg2.connect(server)) as database:
            database.autocommit = True
            database.cursor().execute("CREATE DATABASE site")
        tests = urlsplit(os.environ["DATABASE_URL"])
        tests = tests._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        dump = subprocess.run(
            ["pg_dump", "--no-owner", tests], capture_output=True, check=True
        ).stdout
        subprocess.run(
            ["psql", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", self.database],
            input=dump, check=True,
        )  # fmt: skip

    # --- servers ---
    def start_web(self) -> None:
        argv = [
            sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.port}",
            "--worker-class=gthread", "--workers=2", "--threads=4", "--preload",
            "--no-control-socket",
        ]  # fmt: skip
        self.start("web", argv)
        self.wait(lambda: self.ask("GET", "/accounts/login/")[0] == 200, "the web server")

    def start_worker(self) -> subprocess.Popen:
        argv = [
            sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO",
            "--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        return self.start("worker", argv)

    def start(self, name: str, argv: list[str]) -> subprocess.Popen:
        log = self.folder / f"{name}.log"
        return self.processes.start(name, argv, cwd=ROOT, env=self.env, log=log)

    def kill(self, name: str, signum: int = signal.SIGKILL) -> list[str]:
        """The whole group, at once; returned is the command line by which it had been started."""
        child = self.processes.children.pop(name)
        if signum == signal.SIGKILL:
            os.killpg(child.pid, signum)
        else:
            child.send_signal(signum)
        child.wait(timeout=SECONDS)
        return child.args

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Alive, and doing nothing: its connections stand, nobody answers on them."""
        child = self.processes.children[name]
        child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            child.send_signal(signal.SIGCONT)

    def start_redis(self, argv: list[str]) -> None:
        self.start("redis", argv)
        self.wait(self._redis_answers, "Redis")

    def _redis_answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError):
            return redis.Redis.from_url(self.redis_url).ping()
        return False

    def start_postgres(self, argv: list[str]) -> None:
        home = self.folder / "postgres"
        self.processes.start(
            "postgres", argv, cwd=home, log=self.folder / "postgres.log",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(home)},
            user=home.owner() if os.geteuid() == 0 else None,
        )  # fmt: skip
        self.wait(lambda: self.rows("SELECT 1") == [(1,)], "PostgreSQL")

    def prepare(self, *words: str) -> object:
        done = subprocess.run(
            [sys.executable, "-m", "tests.resilience.prepare", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, psycopg2.OperationalError, http.client.HTTPException):
                if condition():
                    return
            logs = "".join(
                path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log")
            )
            assert time.monotonic() < deadline, f"{what}: not in time\n{logs}"
            time.sleep(0.05)

    # --- what people and tests see ---
    def rows(self, sql: str, *parameters: object) -> list[tuple]:
        with contextlib.closing(psycopg2.connect(self.database, connect_timeout=30)) as database:
            cursor = database.cursor()
            cursor.execute(sql, parameters)
            database.commit()
            return cursor.fetchall() if cursor.description else []

    def ask(
        self, method: str, address: str, cookie: str = "", data: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of one answer, on a connection of its own."""
        headers = {
            "Host": "localhost",
            "Cookie": f"{cookie}; csrftoken={TOKEN}".removeprefix("; "),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": TOKEN,
            "Accept-Language": "zh-TW",
        }
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            server.request(method, address, urlencode(data) if data else None, headers)
            answer = server.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            server.close()

    def form(self, report: int, cookie: str) -> dict[str, str]:
        """What the open form of a report would send."""
        status, page, _headers = self.ask("GET", f"/reports/{report}/edit/", cookie)
        assert status == 200, status
        found = re.search(r'name="seen_version" value="(\d+)"', page)
        return {**WHOLE, "seen_version": found[1]}
