"""Addresses of the `plan` room."""

from django.urls import path

from plan.views import (
    comparison,
    ending,
    figures,
    figures_import,
    figures_keeping,
    node,
    revisions,
)

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
    path("figures/", figures.SeriesList.as_view(), name="figures"),
    path("figures/values.csv", figures.ValuesFile.as_view(), name="figures-csv"),
    path("figures/values.ods", figures.ValuesFile.as_view(kind="ods"), name="figures-ods"),
    path("figures/mismatches/", figures.Mismatches.as_view(), name="figures-mismatches"),
    path("figures/new/", figures_keeping.AddSeries.as_view(), name="series-add"),
    path("figures/import/", figures_import.ImportValues.as_view(), name="figures-import"),
    path("figures/<slug:code>/", figures.SeriesPage.as_view(), name="series"),
    path("figures/<slug:code>/chart.json", figures.SeriesFigure.as_view(), name="series-figure"),
    path("figures/<slug:code>/enter/", figures_keeping.EnterValue.as_view(), name="series-enter"),
    path(
        "figures/<slug:code>/<int:year>/correct/",
        figures_keeping.CorrectValue.as_view(),
        name="series-correct",
    ),
]
