"""Who may look after all background work: an administrator, who sees that it runs and not what it
made.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from reports.enums import JobState
from reports.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


def may_look_after(user: "User | AnonymousUser") -> Verdict:
    """See the jobs and failing notices of everybody, and move them."""
    if user.is_authenticated and user.is_administrator:
        return YES
    return not_allowed(_("背景工作由系統管理者照看。"))


def may_retry(job: Job, user: "User | AnonymousUser") -> Verdict:
    """One that failed or was cancelled; what is done is not made twice."""
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        return may_look_after(user)
    return not_now(_("只有失敗或已取消的工作可以重做。"))


def may_cancel(job: Job, user: "User | AnonymousUser") -> Verdict:
    """One that is queued or running, and that nobody asked to stop yet."""
    if job.alive and not job.cancel_asked:
        return may_look_after(user)
    return not_now(_("這件工作已經結束，或正在停止。"))
