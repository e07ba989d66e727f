"""Who else has the form of a report open: two editors see each other before they save."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from config.kit.errors import NotAllowed
from config.kit.views import RefusalMixin, ScopedMixin
from ministries.models import User
from tracking.actions import typing
from tracking.enums import Verb
from tracking.models import ProgressReport
from tracking.rules import reports as rules
from tracking.views import typed


class ReportPresence(RefusalMixin, ScopedMixin, View):
    """An open form says that it is open, and is told who else has one; 204 where that is known."""

    model = ProgressReport
    http_method_names = ["post"]

    def get_queryset(self):
        rows = ProgressReport.working.visible_to(self.request.user)
        return rows.select_related("reporting_year", "ministry", "saved_by")

    def handle_no_permission(self) -> HttpResponse:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        answer = rules.verdict(Verb.SAVE, report, request.user)
        if answer.refusal is NotAllowed:
            answer.enforce()
        context = presence(report, request.user, typed.seen_version(request.POST))
        if not answer:
            context["locked"] = answer.reason
            context["others_key"] += "locked"
        if request.POST.get("others") == context["others_key"]:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "tracking/_others.html", context)


def presence(report: ProgressReport, user: User, seen: int) -> dict:
    """What the form says of others: who has it open, and who saved since this page was read."""
    others = typing.be_here(report, by=user)
    newer = report.version > seen and report.saved_by_id != user.pk and report.saved_by
    key = ",".join(f"{one.user_id}-{one.since.timestamp():.0f}" for one in others)
    return {
        "report": report,
        "others": others,
        "newer": bool(newer),
        "others_key": f"{key};{report.version if newer else ''}",
    }
