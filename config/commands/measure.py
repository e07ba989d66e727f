"""What ./bench does inside Django: times pages one by one through the whole WSGI handler.

Each round asks every page ten times, so that a busy moment of the machine falls on all alike. The
cyclic garbage collector stays on, as it does in production, through the same entry point. Server
time is what passes between calling the handler and reading the last byte of its answer, middleware
and templates included; CPU time is this thread's part of it, without the database's and without
waiting for a core.
"""

import argparse
import io
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.utils import timezone

from config.commands.environment import ROOT, say, speak_utf8

PERFORMANCE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured by ./bench -->", "<!-- end -->"
WARM_UP = 5
IN_A_ROW = 10
EMPTY = "empty view"
# The nearest public system, measured on two such cores with as much data: ms and queries.
OTHERS = {
    "overview": (150, 138),
    "measure page": (250, 71),
    "plan tree, 134 measures": (3500, 2188),
    "API, 134 measures": (240, None),
}


@dataclass
class Page:
    """One address, who asks for it (e-mail; empty: the public), its goal, and what was measured.

    Times are in milliseconds.
    """

    name: str
    address: str
    user: str
    goal: float | None = None
    times: list[float] = field(default_factory=list)
    cpu_times: list[float] = field(default_factory=list)
    sql_times: list[float] = field(default_factory=list)
    queries: list[tuple[str, object]] = field(default_factory=list)
    bytes: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return percentile(self.times, 95)


def percentile(values: list[float], share: int) -> float:
    """The smallest value that `share` per cent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * share // 100) - 1, 0)]


PAGES = (
    Page(EMPTY, "/bench/empty/", "reviewer1@demo.example"),
    Page("overview", "/", "reviewer1@demo.example", 15),
    Page("plan tree, 134 measures", "/plan/", "reviewer1@demo.example", 60),
    Page("measure page", "/plan/measures/3.3.1.2/", "reviewer1@demo.example", 25),
    Page("desk of the busiest ministry", "/desk/", "officer.moea@demo.example"),
    Page("matrix", "/collation/", "collator@demo.example"),
    Page("API, 134 measures", "/api/v1/measures/?page_size=200", "reviewer1@demo.example", 24),
    Page("overview, public", "/", "", 15),
    Page("plan tree, public", "/plan/", "", 60),
    Page("API, 134 measures, public", "/api/v1/measures/?page_size=200", "", 24),
)


def tidy() -> None:
    """What a database does by itself within minutes after it was filled, and should not be doing
    while it is measured.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> int:
    speak_utf8()
    parser = argparse.ArgumentParser(prog="config.commands.measure")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--seconds", action="append", default=[])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    django.setup()
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    tidy()
    measure(list(PAGES), options.repeats)
    commands = dict(text.rsplit("=", 1) for text in options.seconds)
    report = as_markdown(PAGES, commands, options.repeats)
    say(report)
    if options.write:
        write(report, PERFORMANCE)
    return 0


