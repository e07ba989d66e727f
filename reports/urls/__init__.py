"""Addresses of the `reports` room, a noun a module."""

from reports.urls import coordination, data, experts, pages, reviews, synthesis, views

urlpatterns = [
    *pages.urlpatterns,
    *reviews.urlpatterns,
    *experts.urlpatterns,
    *synthesis.urlpatterns,
    *coordination.urlpatterns,
    *views.urlpatterns,
    *data.urlpatterns,
]
