"""Addresses of the `plan` room."""

urlpatterns: list = []
