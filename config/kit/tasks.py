"""Background jobs: the one decorator, and the one way to queue a job.

The contract of every job (house rule 6): it may run twice, or die half-way. So it takes ids and
never rows; it calls one action, which locks, looks whether the expected state still holds and
returns quietly where it does not; what it writes has a unique natural key; and it is queued after
the commit of what it is about. Nothing may depend on a job having run: what must happen is a row
that a scheduled job finds again.
"""

import functools
import logging
from collections.abc import Callable

from celery import Task, shared_task
from django.db import OperationalError, transaction

from config.kit import health

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
    and the scheduled job of the same matter finds the row.
    """

    def send() -> None:
        try:
            task.apply_async(ids, retry=False)
        except Exception:
            logger.exception("%s%s could not be queued", task.name, ids)

    transaction.on_commit(send)


@job
def worker_is_here() -> None:
    """Every minute: a worker took this, which `/readyz` asks for."""
    health.worker_is_here()
