"""Addresses of the `plan` room."""

from django.urls import path

from plan import views_revision as views

urlpatterns = [
    path("revisions/", views.RevisionList.as_view(), name="revision-list"),
    path("revisions/<int:pk>/", views.RevisionPage.as_view(), name="revision"),
    path("revisions/<int:pk>/redline/", views.Redline.as_view(), name="revision-redline"),
    path("revisions/<int:pk>/crosswalk/", views.Crosswalk.as_view(), name="revision-crosswalk"),
    path("revisions/<int:pk>/vision/", views.Vision.as_view(), name="revision-vision"),
    path("revisions/<int:pk>/approve/", views.Approve.as_view(), name="revision-approve"),
    path("revisions/<int:pk>/discard/", views.Discard.as_view(), name="revision-discard"),
    path(
        "revisions/<int:pk>/<slug:level>/<int:node>/",
        views.NodePage.as_view(http_method_names=["get"]),
        name="revision-node",
    ),
    path(
        "revisions/<int:pk>/<slug:level>/<int:node>/<slug:verb>/",
        views.NodePage.as_view(http_method_names=["post"]),
        name="revision-verb",
    ),
]
