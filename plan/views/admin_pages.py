"""Pages inside the admin: load a plan from a file, and import its published text, each with a
preview of what would change. They are reached through `plan.admin`, which lets in administrators.
"""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from config.kit.errors import Refused
from plan import uploads
from plan.actions import import_document, load_plan
from plan.document.errors import DocumentError
from plan.document.report import LABELS
from plan.export import NoPlanError, find_version
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import PlanFacts
from plan.fixture_files.read import read, read_text
from plan.models import Plan

SHOWN = 300


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("檔案"), allow_empty_file=True)


class OptionalFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("檔案"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("不選檔案時，載入系統內附的計畫（fixtures/）。"),
    )


class UploadPage(FormView):
    """Upload → preview → confirm. The first post brings a file, the second its token.

    A subclass names what may go wrong in `refusals`, shows in `preview` and writes in `carry_out`.
    """

    refusals: tuple[type[Exception], ...] = ()

    def purpose(self) -> str:
        raise NotImplementedError

    def preview(self, upload: uploads.Upload | None) -> dict:
        """Context of the preview; raises one of `refusals`."""
        raise NotImplementedError

    def carry_out(self, upload: uploads.Upload | None) -> str:
        """Do it and return the sentence that says so; raises one of `refusals`."""
        raise NotImplementedError

    def done_url(self) -> str:
        return reverse("admin:plan_plan_changelist")

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if "confirm" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            done = self.carry_out(self._taken(request.POST.get("token", "")))
        except (uploads.UploadError, *self.refusals) as refusal:
            return self._refuse(self.get_form_class()(), refusal)
        messages.success(request, done)
        return redirect(self.done_url())

    def form_valid(self, form: forms.Form) -> HttpResponse:
        file = form.cleaned_data["file"]
        try:
            upload, token = None, ""
            if file is not None:
                upload = uploads.Upload(file.name, file.read(uploads.MAX_BYTES + 1))
                token = uploads.keep(upload, purpose=self.purpose(), by=self.request.user.pk)
            found = self.preview(upload)
        except (uploads.UploadError, *self.refusals) as refusal:
            return self._refuse(form, refusal)
        name = upload.name if upload else "fixtures/"
        return self.render_to_response(
            self.get_context_data(form=form, name=name, token=token, previewed=True, **found)
        )

    def _taken(self, token: str) -> uploads.Upload | None:
        if not token:
            return None
        return uploads.take(token, purpose=self.purpose(), by=self.request.user.pk)

    def _refuse(self, form: forms.Form, refusal: Exception) -> HttpResponse:
        context = self.get_context_data(form=form, refusal=str(refusal))
        return self.render_to_response(context, status=422)

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            **admin.site.each_context(self.request), opts=Plan._meta, **kwargs
        )


class LoadPlan(UploadPage):
    """The same as `manage.py load_plan [FILE]`."""

    template_name = "plan/admin_load.html"
    form_class = OptionalFileForm
    refusals = (FixtureError, Refused)

    def purpose(self) -> str:
        return "load"

    def preview(self, upload: uploads.Upload | None) -> dict:
        changes = load_plan.preview(self._facts(upload))
        more = max(len(changes) - SHOWN, 0)
        return {"changes": changes[:SHOWN], "count": len(changes), "more": more}

    def carry_out(self, upload: uploads.Upload | None) -> str:
        changes = load_plan.load_plan(self._facts(upload), by=self.request.user)
        return _("計畫已載入：%(count)d項改變。") % {"count": len(changes)}

    def _facts(self, upload: uploads.Upload | None) -> PlanFacts:
        if upload is None:
            return read()
        try:
            text = upload.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = upload.content[: error.start].count(b"\n") + 1
            place = _("第%(line)d行") % {"line": line}
            raise FixtureError(upload.name, place, _("不是UTF-8文字檔")) from error
        return read_text(upload.name, text)


class ImportDocument(UploadPage):
    """The same as `manage.py import_document FILE --plan SLUG`."""

    template_name = "plan/admin_import.html"
    form_class = FileForm
    refusals = (DocumentError, NoPlanError, Refused)

    @property
    def plan(self) -> Plan:
        return get_object_or_404(Plan, pk=self.kwargs["pk"])

    def purpose(self) -> str:
        return f"import:{self.kwargs['pk']}"

    def preview(self, upload: uploads.Upload | None) -> dict:
        result = import_document.preview(upload.content, find_version(self.plan.slug))
        return {
            "differences": result.differences,
            "counts": [(LABELS[key], count) for key, count in result.document.counts.items()],
            "changed": [(LABELS[key], count) for key, count in result.changed.items() if count],
            "count": sum(result.changed.values()),
        }

    def carry_out(self, upload: uploads.Upload | None) -> str:
        if upload is None:
            raise uploads.UploadError(_("請選一個檔案。"))
        result = import_document.import_document(
            upload.content, find_version(self.plan.slug), name=upload.name, by=self.request.user
        )
        return _("本文已匯入：更新%(count)d段，與計畫有%(differences)d處不同。") % {
            "count": sum(result.changed.values()),
            "differences": len(result.differences),
        }

    def done_url(self) -> str:
        return reverse("admin:plan_plan_change", args=[self.kwargs["pk"]])

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(plan=self.plan, **kwargs)
