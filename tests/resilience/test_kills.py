"""Servers are killed under people's hands: what was answered "saved" is there, nothing goes twice.

Each has a short form and, marked `deep`, one that repeats it for longer.
"""

import contextlib
import http.client
import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.resilience.conftest import Site
from tests.world import PASSWORD

REPORTS = 24
REPORTS_DEEP = 160
# What may be answered while a server is away; a fault (500) never.
FINE = {200, 302, 503}
BROKEN = (OSError, http.client.HTTPException)
DEEP = pytest.mark.deep

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="session")
def world(site: Site, request) -> Iterator[tuple[str, Iterator[int]]]:
    """The officer's cookie, and blank reports to take from."""
    deep = any(item.get_closest_marker("deep") for item in request.session.items)
    found = site.prepare("world", str(REPORTS_DEEP if deep else REPORTS))
    return found["cookie"], iter(found["reports"])


@pytest.fixture
def running(site: Site, world) -> Site:
    if "web" not in site.processes.children:
        site.start_web()
    return site


def take(world, count: int) -> list[int]:
    taken = list(itertools.islice(world[1], count))
    assert len(taken) == count
    return taken


def saved(answer: tuple[int, str, dict[str, str]], report: int) -> bool:
    """Sent on to the report's own pages, and not to the sign-in."""
    status, _page, headers = answer
    return status == 302 and headers["Location"].startswith(f"/reports/{report}/")


def post(site: Site, cookie: str, report: int, text: str, do: str, form=None):
    form = form or site.form(report, cookie)
    address = f"/reports/{report}/edit/"
    return site.ask("POST", address, cookie, {**form, "work_done": text, "do": do})


def trace(site: Site, report: int) -> tuple:
    """Status, and how often the submission stands in the history, the audit log, the outbox."""
    return site.rows(
        "SELECT status,"
        " (SELECT count(*) FROM tracking_reportevent"
        "  WHERE report_id = %s AND verb = 'submit'),"
        " (SELECT count(*) FROM ministries_auditevent"
        "  WHERE target = %s AND verb = 'report.submit'),"
        " (SELECT count(*) FROM tracking_notice WHERE report_id = %s)"
        " FROM tracking_progressreport WHERE id = %s",
        report, f"tracking.progressreport:{report}", report, report,
    )[0]  # fmt: skip


# --- the web server -------------------------------------------------------------------------------
@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=DEEP)])
def test_the_web_server_is_killed_during_submissions(running: Site, world, rounds: int):
    for _round in range(rounds):
        _kill_during_submissions(running, world)


def _kill_during_submissions(site: Site, world) -> None:
    cookie, _reports = world
    reports = take(world, 8)
    forms = {report: site.form(report, cookie) for report in reports}
    answered: list[int] = []
    ready = threading.Barrier(len(reports))

    def submit(report: int) -> None:
        ready.wait()
        with contextlib.suppress(*BROKEN):
            answer = post(site, cookie, report, f"成果{report}", "submit", forms[report])
            if saved(answer, report):
                answered.append(report)

    people = [threading.Thread(target=submit, args=[report]) for report in reports]
    for person in people:
        person.start()
    until = time.monotonic() + 20
    while len(answered) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    site.kill("web")
    for person in people:
        person.join()
    assert len(answered) >= 2

    site.start_web()
    whole, untouched = ("signing", 1, 1, 1), ("draft", 0, 0, 0)
    found = {report: trace(site, report) for report in reports}
    assert {found[report] for report in answered} == {whole}
    assert set(found.values()) <= {whole, untouched}
    # Who got no answer looks again, and sends what is still a draft.
    for report in reports:
        if found[report] == untouched:
            assert saved(post(site, cookie, report, "再送", "submit"), report)
        assert trace(site, report) == whole


