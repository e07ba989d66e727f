"""Addresses of reviews, their editions, rules and filing."""

from django.urls import path

from reports.views import reviews

urlpatterns = [
    path("reviews/", reviews.ReviewList.as_view(), name="review-list"),
    path("reviews/<int:pk>/", reviews.ReviewPage.as_view(), name="review"),
]
