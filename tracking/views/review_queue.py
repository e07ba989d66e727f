"""The list of what waits for review, its filters, and what stands before and after a report."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from config.kit.views import SignedInMixin
from tracking.enums import Status
from tracking.flag_rows import Flag
from tracking.flags import RULES
from tracking.models import ProgressReport
from tracking.queries.flags import flags_of, with_texts
from tracking.queries.indicators import waiting_proposals
from tracking.queries.reports import previous_reports, review_queue
from tracking.queries.requests import waiting_requests
from tracking.queries.resolutions import waiting_for_answer
from tracking.rules.pages import may_see_collation
from tracking.views.resolutions import in_list

PAGE_SIZE = 50
ANY, NONE = "any", "none"
BY_FLAGS = "flags"
# What stays in the address from one report to the next: the filters, the order and the layout.
KEPT = ("ministry", "year", "flag", "sort", "side")


class ReviewerMixin(SignedInMixin):
    """For the science ministry's people: `rules.may_see_collation`."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not may_see_collation(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ReviewQueue(ReviewerMixin, View):
    """What waits, oldest first or most flags first; filters stay in the address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        everything = list(review_queue(request.user))
        rows, found = narrowed(everything, request)
        proposals = waiting_proposals(request.user)
        wanted = request.GET.get("ministry")
        holders = [report.ministry for report in everything]
        holders += [proposal.indicator.ministry for proposal in proposals]
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        last = previous_reports(page.object_list, request.user)
        if found is None:
            found = flags_of(with_texts(page.object_list), request.user)
        today = timezone.localdate()
        extensions, corrections = waiting_requests(request.user)
        context = {
            "page": page,
            "extensions": extensions,
            "corrections": corrections,
            "requests_waiting": len(extensions) + len(corrections),
            "total": len(everything),
            "started": sum(report.status == Status.UNDER_REVIEW for report in everything),
            "ministries": sorted({(one.code, one.short_name) for one in holders}),
            "all_proposals": len(proposals),
            "proposals": [
                one for one in proposals if not wanted or one.indicator.ministry.code == wanted
            ],
            "years": sorted({report.reporting_year.year for report in everything}),
            "flag_rules": RULES.items(),
            "by_flags": request.GET.get("sort") == BY_FLAGS,
            "query": filter_query(request),
            "resolutions": in_list(waiting_for_answer(request.user), request.user),
            "rows": [
                {
                    "report": report,
                    "last": last.get(report.pk),
                    "flags": found[report.pk],
                    "days": (today - timezone.localdate(report.filed_at)).days,
                    "wrote": any(row.user_id == request.user.pk for row in report.authors.all()),
                }
                for report in page.object_list
            ],
        }
        return render(request, "tracking/review_queue.html", context)


Flagged = dict[int, list[Flag]]


def narrowed(
    queue: list[ProgressReport], request: HttpRequest
) -> tuple[list[ProgressReport], Flagged | None]:
    """The queue under the filters and the order of the address, and its flags where one of them
    asked for these: they cost the texts of all of it.
    """
    ministry, year = request.GET.get("ministry"), request.GET.get("year")
    rows = [
        report
        for report in queue
        if (not ministry or report.ministry.code == ministry)
        and (not year or str(report.reporting_year.year) == year)
    ]
    wanted, by_flags = request.GET.get("flag"), request.GET.get("sort") == BY_FLAGS
    if not by_flags and wanted not in (ANY, NONE, *RULES):
        return rows, None
    found = flags_of(with_texts(rows), request.user)
    rows = [report for report in rows if _fits(found[report.pk], wanted)]
    if by_flags:
        rows.sort(key=lambda report: -len(found[report.pk]))
    return rows, found


def _fits(flags: list[Flag], wanted: str | None) -> bool:
    if wanted == ANY:
        return bool(flags)
    if wanted == NONE:
        return not flags
    return wanted not in RULES or any(flag.rule == wanted for flag in flags)


def filter_query(request: HttpRequest, **changed: str) -> str:
    """`?ministry=…&year=…` as given, with what is changed, or nothing."""
    kept = request.GET.copy()
    for name, value in changed.items():
        kept[name] = value
    for name in list(kept):
        if name not in KEPT or not kept[name]:
            del kept[name]
    return f"?{kept.urlencode()}" if kept else ""


class Place(NamedTuple):
    """Where a report stands in the queue under the filters; `nth` is None where it is not there,
    and then `after` is the first.
    """

    before: ProgressReport | None
    after: ProgressReport | None
    nth: int | None
    total: int


def place_of(report: ProgressReport, request: HttpRequest) -> Place:
    queue, _found = narrowed(list(review_queue(request.user)), request)
    at = next((n for n, row in enumerate(queue) if row.pk == report.pk), None)
    if at is None:
        return Place(None, queue[0] if queue else None, None, len(queue))
    after = queue[at + 1] if at + 1 < len(queue) else None
    return Place(queue[at - 1] if at else None, after, at + 1, len(queue))
