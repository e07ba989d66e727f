"""Addresses of what the site says of itself."""

from django.urls import path

from reports.views import about

urlpatterns = [
    path("accessibility/", about.accessibility, name="accessibility"),
    path("sitemap/", about.site_map, name="site-map"),
]
