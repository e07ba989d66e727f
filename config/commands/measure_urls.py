"""The site's addresses, and an empty page beside them that shows what the middleware costs."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("bench/empty/", lambda request: HttpResponse("")),
    path("", include("config.urls")),
]