# --- measuring ------------------------------------------------------------------------------------
def measure(pages: list[Page], repeats: int) -> None:
    """Fill in the pages' times and queries."""
    from config.wsgi import application as handler

    asks = {page.name: _asker(handler, page) for page in pages}
    for page in pages:
        for _ in range(WARM_UP):
            asks[page.name]()
        page.queries = _queries_of(asks[page.name])
    rounds = [IN_A_ROW] * (repeats // IN_A_ROW) + [repeats % IN_A_ROW]
    for times in rounds:
        for page in pages:
            for _ in range(times):
                cpu = time.thread_time()
                page.times.append(_time(asks[page.name]))
                page.cpu_times.append((time.thread_time() - cpu) * 1000)
            for _ in range(times):
                page.sql_times.append(_time(lambda page=page: replay(page.queries)))


def _time(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def _asker(handler: WSGIHandler, page: Page) -> Callable[[], None]:
    address, _, query = page.address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_LANGUAGE": "zh-TW,zh;q=0.9",
        "HTTP_COOKIE": session_cookie(page.user) if page.user else "",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    said: list[str] = []

    def ask() -> None:
        answer = handler(dict(environ), lambda status, headers: said.append(status))
        page.bytes = sum(len(part) for part in answer)
        # As a server does: this ends the request and lets the connection be kept.
        answer.close()
        if said.pop() != "200 OK":
            raise SystemExit(f"{page.address} did not answer 200 OK")

    return ask


def session_cookie(email: str) -> str:
    """The cookie of a person who has signed in."""
    from django.contrib.sessions.backends.db import SessionStore

    from ministries.models import User

    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _queries_of(ask: Callable[[], None]) -> list[tuple[str, object]]:
    """SQL and parameters of every query of one request."""
    found: list[tuple[str, object]] = []

    def remember(execute, sql, params, many, context):
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        ask()
    return found


def replay(queries: list[tuple[str, object]]) -> None:
    """The same queries by a plain cursor, every row fetched."""
    with connection.cursor() as cursor:
        for sql, params in queries:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()


# --- telling --------------------------------------------------------------------------------------
def as_markdown(pages: tuple[Page, ...], commands: dict[str, str], repeats: int) -> str:
    """Machine, table of pages, table of commands, and the comparison."""
    empty = next(page.median for page in pages if page.name == EMPTY)
    lines = [
        f"Measured on {timezone.localdate()}, {repeats} times after {WARM_UP} to warm up, in "
        "milliseconds of server time.",
        "",
        machine(),
        "",
        "| page | queries | median | p95 | goal | × empty view | bare SQL | × bare SQL | CPU "
        "| kB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for page in pages:
        sql = statistics.median(page.sql_times)
        goal = "" if page.goal is None else f"{page.goal:g}"
        missed = page.goal is not None and page.median > page.goal
        times = f"{page.median / sql:.1f}" if page.queries else "–"
        lines.append(
            f"| {page.name} | {len(page.queries)} | {'**' * missed}{page.median:.1f}"
            f"{'**' * missed} | {page.p95:.1f} | {goal} | {page.median / empty:.1f} | {sql:.1f} "
            f"| {times} | {statistics.median(page.cpu_times):.1f} | {page.bytes / 1000:.0f} |"
        )
    lines += ["", "A median in bold misses its goal.", ""]
    if commands:
        lines += ["| command | seconds |", "|---|--:|"]
        lines += [f"| `{name}` | {seconds} |" for name, seconds in commands.items()]
        lines.append("")
    lines += [
        "| page | Kausal Watch, ms | queries | ours, ms | queries | times faster |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for page in pages:
        if page.name in OTHERS:
            theirs, queries = OTHERS[page.name]
            lines.append(
                f"| {page.name} | {theirs:,} | {'' if queries is None else f'{queries:,}'} "
                f"| {page.median:.1f} | {len(page.queries)} | {theirs / page.median:.0f} |"
            )
    return "\n".join(lines)


def machine() -> str:
    """Processor, cores, memory, and versions of what matters."""
    cpu = platform.processor() or platform.machine()
    memory = ""
    if Path("/proc/cpuinfo").exists():
        models = [
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = models[0] if models else cpu
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        memory = f"{total / 2**30:.0f} GiB memory, "
    if connection.vendor == "postgresql":
        number = connection.pg_version
        database = f"PostgreSQL {number // 10000}.{number % 10000}"
    else:
        database = "SQLite " + ".".join(map(str, connection.Database.sqlite_version_info))
    busy = f" Load at the end: {os.getloadavg()[0]:.1f}, of which 1 is this measurement."
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory}{platform.system()}, "
        f"Python {platform.python_version()}, Django {django.get_version()}, {database}.{busy}"
    )


def write(report: str, file: Path) -> None:
    """Put the report between its two marks."""
    text = file.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n{report}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
