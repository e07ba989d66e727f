"""Addresses of the budget path."""

from django.urls import path, re_path

from reports.views import budget

urlpatterns = [
    path("budget/", budget.budget, name="budget"),
    path("budget/path.json", budget.figure, name="budget-figure"),
    path("budget/gerd.json", budget.research_figure, name="budget-gerd-figure"),
    re_path(r"^budget/(?P<part>path|figures|gerd)\.(?P<form>csv|ods)$", budget.table,
            name="budget-table"),
    path("budget/compare/", budget.compare, name="budget-compare"),
    path("budget/compare.json", budget.compare_figure, name="budget-compare-figure"),
    re_path(r"^budget/compare\.(?P<form>csv|ods)$", budget.compare_table,
            name="budget-compare-table"),
    path("budget/scenarios/", budget.Save.as_view(), name="budget-save"),
    path("budget/scenarios/<uuid:address>/", budget.scenario, name="budget-scenario"),
    path("budget/scenarios/<uuid:address>/delete/", budget.Delete.as_view(), name="budget-delete"),
]  # fmt: skip
