"""Progress reports: read by those who may, written by the same actions as the pages."""

from collections.abc import Callable, Sequence

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit.api import PublicRead, YearFilter, YesNoFilter, etag, seen_version
from config.kit.schema import ETAG, IF_MATCH
from plan.enums import AssignmentRole
from tracking.actions import corrections
from tracking.actions import reports as actions
from tracking.api.report_data import (
    NoteInput,
    ReopenInput,
    ReportDetailSerializer,
    ReportHeadSerializer,
    ReportInput,
    ReportSerializer,
    ReturnInput,
)
from tracking.enums import FilingState, Light, Status, Verb
from tracking.models import Evidence, ProgressReport
from tracking.queries.reports import duties
from tracking.submitted import shown, with_light


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
    light = filters.ChoiceFilter(choices=Light, method="filter_light")
    late = YesNoFilter()

    class Meta:
        model = ProgressReport
        fields = ()

    def filter_state(self, queryset, _name, value: str):
        return queryset.filter(_states()[value])

    def filter_light(self, queryset, _name, value: str):
        return with_light(queryset, value, self.request.user)


def _states() -> dict[str, Q]:
    """`tracking.lights.filing_state` as conditions; a test holds the two together."""
    today = timezone.localdate()
    owed = Q(status__in=(Status.DRAFT, Status.SIGNING, Status.RETURNED))
    filing = Q(correction_due_on=None)
    more_time = Q(extended_until__gte=today)
    in_time = filing & (more_time | Q(extended_until=None, reporting_year__due_on__gte=today))
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
        """Reading: reports whose text may be read. Moving: those whose status may be known. Copies
        in which corrections are written are not listed, and have their addresses."""
        standing = self.action == "list"
        rows = ProgressReport.objects.all() if standing else ProgressReport.working.all()
        rows = rows.select_related("reporting_year__plan", "measure", "ministry")
        user = self.request.user
        if self.action not in ("list", "retrieve", "partial_update"):
            return rows.status_visible_to(user).prefetch_related("authors")
        return (
            rows.visible_to(user)
            .prefetch_related(
                "money_lines",
                "values__indicator",
                "authors",
                duties(),
                Prefetch("evidence", Evidence.objects.visible_to(user)),
            )
            .defer("measure__description")
        )

    def paginate_queryset(self, queryset) -> Sequence[ProgressReport]:
        return shown(super().paginate_queryset(queryset), self.request.user)

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ReportDetailSerializer if self.action == "retrieve" else ReportSerializer

    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        (report,) = shown([self.get_object()], request.user)
        return self._answer(report, ReportDetailSerializer)

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

    @_move(Verb.REOPEN, ReopenInput)
    def reopen(self, request: Request, pk: str) -> Response:
        """Grant the correction that its ministry asked for: answers with the copy in which it is
        written, which has an id of its own."""
        return self._act(corrections.reopen, ReopenInput)

    @_move(Verb.DROP, NoteInput)
    def drop(self, request: Request, pk: str) -> Response:
        return self._act(corrections.drop, NoteInput)

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
