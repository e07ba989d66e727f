"""All background work on one page, for administrators: what runs, what failed, what can be done."""

import time
from typing import NamedTuple

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from config.kit import broker, health
from config.kit.verdicts import Verdict
from config.kit.views import RefusalMixin, ScopedMixin
from reports.actions import jobs as actions
from reports.enums import JobState
from reports.models import Job
from reports.rules import jobs as rules
from tracking import outbox

JOBS_A_PAGE = 50
NOTICES_SHOWN = 100
WORK = {
    "reports.tasks.compile_review_task": gettext_lazy("彙編成果評估"),
    "reports.tasks.make_document_task": gettext_lazy("製作文件"),
    "reports.tasks.read_workbook_task": gettext_lazy("比對上傳的試算表"),
    "reports.tasks.apply_workbook_task": gettext_lazy("寫入試算表的內容"),
}


class Row(NamedTuple):
    job: Job
    work: str
    retry: Verdict
    cancel: Verdict


class JobPage(RefusalMixin, ScopedMixin, View):
    model = Job

    def refused_url(self) -> str:
        return reverse("job-list")

    def back(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return redirect("job-list")


class JobList(JobPage):
    """`?state=` shows the jobs of one state only."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rules.may_look_after(request.user).enforce()
        jobs = self.get_queryset().select_related("started_by")
        counts = dict(jobs.order_by().values_list("state").annotate(Count("pk")))
        state = request.GET.get("state", "")
        if state in JobState.values:
            jobs = jobs.filter(state=state)
        page = Paginator(jobs, JOBS_A_PAGE).get_page(request.GET.get("page"))
        failing = outbox.failing()
        refused = failing.count()
        context = {
            "page": page,
            "rows": [self.row(job) for job in page],
            "states": [(one.value, one.label, counts.get(one.value, 0)) for one in JobState],
            "state": state,
            "notices": failing.select_related("recipient")[:NOTICES_SHOWN],
            "refused": refused,
            "finding": finding(counts.get(JobState.FAILED, 0), refused),
            "facts": standing(),
        }
        return render(request, "reports/job_list.html", context)

    def row(self, job: Job) -> Row:
        user = self.request.user
        work = str(WORK.get(job.task, job.task))
        return Row(job, work, rules.may_retry(job, user), rules.may_cancel(job, user))


class JobMove(JobPage):
    """Do a job again, or ask it to stop; by POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        rules.may_look_after(request.user).enforce()
        job = self.get_row()
        if verb == "retry":
            actions.retry(job, by=request.user)
            return self.back(_("已重新排入。"))
        if verb == "cancel":
            actions.cancel(job, by=request.user)
            return self.back(_("已請它停止。"))
        raise Http404


class NoticeRetry(JobPage):
    """Mail a notice that the mail server refused now instead of later; by POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules.may_look_after(request.user).enforce()
        notice = outbox.failing().filter(pk=pk).first()
        if notice is None:
            raise Http404
        actions.mail_again(notice, by=request.user)
        return self.back(_("馬上再寄一次。"))


class NoticeCancel(JobPage):
    """Try a notice that the mail server refused no more; by POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules.may_look_after(request.user).enforce()
        notice = outbox.failing().filter(pk=pk).select_related("recipient").first()
        if notice is None:
            raise Http404
        actions.call_off(notice, by=request.user)
        return self.back(_("取消了，不再寄。"))


def finding(failed: int, refused: int) -> str:
    """The page's heading."""
    if not failed and not refused:
        return _("沒有失敗的工作，也沒有寄不出去的通知")
    jobs = ngettext("%(n)d件工作失敗", "%(n)d件工作失敗", failed) % {"n": failed}
    mails = ngettext("%(n)d封通知寄不出去", "%(n)d封通知寄不出去", refused) % {"n": refused}
    if not refused:
        return jobs
    return _("%(jobs)s，%(mails)s") % {"jobs": jobs, "mails": mails} if failed else mails


def standing() -> list[tuple[str, str]]:
    """Is there a worker, and how much waits for it?"""
    seen = cache.get(health.WORKER_SEEN)
    if seen is None:
        worker = _("還沒有消息")
    else:
        minutes = int(time.time() - seen) // 60
        worker = _("%(n)d分鐘前有消息") % {"n": minutes} if minutes else _("剛剛有消息")
    try:
        waiting = _("%(n)d則") % {"n": broker.waiting()}
    except broker.AWAY:
        waiting = _("佇列沒有回應，工作會等它回來")
    return [(_("工作程式"), worker), (_("佇列中的訊息"), waiting)]
