"""The plan as data, public: plans, versions, and the tree above the measures."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError

from config.kit.api import PublicRead, read_by_view
from config.kit.roc import gregorian_year
from plan.enums import AssignmentRole, VersionState
from plan.models import CellEntry, Goal, Plan, PlanVersion, Strategy, SubGoal


# --- plans and versions ---------------------------------------------------------------------------
class PlanSerializer(serializers.ModelSerializer):
    start_year_gregorian = serializers.SerializerMethodField()
    end_year_gregorian = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = (
            "slug", "name", "name_en", "start_year", "end_year", "start_year_gregorian",
            "end_year_gregorian", "claim", "imported_name", "imported_at",
        )  # fmt: skip

    def get_start_year_gregorian(self, plan: Plan) -> int:
        return gregorian_year(plan.start_year)

    def get_end_year_gregorian(self, plan: Plan) -> int:
        return gregorian_year(plan.end_year)


class PlanViewSet(viewsets.ReadOnlyModelViewSet):
    """Plans, newest first."""

    queryset = Plan.objects.all()
    serializer_class = PlanSerializer
    permission_classes = [PublicRead]
    lookup_field = "slug"


class VersionSerializer(serializers.ModelSerializer):
    plan = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = PlanVersion
        fields = ("id", "plan", "number", "title", "state", "approved_on", "level_names")


class VersionFilter(filters.FilterSet):
    plan = filters.CharFilter("plan__slug")
    state = filters.ChoiceFilter(choices=VersionState)

    class Meta:
        model = PlanVersion
        fields = ("plan", "number", "state")


class VersionViewSet(viewsets.ReadOnlyModelViewSet):
    """Versions of plans; one of each plan is in force (`approved`)."""

    queryset = PlanVersion.objects.none()
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    permission_classes = [PublicRead]

    def get_queryset(self) -> QuerySet[PlanVersion]:
        return PlanVersion.objects.visible_to(self.request.user).select_related("plan")


# --- the tree -------------------------------------------------------------------------------------
class NodeFilter(filters.FilterSet):
    """Which plan and which version of it; without them, the one in force of the newest plan."""

    plan = filters.CharFilter(method=read_by_view, label="slug")
    version = filters.NumberFilter("version__number", method=read_by_view)
    code = filters.CharFilter("code")


class NodeViewSet(viewsets.ReadOnlyModelViewSet):
    """Nodes of one version, addressed by their official codes."""

    permission_classes = [PublicRead]
    lookup_field = "code"
    lookup_value_regex = r"[0-9A-Za-z.\-]+"
    filterset_class = NodeFilter
    version: PlanVersion | None = None

    def get_queryset(self) -> QuerySet:
        rows = self.queryset
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        self.version = self._version()
        return rows.filter(version=self.version) if self.version else rows.none()

    def _version(self) -> PlanVersion | None:
        """The version asked for; None only where no plan is loaded. A draft that this person may
        not see answers as if it were not there."""
        plan, number = (self.request.query_params.get(name) for name in ("plan", "version"))
        found = PlanVersion.objects.select_related("plan")
        if plan:
            found = found.filter(plan__slug=plan)
        if not number:
            # In force is public: whose roles these are need not be read.
            found = found.in_force()
        else:
            found = found.visible_to(self.request.user)
            found = found.filter(number=int(number)) if number.isdecimal() else found.none()
        version = found.order_by("-plan__start_year", "plan__slug").first()
        if version is None and (plan or number):
            raise ValidationError({"version" if number else "plan": [_("沒有這個計畫或版本。")]})
        return version


class NodeSerializer(serializers.ModelSerializer):
    plan = serializers.CharField(source="version.plan.slug", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        fields = ("plan", "version", "code", "ordinal", "name", "name_en", "lineage")


class GoalSerializer(NodeSerializer):
    class Meta(NodeSerializer.Meta):
        model = Goal
        fields = (*NodeSerializer.Meta.fields, "text")


class GoalViewSet(NodeViewSet):
    """目標."""

    queryset = Goal.objects.select_related("version__plan")
    serializer_class = GoalSerializer


class SubGoalSerializer(NodeSerializer):
    goal = serializers.CharField(source="goal.code", read_only=True)

    class Meta(NodeSerializer.Meta):
        model = SubGoal
        fields = (*NodeSerializer.Meta.fields, "goal", "implicit", "text")


class SubGoalFilter(NodeFilter):
    goal = filters.CharFilter("goal__code")


class SubGoalViewSet(NodeViewSet):
    """子目標."""

    queryset = SubGoal.objects.select_related("version__plan", "goal")
    serializer_class = SubGoalSerializer
    filterset_class = SubGoalFilter


class StrategySerializer(NodeSerializer):
    """`cell` is what table 7 prints; leads and partners are short names in printed order."""

    goal = serializers.CharField(source="sub_goal.goal.code", read_only=True)
    sub_goal = serializers.CharField(source="sub_goal.code", read_only=True)
    leads = serializers.SerializerMethodField()
    partners = serializers.SerializerMethodField()

    class Meta(NodeSerializer.Meta):
        model = Strategy
        fields = (
            *NodeSerializer.Meta.fields,
            "goal", "sub_goal", "cell", "note", "uncertain", "leads", "partners", "text",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_leads(self, strategy: Strategy) -> list[str]:
        return _names(strategy, AssignmentRole.LEAD)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_partners(self, strategy: Strategy) -> list[str]:
        return _names(strategy, AssignmentRole.PARTNER)


def _names(strategy: Strategy, role: AssignmentRole) -> list[str]:
    return [entry.ministry.short_name for entry in strategy.entries.all() if entry.role == role]


class StrategyFilter(NodeFilter):
    goal = filters.CharFilter("sub_goal__goal__code")
    sub_goal = filters.CharFilter("sub_goal__code")
    ministry = filters.CharFilter("entries__ministry__code", label="code of a ministry")


class StrategyViewSet(NodeViewSet):
    """策略, with the ministries of its cell in table 7."""

    queryset = Strategy.objects.select_related("version__plan", "sub_goal__goal").prefetch_related(
        Prefetch("entries", CellEntry.objects.select_related("ministry").order_by("order"))
    )
    serializer_class = StrategySerializer
    filterset_class = StrategyFilter
