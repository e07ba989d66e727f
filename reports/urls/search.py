"""Address of the search."""

from django.urls import path

from reports.views import search

urlpatterns = [path("search/", search.search, name="search")]
