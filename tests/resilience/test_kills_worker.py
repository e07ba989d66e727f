"""The worker dies in the middle of its work, and servers die under it: nothing is lost, nothing is
done twice.

Mail is counted where it arrives. Whatever a job is about stands in a row, so Redis may lose it.
"""

import contextlib
import os
import signal
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from tests.resilience.filing import Officer
from tests.resilience.whole_site import Site, nothing

DEEP = pytest.mark.deep
HOST = urlsplit("http://localhost").hostname
UNSENT = "SELECT id FROM tracking_notice WHERE sent_at IS NULL ORDER BY id"
EDITIONS = "SELECT count(*) FROM reports_edition"

# The site begins with the tables of the tests' own database.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def no_worker(running: Site):
    yield
    running.mail.on_offer = running.mail.on_mail = nothing
    if "worker" in running.processes.children:
        running.kill("worker")


def mails_waiting(site: Site) -> set[str]:
    """The Message-IDs of what stands in the outbox."""
    return {f"<notice-{pk}@{HOST}>" for (pk,) in site.rows(UNSENT)}


def deliver(site: Site) -> None:
    """As beat does every minute, until the outbox is empty."""
    site.queue.send_task("tracking.tasks.deliver_waiting_notices")
    site.wait(lambda: site.rows(UNSENT) == [], "the mails")


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=DEEP)])
def test_killed_when_the_mail_server_has_the_mail(running: Site, officer, rounds: int):
    """The worst moment: the server took it, the worker dies before it is told so."""
    for _round in range(rounds):
        waiting = _killed_while_mailing(running, officer, "on_mail", 2)
        in_hand = running.mail.ids[1]
        deliver(running)
        # Every mail went, none but the one in hand twice, and that one under the same Message-ID.
        assert Counter(running.mail.ids) == {**dict.fromkeys(waiting, 1), in_hand: 2}
        running.kill("worker")


@DEEP
def test_killed_before_the_mail_server_has_the_mail(running: Site, officer):
    waiting = _killed_while_mailing(running, officer, "on_offer", 1)
    deliver(running)
    assert Counter(running.mail.ids) == dict.fromkeys(waiting, 1)


def _killed_while_mailing(site: Site, officer: Officer, moment: str, at: int) -> set[str]:
    """Kill it when the mail server sees its `at`-th mail, and start it anew; what was to be sent
    is returned.
    """
    officer.submit(4, "寄信")
    site.mail.ids.clear()
    waiting = mails_waiting(site)
    assert len(waiting) >= 4
    worker: list[int] = []

    def die(count: int) -> None:
        if count == at:
            os.killpg(worker[0], signal.SIGKILL)

    setattr(site.mail, moment, die)
    child = site.start_worker()
    worker.append(child.pid)
    site.queue.send_task("tracking.tasks.deliver_waiting_notices")
    site.wait(lambda: child.poll() is not None, "the worker's death")
    assert len(site.mail.ids) == at
    del site.processes.children["worker"]
    setattr(site.mail, moment, nothing)
    site.start_worker()
    return waiting


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=DEEP)])
def test_redis_and_postgresql_restart_under_the_worker(running: Site, officer, rounds: int):
    """It connects anew by itself, and mails what was filed before and meanwhile once."""
    site = running
    site.mail.ids.clear()
    child = site.start_worker()
    deliver(site)
    for _round in range(rounds):
        argv = site.kill("redis")
        officer.submit(1, "沒有 Redis")
        site.start_redis(argv)
        argv = site.kill("postgres", signal.SIGQUIT)
        site.start_postgres(argv)
        officer.submit(1, "都回來了")
        deliver(site)
    assert child.poll() is None
    mailed = Counter(site.mail.ids)
    assert len(mailed) >= 2 * rounds and set(mailed.values()) == {1}


@pytest.mark.parametrize("victim", ["worker", pytest.param("child", marks=DEEP)])
def test_killed_while_compiling(running: Site, victim: str):
    """The whole worker, and even Redis forgets: the job's row is enough for it to be found again
    and done once. Or only the process that works, as the kernel does it when memory ends.
    """
    site = running
    state = "SELECT state FROM reports_job WHERE id = %s"
    [(before,)] = site.rows(EDITIONS)
    child = site.start_worker()
    with contextlib.closing(psycopg2.connect(site.database)) as holder:
        # Somebody holds the review's row, so that the work is surely under way when it is killed.
        holder.cursor().execute("SELECT id FROM reports_review FOR UPDATE")
        job = site.prepare("compile")
        site.wait(lambda: site.rows(state, job) == [("running",)], "the job")
        if victim == "worker":
            # The message is acknowledged after the work: who died with it leaves it behind.
            assert redis.Redis.from_url(site.redis_url).hlen("unacked") >= 1
            site.kill("worker")
        else:
            os.kill(_works_for(child.pid), signal.SIGKILL)
    assert site.rows(EDITIONS) == [(before,)]
    if victim == "worker":
        site.start_redis(site.kill("redis"))

    # Five minutes without a sign of life go by.
    site.rows("UPDATE reports_job SET beat_at = beat_at - interval '6 minutes' WHERE id = %s", job)
    if victim == "worker":
        site.start_worker()
    site.queue.send_task("reports.tasks.restart_lost_jobs")
    site.wait(lambda: site.rows(state, job) == [("done",)], "the job after the death")
    # Of what has not changed one edition, however often it was compiled.
    assert site.rows(EDITIONS) == [(1,)]
    assert victim == "worker" or child.poll() is None


def _works_for(pid: int) -> int:
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
