"""The review: one screen that reads a report against last year's and decides part by part."""

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.set_aside import KeepsTyped, holder
from config.kit.views import RefusalMixin, ScopedMixin
from tracking import parts
from tracking.actions import reports as actions
from tracking.actions.messages import send_message
from tracking.enums import LATE_LIGHTS, Part, Status, Verb
from tracking.forms.review import MessageForm, ReviewForm
from tracking.models import CannedReason, ProgressReport
from tracking.queries.flags import flags_of, limits
from tracking.queries.joint import dissents_on
from tracking.queries.reports import full_reports, previous_report
from tracking.rules import reports as rules
from tracking.rules.messages import message_verdict
from tracking.submitted import shown
from tracking.timeline import timeline
from tracking.views.review_queue import ReviewerMixin, filter_query, place_of
from tracking.views.sections import SECTIONS, indicator_rows, money_rows, money_sum

ORDER = (
    Part.PROGRESS,
    Part.INDICATORS,
    Part.LATENESS,
    Part.NEXT_YEAR,
    Part.MONEY,
    Part.EVIDENCE,
)
# Of each part its sections in the form, so that both pages mean the same by a number.
NUMBERS = {
    part: [number for _key, number, _title, of, _fields in SECTIONS if of == part] for part in ORDER
}
STACKED = "stacked"
# The id of the form of the decisions; a message is posted with it.
FORM = "decisions"


