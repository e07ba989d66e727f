"""What every test may ask for: the plan's document, a mail server, a worker, a browser.

Only machinery stands here. Makers of people, plans and reports are plain functions in
`tests/factories.py`; fixtures of one room are in that room's own conftest.
"""

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.core.cache import cache
from django.db import connection

from config.celery import app as celery_app
from config.commands.processes import Processes
from config.commands.servers import chromium, free_port
from config.kit.tasks import Pause
from ministries import audit_triggers
from tests.kept import (  # noqa: F401
    _django_db_helper,
    _kept_worlds,
    pytest_runtest_teardown,
    together,
)
from tests.migrated import django_db_modify_db_settings  # noqa: F401
from tests.world import (  # noqa: F401 - fixtures for every room
    administrator,
    collator,
    expert,
    officer_a,
    officer_b,
    partner_report,
    report,
    reviewer,
    viewer_a,
    window_a,
    window_b,
    world,
)

ROOT = Path(__file__).resolve().parent.parent
WORKER_SECONDS = 30
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Who may read what, what pages and API say, how many queries they ask, how a document looks and
# with which settings the site starts are answered by our own code; they are asked on PostgreSQL.
ON_ONE_ENGINE = (
    "tests/access/",
    "tests/api/",
    "tests/ministries/test_admin.py",
    "tests/reports/test_document",
    "tests/reports/test_expert",
    "tests/reports/test_goal.py",
    "tests/reports/test_meetings.py",
    "tests/reports/test_opinions.py",
    "tests/reports/test_review_pages.py",
    "tests/reports/test_saved_views.py",
    "tests/reports/test_synthesis",
    "tests/reports/test_trace.py",
    "tests/test_bench",
    "tests/test_checks.py",
    "tests/test_query_counts",
    "tests/test_scale.py",
    "tests/tracking/test_pages_",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--core",
        action="store_true",
        help="leave out the tests whose answer another database engine can't change",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = together(items)
    if not config.getoption("core"):
        return
    asks = {"db", "transactional_db", "live_server"}
    apart = [
        one
        for one in items
        if one.nodeid.startswith(ON_ONE_ENGINE)
        or not (asks.intersection(one.fixturenames) or one.get_closest_marker("django_db"))
    ]
    config.hook.pytest_deselected(items=apart)
    items[:] = [one for one in items if one not in apart]


@pytest.fixture(scope="session")
def plan_document() -> Path:
    """The published text of the plan; the only place that knows where it lies."""
    named = os.environ.get("PLAN_DOCUMENT")
    path = Path(named) if named else ROOT / "../shared/source/national-st-plan-110-113.txt"
    if not path.is_file():
        pytest.skip(f"The plan's published text is not at {path}; PLAN_DOCUMENT names another.")
    return path.resolve()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits of one test's sign-ins must not reach the next, nor a broker that was away."""
    cache.clear()
    Pause.until = 0.0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Tests with transactions of their own empty every table after them, which the audit log
    refuses: its guards against that are off, and have tests that switch them on.
    """
    # Where no test is marked to use the database, none was made, and this one is somebody's.
    of_tests = ("test_", "file:memorydb")
    assert str(connection.settings_dict["NAME"]).startswith(of_tests), "django_db is missing"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name, table in audit_triggers.against_emptying(connection.vendor):
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


# --- mail ---------------------------------------------------------------------------------------
class _Inbox(MessageHandler):
    """Keeps what arrives, parsed, in order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@dataclasses.dataclass
class MailServer:
    """A real SMTP server on this machine."""

    host: str
    port: int
    inbox: _Inbox

    @property
    def messages(self) -> list[Message]:
        return self.inbox.messages

    def wait_for(self, count: int, seconds: float = 15) -> list[Message]:
        """The first `count` messages; fails when they do not arrive in time."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count:
            assert time.monotonic() < deadline, f"{len(self.messages)} of {count} mails arrived"
            time.sleep(0.05)
        return self.messages[:count]


@pytest.fixture(scope="session")
def _smtp() -> Iterator[MailServer]:
    inbox = _Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield MailServer(controller.hostname, controller.port, inbox)
    controller.stop()


@pytest.fixture
def mail_server(_smtp: MailServer, settings) -> MailServer:
    """An empty mailbox that mail from this process and from the worker really reaches by SMTP."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = _smtp.host, _smtp.port
    _smtp.messages.clear()
    return _smtp


# --- worker -------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def _worker(
    django_db_setup, live_server, _smtp: MailServer, tmp_path_factory
) -> Iterator[subprocess.Popen]:
    """One Celery worker for the whole session, on the test database and the tests' mail server."""
    if connection.vendor != "postgresql" or not os.environ.get("REDIS_URL"):
        pytest.skip("A worker process needs PostgreSQL and Redis; ./test starts both.")
    database = urlsplit(os.environ["DATABASE_URL"])
    env = {
        **os.environ,
        "DATABASE_URL": database._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "EMAIL_URL": f"smtp://{_smtp.host}:{_smtp.port}",
        "SITE_URL": live_server.url,
        "CELERY_WORKER": "1",
    }
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO"]
    argv += ["--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    processes = Processes()
    try:
        worker = processes.start("worker", argv, cwd=ROOT, env=env, log=log)
        deadline = time.monotonic() + WORKER_SECONDS
        while not celery_app.control.ping(timeout=0.3):
            if worker.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The worker did not start:\n{log.read_text(encoding='utf-8')}")
        yield worker
    finally:
        processes.stop_all()


@pytest.fixture
def celery_worker_process(transactional_db, _worker, monkeypatch) -> Iterator[subprocess.Popen]:
    """A real worker process takes the jobs of this test. It sees committed rows only."""
    monkeypatch.setattr(celery_app.conf, "task_always_eager", False)
    celery_app.control.purge()
    yield _worker
    # What the test left queued or running must not meet the emptying of its tables.
    celery_app.control.purge()
    inspect = celery_app.control.inspect(timeout=0.3)
    deadline = time.monotonic() + WORKER_SECONDS
    while any((inspect.active() or {}).values()) and time.monotonic() < deadline:
        time.sleep(0.1)


# --- browser ------------------------------------------------------------------------------------
@pytest.fixture
def live(live_server, settings):
    """The running site; `live.url` is its address, also in the mails that it sends."""
    settings.SITE_URL = live_server.url
    return live_server


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, where Django would refuse the ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or chromium(),
            args=CHROMIUM_FLAGS,
            # Chromium's sandbox does not work for root.
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser, live) -> Iterator[Callable]:
    """Open further pages, each a visitor of its own: `new_page(javascript=False, width=360)`.

    The test fails at its end when a script broke on any of them or the Content-Security-Policy
    blocked something.
    """
    contexts, problems = [], []

    def open_page(*, javascript: bool = True, width: int = 1280, height: int = 900, **options):
        context = browser.new_context(
            base_url=live.url,
            locale="zh-TW",
            timezone_id="Asia/Taipei",
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            **options,
        )
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        context.on(
            "console",
            lambda message: (
                problems.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page(new_page):
    """A visitor with an ordinary browser at 1280 px."""
    return new_page()


@pytest.fixture
def page_no_js(new_page):
    """A visitor whose browser runs no script."""
    return new_page(javascript=False)
