"""Addresses of the `tracking` room."""

urlpatterns: list = []
