"""Addresses of reviews, their editions, rules and filing."""

from django.urls import path, register_converter

from reports.enums import ReviewVerb
from reports.views import editions, filing, review_list, review_rules, reviews


class VerbConverter:
    """A verb of the road; any other word is no address."""

    regex = "|".join(ReviewVerb.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(VerbConverter, "review_verb")

urlpatterns = [
    path("reviews/", review_list.ReviewList.as_view(), name="review-list"),
    path("reviews/new/", review_list.ReviewCreate.as_view(), name="review-create"),
    path("reviews/<int:pk>/", reviews.ReviewPage.as_view(), name="review"),
    path("reviews/<int:pk>/compile/", reviews.ReviewCompile.as_view(), name="review-compile"),
    path(
        "reviews/<int:pk>/move/<review_verb:verb>/",
        reviews.ReviewMove.as_view(),
        name="review-move",
    ),
    path("reviews/<int:pk>/settings/", review_rules.Settings.as_view(), name="review-settings"),
    path("reviews/<int:pk>/rules/", review_rules.Rules.as_view(), name="review-rules"),
    path(
        "reviews/<int:pk>/editions/<int:number>/",
        editions.EditionPage.as_view(),
        name="review-edition",
    ),
    path(
        "reviews/<int:pk>/editions/<int:number>/lines/<int:ordinal>/",
        editions.LinePage.as_view(),
        name="review-line",
    ),
    path("reviews/<int:pk>/compare/", editions.Compare.as_view(), name="review-compare"),
    path("reviews/<int:pk>/filing/", filing.FilingPage.as_view(), name="review-filing"),
    path(
        "reviews/<int:pk>/filing/<int:filing>/acknowledge/",
        filing.Acknowledge.as_view(),
        name="review-acknowledge",
    ),
]
