"""Series of figures as data, public: what each counts, and its values that stand."""

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets

from config.kit.api import PublicRead
from config.kit.roc import gregorian_year
from plan.enums import BudgetBasis, GdpStatus, SeriesSubject, Special
from plan.models import Plan, PlanVersion, Series, SeriesValue


class SeriesValueSerializer(serializers.ModelSerializer):
    year_gregorian = serializers.SerializerMethodField()

    class Meta:
        model = SeriesValue
        fields = ("year", "year_gregorian", "amount", "dated", "source", "note")

    def get_year_gregorian(self, value: SeriesValue) -> int:
        return gregorian_year(value.year)


class SeriesSerializer(serializers.ModelSerializer):
    """Series of another basis, vintage or scope are other series: they are never one line."""

    plan = serializers.CharField(source="plan.slug", read_only=True)
    ministry = serializers.CharField(
        source="ministry.code", allow_null=True, default=None, read_only=True
    )
    basis = serializers.ChoiceField(choices=BudgetBasis.choices, allow_blank=True)
    status = serializers.ChoiceField(choices=GdpStatus.choices, allow_blank=True)
    special = serializers.ChoiceField(choices=Special.choices, allow_blank=True)
    values = SeriesValueSerializer(many=True, read_only=True)

    class Meta:
        model = Series
        fields = (
            "code", "plan", "subject", "name", "name_en", "of", "ministry", "basis", "status",
            "vintage", "special", "unit", "source", "source_url", "table", "page", "note", "values",
        )  # fmt: skip


class SeriesFilter(filters.FilterSet):
    plan = filters.CharFilter("plan__slug", label="slug")
    subject = filters.ChoiceFilter(choices=SeriesSubject)
    basis = filters.ChoiceFilter(choices=BudgetBasis)
    status = filters.ChoiceFilter(choices=GdpStatus)
    special = filters.ChoiceFilter(choices=Special)
    ministry = filters.CharFilter("ministry__code", label="Code of a ministry")
    of = filters.CharFilter("of")

    class Meta:
        model = Series
        fields = ()


class SeriesViewSet(viewsets.ReadOnlyModelViewSet):
    """數列: budgets, GDP, research spending. What was corrected is not among the values."""

    queryset = Series.objects.none()
    serializer_class = SeriesSerializer
    filterset_class = SeriesFilter
    permission_classes = [PublicRead]
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Series]:
        seen = PlanVersion.objects.visible_to(self.request.user)
        current = SeriesValue.objects.current().order_by("year")
        return (
            Series.objects.filter(plan__in=Plan.objects.filter(versions__in=seen))
            .select_related("plan", "ministry")
            .prefetch_related(Prefetch("values", current))
            .order_by("plan__slug", "code")
        )
