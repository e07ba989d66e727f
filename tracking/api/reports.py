"""Progress reports: read by those who may, written by the same actions as the pages."""

from collections.abc import Callable

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit.api import PublicRead, YearFilter, YesNoFilter, etag, seen_version
from config.kit.roc import gregorian_year
from config.kit.schema import ETAG, IF_MATCH
from plan.enums import AssignmentRole
from tracking.actions import reports as actions
from tracking.enums import Cause, FilingState, Light, Part, Status, Verb
from tracking.lights import filing_state
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport
from tracking.parts import WRITABLE_FIELDS
from tracking.rules import moves


# --- what is read ---------------------------------------------------------------------------------
class ReportHeadSerializer(serializers.ModelSerializer):
    """Where a report is on its road, without what it says."""

    plan = serializers.CharField(source="reporting_year.plan.slug", read_only=True)
    year = serializers.IntegerField(source="reporting_year.year", read_only=True)
    year_gregorian = serializers.SerializerMethodField()
    measure = serializers.CharField(source="measure.code", read_only=True)
    ministry = serializers.CharField(source="ministry.code", read_only=True)
    state = serializers.SerializerMethodField(
        help_text="The same as pages show: four kinds of empty kept apart."
    )

    class Meta:
        model = ProgressReport
        fields = (
            "id", "plan", "year", "year_gregorian", "measure", "ministry", "ministry_name", "role",
            "coordinating", "status", "state", "version", "submissions", "returned_parts",
            "correction_due_on", "filed_at", "late", "accepted_at", "exempt_reason",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"returned_parts": {"help_text": "Parts of the last return, while open."}}

    def get_year_gregorian(self, report: ProgressReport) -> int:
        return gregorian_year(report.reporting_year.year)

    def get_state(self, report: ProgressReport) -> FilingState:
        return filing_state(
            report.status,
            report.nothing_to_report,
            report.reporting_year.due_on,
            report.correction_due_on,
            timezone.localdate(),
        )


class MoneySerializer(serializers.ModelSerializer):
    class Meta:
        model = MoneyLine
        fields = ("source", "allocated_thousand", "spent_thousand", "note")
        extra_kwargs = {
            "allocated_thousand": {"help_text": "千元 (NT$ 1,000)"},
            "spent_thousand": {"help_text": "千元 (NT$ 1,000); null: not known"},
        }


class ValueSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="indicator.name", read_only=True)
    unit = serializers.CharField(source="indicator.unit", read_only=True)

    class Meta:
        model = IndicatorValue
        fields = ("indicator", "name", "unit", "actual", "note")


class EvidenceSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField(help_text="The link, or where the file is served.")

    class Meta:
        model = Evidence
        fields = ("id", "title", "url", "media_type", "size", "sha256", "public", "added_at")

    def get_url(self, evidence: Evidence) -> str:
        return evidence.url or reverse("evidence", args=[evidence.pk])


class ReportSerializer(ReportHeadSerializer):
    light = serializers.ChoiceField(choices=Light.choices, allow_blank=True, read_only=True)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True, read_only=True)
    values = ValueSerializer(many=True, read_only=True)
    money = MoneySerializer(source="money_lines", many=True, read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True)

    class Meta(ReportHeadSerializer.Meta):
        fields = (
            *ReportHeadSerializer.Meta.fields, *WRITABLE_FIELDS, "values", "money", "evidence",
        )  # fmt: skip
        read_only_fields = fields


class MoveSerializer(serializers.Serializer):
    """A move that the report's status knows; `reason` says why this person can't make it."""

    verb = serializers.ChoiceField(choices=Verb.choices)
    ok = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    note = serializers.BooleanField(help_text="Whether a written reason is required.")


class ReportDetailSerializer(ReportSerializer):
    moves = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "moves")

    def get_moves(self, report: ProgressReport) -> MoveSerializer(many=True):
        found = moves(report, self.context["request"].user)
        return MoveSerializer(found, many=True).data


# --- what is written ------------------------------------------------------------------------------
class ValueInput(serializers.Serializer):
    indicator = serializers.IntegerField()
    actual = serializers.DecimalField(20, 4, required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ReportInput(serializers.ModelSerializer):
    """Fields left out stay as they are; `money`, where given, replaces all lines."""

    light = serializers.ChoiceField(choices=Light.choices, allow_blank=True)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True)
    values = ValueInput(many=True)
    money = MoneySerializer(many=True)

    class Meta:
        model = ProgressReport
        fields = (*WRITABLE_FIELDS, "values", "money")

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise ValidationError({name: [_("這個欄位不能填寫。")] for name in unknown})
        return super().to_internal_value(data)


class NoteInput(serializers.Serializer):
    note = serializers.CharField(max_length=2000)


class ReturnInput(serializers.Serializer):
    parts = serializers.DictField(
        child=serializers.CharField(max_length=2000),
        help_text=f"Reason by part: {', '.join(Part.values)}.",
    )
    correction_due_on = serializers.DateField(
        required=False, allow_null=True, help_text="Last day; without it, 14 days from today."
    )


# --- filters --------------------------------------------------------------------------------------
class ReportFilter(filters.FilterSet):
    plan = filters.CharFilter("reporting_year__plan__slug", label="slug")
    code = filters.CharFilter("measure__code", label="Code of the measure")
    goal = filters.CharFilter("measure__strategy__sub_goal__goal__code")
    ministry = filters.CharFilter("ministry__code")
    role = filters.ChoiceFilter(choices=AssignmentRole)
    year = YearFilter("reporting_year__year", label="ROC or Gregorian")
    status = filters.ChoiceFilter(choices=Status)
    state = filters.ChoiceFilter(choices=FilingState, method="filter_state")
    light = filters.ChoiceFilter(choices=Light)
    late = YesNoFilter()

    class Meta:
        model = ProgressReport
        fields = ()

    def filter_state(self, queryset, _name, value: str):
        return queryset.filter(_states()[value])


