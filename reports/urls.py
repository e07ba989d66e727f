"""Addresses of the `reports` room."""

urlpatterns: list = []
