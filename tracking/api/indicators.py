"""Indicators with yearly targets, and the actuals of the accepted reports that the reader may
read."""

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets

from config.kit.api import PublicRead
from config.kit.roc import gregorian_year
from plan.enums import Accumulation, Direction, IndicatorKind, IndicatorState
from plan.models import Indicator, PlanVersion
from tracking.api.measures import IndicatorSerializer
from tracking.api.report_data import PARTS
from tracking.enums import Status
from tracking.models import IndicatorValue, ProgressReport


class ActualSerializer(serializers.ModelSerializer):
    year = serializers.IntegerField(source="report.reporting_year.year", read_only=True)
    year_gregorian = serializers.SerializerMethodField()
    parts = PARTS

    class Meta:
        model = IndicatorValue
        fields = ("year", "year_gregorian", "actual", "parts", "note")

    def get_year_gregorian(self, value: IndicatorValue) -> int:
        return gregorian_year(value.report.reporting_year.year)


class IndicatorRowSerializer(IndicatorSerializer):
    plan = serializers.CharField(source="measure.version.plan.slug", read_only=True)
    measure = serializers.CharField(source="measure.code", read_only=True)
    actuals = ActualSerializer(source="values", many=True, read_only=True)

    class Meta(IndicatorSerializer.Meta):
        fields = ("plan", "measure", *IndicatorSerializer.Meta.fields, "actuals")


class IndicatorFilter(filters.FilterSet):
    plan = filters.CharFilter("measure__version__plan__slug", label="slug")
    measure = filters.CharFilter("measure__code", label="Code of a measure")
    ministry = filters.CharFilter("ministry__code", label="Code of a ministry")
    kind = filters.ChoiceFilter(choices=IndicatorKind)
    accumulation = filters.ChoiceFilter(choices=Accumulation)
    direction = filters.ChoiceFilter(choices=Direction)

    class Meta:
        model = Indicator
        fields = ()


class IndicatorViewSet(viewsets.ReadOnlyModelViewSet):
    """指標: approved ones. Actuals of a year are public once the year is released."""

    queryset = Indicator.objects.none()
    serializer_class = IndicatorRowSerializer
    filterset_class = IndicatorFilter
    permission_classes = [PublicRead]
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Indicator]:
        user = self.request.user
        reports = ProgressReport.objects.visible_to(user).filter(status=Status.ACCEPTED)
        actuals = IndicatorValue.objects.filter(report__in=reports)
        return (
            Indicator.objects.filter(
                state=IndicatorState.APPROVED,
                measure__version__in=PlanVersion.objects.visible_to(user),
            )
            .select_related("measure__version__plan", "ministry")
            .defer("measure__description")
            .prefetch_related(
                "targets",
                Prefetch(
                    "values",
                    actuals.select_related("report__reporting_year").order_by(
                        "report__reporting_year__year", "pk"
                    ),
                ),
            )
            .order_by("measure__version__plan__slug", "measure__position", "ministry__code",
                      "ordinal", "pk")
        )  # fmt: skip
