"""Addresses of the `reports` room, a noun a module."""

from reports.urls import (
    about,
    budget,
    coordination,
    data,
    experts,
    pages,
    reviews,
    search,
    synthesis,
    views,
    workbooks,
)

urlpatterns = [
    *pages.urlpatterns,
    *budget.urlpatterns,
    *reviews.urlpatterns,
    *experts.urlpatterns,
    *synthesis.urlpatterns,
    *coordination.urlpatterns,
    *views.urlpatterns,
    *data.urlpatterns,
    *search.urlpatterns,
    *workbooks.urlpatterns,
    *about.urlpatterns,
]
