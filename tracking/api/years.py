"""Reporting years, each addressed by its number within a plan."""

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from config.kit.api import PublicRead, YearFilter
from config.kit.roc import gregorian_year, roc_year
from tracking.enums import YearState
from tracking.models import ReportingYear
from tracking.standing import may_see_year


class ReportingYearSerializer(serializers.ModelSerializer):
    plan = serializers.CharField(source="plan.slug", read_only=True)
    year_gregorian = serializers.SerializerMethodField()

    class Meta:
        model = ReportingYear
        fields = (
            "plan", "year", "year_gregorian", "state", "opens_on", "due_on", "closes_on",
            "opened_at", "closed_at", "released_at",
        )  # fmt: skip

    def get_year_gregorian(self, year: ReportingYear) -> int:
        return gregorian_year(year.year)


class ReportingYearFilter(filters.FilterSet):
    plan = filters.CharFilter("plan__slug", label="slug")
    year = YearFilter("year")
    state = filters.ChoiceFilter(choices=YearState)

    class Meta:
        model = ReportingYear
        fields = ("plan", "year", "state")


def years_of(user) -> QuerySet[ReportingYear]:
    """Years that mean anything to this person: `tracking.standing` says which."""
    states = [state for state in YearState if may_see_year(state, user)]
    return ReportingYear.objects.filter(state__in=states).select_related("plan")


YEAR_PATH = OpenApiParameter(
    "year", int, OpenApiParameter.PATH, description="ROC or Gregorian: 111 and 2022 are the same."
)


@extend_schema_view(retrieve=extend_schema(parameters=[YEAR_PATH]))
class ReportingYearViewSet(viewsets.ReadOnlyModelViewSet):
    """Reporting years: the public sees released ones, signed-in people opened ones."""

    queryset = ReportingYear.objects.none()
    serializer_class = ReportingYearSerializer
    filterset_class = ReportingYearFilter
    permission_classes = [PublicRead]
    lookup_field = "year"
    lookup_value_regex = r"\d{2,4}"

    def get_queryset(self) -> QuerySet[ReportingYear]:
        return years_of(self.request.user).order_by("-plan__start_year", "plan", "year")

    def get_object(self) -> ReportingYear:
        """Where plans overlap, `?plan=` tells which; without it the newest plan's year."""
        rows = self.filter_queryset(self.get_queryset())
        year = rows.filter(year=roc_year(int(self.kwargs["year"]))).first()
        if year is None:
            raise Http404
        return year
