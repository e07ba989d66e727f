"""Addresses of experts: invitations, seats, dossiers and opinions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
