"""Background work that a page can watch: one alive per key, seen to move, cancelled, found again.

A job's task takes ids and, last, the job's own id, and does its work inside `run`. It may be
queued twice and die anywhere (contract: `config.kit.tasks`): `run` returns quietly where the job
is over, and `restart_lost` queues again what gave no sign of life for a while.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import Task, current_app
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Refused
from config.kit.tasks import queue_on_commit
from ministries.models import User
from reports.enums import JobState
from reports.models import Job

ALIVE = (JobState.QUEUED, JobState.RUNNING)
LOST_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 4

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked to stop; raised by `progress`."""


def start(key: str, task: Task, *args: int | str, by: User | None) -> Job:
    """The living job of this key, or a new one, queued after the commit as `task(*args, job id)`.

    One whose worker died is written off first.
    """
    now = timezone.now()
    for job in _lost(now).filter(key=key):
        _end(job.pk, JobState.FAILED, error=_("工作中斷。"))
    try:
        with transaction.atomic():
            job = Job.objects.create(key=key, task=task.name, args=list(args), started_by=by)
    except IntegrityError:
        # Over between the two statements: then there is nothing to watch, and it starts anew.
        return Job.objects.filter(key=key, state__in=ALIVE).first() or start(
            key, task, *args, by=by
        )
    queue_on_commit(task, *args, job.pk)
    return job


def run(job_id: int, work: Callable[[], str]) -> None:
    """Do `work` as this job and keep the result that it names; nothing where the job is over.

    Its refusal or fault ends the job as failed. A database that is away is left to the task's
    retry, and a killed worker to `restart_lost`: the job then is still alive.
    """
    begun = Job.objects.filter(pk=job_id, state__in=ALIVE, cancel_asked=False).update(
        state=JobState.RUNNING, beat_at=timezone.now(), attempts=F("attempts") + 1
    )
    if not begun:
        _end(job_id, JobState.CANCELLED)
        return
    try:
        result = work()
    except Cancelled:
        _end(job_id, JobState.CANCELLED)
    except OperationalError:
        raise
    except Refused as refusal:
        _end(job_id, JobState.FAILED, error=str(refusal))
    except Exception:
        _end(job_id, JobState.FAILED, error=_("系統出錯，原因已記錄，請通知系統管理者。"))
        raise
    else:
        _end(job_id, JobState.DONE, result=result, done=F("total"))


def progress(job_id: int | None, done: int, total: int, doing: str) -> None:
    """Say how far the work is; `doing` is a message id, translated when it is shown.

    Outside of a transaction, or nobody sees it before its end. Raises Cancelled where somebody
    asked to stop. Without a job (a command at the prompt) nothing happens.
    """
    if job_id is None:
        return
    moved = Job.objects.filter(pk=job_id, state=JobState.RUNNING, cancel_asked=False).update(
        done=done, total=total, doing=doing, beat_at=timezone.now()
    )
    if not moved:
        raise Cancelled


def cancel(job: Job) -> None:
    """Ask a living job to stop; one that nobody has begun is over at once. Nothing is half done:
    it stops between two steps, and what it writes is one transaction.
    """
    Job.objects.filter(pk=job.pk, state__in=ALIVE).update(cancel_asked=True)
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, ended_at=timezone.now()
    )


def restart_lost() -> None:
    """Queue again the jobs whose worker died or whose message was lost, a few times at most."""
    now = timezone.now()
    for job in _lost(now):
        if job.cancel_asked or job.attempts >= MOST_ATTEMPTS:
            state = JobState.CANCELLED if job.cancel_asked else JobState.FAILED
            _end(job.pk, state, error="" if job.cancel_asked else _("工作中斷。"))
        elif task := current_app.tasks.get(job.task):
            Job.objects.filter(pk=job.pk).update(beat_at=now)
            queue_on_commit(task, *job.args, job.pk)
        else:
            logger.error("job %s: no task %s", job.pk, job.task)
            _end(job.pk, JobState.FAILED, error=_("工作中斷。"))


def living(key: str) -> Job | None:
    """The job of this key that is queued or running, if there is one."""
    return Job.objects.filter(key=key, state__in=ALIVE).first()


def last(key: str) -> Job | None:
    """The newest job of this key, alive or over."""
    return Job.objects.filter(key=key).first()


def _lost(now: datetime) -> QuerySet[Job]:
    before = now - LOST_AFTER
    silent = Q(beat_at__lt=before) | Q(beat_at__isnull=True, created_at__lt=before)
    return Job.objects.filter(silent, state__in=ALIVE)


def _end(job_id: int, state: JobState, **fields) -> None:
    Job.objects.filter(pk=job_id, state__in=ALIVE).update(
        state=state, ended_at=timezone.now(), **fields
    )
