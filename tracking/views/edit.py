"""The form of a report: saved as a draft, sent on, and put together again after a conflict."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid, NotAllowed, Refused, StaleVersion
from config.kit.views import RefusalMixin, ScopedMixin
from tracking import checks, parts
from tracking.actions import evidence as evidence_actions
from tracking.actions import reports as actions
from tracking.enums import LATE_LIGHTS, Part, Verb
from tracking.forms.money import MoneyRows
from tracking.forms.report import EvidenceForm, ReportForm
from tracking.models import Evidence, ProgressReport
from tracking.queries.reports import full_reports, last_moves, previous_report
from tracking.queries.resolutions import of_report
from tracking.rules import reports as rules
from tracking.views import conflict
from tracking.views.form_page import collect, light_options, money_table, section_of
from tracking.views.glyphs import lacking
from tracking.views.sections import indicator_rows, money_rows, money_sum, sections_of, sent_back

CARRIED = ("work_done", "benefit", "obstacle", "response", "next_steps")


class ReportEdit(RefusalMixin, ScopedMixin, View):
    """One page, one form. Every button of it saves what was typed first, so that nothing is lost:
    `do` is save, submit, row (one more money row) or evidence; `carry` brings a text of last year
    over; `remove` takes a piece of evidence away.
    """

    model = ProgressReport

    def get_queryset(self):
        return full_reports().visible_to(self.request.user)

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def load(self) -> None:
        self.report = self.get_row()
        self.last = previous_report(self.report, self.request.user)
        self.indicators = list(
            parts.indicators_of(self.report).prefetch_related("targets", "target_changes")
        )
        self.writable = rules.writable(self.report, self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.load()
        rules.verdict(Verb.SAVE, self.report, request.user).enforce()
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
        if "conflict" in data:
            found = self.differences(data)
            if any(one.picked not in one.choices for one in found):
                return self.conflict_page(data, undecided=True)
            theirs, their_money, _evidence = self.forms()
            data = conflict.merge(found, theirs, their_money, data)
        form, money, evidence = self.forms(data)
        valid = [form.is_valid(), money.is_valid() if money else True, evidence.is_valid()]
        if not all(valid):
            return self.page(form, money, evidence)
        try:
            report = actions.save_draft(
                self.report,
                seen_version=_seen(data),
                by=request.user,
                fields=self.carried(form.model_fields(), data),
                values=form.values() if Part.INDICATORS in self.writable else None,
                money=money.lines() if money else None,
            )
        except StaleVersion:
            self.load()
            return self.conflict_page(data)
        except Invalid as refusal:
            return self.page(form, money, evidence, problems=refusal.errors)
        except Refused as refusal:
            return self.locked_page(data, refusal)
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
                return HttpResponseRedirect(f"{here}?check=1")
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
        messages.success(self.request, _("已儲存，第%(n)s版。") % {"n": report.version})
        if do == "row" and money:
            return HttpResponseRedirect(f"{here}?rows={len(money) + 1}#s7")
        if carried := data.get("carry"):
            return HttpResponseRedirect(f"{here}#id_{carried}" if carried in CARRIED else here)
        if do == "evidence" or data.get("remove"):
            return HttpResponseRedirect(f"{here}#s8")
        return HttpResponseRedirect(here)

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

    def carried(self, fields: dict, data: dict) -> dict:
        """`fields` with last year's text put behind what was typed, where its button asked."""
        name = data.get("carry")
        if self.last and name in CARRIED and name in fields:
            old = getattr(self.last, name)
            if old and old not in fields[name]:
                joined = "\n".join(filter(None, [fields[name], old]))
                fields[name] = joined[:2000]
        return fields

    # --- pages ------------------------------------------------------------------------------------
    def forms(self, data: dict | None = None):
        """The three forms; `data` None shows what the report holds."""
        form = ReportForm(
            data, report=self.report, writable=self.writable, indicators=self.indicators
        )
        money = None
        if Part.MONEY in self.writable:
            lines = list(self.report.money_lines.all())
            wanted = self.request.GET.get("rows", "")
            spare = {}
            if wanted.isascii() and wanted.isdigit() and data is None:
                known = {line.source for line in lines}
                known |= {line.source for line in self.last_lines}
                spare["spare"] = max(2, min(int(wanted), 40) - len(known))
            money = MoneyRows(data, lines=lines, last_lines=self.last_lines, **spare)
        files = self.request.FILES if data is not None else None
        return form, money, EvidenceForm(data, files)

    @property
    def last_lines(self) -> list:
        return list(self.last.money_lines.all()) if self.last else []

    def page(
        self, form, money, evidence, *, problems: dict | None = None, saved: bool = False
    ) -> HttpResponse:
        """The form, with what was found at each field. Answers 422 where a POST was refused."""
        report = self.report
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
        posted = self.request.method == "POST"
        # What was read first stays the common start until something is saved.
        unsaved = self.request.POST if posted and not saved else {}
        listed = [
            (
                anchor,
                _("%(n)s　%(title)s：%(text)s")
                % {"n": section.number, "title": section.title, "text": text},
            )
            for section in sections.values()
            for anchor, text in section.problems
        ]
        rows = []
        for row in indicator_rows(report, self.indicators, self.last):
            prefix = f"indicator_{row.indicator.pk}"
            asked = f"{prefix}_actual" in form.fields
            rows.append(
                {
                    "row": row,
                    "actual": form[f"{prefix}_actual"] if asked else None,
                    "note": form[f"{prefix}_note"] if asked else None,
                }
            )
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
            "seen_version": unsaved.get("seen_version") or report.version,
            "submit": rules.verdict(Verb.SUBMIT, report, self.request.user),
            "returned": bool(report.returned_parts),
            "resolutions": of_report(report, self.request.user),
            "sent_back": sent_back(last_moves([report]).get(report.pk)),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if posted else HTTPStatus.OK
        return render(self.request, "tracking/form.html", context, status=status)

    def differences(self, data: dict) -> list[conflict.Difference]:
        theirs, their_money, _evidence = self.forms()
        my_money = self.forms(data)[1]
        return conflict.differences(theirs, their_money, my_money, data)

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
        """Nothing can be saved any more: what was typed is shown, so that it can be copied."""
        self.load()
        self.writable = frozenset(Part.values)
        context = {
            "report": self.report,
            "measure": self.report.measure,
            "year": self.report.reporting_year.year,
            "differences": self.differences(data),
            "reason": str(refusal),
        }
        forbidden = isinstance(refusal, NotAllowed)
        status = HTTPStatus.FORBIDDEN if forbidden else HTTPStatus.CONFLICT
        return render(self.request, "tracking/conflict.html", context, status=status)


def _seen(data: dict) -> int:
    text = data.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() else 0
