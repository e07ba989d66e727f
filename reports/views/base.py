"""What every page of a review begins with: the review as this person may see it, and its rooms."""

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import View

from config.kit.views import RefusalMixin, ScopedMixin
from reports.models import Edition, Review
from reports.queries import reviews as queries
from reports.rules import reviews as rules

# Columns of an edition that a list of editions doesn't show: a tree of hundreds of nodes each.
HEAVY = ("head", "rules", "standing", "closing")


class ReviewView(RefusalMixin, ScopedMixin, View):
    """A page about the review that the address names by `pk`; 404 where it is out of sight.

    `room` is the name of the address under which `reports.rules` lists the page: who may not open
    that room gets 404 as well. "" for pages that decide themselves.
    """

    model = Review
    room = ""

    def get_queryset(self):
        return super().get_queryset().select_related("plan")

    @cached_property
    def review(self) -> Review:
        review = self.get_row()
        names = {room.name for room in rules.rooms(review, self.request.user)}
        if self.room and self.room not in names:
            raise Http404
        return review

    @cached_property
    def edition(self) -> Edition | None:
        """The current edition of the review."""
        return queries.current_edition(self.review)

    def edition_named(self, number: str | int | None) -> Edition:
        """404 for a number that is none of the review's."""
        if not str(number or "").isdecimal():
            raise Http404
        found = self.review.editions.filter(number=int(number)).first()
        if found is None:
            raise Http404
        return found

    def context(self, **more: object) -> dict:
        """`review`, `edition`, `rooms`, the name of the `room` and the plan's words for its
        `levels`, for templates.
        """
        review = self.review
        return {
            "review": review,
            "edition": self.edition,
            "rooms": rules.rooms(review, self.request.user),
            "room": self.room,
            "levels": queries.level_words(self.edition),
            **more,
        }

    def refused_url(self) -> str:
        return reverse(self.room or "review", args=[self.kwargs["pk"]])
