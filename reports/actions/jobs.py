"""What is done with background work: its owner stops it; administrators start it again, stop it,
mail a notice once more or not at all.
"""

from celery import current_app
from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import NotNow
from ministries import audit
from ministries.models import User
from reports import jobs
from reports.models import Job
from reports.rules import jobs as rules
from tracking import outbox
from tracking.models import Notice


@transaction.atomic
def retry(job: Job, *, by: User) -> Job:
    """A new job of the same work, for the person who started the first, with that person's rights.

    Refuses (NotNow) one that is not over or that is done, and one whose program is gone. Where the
    work is under way again already, that job is returned.
    """
    row = _enter(job)
    rules.may_retry(row, by).enforce()
    task = current_app.tasks.get(row.task)
    if task is None:
        raise NotNow(_("這個版本的系統沒有這種工作了。"))
    again = jobs.start(row.key, task, *row.args, by=row.started_by)
    audit.record("job.retry", row, by=by, after={"job": again.pk, "key": row.key})
    return again


@transaction.atomic
def cancel(job: Job, *, by: User) -> None:
    """Ask it to stop; refuses (NotNow) one that is over."""
    row = _enter(job)
    rules.may_cancel(row, by).enforce()
    jobs.cancel(row)
    audit.record("job.cancel", row, by=by, before={"state": row.state, "key": row.key})


@transaction.atomic
def cancel_own(job: Job, *, by: User) -> None:
    """Whoever may watch a job asks it to stop; nothing where it is over or was asked before."""
    row = _enter(job)
    if row.alive and not row.cancel_asked:
        jobs.cancel(row)
        audit.record("job.cancel", row, by=by, before={"state": row.state, "key": row.key})


@transaction.atomic
def call_off(notice: Notice, *, by: User) -> None:
    """A notice that the mail server refused is not tried again. Refuses (NotNow) one that was
    mailed or called off meanwhile.
    """
    rules.may_look_after(by).enforce()
    if not outbox.call_off(notice.pk):
        raise NotNow(_("這封通知已經寄出，或已經取消。"))
    told = {"key": notice.key, "recipient": notice.recipient.email, "attempts": notice.attempts}
    audit.record("notice.cancel", notice, by=by, before=told)


@transaction.atomic
def mail_again(notice: Notice, *, by: User) -> None:
    """Have a notice that the mail server refused tried now instead of later; nothing where it was
    mailed meanwhile.
    """
    rules.may_look_after(by).enforce()
    if outbox.hurry(notice.pk):
        audit.record("notice.retry", notice, by=by, before={"attempts": notice.attempts})


def _enter(job: Job) -> Job:
    return Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
