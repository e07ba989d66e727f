"""Addresses of saved views. One that is shared opens by its token."""

from django.urls import path

from reports.views import saved_views

urlpatterns = [
    path("views/", saved_views.ViewList.as_view(), name="view-list"),
    path("views/new/", saved_views.ViewCreate.as_view(), name="view-create"),
    path("views/<str:token>/", saved_views.ViewOpen.as_view(), name="view"),
    path("views/<str:token>/<slug:verb>/", saved_views.ViewMove.as_view(), name="view-move"),
]
