"""Addresses of reviews, their editions, rules and filing."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
