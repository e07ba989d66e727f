"""The end of a draft: it is approved, or discarded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from plan import rules
from plan.actions import versions
from plan.forms import ApproveForm
from plan.models import PlanVersion
from plan.views.version import VersionMixin


class Approve(VersionMixin, View):
    """Record the superior's approval, with its number and day."""

    public = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_approve_draft(version, request.user).enforce()
        return self.show(version, ApproveForm(initial={"seen_edits": version.edits}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_approve_draft(version, request.user).enforce()
        form = ApproveForm(request.POST)
        if not form.is_valid():
            return self.show(version, form, status=422)
        try:
            row = versions.approve_draft(version, **form.cleaned_data, by=request.user)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(version, form, status=422)
        messages.success(request, _("%(title)s已核定並生效。") % {"title": row.title})
        return redirect("revision", row.pk)

    def show(self, version: PlanVersion, form: ApproveForm, status: int = 200) -> HttpResponse:
        context = {
            "version": version,
            "form": form,
            "lacking": versions.problems(version),
            "changes": version.changes.count(),
        }
        return render(self.request, "plan/revision_approve.html", context, status=status)


class Discard(VersionMixin, View):
    """Throw the draft away, after a page that says what goes with it."""

    public = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_edit_draft(version, request.user).enforce()
        context = {"version": version, "changes": version.changes.count()}
        return render(request, "plan/revision_discard.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        seen = request.POST.get("seen_edits", "")
        versions.discard_draft(
            version, seen_edits=int(seen) if seen.isdecimal() else 0, by=request.user
        )
        messages.success(request, _("草案已捨棄；稽核紀錄裡留有修正內容。"))
        return redirect("revision-list")
