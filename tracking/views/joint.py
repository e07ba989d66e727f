"""Moves of a measure that several ministries report on: quote a partner, note, answer, withdraw."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from tracking.actions import joint as actions
from tracking.forms.joint import AnswerForm, DissentForm
from tracking.models import Dissent, ProgressReport
from tracking.queries.joint import lead_parts
from tracking.views.edit import ReportEdit


class ReportQuote(ReportEdit):
    """The form's button 「引用」: saves all that was typed, as its other buttons do, then puts the
    partner's text behind it. `quote` is REPORT:FIELD.
    """

    http_method_names = ["post"]

    def after_saving(self, report, data, form, money, evidence) -> HttpResponse:
        source, _colon, name = data.get("quote", "").partition(":")
        if not (source.isascii() and source.isdigit() and len(source) < 10):
            raise Http404
        here = reverse("report-edit", args=[report.pk])
        try:
            actions.quote(
                report, int(source), name, seen_version=report.version, by=self.request.user
            )
        except Invalid as refusal:
            messages.error(self.request, str(refusal))
        else:
            told = _("已引用，放在你寫的文字後面；改動引文以後，就不再列為引用。")
            messages.success(self.request, told)
        return HttpResponseRedirect(f"{here}#id_{name}")


class DissentNote(RefusalMixin, ScopedMixin, View):
    """Of a partner's report: note that the lead's report (`lead`) is seen otherwise."""

    model = ProgressReport
    http_method_names = ["post"]

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]]) + "#h-joint"

    def post(self, request: HttpRequest, pk: int, lead: int) -> HttpResponse:
        part = self.get_row()
        found = [row for row in lead_parts(part, request.user) if row.report.pk == lead]
        if not found:
            raise Http404
        form = DissentForm(request.POST)
        try:
            if form.is_valid():
                text = form.cleaned_data["text"]
                actions.note_dissent(part, found[0].report, text=text, by=request.user)
        except Invalid as refusal:
            form.mark(refusal.errors)
        if form.errors:
            title = _("對%(ministry)s的報告註記不同意見") % {"ministry": found[0].report.ministry}
            return _again(request, form, title, self.refused_url())
        messages.success(request, _("已註記不同意見，主辦部會收到通知，審查人看得到。"))
        return HttpResponseRedirect(self.refused_url())


class DissentMove(RefusalMixin, ScopedMixin, View):
    """`answer` by the lead, `withdraw` by who noted it."""

    model = Dissent
    http_method_names = ["post"]
    told = {
        "answer": gettext_lazy("已回應，協辦部會與審查人看得到。"),
        "withdraw": gettext_lazy("不同意見已撤回。"),
    }

    def refused_url(self) -> str:
        return reverse("desk")

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        dissent = self.get_row()
        if verb not in self.told:
            raise Http404
        if verb == "withdraw":
            actions.withdraw_dissent(dissent, by=request.user)
            mine = ProgressReport.objects.visible_to(request.user).filter(
                measure=dissent.report.measure_id,
                reporting_year=dissent.report.reporting_year_id,
                ministry=dissent.ministry_id,
            )
            back = mine.values_list("pk", flat=True).first() or dissent.report_id
        else:
            form = AnswerForm(request.POST)
            try:
                if form.is_valid():
                    text = form.cleaned_data["text"]
                    actions.answer_dissent(dissent, text=text, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            back = dissent.report_id
            if form.errors:
                url = reverse("report", args=[back])
                return _again(request, form, _("回應協辦部會的不同意見"), url)
        messages.success(request, self.told[verb])
        return redirect(reverse("report", args=[back]) + "#h-joint")


def _again(request: HttpRequest, form, title: str, back: str) -> HttpResponse:
    """The form alone, with what was typed and what is wrong."""
    context = {"form": form, "title": title, "back": back}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "tracking/dissent_form.html", context, status=status)
