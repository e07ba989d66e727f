"""Web, Redis and PostgreSQL die under people's hands: what was answered "saved" is there.

Each has a short form and, marked `deep`, one that repeats it for longer.
"""

import contextlib
import itertools
import signal
import threading
from collections import Counter

import psycopg2
import pytest

from tests.resilience.filing import BROKEN, UNTOUCHED, WHOLE, Officer, saved
from tests.resilience.whole_site import Site
from tests.world import PASSWORD

# What may be answered while a server is away; a fault (500) never.
FINE = {200, 302, 503}
DEEP = pytest.mark.deep
WAITING = "背景工作暫停中"

# The site begins with the tables of the tests' own database.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


# --- the web server -------------------------------------------------------------------------------
@pytest.mark.parametrize("rounds", [1, pytest.param(8, marks=DEEP)])
def test_the_web_server_is_killed_during_submissions(running: Site, officer, rounds: int):
    for _round in range(rounds):
        _kill_during_submissions(running, officer)


def _kill_during_submissions(site: Site, officer: Officer) -> None:
    held, free = officer.take(2), officer.take(6)
    forms = {report: officer.form(report) for report in held + free}
    answered: list[int] = []
    ready = threading.Barrier(len(forms))

    def submit(report: int) -> None:
        ready.wait()
        with contextlib.suppress(*BROKEN):
            if saved(officer.send(report, f"成果{report}", "submit", forms[report]), report):
                answered.append(report)

    people = [threading.Thread(target=submit, args=[report]) for report in forms]
    with contextlib.closing(psycopg2.connect(site.database)) as holder:
        # Somebody holds two of the rows, so that two requests are surely under way when it ends.
        rows = "SELECT id FROM tracking_progressreport WHERE id = ANY(%s) FOR UPDATE"
        holder.cursor().execute(rows, [held])
        for person in people:
            person.start()
        stuck = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        site.wait(
            lambda: len(answered) >= 2 and site.rows(stuck) == [(2,)],
            "two answers, and two requests under way",
        )
        site.kill("web")
        for person in people:
            person.join()

    site.start_web()
    found = {report: officer.trace(report) for report in forms}
    assert {found[report] for report in answered} == {WHOLE}
    assert {found[report] for report in held} == {UNTOUCHED}
    assert set(found.values()) == {WHOLE, UNTOUCHED}
    # Who got no answer looks again, and sends what is still a draft.
    for report in forms:
        if found[report] == UNTOUCHED:
            assert saved(officer.send(report, "再送", "submit"), report)
        assert officer.trace(report) == WHOLE


@DEEP
def test_the_web_server_is_killed_between_saving_and_answering(running: Site, officer):
    """What got no answer is there all the same, and the form sent once more changes nothing."""
    while True:
        [report] = officer.take(1)
        form = officer.form(report)
        if not _killed_before_the_answer(running, officer, report, form):
            continue
        assert officer.trace(report) == WHOLE
        status, page, _headers = officer.send(report, "成果又加一句", "submit", form)
        # It was sent already; what was typed since is shown, marked where it differs.
        assert status == 409 and "又加一句" in page
        assert officer.trace(report) == WHOLE
        return


def _killed_before_the_answer(site: Site, officer: Officer, report: int, form: dict) -> bool:
    """While Redis does not answer, the request waits for it after its commit: then it is killed."""
    answers: list[tuple] = []

    def submit() -> None:
        with contextlib.suppress(*BROKEN):
            answers.append(officer.send(report, "成果", "submit", form))

    person = threading.Thread(target=submit)
    with site.frozen("redis"):
        person.start()
        site.wait(lambda: officer.trace(report) == WHOLE, "the commit")
        site.kill("web")
        person.join()
    site.start_web()
    return not answers


# --- Redis and PostgreSQL -------------------------------------------------------------------------
class Clerk(threading.Thread):
    """Saves one report over and over, and remembers what was answered to each text."""

    def __init__(self, officer: Officer, report: int) -> None:
        super().__init__()
        self.officer, self.report = officer, report
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
        site, cookie = self.officer.site, self.officer.cookie
        address = f"/reports/{self.report}/edit/"
        status, page, _headers = site.ask("GET", address, cookie)
        self.answers[status] += 1
        if status != 200:
            self.leaving.wait(0.2)
            return
        version = page.partition('name="seen_version" value="')[2].partition('"')[0]
        self.sent_since.append(text)
        data = {"seen_version": version, "light": "on_track", "work_done": text, "do": "save"}
        answer = site.ask("POST", address, cookie, data)
        self.answers[answer[0]] += 1
        if saved(answer, self.report):
            self.saved.append(text)
            self.sent_since = []


