"""Addresses of the `ministries` room."""

urlpatterns: list = []
