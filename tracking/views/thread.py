"""A report's thread and its past: say something to the other side, and read what was once sent."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from tracking.actions.messages import send_message
from tracking.forms.review import MessageForm
from tracking.models import ProgressReport
from tracking.queries.reports import full_reports
from tracking.rules.messages import reads_thread
from tracking.submitted import as_sent
from tracking.views.report import ReportPage, indicators_to_read, text_of


class MessageSend(RefusalMixin, ReportPage):
    """POST only: a message, from the report's page."""

    public = False
    http_method_names = ["post"]

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        form = MessageForm(request.POST)
        if form.is_valid():
            try:
                send_message(report, text=form.cleaned_data["message"], by=request.user)
            except Invalid as refusal:
                form.mark({"message": refusal.errors["text"]})
        if form.errors:
            return self.page(report, said=form)
        messages.success(request, _("留言已送出，也寄給對方了。"))
        return redirect(self.refused_url() + "#h-thread")


class Sent(ScopedMixin, View):
    """What a ministry submitted at one sign-off, for both sides of the review. One that it withdrew
    is gone.
    """

    model = ProgressReport

    def get_queryset(self):
        return full_reports().visible_to(self.request.user)

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        report = self.get_row()
        if not reads_thread(report, request.user):
            raise Http404
        copy = report.copies.filter(number=number).prefetch_related("evidence").first()
        if copy is None:
            raise Http404
        report = as_sent(report, copy)
        context = text_of(report, indicators_to_read(report))
        context |= {"report": report, "measure": report.measure, "copy": copy}
        context |= {"evidence": copy.evidence.all(), "year": report.reporting_year.year}
        return render(request, "tracking/sent.html", context)
