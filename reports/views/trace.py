"""The trace: finding → reply → meeting → resolution → revision, as page, ODS and CSV."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property

from config.kit.csv import csv_response
from reports.documents.reading_trace import CELLS, cells_of, trace_of
from reports.documents.render import TYPES, finished
from reports.documents.render import render as rendered
from reports.enums import DocumentFormat, DocumentKind
from reports.models import Review
from reports.rules import meetings as rules_of_meetings
from reports.trace import threads
from reports.views.base import ReviewView


class Trace(ReviewView):
    """For those who keep the meetings: experts' opinions stand in it before they are sent."""

    room = "review-coordination"

    @cached_property
    def review(self) -> Review:
        review = super().review
        if not rules_of_meetings.keeps_meetings(self.request.user):
            raise Http404
        return review

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = threads(self.review, self.edition) if self.edition else []
        levels = self.edition.head["version"]["level_names"] if self.edition else {}
        context = self.context(
            threads=[{"one": one, "level": levels.get(one.level, "")} for one in found],
            without=sum(one.meeting is None for one in found),
            open=sum(bool(one.given) and one.given.resolution.closed_at is None for one in found),
        )
        return render(request, "reports/trace.html", context)


class TraceCsv(Trace):
    """One line for a finding and resolution, columns by stable English names."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = threads(self.review, self.edition) if self.edition else []
        rows = (cells_of(one) for one in found)
        values = ([row[name] for name in CELLS] for row in rows)
        return csv_response(self.stem() + ".csv", CELLS, values)

    def stem(self) -> str:
        return f"{self.review.plan.slug}-{self.review.kind}-{DocumentKind.TRACE}"


class TraceOds(TraceCsv):
    """The document of kind 追蹤表 as it reads now."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.edition is None:
            raise Http404
        self.edition.review = self.review
        plain, _missing = finished(trace_of(self.edition))
        answer = HttpResponse(
            rendered(plain, DocumentFormat.ODS), content_type=TYPES[DocumentFormat.ODS]
        )
        answer["Content-Disposition"] = f'attachment; filename="{self.stem()}.ods"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