@pytest.mark.parametrize(("rounds", "calm"), [(1, 0.7), pytest.param(6, 4.0, marks=DEEP)])
def test_redis_and_postgresql_restart_while_people_save(
    running: Site, officer, rounds: int, calm: float
):
    clerks = [Clerk(officer, report) for report in officer.take(4)]
    pause = threading.Event()
    for clerk in clerks:
        clerk.start()
    try:
        for _round in range(rounds):
            pause.wait(calm)
            _without_redis(running, officer)
            pause.wait(calm)
            _restart_postgresql(running, officer)
        before = [len(clerk.saved) for clerk in clerks]
        running.wait(
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
        [(text,)] = running.rows(
            "SELECT work_done FROM tracking_progressreport WHERE id = %s", clerk.report
        )
        # The last that was answered, or one sent after it whose answer was lost.
        assert text in [clerk.saved[-1], *clerk.sent_since]
        logged = running.rows(
            "SELECT \"after\"->>'work_done' FROM ministries_auditevent"
            " WHERE target = %s AND verb = 'report.save' ORDER BY id",
            f"tracking.progressreport:{clerk.report}",
        )
        texts = [one for (one,) in logged]
        # Each that was answered, once and in its order.
        assert [one for one in texts if one in clerk.saved] == clerk.saved
        assert len(set(texts)) == len(texts)


def _without_redis(site: Site, officer: Officer) -> None:
    [report] = officer.take(1)
    argv = site.kill("redis")
    assert saved(officer.send(report, "沒有 Redis", "submit"), report)
    assert officer.trace(report) == WHOLE
    _status, page, _headers = site.ask("GET", f"/reports/{report}/", officer.cookie)
    assert WAITING in page
    wrong = {"login": "officer_a@example.test", "password": "wrong"}
    assert site.ask("POST", "/accounts/login/", data=wrong)[0] == 200
    right = {"login": "viewer_a@example.test", "password": PASSWORD}
    assert site.ask("POST", "/accounts/login/", data=right)[0] == 302
    site.start_redis(argv)


def _restart_postgresql(site: Site, officer: Officer) -> None:
    cookie = officer.cookie
    [report] = officer.take(1)
    form = officer.form(report)
    # An immediate stop: it begins anew from its log, as after a crash.
    argv = site.kill("postgres", signal.SIGQUIT)
    typed = "第一行\n「第二行」 <b>&amp;"
    status, page, headers = officer.send(report, typed, "save", form)
    assert status == 503 and int(headers["Retry-After"]) > 0
    assert "再送一次" in page and "第一行\n「第二行」 &lt;b&gt;&amp;amp;" in page
    assert site.ask("GET", "/", cookie)[0] == 503
    status, page, headers = site.ask("GET", "/api/v1/")
    assert (status, '"unavailable"' in page) in [(503, True), (200, False)]
    site.start_postgres(argv)
    # The same form, sent once more from that page.
    again: list[tuple] = []
    site.wait(
        lambda: again.append(officer.send(report, typed, "save", form)) or again[-1][0] != 503,
        "the site after the restart",
    )
    assert saved(again[-1], report), again[-1][0]
    assert site.rows("SELECT work_done FROM tracking_progressreport WHERE id = %s", report) == [
        ("第一行\n「第二行」 <b>&amp;",)
    ]


def test_a_redis_that_does_not_answer_keeps_nobody(running: Site, officer):
    """It takes connections and says nothing, as behind a network that swallows its words."""
    [report] = officer.take(1)
    form = officer.form(report)
    with running.frozen("redis"):
        assert saved(officer.send(report, "Redis 不答", "submit", form), report)
        assert officer.trace(report) == WHOLE
        _status, page, _headers = running.ask("GET", f"/reports/{report}/", officer.cookie)
        assert WAITING in page
