"""Background jobs: the one decorator, and the one way to queue a job.

The contract of every job (house rule 6): it may run twice, or die half-way. So it takes ids and
never rows; it calls one action, which locks, looks whether the expected state still holds and
returns quietly where it does not; what it writes has a unique natural key; and it is queued after
the commit of what it is about. Nothing may depend on a job having run: what must happen is a row
that a scheduled job finds again.
"""

import contextlib
import functools
import logging
import time
from collections.abc import Callable
from pathlib import Path

from celery import Task, shared_task
from django.conf import settings
from django.db import OperationalError, transaction
from kombu.exceptions import OperationalError as BrokerAway

from config.kit import health

# After a broker did not answer, requests of this process don't ask it for so many seconds, and all
# pages say for so many that jobs wait.
PAUSE = 3.0
SAID_FOR = 120.0

logger = logging.getLogger(__name__)


def job(run: Callable[..., None]) -> Task:
    """Make a courier out of a function of ids.

    A database that is away for a moment is tried again, five times in about half a minute. The
    message is acknowledged after the run, so that a worker's death hands it to another. Arguments
    other than numbers and texts raise TypeError: a row would be stale when the job starts.
    """

    @functools.wraps(run)
    def guarded(*ids: int | str) -> None:
        for value in ids:
            if not isinstance(value, int | str):
                raise TypeError(f"a job takes ids, not {type(value).__name__}")
        run(*ids)

    return shared_task(
        acks_late=True,
        ignore_result=True,
        autoretry_for=(OperationalError,),
        retry_backoff=1,
        max_retries=5,
    )(guarded)


def queue_on_commit(task: Task, *ids: int | str) -> None:
    """Queue the job once the transaction has been committed; never if it is rolled back.

    A broker that is away costs the person nothing: the request succeeds, the failure is logged,
    pages say that jobs wait, and the scheduled job of the same matter finds the row.
    """

    def send() -> None:
        if time.monotonic() < Pause.until:
            logger.warning("%s%s waits: the broker was away a moment ago", task.name, ids)
            return
        try:
            task.apply_async(ids, retry=False)
        except (BrokerAway, OSError) as error:
            logger.warning("%s%s could not be queued: %s", task.name, ids, error)
            Pause.until = time.monotonic() + PAUSE
            with contextlib.suppress(OSError):
                _mark().touch()
        except Exception:
            logger.exception("%s%s could not be queued", task.name, ids)
        else:
            if jobs_wait():
                _mark().unlink(missing_ok=True)

    transaction.on_commit(send)


class Pause:
    """Until when this process leaves a broker in peace that was away; of `time.monotonic`."""

    until = 0.0


def _mark() -> Path:
    """A file, whose age every process of the machine reads without asking a server."""
    return settings.VAR_DIR / "jobs-wait"


def jobs_wait() -> bool:
    """Whether a job could not be queued within the last two minutes, and none since."""
    try:
        return time.time() - _mark().stat().st_mtime < SAID_FOR
    except OSError:
        return False


@job
def worker_is_here() -> None:
    """Every minute: a worker took this, which `/readyz` asks for."""
    health.worker_is_here()
