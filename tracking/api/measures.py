"""Measures with their ministries and lights.

The list is the API's busiest answer, so its rows are built from plain values and not by
serializers (134 measures in one page take a few milliseconds); `MeasureSerializer` describes them,
and a test holds the two together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from config.kit.api import YearFilter, read_by_view
from config.kit.roc import gregorian_year, roc_year
from ministries.models import Lineage, Ministry
from plan.api import NodeFilter, NodeViewSet
from plan.enums import AssignmentRole, IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, Measure, MeasureItem, PlanVersion
from tracking.api.years import years_of
from tracking.enums import Light
from tracking.lights import NO_LIGHT, SHOWN_ORDER, MeasureLight
from tracking.models import ReportingYear
from tracking.standing import lights_of_years, lineage_for

SHOWN_LIGHTS = [(code, code) for code in SHOWN_ORDER]


# --- description ----------------------------------------------------------------------------------
class DutySerializer(serializers.Serializer):
    """`holder` is the code of the body that holds the duty today."""

    ministry = serializers.CharField()
    short_name = serializers.CharField()
    holder = serializers.CharField()


class MeasureLightSerializer(serializers.Serializer):
    """A measure's light in one year, from the accepted reports of its leads."""

    year = serializers.IntegerField()
    year_gregorian = serializers.IntegerField()
    shown = serializers.ChoiceField(choices=SHOWN_LIGHTS, help_text="The one that counts.")
    computed = serializers.ChoiceField(choices=SHOWN_LIGHTS)
    so_far = serializers.ChoiceField(
        choices=SHOWN_LIGHTS, help_text="The worst accepted until now, where a lead is missing."
    )
    set_to = serializers.ChoiceField(
        choices=Light.choices,
        allow_blank=True,
        help_text="The reviewer's other light, if there is one.",
    )
    reason = serializers.CharField(allow_blank=True)
    completion = serializers.IntegerField(
        allow_null=True, help_text="Per cent, as the coordinating lead reported it."
    )


class MeasureSerializer(serializers.Serializer):
    plan = serializers.CharField()
    version = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    lineage = serializers.UUIDField()
    position = serializers.IntegerField()
    goal = serializers.CharField()
    sub_goal = serializers.CharField()
    strategy = serializers.CharField()
    leads = DutySerializer(many=True, help_text="The first one coordinates.")
    partners = DutySerializer(many=True)
    light = MeasureLightSerializer(
        allow_null=True, help_text="Null where no year is open to this reader."
    )


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = MeasureItem
        fields = ("ordinal", "level", "marker", "title", "text")


class TargetSerializer(serializers.ModelSerializer):
    year_gregorian = serializers.SerializerMethodField()

    class Meta:
        model = IndicatorTarget
        fields = ("year", "year_gregorian", "value", "low", "high")

    def get_year_gregorian(self, target: IndicatorTarget) -> int:
        return gregorian_year(target.year)


class IndicatorSerializer(serializers.ModelSerializer):
    ministry = serializers.CharField(source="ministry.code")
    letter = serializers.CharField(read_only=True, help_text="What formulas call it.")
    parts = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the parts of its dimension, in order."
    )
    targets = TargetSerializer(many=True)

    class Meta:
        model = Indicator
        fields = (
            "id", "ministry", "letter", "name", "unit", "kind", "accumulation", "direction",
            "formula", "dimension", "parts", "from_year", "until_year", "baseline",
            "baseline_year", "source", "note", "targets",
        )  # fmt: skip
        extra_kwargs = {
            "formula": {"help_text": "Of a calculated indicator; empty where it is typed."},
            "from_year": {"help_text": "ROC; null: since the plan began."},
            "until_year": {"help_text": "ROC; null: to the end of the plan."},
        }


class MeasureDetailSerializer(MeasureSerializer):
    description = serializers.CharField(
        allow_blank=True, help_text="Empty until the published document was imported."
    )
    items = ItemSerializer(many=True)
    indicators = IndicatorSerializer(many=True, help_text="Approved ones, with yearly targets.")


