"""A ministry's reports as a spreadsheet: downloaded, brought back, looked at, confirmed."""

from io import BytesIO

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from ministries.enums import MembershipRole
from reports import jobs
from reports.actions import workbooks as actions
from reports.enums import JobState
from reports.models import WorkbookUpload
from tracking.models import ProgressReport
from tracking.workbook.apply import may_bring_back
from tracking.workbook.files import KINDS, file_name
from tracking.workbook.gather import filler, gather
from tracking.workbook.package import MOST_BYTES
from tracking.workbook.whose import NotThere, find


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("填好的試算表"), allow_empty_file=True, help_text=_(".ods或.xlsx，10 MB以內。")
    )


class OfMinistry(RefusalMixin, SignedInMixin):
    """The ministry and year of the address, for its officers and windows; others find nothing."""

    def load(self) -> None:
        try:
            self.ministry, self.year = find(
                self.kwargs["ministry"], self.kwargs["year"], self.kwargs["plan"]
            )
        except NotThere:
            raise Http404 from None
        own = self.request.user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)
        if self.ministry.pk not in own:
            raise Http404

    def refused_url(self) -> str:
        return reverse("workbook", kwargs=self.kwargs)


class Workbook(OfMinistry, View):
    """GET: the two downloads and where to bring the file back. POST: a filled file."""

    def get(self, request: HttpRequest, **kwargs) -> HttpResponse:
        self.load()
        return self.page(FileForm())

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        self.load()
        may_bring_back(request.user, self.ministry).enforce()
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        file = form.cleaned_data["file"]
        try:
            upload = actions.bring_back(
                self.ministry,
                self.year,
                name=file.name,
                content=file.read(MOST_BYTES + 1),
                by=request.user,
            )
        except Invalid as refusal:
            for sentence in refusal.errors["file"]:
                form.add_error("file", sentence)
            return self.page(form, status=422)
        return redirect("workbook-upload", upload.pk)

    def page(self, form: FileForm, status: int = 200) -> HttpResponse:
        user = self.request.user
        uploads = WorkbookUpload.objects.visible_to(user).filter(
            ministry=self.ministry, reporting_year=self.year
        )
        context = {
            "ministry": self.ministry,
            "year": self.year,
            "form": form,
            "may": may_bring_back(user, self.ministry),
            "uploads": uploads.defer("content", "found", "written")[:5],
        }
        return render(self.request, "reports/workbook.html", context, status=status)


class WorkbookFile(OfMinistry, View):
    """The file itself, made on the spot."""

    def get(self, request: HttpRequest, form: str, **kwargs) -> HttpResponse:
        self.load()
        if form not in KINDS:
            raise Http404
        book = gather(self.ministry, self.year, filler(self.ministry, request.user))
        target = BytesIO()
        KINDS[form].write(target, book)
        response = HttpResponse(target.getvalue(), content_type=KINDS[form].media_type)
        name = file_name(book, form)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class UploadPage(RefusalMixin, ScopedMixin, View):
    """How far the reading is, what the file would change, and what was written. POST confirms."""

    model = WorkbookUpload

    def get_queryset(self):
        rows = super().get_queryset().select_related("ministry", "reporting_year__plan")
        return rows.defer("content")

    def refused_url(self) -> str:
        return reverse("workbook-upload", args=[self.kwargs["pk"]])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        upload = self.get_row()
        told = upload.written or upload.found
        kept = jobs.last(actions.apply_key(upload)) or jobs.last(actions.read_key(upload))
        shown = kept if kept and kept.state != JobState.DONE else None
        context = {"upload": upload, "job": shown, "told": told}
        if told:
            context |= {
                "groups": self.grouped(told["changes"]),
                "conflicts": self.grouped(told["conflicts"]),
                "refused": told["refused"],
            }
        return render(request, "reports/workbook_upload.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        actions.confirm(self.get_row(), by=request.user)
        return redirect("workbook-upload", pk)

    def grouped(self, changes: list[dict]) -> list[dict]:
        """Cells by report, in the order of the file, with who saved it last. One query."""
        by_report: dict[int, list[dict]] = {}
        for change in changes:
            by_report.setdefault(change["report"], []).append(change)
        reports = (
            ProgressReport.objects.visible_to(self.request.user)
            .select_related("measure", "saved_by")
            .only("measure__code", "measure__name", "saved_at", "saved_by")
            .in_bulk(list(by_report))
        )
        return [
            {"report": reports[pk], "cells": cells}
            for pk, cells in by_report.items()
            if pk in reports
        ]
