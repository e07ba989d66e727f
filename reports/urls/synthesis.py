"""Addresses of conclusions and the comments on them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
