"""Ministries as legal identities, and who took over from whom. Public."""

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets

from config.kit.api import PublicRead
from ministries.enums import SuccessionKind
from ministries.models import Ministry, Succession


class MinistrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Ministry
        fields = ("code", "short_name", "full_name", "name_en", "since", "until")


class MinistryFilter(filters.FilterSet):
    on = filters.DateFilter(method="filter_on", label=_("當日存在的部會"))

    class Meta:
        model = Ministry
        fields = ("code", "short_name", "full_name")

    def filter_on(self, queryset, _name, day):
        return queryset.on(day)


class MinistryViewSet(viewsets.ReadOnlyModelViewSet):
    """Bodies under the name that each bore from `since` (first day) to `until` (first day no
    longer)."""

    queryset = Ministry.objects.all()
    serializer_class = MinistrySerializer
    filterset_class = MinistryFilter
    permission_classes = [PublicRead]
    lookup_field = "code"


class SuccessionSerializer(serializers.ModelSerializer):
    predecessor = serializers.SlugRelatedField("code", read_only=True)
    successor = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Succession
        fields = ("id", "predecessor", "successor", "on", "kind", "legal_basis", "note")


class SuccessionFilter(filters.FilterSet):
    predecessor = filters.CharFilter("predecessor__code")
    successor = filters.CharFilter("successor__code")
    ministry = filters.CharFilter(method="filter_ministry", label=_("前身或後繼部會"))
    kind = filters.ChoiceFilter(choices=SuccessionKind)

    class Meta:
        model = Succession
        fields = ("predecessor", "successor", "on", "kind")

    def filter_ministry(self, queryset, _name, code):
        return queryset.filter(predecessor__code=code) | queryset.filter(successor__code=code)


class SuccessionViewSet(viewsets.ReadOnlyModelViewSet):
    """Dated edges: from `on` the successor carries the predecessor's duties, or a part of them."""

    queryset = Succession.objects.select_related("predecessor", "successor")
    serializer_class = SuccessionSerializer
    filterset_class = SuccessionFilter
    permission_classes = [PublicRead]