# --- Redis and PostgreSQL -------------------------------------------------------------------------
class Clerk(threading.Thread):
    """Saves one report over and over, and remembers what was answered to each text."""

    def __init__(self, site: Site, cookie: str, report: int) -> None:
        super().__init__()
        self.site, self.cookie, self.report = site, cookie, report
        self.saved: list[str] = []
        self.sent_since: list[str] = []
        self.answers: Counter[int] = Counter()
        self.leaving = threading.Event()

    def run(self) -> None:
        for number in itertools.count():
            if self.leaving.is_set():
                return
            try:
                self._save(f"{self.report}之{number}")
            except BROKEN:
                self.answers[0] += 1

    def _save(self, text: str) -> None:
        address = f"/reports/{self.report}/edit/"
        status, page, _headers = self.site.ask("GET", address, self.cookie)
        self.answers[status] += 1
        if status != 200:
            self.leaving.wait(0.2)
            return
        version = page.partition('name="seen_version" value="')[2].partition('"')[0]
        self.sent_since.append(text)
        data = {"seen_version": version, "light": "on_track", "work_done": text, "do": "save"}
        answer = self.site.ask("POST", address, self.cookie, data)
        self.answers[answer[0]] += 1
        if saved(answer, self.report):
            self.saved.append(text)
            self.sent_since = []


@pytest.mark.parametrize(("rounds", "calm"), [(1, 0.7), pytest.param(6, 4.0, marks=DEEP)])
def test_redis_and_postgresql_restart_while_people_save(
    running: Site, world, rounds: int, calm: float
):
    site, cookie = running, world[0]
    clerks = [Clerk(site, cookie, report) for report in take(world, 4)]
    for clerk in clerks:
        clerk.start()
    try:
        for _round in range(rounds):
            time.sleep(calm)
            _without_redis(site, world)
            time.sleep(calm)
            _restart_postgresql(site, world)
        before = [len(clerk.saved) for clerk in clerks]
        site.wait(
            lambda: all(len(c.saved) > n for c, n in zip(clerks, before, strict=True)),
            "saving after the restarts",
        )
    finally:
        for clerk in clerks:
            clerk.leaving.set()
        for clerk in clerks:
            clerk.join()
    for clerk in clerks:
        assert set(clerk.answers) <= FINE, clerk.answers
        [(text, audits)] = site.rows(
            "SELECT work_done, (SELECT count(*) FROM ministries_auditevent"
            "  WHERE target = %s AND verb = 'report.save')"
            " FROM tracking_progressreport WHERE id = %s",
            f"tracking.progressreport:{clerk.report}", clerk.report,
        )  # fmt: skip
        # The last that was answered, or one sent after it whose answer was lost.
        assert text in [clerk.saved[-1], *clerk.sent_since]
        assert audits >= len(clerk.saved)


def _without_redis(site: Site, world) -> None:
    cookie, _reports = world
    [report] = take(world, 1)
    argv = site.kill("redis")
    started = time.monotonic()
    assert saved(post(site, cookie, report, "沒有 Redis", "submit"), report)
    assert trace(site, report) == ("signing", 1, 1, 1)
    # By Celery's own measure a request would have waited six seconds for the broker.
    assert time.monotonic() - started < 5
    _status, page, _headers = site.ask("GET", f"/reports/{report}/", cookie)
    assert "背景工作暫停中" in page
    wrong = {"login": "officer_a@example.test", "password": "wrong"}
    assert site.ask("POST", "/accounts/login/", data=wrong)[0] == 200
    right = {"login": "viewer_a@example.test", "password": PASSWORD}
    assert site.ask("POST", "/accounts/login/", data=right)[0] == 302
    site.start_redis(argv)