# --- rows -----------------------------------------------------------------------------------------
_COLUMNS = (
    "pk", "code", "name", "name_en", "lineage", "position", "strategy__code",
    "strategy__sub_goal__code", "strategy__sub_goal__goal__code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duty:
    """One assignment, as shown."""

    role: str
    data: dict[str, str]


def duties_of(
    version: PlanVersion, on: date, lineage: Lineage, **only: str
) -> dict[int, list[Duty]]:
    """Assignments in force that day by measure id, in printed order. Two queries.

    `only` narrows down to a measure: `measure__code="1.1.1.1"`.
    """
    names = {
        pk: (code, short_name)
        for pk, code, short_name in Ministry.objects.order_by().values_list(
            "pk", "code", "short_name"
        )
    }
    rows = (
        Assignment.objects.on(on)
        .filter(measure__version=version, **only)
        .order_by("measure_id", "role", "order")
        .values_list("measure_id", "ministry_id", "role")
    )
    found: dict[int, list[Duty]] = defaultdict(list)
    for measure_id, ministry_id, role in rows:
        code, short_name = names[ministry_id]
        holder, _name = names[lineage.holder(ministry_id, on)]
        data = {"ministry": code, "short_name": short_name, "holder": holder}
        found[measure_id].append(Duty(role, data))
    return found


def measure_rows(
    rows: Sequence[tuple],
    version: PlanVersion,
    year: ReportingYear | None,
    lights: dict[UUID, MeasureLight],
    duties: dict[int, list[Duty]],
) -> list[dict]:
    """Rows of `_COLUMNS` as `MeasureSerializer` describes them."""
    shared = {"plan": version.plan.slug, "version": version.number}
    found = []
    for pk, code, name, name_en, lineage, position, strategy, sub_goal, goal in rows:
        held = duties.get(pk, ())
        found.append(
            {
                **shared,
                "code": code,
                "name": name,
                "name_en": name_en,
                "lineage": str(lineage),
                "position": position,
                "goal": goal,
                "sub_goal": sub_goal,
                "strategy": strategy,
                "leads": [duty.data for duty in held if duty.role == AssignmentRole.LEAD],
                "partners": [duty.data for duty in held if duty.role == AssignmentRole.PARTNER],
                "light": _light(year, lights.get(lineage, NO_LIGHT)) if year else None,
            }
        )
    return found


def _light(year: ReportingYear, light: MeasureLight) -> dict:
    return {
        "year": year.year,
        "year_gregorian": gregorian_year(year.year),
        "shown": light.shown,
        "computed": light.computed,
        "so_far": light.so_far,
        "set_to": light.set_to,
        "reason": light.reason,
        "completion": light.completion,
    }


# --- view -----------------------------------------------------------------------------------------
class MeasureFilter(NodeFilter):
    goal = filters.CharFilter("strategy__sub_goal__goal__code")
    sub_goal = filters.CharFilter("strategy__sub_goal__code")
    strategy = filters.CharFilter("strategy__code")
    ministry = filters.CharFilter(
        method=read_by_view,
        label="Code of a body that was given a duty for the measure, or holds it today",
    )
    role = filters.ChoiceFilter(
        "assignments__role",
        choices=AssignmentRole,
        method=read_by_view,
        label="Of that ministry; needs `ministry`",
    )
    year = YearFilter(
        "reports__reporting_year__year", method=read_by_view, label="ROC or Gregorian, of the light"
    )
    light = filters.ChoiceFilter(choices=SHOWN_LIGHTS, method=read_by_view)


@extend_schema_view(
    list=extend_schema(responses=MeasureSerializer(many=True)),
    retrieve=extend_schema(responses=MeasureDetailSerializer),
)
class MeasureViewSet(NodeViewSet):
    """措施, with who answers for them and the light of one year: `year`, or the latest that the
    reader may see."""

    queryset = Measure.objects.all()
    serializer_class = MeasureSerializer
    filterset_class = MeasureFilter

    def list(self, request, *args, **kwargs) -> Response:
        return self.get_paginated_response(self.paginate_queryset(self._rows()))

    def retrieve(self, request, *args, **kwargs) -> Response:
        found = self._rows(code=self.kwargs["code"])
        if not found:
            raise Http404
        measure = Measure.objects.get(version=self.version, code=self.kwargs["code"])
        indicators = (
            Indicator.objects.filter(
                measure__lineage=measure.lineage, state=IndicatorState.APPROVED
            )
            .select_related("ministry")
            .prefetch_related("targets")
            .order_by("ministry__code", "ordinal")
        )
        return Response(
            {
                **found[0],
                "description": measure.description,
                "items": ItemSerializer(measure.items.all(), many=True).data,
                "indicators": IndicatorSerializer(indicators, many=True).data,
            }
        )

    def _rows(self, **only: str) -> Sequence[dict]:
        """All rows that the filters leave; the page is cut from them afterwards, since light and
        ministry are not columns of a measure."""
        measures = self.filter_queryset(self.get_queryset()).filter(**only)
        rows = list(measures.order_by("position").values_list(*_COLUMNS))
        if not rows:
            return []
        given = self.filter_values
        narrow = {f"measure__{column}": value for column, value in only.items()}
        lineage = lineage_for(self.request.user)
        duties = duties_of(self.version, timezone.localdate(), lineage, **narrow)
        if code := given["ministry"]:
            rows = [row for row in rows if _answers(duties[row[0]], code, given["role"] or "")]
        elif given["role"]:
            raise ValidationError({"role": [_("請同時給部會代碼（ministry）。")]})
        year = self._year(given["year"])
        lights = lights_of_years([year], self.request.user)[year.pk] if year else {}
        found = measure_rows(rows, self.version, year, lights, duties)
        if light := given["light"]:
            found = [row for row in found if row["light"] and row["light"]["shown"] == light]
        return found

    def _year(self, given: int | None) -> ReportingYear | None:
        years = years_of(self.request.user).filter(plan=self.version.plan)
        if given is not None:
            years = years.filter(year=roc_year(int(given)))
        year = years.order_by("-year").first()
        if year is None and given is not None:
            raise ValidationError({"year": [_("沒有這個填報年度，或尚未公布。")]})
        return year


def _answers(duties: Iterable[Duty], code: str, role: str) -> bool:
    return any(
        code in (duty.data["ministry"], duty.data["holder"]) and role in ("", duty.role)
        for duty in duties
    )
