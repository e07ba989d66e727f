"""Addresses of the `plan` room."""

from django.urls import path

from plan.views import comparison, ending, node, revisions

urlpatterns = [
    path("revisions/", revisions.RevisionList.as_view(), name="revision-list"),
    path("revisions/<int:pk>/", revisions.RevisionPage.as_view(), name="revision"),
    path("revisions/<int:pk>/redline/", comparison.Redline.as_view(), name="revision-redline"),
    path(
        "revisions/<int:pk>/crosswalk/", comparison.Crosswalk.as_view(), name="revision-crosswalk"
    ),
    path("revisions/<int:pk>/vision/", comparison.Vision.as_view(), name="revision-vision"),
    path("revisions/<int:pk>/approve/", ending.Approve.as_view(), name="revision-approve"),
    path("revisions/<int:pk>/discard/", ending.Discard.as_view(), name="revision-discard"),
    path(
        "revisions/<int:pk>/<slug:level>/<int:node>/",
        node.NodePage.as_view(http_method_names=["get"]),
        name="revision-node",
    ),
    path(
        "revisions/<int:pk>/<slug:level>/<int:node>/<slug:verb>/",
        node.NodePage.as_view(http_method_names=["post"]),
        name="revision-verb",
    ),
]
