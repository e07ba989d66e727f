"""The review: a queue, and one screen that reads a report against last year's."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from tracking import parts
from tracking.actions import reports as actions
from tracking.enums import LATE_LIGHTS, Part, Status, Verb
from tracking.flags import Measured, Spent, Year, flags
from tracking.forms.review import ReviewForm
from tracking.models import ProgressReport
from tracking.queries.indicators import waiting_proposals
from tracking.queries.reports import full_reports, previous_report, previous_reports, review_queue
from tracking.queries.resolutions import waiting_for_answer
from tracking.rules import reports as rules
from tracking.rules.pages import may_see_collation
from tracking.submitted import shown
from tracking.views.resolutions import in_list
from tracking.views.sections import SECTIONS, indicator_rows, money_rows, money_sum

PAGE_SIZE = 50
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


class ReviewerMixin(SignedInMixin):
    """For the science ministry's people: `rules.may_see_collation`."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not may_see_collation(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ReviewQueue(ReviewerMixin, View):
    """What waits, oldest first; filters stay in the address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        everything = review_queue(request.user)
        years = sorted({report.reporting_year.year for report in everything})
        rows = queue_of(request)
        proposals = waiting_proposals(request.user)
        wanted = request.GET.get("ministry")
        holders = [report.ministry for report in everything]
        holders += [proposal.indicator.ministry for proposal in proposals]
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        last = previous_reports(page.object_list, request.user)
        today = timezone.localdate()
        context = {
            "page": page,
            "total": len(everything),
            "started": sum(report.status == Status.UNDER_REVIEW for report in everything),
            "ministries": sorted({(one.code, one.short_name) for one in holders}),
            "all_proposals": len(proposals),
            "proposals": [
                one for one in proposals if not wanted or one.indicator.ministry.code == wanted
            ],
            "years": years,
            "query": filter_query(request),
            "resolutions": in_list(waiting_for_answer(request.user), request.user),
            "rows": [
                {
                    "report": report,
                    "last": last.get(report.pk),
                    "days": (today - timezone.localdate(report.filed_at)).days,
                    "wrote": any(row.user_id == request.user.pk for row in report.authors.all()),
                }
                for report in page.object_list
            ],
        }
        return render(request, "tracking/review_queue.html", context)


def queue_of(request: HttpRequest) -> list[ProgressReport]:
    """The queue under the filters of the address."""
    ministry, year = request.GET.get("ministry"), request.GET.get("year")
    return [
        report
        for report in review_queue(request.user)
        if (not ministry or report.ministry.code == ministry)
        and (not year or str(report.reporting_year.year) == year)
    ]


def filter_query(request: HttpRequest) -> str:
    """`?ministry=…&year=…` as given, or nothing."""
    kept = request.GET.copy()
    for name in list(kept):
        if name not in ("ministry", "year") or not kept[name]:
            del kept[name]
    return f"?{kept.urlencode()}" if kept else ""


class Review(RefusalMixin, ReviewerMixin, ScopedMixin, View):
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
        form = ReviewForm(initial={"seen_version": report.version}, parts=decided_parts(report))
        return self.page(report, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        form = ReviewForm(request.POST, parts=decided_parts(report))
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

    def next_url(self, report: ProgressReport) -> str:
        """The next one in the queue, else the queue itself."""
        _before, after, _place, _total = neighbours(self.request, report)
        query = filter_query(self.request)
        if after:
            return reverse("report-review", args=[after.pk]) + query
        return reverse("review-queue") + query

    def page(self, report: ProgressReport, form: ReviewForm) -> HttpResponse:
        request, user = self.request, self.request.user
        last = previous_report(report, user)
        indicators = list(parts.indicators_of(report).prefetch_related("targets", "target_changes"))
        rows = indicator_rows(report, indicators, last)
        last_rows = indicator_rows(last, indicators) if last else []
        seen = flags(year_of(report, indicators, last), year_of(last, indicators) if last else None)
        before, after, place, total = neighbours(request, report)
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
                "earlier": [row for row in report.returned if row.part == part],
            }
            for part in ORDER
        ]
        numbers = {section["part"]: section["numbers"] for section in sections}
        context = {
            "report": report,
            "measure": report.measure,
            "year": report.reporting_year.year,
            "last": last,
            "last_year": report.reporting_year.year - 1,
            "last_late": bool(last) and last.light in LATE_LIGHTS,
            "late": report.light in LATE_LIGHTS,
            "form": form,
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
            "before": before,
            "after": after,
            "nth": place,
            "total": total,
            "query": filter_query(request),
            "problems": [
                (
                    f"p{NUMBERS[part][0]}",
                    _("%(n)s　%(title)s：%(text)s")
                    % {"n": numbers[part], "title": part.label, "text": error},
                )
                for part in form.parts
                for name in (f"decision_{part}", f"reason_{part}")
                for error in form[name].errors
            ],
        }
        status = 422 if form.is_bound else 200
        return render(request, "tracking/review.html", context, status=status)


def decided_parts(report: ProgressReport) -> list[Part]:
    """Parts that want a decision: all, but lateness only where there is some."""
    late = report.light in LATE_LIGHTS or report.cause
    return [part for part in ORDER if part != Part.LATENESS or late]


def neighbours(request: HttpRequest, report: ProgressReport) -> tuple:
    """(the one before, the one after, its place, how many) in the queue under the filters."""
    queue = queue_of(request)
    place = next((n for n, row in enumerate(queue) if row.pk == report.pk), None)
    if place is None:
        return None, (queue[0] if queue else None), None, len(queue)
    before = queue[place - 1] if place else None
    after = queue[place + 1] if place + 1 < len(queue) else None
    return before, after, place + 1, len(queue)


def year_of(report: ProgressReport, indicators, last: ProgressReport | None = None) -> Year:
    """The report as plain data for the flags."""
    values = {value.indicator_id: value.actual for value in report.values.all()}
    before = {value.indicator_id: value.actual for value in last.values.all()} if last else {}
    return Year(
        light=report.light,
        completion=report.completion,
        nothing_to_report=report.nothing_to_report,
        late=report.late,
        work_done=report.work_done,
        benefit=report.benefit,
        response=report.response,
        next_steps=report.next_steps,
        measured=tuple(
            Measured(
                row.indicator.name,
                values.get(row.indicator.pk),
                row.attainment,
                before.get(row.indicator.pk),
                row.target_changed,
            )
            for row in indicator_rows(report, indicators)
        ),
        money=tuple(
            Spent(line.source, line.allocated_thousand, line.spent_thousand)
            for line in report.money_lines.all()
        ),
        evidence=len(report.evidence.all()),
    )
