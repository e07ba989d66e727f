"""Addresses of coordination meetings, resolutions and the trace."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