def _states() -> dict[str, Q]:
    """`tracking.lights.filing_state` as conditions; a test holds the two together."""
    today = timezone.localdate()
    owed = Q(status__in=(Status.DRAFT, Status.SIGNING, Status.RETURNED))
    filing = Q(correction_due_on=None)
    in_time = filing & Q(reporting_year__due_on__gte=today)
    correcting = Q(correction_due_on__gte=today)
    accepted = Q(status=Status.ACCEPTED)
    return {
        FilingState.OVERDUE: owed & ~(in_time | correcting),
        FilingState.NOT_DUE: owed & in_time,
        FilingState.WAITING: Q(status__in=(Status.SUBMITTED, Status.UNDER_REVIEW)),
        FilingState.RETURNED: owed & correcting,
        FilingState.ACCEPTED: accepted & Q(nothing_to_report=False),
        FilingState.NOTHING_TO_REPORT: accepted & Q(nothing_to_report=True),
        FilingState.NOT_APPLICABLE: Q(status=Status.NOT_APPLICABLE),
    }


# --- view -----------------------------------------------------------------------------------------
def _move(verb: Verb, body: type[serializers.Serializer] | None = None) -> Callable:
    """An address for one verb. It answers with the head only: the mover may not read the text."""

    def decorate(method: Callable) -> Callable:
        method.__doc__ = f"{verb.label}."
        described = extend_schema(
            parameters=[IF_MATCH, ETAG], request=body, responses=ReportHeadSerializer, filters=False
        )(method)
        return action(
            detail=True,
            methods=["post"],
            url_path=verb.value.replace("_", "-"),
            filterset_class=None,
        )(described)

    return decorate


@extend_schema_view(
    list=extend_schema(responses=ReportSerializer(many=True)),
    retrieve=extend_schema(parameters=[ETAG], responses=ReportDetailSerializer, filters=False),
)
class ReportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """年度執行情形. The public reads accepted reports of released years; others what
    `visible_to` gives them. What is out of sight answers 404."""

    queryset = ProgressReport.objects.none()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter
    permission_classes = [PublicRead]
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[ProgressReport]:
        """Reading: reports whose text may be read. Moving: those whose status may be known."""
        rows = ProgressReport.objects.select_related("reporting_year__plan", "measure", "ministry")
        user = self.request.user
        if self.action not in ("list", "retrieve", "partial_update"):
            return rows.status_visible_to(user).prefetch_related("authors")
        return (
            rows.visible_to(user)
            .prefetch_related(
                "money_lines",
                "values__indicator",
                "authors",
                Prefetch("evidence", Evidence.objects.visible_to(user)),
            )
            .defer("measure__description")
        )

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ReportDetailSerializer if self.action == "retrieve" else ReportSerializer

    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        return self._answer(self.get_object(), ReportDetailSerializer)

    @extend_schema(
        parameters=[IF_MATCH, ETAG],
        request=ReportInput,
        responses=ReportDetailSerializer,
        filters=False,
    )
    def partial_update(self, request: Request, *args, **kwargs) -> Response:
        """Save a draft; incomplete ones are fine, submitting asks for the rest."""
        report = self.get_object()
        seen = seen_version(request, report.version)
        given = self._input(ReportInput, partial=True)
        values = given.pop("values", [])
        money = given.pop("money", None)
        actions.save_draft(
            report,
            seen_version=seen,
            by=request.user,
            fields=given,
            values={value.pop("indicator"): value for value in values},
            money=money,
        )
        return self._answer(self.get_object(), ReportDetailSerializer)

    @_move(Verb.SUBMIT)
    def submit(self, request: Request, pk: str) -> Response:
        return self._act(actions.submit)

    @_move(Verb.SIGN_OFF)
    def sign_off(self, request: Request, pk: str) -> Response:
        return self._act(actions.sign_off)

    @_move(Verb.SEND_BACK, NoteInput)
    def send_back(self, request: Request, pk: str) -> Response:
        return self._act(actions.send_back, NoteInput)

    @_move(Verb.WITHDRAW)
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._act(actions.withdraw)

    @_move(Verb.START)
    def start(self, request: Request, pk: str) -> Response:
        return self._act(actions.start_review)

    @_move(Verb.ACCEPT)
    def accept(self, request: Request, pk: str) -> Response:
        return self._act(actions.accept)

    @_move(Verb.RETURN, ReturnInput)
    def return_parts(self, request: Request, pk: str) -> Response:
        return self._act(actions.return_report, ReturnInput)

    @_move(Verb.EXEMPT, NoteInput)
    def exempt(self, request: Request, pk: str) -> Response:
        return self._act(actions.exempt, NoteInput)

    @_move(Verb.RESUME, NoteInput)
    def resume(self, request: Request, pk: str) -> Response:
        return self._act(actions.resume, NoteInput)

    def _act(
        self, do: Callable[..., ProgressReport], body: type[serializers.Serializer] | None = None
    ) -> Response:
        report = self.get_object()
        seen = seen_version(self.request, report.version)
        given = self._input(body) if body else {}
        moved = do(report, seen_version=seen, by=self.request.user, **given)
        return self._answer(moved, ReportHeadSerializer)

    def _input(self, serializer_class: type[serializers.Serializer], **options) -> dict:
        serializer = serializer_class(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _answer(
        self, report: ProgressReport, serializer_class: type[serializers.Serializer]
    ) -> Response:
        data = serializer_class(report, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": etag(report.version)})
