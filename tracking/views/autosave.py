"""The form saves itself: what its script posts while somebody types."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, Refused, StaleVersion
from ministries.models import User
from tracking.actions import reports as actions
from tracking.actions import typing
from tracking.enums import Part
from tracking.models import ProgressReport
from tracking.views import conflict, typed
from tracking.views.report_forms import ReportForms


class ReportAutosave(ReportForms):
    """Saves what can be saved and keeps the rest as it was typed; never refuses to keep it.

    Answers JSON: `state` is saved (the report holds everything), kept (the rest is kept beside it),
    conflict (somebody else saved; all is kept) or locked (nothing can be saved now; all is kept),
    `text` says so, `seen_version` and `base` are what the form now starts from. `do=restore` keeps
    what another visit left on the machine and answers the offers as HTML; `discard=TOKEN` does
    without a copy.
    """

    http_method_names = ["post"]

    def handle_no_permission(self) -> HttpResponse:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load()
        data = request.POST.dict()
        token = typed.token_of(data)
        if unwanted := data.get("discard"):
            typing.drop(self.report, token=unwanted, by=request.user)
            return HttpResponseRedirect(reverse("report-edit", args=[pk]))
        try:
            typing.keep(self.report, token=token, data=typed.typed(data), by=request.user)
        except Invalid as refusal:
            return JsonResponse({"state": "refused", "text": str(refusal)}, status=422)
        if data.get("do") == "restore":
            context = {"report": self.report, "offers": self.offers()}
            return render(request, "tracking/_offers.html", context)
        try:
            left = self.save(data)
        except StaleVersion as refusal:
            return self.told("conflict", _stale_sentence(refusal.current, request.user))
        except Refused as refusal:
            return self.told("locked", _("%(reason)s你打的字都留著。") % {"reason": refusal})
        now = f"{timezone.localtime():%H:%M}"
        self.load()
        start = {
            "seen_version": str(self.report.version),
            "base": conflict.fingerprint(*self.forms()[:2]),
        }
        if left or typed.evidence_of(data):
            # The rest goes on from what was saved just now.
            typing.keep(self.report, token=token, data=typed.typed(data | start), by=request.user)
        else:
            typing.drop(self.report, token=token, by=request.user)
        if left:
            said = _("%(time)s留住了；%(fields)s要改才能存進報告") % {
                "time": now,
                "fields": _("、").join(left),
            }
            return self.told("kept", said, **start)
        said = _("已儲存 %(time)s，第%(n)s版") % {"time": now, "n": self.report.version}
        return self.told("saved", said, **start)

    def save(self, data: dict) -> list[str]:
        """Save all that can be read; returns the names of what can't."""
        form, money, _evidence = self.forms(data)
        form.is_valid()
        readable = money is None or money.is_valid()
        left = [str(form[name].label) for name in form.errors]
        if not readable:
            left.append(str(Part.MONEY.label))
        form.leave_out_unreadable()
        given = {
            "fields": form.model_fields(),
            "values": form.values(),
            "money": money.lines() if money and readable else None,
        }
        seen = typed.seen_version(data)
        try:
            actions.save_draft(
                self.report, seen_version=seen, by=self.request.user, auto=True, **given
            )
        except Invalid as refusal:
            # What only the action can tell, such as a sum of money that no column holds.
            left += [text for texts in refusal.errors.values() for text in texts]
            fields = given["fields"]
            sound = {name: fields[name] for name in fields if name not in refusal.errors}
            actions.save_draft(
                self.report, seen_version=seen, by=self.request.user, fields=sound, auto=True
            )
        return left

    def told(self, state: str, text: str, **more: object) -> JsonResponse:
        return JsonResponse({"state": state, "text": text, **more})


def _stale_sentence(report: ProgressReport, user: User) -> str:
    if report.saved_by_id == user.pk:
        said = _("你在另一個視窗先存了第%(n)s版。")
    else:
        said = _("%(who)s先存了第%(n)s版。")
    values = {"who": report.saved_by or _("別人"), "n": report.version}
    return said % values + _("你打的字都留著，按「先存草稿」就能把兩份合起來。")
