"""Addresses of open data."""

from django.urls import path

from reports.views import data

urlpatterns = [
    path("data/", data.data, name="data"),
    path("data/catalog.json", data.data_catalog, name="data-catalog"),
    path("data/<slug:key>/", data.dataset, name="dataset"),
    path("data/<slug:key>.<slug:ending>", data.dataset_file, name="dataset-file"),
]
