"""Importing values from a file: upload, look at what would change, confirm."""

import hashlib
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from plan import rules, uploads
from plan.actions import figures
from plan.actions.figures import Row
from plan.figure_forms import FileForm
from plan.models import SeriesValue
from plan.spreadsheet import SheetError
from plan.value_sheets import Sheet, read_sheet
from plan.views.figures import SeriesMixin

PURPOSE = "figures"


@dataclass(frozen=True)
class Step:
    """One row that would change something; `old` is None for a new year."""

    cell: str
    row: Row
    old: SeriesValue | None


class ImportValues(SeriesMixin, View):
    """The first post brings a file and shows each cell old → new; the second, with the token of
    the first, writes all of it or nothing.
    """

    public = False

    def get(self, request: HttpRequest) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        return self.show(FileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        try:
            if "confirm" in request.POST:
                return self.carry_out()
            form = FileForm(request.POST, request.FILES)
            if not form.is_valid():
                return self.show(form, status=422)
            file = form.cleaned_data["file"]
            upload = uploads.Upload(file.name, file.read(uploads.MAX_BYTES + 1))
            return self.preview(form, upload, form.cleaned_data["reason"])
        except (uploads.UploadError, SheetError) as refusal:
            return self.show(FileForm(), refusal=str(refusal), status=422)

    def preview(self, form: FileForm, upload: uploads.Upload, reason: str) -> HttpResponse:
        token = uploads.keep(upload, purpose=PURPOSE, by=self.request.user.pk)
        sheet = self.read(upload, reason)
        steps = self.steps(sheet)
        errors = [*sheet.errors, *self.lacking(sheet, steps)]
        context = {
            "name": upload.name, "reason": reason, "errors": errors, "steps": steps,
            "same": len(sheet.rows) - len(steps), "empty": sheet.empty, "previewed": True,
        }  # fmt: skip
        if not errors and steps:
            context |= {"token": token, "seen": fingerprint(steps)}
        return self.show(form, status=422 if errors else 200, **context)

    def carry_out(self) -> HttpResponse:
        """Write what was previewed; where values have changed since, show the preview again."""
        given = self.request.POST
        user = self.request.user
        upload = uploads.take(given.get("token", ""), purpose=PURPOSE, by=user.pk)
        reason = given.get("reason", "").replace("\0", "")
        sheet = self.read(upload, reason)
        steps = self.steps(sheet)
        if fingerprint(steps) != given.get("seen"):
            messages.warning(
                self.request, _("上傳以後數值改過了，請再看一次會改變什麼，然後確認。")
            )
            return self.preview(FileForm(initial={"reason": reason}), upload, reason)
        try:
            written = figures.import_values([step.row for step in steps], by=user)
        except Invalid as refusal:
            raise SheetError(str(refusal)) from refusal
        messages.success(self.request, _("已匯入%(count)d個數值。") % {"count": len(written)})
        return redirect("figures")

    def read(self, upload: uploads.Upload, reason: str) -> Sheet:
        series = {row.code: row for row in self.get_queryset()}
        return read_sheet(upload.content, series, reason)

    def steps(self, sheet: Sheet) -> list[Step]:
        """Rows that change something, in the order of the file. One query."""
        return [
            Step(sheet.cell(row.at, "amount"), row, old)
            for row, old in figures.compared(sheet.rows)
            if old is None or old.amount != row.amount
        ]

    def lacking(self, sheet: Sheet, steps: list[Step]) -> list[tuple[str, str]]:
        """What the action would refuse, told before anything is confirmed."""
        found = []
        for step in steps:
            for name, sentences in figures.problems(step.row, step.old).items():
                column = "roc_year" if name == "year" and "roc_year" in sheet.letters else name
                found.append((sheet.cell(step.row.at, column), " ".join(sentences)))
        return found

    def show(self, form: FileForm, status: int = 200, **context) -> HttpResponse:
        context |= {"form": form}
        return render(self.request, "plan/figures_import.html", context, status=status)


def fingerprint(steps: list[Step]) -> str:
    """Of everything that the preview showed: which cell becomes what, from what."""
    told = "\n".join(
        f"{step.row.series.code} {step.row.year} {step.old.pk if step.old else ''} "
        f"{step.row.amount} {step.row.dated} {step.row.source!r} {step.row.note!r} "
        f"{step.row.reason!r}"
        for step in steps
    )
    return hashlib.sha256(told.encode()).hexdigest()