class Review(KeepsTyped, RefusalMixin, ReviewerMixin, ScopedMixin, View):
    """One report against last year's, part by part; the decisions go together."""

    model = ProgressReport

    def get_queryset(self):
        return full_reports().visible_to(self.request.user)

    def get_row(self) -> ProgressReport:
        return shown([super().get_row()], self.request.user)[0]

    def refused_url(self) -> str:
        return reverse("report-review", args=[self.kwargs["pk"]])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        if (kept := self.taken_back()) is not None:
            messages.warning(request, _("登入結束以前打的字放回來了，還沒有存。"))
            said = MessageForm(initial={"message": kept.get("message", "")}, owner=FORM)
            return self.page(report, review_form(report, initial=typed(kept)), said)
        return self.page(report, review_form(report, initial={"seen_version": report.version}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        if request.POST.get("do") == "message":
            return self.say(report)
        form = review_form(report, request.POST)
        if not form.is_valid():
            return self.page(report, form)
        after = self.next_url(report)
        seen, returned = form.cleaned_data["seen_version"], form.returned()
        try:
            if returned:
                actions.return_report(
                    report,
                    seen_version=seen,
                    by=request.user,
                    parts=returned,
                    correction_due_on=form.cleaned_data["correction_due_on"],
                )
            else:
                actions.accept(report, seen_version=seen, by=request.user)
        except Invalid as refusal:
            form.mark(
                {
                    f"reason_{key}" if key in Part.values else key: sentences
                    for key, sentences in refusal.errors.items()
                }
            )
            return self.page(report, form)
        if returned:
            told = _("已退回%(parts)s，請%(ministry)s補正。") % {
                "parts": _("、").join(_("「%s」") % Part(part).label for part in returned),
                "ministry": report.ministry.short_name,
            }
        else:
            told = _("已接受%(ministry)s的這份報告。") % {"ministry": report.ministry.short_name}
        link = format_html('<a href="{}">{}</a>', reverse("report", args=[pk]), report.measure.code)
        messages.success(request, format_html("{}　{}", link, told))
        return redirect(after)

    def say(self, report: ProgressReport) -> HttpResponse:
        """A message. It stands in the form of the decisions, so what was decided and typed so far
        is kept on the page.
        """
        request = self.request
        said = MessageForm(request.POST, owner=FORM)
        kept = review_form(report, initial=typed(request.POST))
        if said.is_valid():
            try:
                send_message(report, text=said.cleaned_data["message"], by=request.user)
            except Invalid as refusal:
                said.mark({"message": refusal.errors["text"]})
        if said.errors:
            return self.page(report, kept, said)
        messages.success(request, _("留言已送出，也寄給對方了。"))
        if any(name.startswith(("decision_", "reason_")) for name in kept.initial):
            return self.page(report, kept)
        return redirect(self.refused_url() + filter_query(request) + "#h-thread")

    def next_url(self, report: ProgressReport) -> str:
        """The next one in the queue, else the queue itself."""
        after, query = place_of(report, self.request).after, filter_query(self.request)
        if after:
            return reverse("report-review", args=[after.pk]) + query
        return reverse("review-queue") + query

    def page(
        self, report: ProgressReport, form: ReviewForm, said: MessageForm | None = None
    ) -> HttpResponse:
        request, user = self.request, self.request.user
        last = previous_report(report, user)
        indicators = list(parts.indicators_of(report).prefetch_related("targets", "target_changes"))
        rows = indicator_rows(report, indicators, last)
        last_rows = indicator_rows(last, indicators) if last else []
        seen = flags_of([report], user)[report.pk]
        place = place_of(report, request)
        accept = rules.verdict(Verb.ACCEPT, report, user)
        sections = [
            {
                "part": part,
                "number": NUMBERS[part][0],
                "numbers": "・".join(str(number) for number in NUMBERS[part]),
                "title": part.label,
                "flags": [flag for flag in seen if flag.part == part],
                "decision": form[f"decision_{part}"] if part in form.parts else None,
                "reason": form[f"reason_{part}"] if part in form.parts else None,
                "canned": form[name] if (name := f"canned_{part}") in form.fields else None,
                "earlier": [row for row in report.returned if row.part == part],
            }
            for part in ORDER
        ]
        numbers = {section["part"]: section["numbers"] for section in sections}
        context = {
            "report": report,
            "dissents": dissents_on([report], self.request.user).get(report.pk, []),
            "measure": report.measure,
            "year": report.reporting_year.year,
            "last": last,
            "last_year": report.reporting_year.year - 1,
            "last_late": bool(last) and last.light in LATE_LIGHTS,
            "late": report.light in LATE_LIGHTS,
            "form": form,
            "holder": holder(request),
            "sections": sections,
            "flags": [(NUMBERS[flag.part][0], numbers[flag.part], flag) for flag in seen],
            "indicator_rows": rows,
            "last_indicator_rows": last_rows,
            "money_rows": money_rows(report),
            "last_money_rows": money_rows(last) if last else [],
            "sum": money_sum(report.money_lines.all()),
            "last_sum": money_sum(last.money_lines.all()) if last else None,
            "evidence": report.evidence.all(),
            "last_evidence": last.evidence.all() if last else [],
            "days": (timezone.localdate() - timezone.localdate(report.filed_at)).days
            if report.filed_at
            else None,
            "start": rules.verdict(Verb.START, report, user),
            "accept": accept,
            "waiting": report.status == Status.SUBMITTED,
            "deciding": report.status == Status.UNDER_REVIEW and accept.ok,
            "correction_days": actions.CORRECTION_DAYS,
            "before": place.before,
            "after": place.after,
            "nth": place.nth,
            "total": place.total,
            "query": filter_query(request),
            "stacked": request.GET.get("side") == STACKED,
            "query_beside": filter_query(request, side=""),
            "query_stacked": filter_query(request, side=STACKED),
            "limits": limits(),
            "timeline": timeline(report, user),
            "may_say": message_verdict(report, user).ok,
            "message_form": said or MessageForm(owner=FORM),
            "problems": [
                (
                    f"p{NUMBERS[part][0]}",
                    _("%(n)s　%(title)s：%(text)s")
                    % {"n": numbers[part], "title": part.label, "text": error},
                )
                for part in form.parts
                for name in (f"decision_{part}", f"canned_{part}", f"reason_{part}")
                if name in form.fields
                for error in form[name].errors
            ],
        }
        status = 422 if form.is_bound or (said and said.errors) else 200
        return render(request, "tracking/review.html", context, status=status)


def review_form(
    report: ProgressReport, data: QueryDict | None = None, *, initial: dict | None = None
) -> ReviewForm:
    """The decisions on the parts of a report, with the reasons that administrators keep ready."""
    ready = defaultdict(list)
    for row in CannedReason.objects.filter(active=True):
        for part in [row.part] if row.part else Part.values:
            ready[part].append(row)
    return ReviewForm(data, parts=decided_parts(report), canned=ready, initial=initial)


def typed(data: QueryDict) -> dict:
    """What stands in a posted form, to show it again unjudged."""
    kept = {name: value for name, value in data.items() if value and name != "message"}
    day = [data.get(f"correction_due_on_{box}", "") for box in range(3)]
    return kept | ({"correction_due_on": day} if any(day) else {})


def decided_parts(report: ProgressReport) -> list[Part]:
    """Parts that want a decision: all, but lateness only where there is some."""
    late = report.light in LATE_LIGHTS or report.cause
    return [part for part in ORDER if part != Part.LATENESS or late]
