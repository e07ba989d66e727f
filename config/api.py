"""The API's router: `/api/v1/`."""

urlpatterns: list = []
