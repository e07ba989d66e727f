"""Reviews: the list, and one review with what stands and what is next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from config.kit.views import ScopedMixin
from reports import queries, rules
from reports.models import Review
from reports.views.base import ReviewView


class ReviewList(ScopedMixin, View):
    """All reviews that this person may see; the public sees what is published."""

    model = Review
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset().select_related("plan").order_by("-plan__start_year", "last_year")
        context = {
            "rows": [{"review": row, "edition": queries.current_edition(row)} for row in rows],
            "creating": rules.may_create(request.user),
        }
        return render(request, "reports/review_list.html", context)


class ReviewPage(ReviewView):
    """One review: its state, what is next and by whom, its numbers."""

    room = "review"
    public = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = self.context(moves=rules.moves(self.review, request.user))
        return render(request, "reports/review.html", context)