def _restart_postgresql(site: Site, world) -> None:
    cookie, _reports = world
    [report] = take(world, 1)
    form = site.form(report, cookie)
    # An immediate stop: it begins anew from its log, as after a crash.
    argv = site.kill("postgres", signal.SIGQUIT)
    typed = "第一行\n「第二行」 <b>&amp;"
    status, page, headers = post(site, cookie, report, typed, "save", form)
    assert status == 503 and int(headers["Retry-After"]) > 0
    assert "再送一次" in page and "第一行\n「第二行」 &lt;b&gt;&amp;amp;" in page
    assert site.ask("GET", "/", cookie)[0] == 503
    status, page, headers = site.ask("GET", "/api/v1/")
    assert (status, '"unavailable"' in page) in [(503, True), (200, False)]
    site.start_postgres(argv)
    # The same form, sent once more from that page.
    again: list[tuple] = []
    site.wait(
        lambda: (
            again.append(post(site, cookie, report, typed, "save", form)) or again[-1][0] != 503
        ),
        "the site after the restart",
    )
    assert saved(again[-1], report), again[-1][0]
    assert site.rows("SELECT work_done FROM tracking_progressreport WHERE id = %s", report) == [
        ("第一行\n「第二行」 <b>&amp;",)
    ]


# --- the worker -----------------------------------------------------------------------------------
@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=DEEP)])
def test_the_worker_is_killed_during_mail_and_compiling(running: Site, world, rounds: int):
    for number in range(rounds):
        if number:
            running.kill("worker")
        _kill_while_mailing(running, world)
    _kill_while_compiling(running)


def _kill_while_mailing(site: Site, world) -> None:
    """The worst moment: the mail server has the mail, the worker dies before it is told so."""
    cookie, _reports = world
    for report in take(world, 4):
        assert saved(post(site, cookie, report, "寄信", "submit"), report)
    site.mail.ids.clear()
    waiting = site.rows("SELECT id FROM tracking_notice WHERE sent_at IS NULL")
    worker: list[int] = []

    def die(count: int) -> None:
        if count == 2:
            os.killpg(worker[0], signal.SIGKILL)

    site.mail.on_mail = die
    site.start_worker()
    worker.append(site.processes.children["worker"].pid)
    site.queue.send_task("tracking.tasks.deliver_waiting_notices")
    site.wait(lambda: len(site.mail.ids) >= 2, "two mails")
    site.processes.children.pop("worker").wait(timeout=20)
    site.mail.on_mail = lambda count: None

    site.start_worker()
    # As beat does every minute.
    site.queue.send_task("tracking.tasks.deliver_waiting_notices")
    unsent = "SELECT count(*) FROM tracking_notice WHERE sent_at IS NULL"
    site.wait(lambda: site.rows(unsent) == [(0,)], "the rest of the mails")
    in_hand = site.mail.ids[1]
    host = urlsplit("http://localhost").hostname
    # Every mail went, none but the one in hand twice, and that one under the same Message-ID.
    assert Counter(site.mail.ids) == {
        **{f"<notice-{pk}@{host}>": 1 for (pk,) in waiting},
        in_hand: 2,
    }


def _kill_while_compiling(site: Site) -> None:
    """By the worker that is running; a killed one's job is found again and done once."""
    state = "SELECT state FROM reports_job WHERE id = %s"
    editions = "SELECT count(*) FROM reports_edition"
    before = site.rows(editions)
    with contextlib.closing(psycopg2.connect(site.database)) as holder:
        # Somebody holds the review's row, so that the work is surely under way when it is killed.
        holder.cursor().execute("SELECT id FROM reports_review FOR UPDATE")
        job = site.prepare("compile")
        site.wait(lambda: site.rows(state, job) == [("running",)], "the job")
        site.kill("worker")
    assert site.rows(editions) == before

    # Five minutes without a sign of life go by.
    site.rows("UPDATE reports_job SET beat_at = beat_at - interval '6 minutes' WHERE id = %s", job)
    site.start_worker()
    site.queue.send_task("reports.tasks.restart_lost_jobs")
    site.wait(lambda: site.rows(state, job) == [("done",)], "the job after the death")
    assert site.rows(editions) == [(1,)]
    site.kill("worker")
