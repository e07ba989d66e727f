"""The API's addresses, under `/api/v1/`, with its description and a page to read it."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import APIRootView, DefaultRouter

from ministries.api import MinistryViewSet, SuccessionViewSet
from plan.api import (
    GoalViewSet,
    PlanViewSet,
    SeriesViewSet,
    StrategyViewSet,
    SubGoalViewSet,
    VersionViewSet,
)
from reports.api import ReviewViewSet
from tracking.api import IndicatorViewSet, MeasureViewSet, ReportingYearViewSet, ReportViewSet


class RootView(APIRootView):
    """The lists that there are."""

    permission_classes = [AllowAny]


class Router(DefaultRouter):
    APIRootView = RootView
    root_view_name = "api"
    include_format_suffixes = False


router = Router()
router.register("plans", PlanViewSet, "api-plan")
router.register("versions", VersionViewSet, "api-version")
router.register("goals", GoalViewSet, "api-goal")
router.register("sub-goals", SubGoalViewSet, "api-sub-goal")
router.register("strategies", StrategyViewSet, "api-strategy")
router.register("measures", MeasureViewSet, "api-measure")
router.register("ministries", MinistryViewSet, "api-ministry")
router.register("successions", SuccessionViewSet, "api-succession")
router.register("reporting-years", ReportingYearViewSet, "api-reporting-year")
router.register("reports", ReportViewSet, "api-report")
router.register("indicators", IndicatorViewSet, "api-indicator")
router.register("series", SeriesViewSet, "api-series")
router.register("reviews", ReviewViewSet, "api-review")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api/docs.html"),
        name="api-docs",
    ),
    path("", include(router.urls)),
]
