"""The form of a report: saved as a draft, sent on, and put together again after a conflict."""

from http import HTTPStatus

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed, Refused, StaleVersion
from tracking import checks, parts
from tracking.actions import evidence as evidence_actions
from tracking.actions import reports as actions
from tracking.actions import typing
from tracking.enums import LATE_LIGHTS, Part, Verb
from tracking.locks import lock_of
from tracking.models import Evidence, ProgressReport
from tracking.partners import partner_date
from tracking.queries.joint import partner_parts
from tracking.queries.reports import last_moves
from tracking.queries.resolutions import of_report
from tracking.rules import reports as rules
from tracking.views import carrying, conflict, typed
from tracking.views.form_page import (
    collect,
    light_options,
    money_table,
    refused_title,
    section_of,
)
from tracking.views.glyphs import lacking
from tracking.views.indicator_items import indicator_items
from tracking.views.presence import presence
from tracking.views.report_forms import ReportForms
from tracking.views.sections import money_rows, money_sum, sections_of, sent_back


class ReportEdit(ReportForms):
    """One page, one form. Every button of it saves what was typed first, so that nothing is lost:
    `do` is save, submit, row (one more money row) or evidence; `carry` brings last year's text into
    the empty fields of a section; `remove` takes a piece of evidence away. What is not saved is
    kept as it was typed (`tracking.actions.typing`) and offered again: `?restore=TOKEN` goes on
    with it.
    """

    def handle_no_permission(self) -> HttpResponse:
        """The session ran out: what was typed waits in it for who signs in again."""
        if self.request.method == "POST":
            typed.set_aside(self.request, self.kwargs["pk"])
        return super().handle_no_permission()

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load()
        rules.verdict(Verb.SAVE, self.report, request.user).enforce()
        typed.take_back(request, self.report)
        for copy in typed.copies_of(self.report, request.user):
            if copy.token == request.GET.get("restore"):
                return self.page(*self.bound(copy.data), typed_data=copy.data)
        form, money, evidence = self.forms()
        problems = {}
        if "check" in request.GET:
            found = checks.problems(parts.data_of(self.report, self.indicators))
            # As in `submit`: parts that can't be written can't be mended either.
            problems = {
                key: sentences
                for key, sentences in found.items()
                if parts.part_of(key) in self.writable
            }
        return self.page(form, money, evidence, problems=problems, saved=True)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load()
        data = request.POST.dict()
        data["copy"] = typed.token_of(data) or typed.new_token()
        if "conflict" in data:
            found = self.differences(data)
            if any(one.picked not in one.choices for one in found):
                return self.conflict_page(data, undecided=True)
            theirs, their_money, _evidence = self.forms()
            data = conflict.merge(found, theirs, their_money, data)
        form, money, evidence = self.bound(data)
        if form.errors or evidence.errors or (money and not money.is_valid()):
            self.keep(data)
            return self.page(form, money, evidence, typed_data=data)
        fields = form.model_fields()
        carried = ()
        if section := data.get("carry"):
            carried = carrying.carry(section, fields, self.last)
        given = {
            "seen_version": typed.seen_version(data),
            "by": request.user,
            "fields": fields,
            "values": form.values() if Part.INDICATORS in self.writable else None,
            "money": money.lines() if money else None,
            "carried": carried,
        }
        # Evidence comes between saving and submitting; where there is none, the two are one step.
        submits = data.get("do") == "submit" and evidence.is_blank() and not data.get("remove")
        problems = {}
        try:
            if submits:
                report, problems = actions.save_and_submit(self.report, **given)
            else:
                report = actions.save_draft(self.report, **given)
        except StaleVersion:
            self.keep(data)
            self.load()
            return self.conflict_page(data)
        except Invalid as refusal:
            self.keep(data)
            return self.page(form, money, evidence, problems=refusal.errors, typed_data=data)
        except Refused as refusal:
            return self.locked_page(data, refusal)
        typing.drop(report, token=typed.token_of(data), by=request.user)
        if submits:
            return self.unready(report) if problems else self.submitted(report)
        return self.after_saving(report, data, form, money, evidence)

    def after_saving(self, report, data, form, money, evidence) -> HttpResponse:
        """The rest of what the pressed button promises; the draft itself is safe by now."""
        here = reverse("report-edit", args=[report.pk])
        user, do = self.request.user, data.get("do", "save")
        try:
            report = self.change_evidence(report, data, evidence)
        except Invalid as refusal:
            self.load()
            names = {"upload": "file"}
            evidence.mark({names.get(key, key): texts for key, texts in refusal.errors.items()})
            return self.page(form, money, evidence, saved=True)
        if do == "submit":
            try:
                report = actions.submit(report, seen_version=report.version, by=user)
            except Invalid:
                return self.unready(report)
            return self.submitted(report)
        messages.success(self.request, _("已儲存，第%(n)s版。") % {"n": report.version})
        if do == "row" and money:
            return HttpResponseRedirect(f"{here}?rows={len(money) + 1}#s7")
        if fields := carrying.CARRIED.get(data.get("carry", "")):
            return HttpResponseRedirect(f"{here}#id_{fields[0]}")
        if do == "evidence" or data.get("remove"):
            return HttpResponseRedirect(f"{here}#s8")
        return HttpResponseRedirect(here)

    def submitted(self, report: ProgressReport) -> HttpResponse:
        messages.success(
            self.request,
            format_html(
                _("{} {}已送出，等窗口核可。<a href='{}'>看下一件要填的</a>"),
                report.ministry.short_name,
                report.measure.code,
                reverse("desk"),
            ),
        )
        return redirect("report", report.pk)

    def unready(self, report: ProgressReport) -> HttpResponse:
        """The form, with what keeps the report from being submitted at each field."""
        return HttpResponseRedirect(f"{reverse('report-edit', args=[report.pk])}?check=1")

    def change_evidence(self, report, data, evidence) -> ProgressReport:
        """Add what was attached, or remove what was pointed at."""
        user = self.request.user
        if pk := data.get("remove"):
            row = get_object_or_404(
                Evidence.objects.visible_to(user), pk=pk if pk.isdigit() else 0, report=report
            )
            evidence_actions.remove(row, seen_version=report.version, by=user)
            report.refresh_from_db()
        if not evidence.is_blank():
            given = evidence.cleaned_data
            common = {
                "seen_version": report.version,
                "by": user,
                "title": given["title"],
                "public": given["public"],
            }
            if given["file"]:
                evidence_actions.add_file(report, upload=given["file"], **common)
            else:
                evidence_actions.add_link(report, url=given["url"], **common)
            report.refresh_from_db()
        return report

    # --- pages ------------------------------------------------------------------------------------
    def page(
        self,
        form,
        money,
        evidence,
        *,
        problems: dict | None = None,
        saved: bool = False,
        typed_data: dict | None = None,
    ) -> HttpResponse:
        """The form, with what was found at each field. Answers 422 where a POST was refused.

        `typed_data` is what was typed and is not saved, by this visit or an earlier one.
        """
        report = self.report
        prefetch_related_objects(self.indicators, "targets", "target_changes")
        sections = sections_of(report, self.writable, self.indicators)
        for key, sentences in (problems or {}).items():
            if key.startswith("money_") and money:
                money.mark({key: sentences})
            elif key in form.fields:
                form.mark({key: sentences})
            else:
                section = sections[section_of(key)]
                section.problems += [(section.anchor, text) for text in sentences]
        collect(sections, form, money, evidence)
        for bound in form:
            bound.field.lacking = lacking(str(bound.value() or ""))
            bound.field.carried = bound.name in report.carried and bound.value() == getattr(
                report, bound.name
            )
        posted = self.request.method == "POST"
        # What was read first stays the common start until something is saved.
        unsaved = typed_data or {}
        token = typed.token_of(unsaved) or typed.new_token()
        seen = typed.seen_version(unsaved) or report.version
        listed = [
            (
                anchor,
                _("%(n)s　%(title)s：%(text)s")
                % {"n": section.number, "title": section.title, "text": text},
            )
            for section in sections.values()
            for anchor, text in section.problems
        ]
        rows = indicator_items(form, report, self.indicators, self.last, self.request.user)
        context = {
            "report": report,
            "measure": report.measure,
            "year": report.reporting_year.year,
            "last": self.last,
            "last_year": report.reporting_year.year - 1,
            "last_late": bool(self.last) and self.last.light in LATE_LIGHTS,
            "form": form,
            "money": money,
            "evidence_form": evidence,
            "evidence": report.evidence.all(),
            "last_evidence": self.last.evidence.all() if self.last else [],
            "sections": sections,
            "filled": sum(section.mark == "ok" for section in sections.values()),
            "to_fill": sum(section.mark != "idle" for section in sections.values()),
            "problems": listed,
            "refused": refused_title(self.request.POST.get("do", "submit")),
            "kept": _("其他內容都已儲存，沒有遺失。")
            if saved
            else _("打的字都還在；改好再存一次。"),
            "indicator_rows": rows,
            "lights": light_options(form) if "light" in form.fields else [],
            "last_sum": money_sum(self.last_lines),
            "sum": money_sum(report.money_lines.all()),
            "money_rows": money_rows(report),
            "money_table": money_table(money) if money else [],
            "base": unsaved.get("base") or conflict.fingerprint(*self.forms()[:2]),
            "seen_version": seen,
            "unsaved": bool(unsaved),
            "copy": token,
            "holder": typed.holder(report, self.request.user),
            "offers": [] if posted else self.offers(token),
            "carries": carrying.sections_to_carry(self.last),
            **presence(report, self.request.user, int(seen)),
            "submit": rules.verdict(Verb.SUBMIT, report, self.request.user),
            "returned": bool(report.returned_parts),
            "lock": lock_of(report, self.request.user) if report.returned_parts else None,
            "resolutions": of_report(report, self.request.user),
            "sent_back": sent_back(last_moves([report]).get(report.pk)),
            "partner_parts": partner_parts(report, self.request.user),
            "partner_on": partner_date(report),
            "days_over": (localdate() - report.due_on).days,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if posted else HTTPStatus.OK
        return render(self.request, "tracking/form.html", context, status=status)

    def conflict_page(self, data: dict, *, undecided: bool = False) -> HttpResponse:
        """Both versions, field by field; 409, or 422 where a field was left undecided."""
        context = {
            "report": self.report,
            "measure": self.report.measure,
            "year": self.report.reporting_year.year,
            "differences": self.differences(data),
            "kept": conflict.kept(data),
            "seen_version": self.report.version,
            "undecided": undecided,
            "attached": bool(self.request.FILES),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if undecided else HTTPStatus.CONFLICT
        return render(self.request, "tracking/conflict.html", context, status=status)

    def locked_page(self, data: dict, refusal: Refused) -> HttpResponse:
        """Nothing can be saved any more: what was typed is kept and shown, so that it can be
        copied.
        """
        self.keep(data)
        self.load()
        self.writable = frozenset(Part.values)
        context = {
            "report": self.report,
            "measure": self.report.measure,
            "year": self.report.reporting_year.year,
            "differences": self.differences(data),
            "reason": str(refusal),
            "lock": lock_of(self.report, self.request.user),
        }
        forbidden = isinstance(refusal, NotAllowed)
        status = HTTPStatus.FORBIDDEN if forbidden else HTTPStatus.CONFLICT
        return render(self.request, "tracking/conflict.html", context, status=status)
