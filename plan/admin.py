"""The admin of plans: wording of drafts, duties by decree, and what is only shown.

The tree of an approved version is frozen: it is loaded, revised and approved, never typed over.
"""

from functools import partial

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ministries.administration import (
    ActionAdmin,
    AuditedAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    end_each,
)
from plan.actions.assignments import assign, end_assignment
from plan.enums import VersionState
from plan.models import (
    Assignment,
    CellEntry,
    Goal,
    Indicator,
    IndicatorTarget,
    Measure,
    MeasureItem,
    Objective,
    Participant,
    Plan,
    PlanVersion,
    PrintedFigure,
    Strategy,
    SubGoal,
    TargetChange,
)
from plan.views import admin_pages


class VersionInline(ReadOnlyInline):
    model = PlanVersion
    fields = ["number", "title", "state", "approved_on"]


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    """Name and English name by hand; the rest comes from files, each with a preview."""

    list_display = ["slug", "name", "start_year", "end_year", "imported_at"]
    search_fields = ["slug", "name"]
    fields = [
        "slug",
        "name",
        "name_en",
        "start_year",
        "end_year",
        "claim",
        "imported_name",
        "imported_sha256",
        "imported_at",
        "document",
    ]
    inlines = [VersionInline]
    change_list_template = "plan/admin_change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        return [field for field in self.fields if field not in ("name", "name_en")]

    @admin.display(description=_("計畫本文"))
    def document(self, plan: Plan) -> str:
        url = reverse("admin:plan_import_document", args=[plan.pk])
        return format_html('<a href="{}">{}</a>', url, _("上傳公開文字檔，先看差異"))

    def get_urls(self) -> list:
        wrap = self.admin_site.admin_view
        return [
            path("load/", wrap(admin_pages.LoadPlan.as_view()), name="plan_load"),
            path(
                "<int:pk>/import-document/",
                wrap(admin_pages.ImportDocument.as_view()),
                name="plan_import_document",
            ),
            *super().get_urls(),
        ]


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    list_display = ["plan", "number", "title", "state", "approved_on"]
    list_select_related = ["plan"]
    list_filter = ["plan", "state"]


class NodeAdmin(AuditedAdmin):
    """A node's names while its version is a draft; code, place and ministries are structure."""

    list_display = ["code", "name", "version"]
    list_select_related = ["version__plan"]
    list_filter = ["version"]
    search_fields = ["code", "name", "name_en"]
    wording: tuple[str, ...] = ("name", "name_en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        frozen = obj is not None and obj.version.state != VersionState.DRAFT
        return not frozen and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return [
            field.name
            for field in self.model._meta.fields
            if field.name not in self.wording and field.name != "id"
        ]


@admin.register(Goal, SubGoal)
class UpperNodeAdmin(NodeAdmin):
    pass


class CellEntryInline(ReadOnlyInline):
    model = CellEntry
    fields = ["role", "order", "ministry"]


@admin.register(Strategy)
class StrategyAdmin(NodeAdmin):
    list_display = ["code", "name", "cell", "version"]
    wording = ("name", "name_en", "cell", "note", "uncertain")
    inlines = [CellEntryInline]


class ItemInline(ReadOnlyInline):
    model = MeasureItem
    fields = ["level", "marker", "title", "text"]


class AssignmentInline(ReadOnlyInline):
    model = Assignment
    fields = ["role", "order", "ministry", "since", "until", "basis"]


@admin.register(Measure)
class MeasureAdmin(NodeAdmin):
    inlines = [AssignmentInline, ItemInline]


@admin.register(Assignment)
class AssignmentAdmin(ActionAdmin):
    """Adding one to a place that is taken ends the one before it on that day."""

    list_display = ["measure", "role", "order", "ministry", "since", "until", "basis"]
    list_select_related = ["measure", "ministry"]
    list_filter = ["role", ("until", admin.EmptyFieldListFilter), "ministry"]
    search_fields = ["measure__code", "measure__name", "ministry__short_name", "basis"]
    autocomplete_fields = ["measure", "ministry"]
    fields = ["measure", "ministry", "role", "order", "since", "basis"]
    actions = ["end"]

    def get_form(self, request: HttpRequest, obj: Assignment | None = None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if obj is None:
            form.base_fields["since"].required = True
        return form

    def perform(self, request: HttpRequest, given: dict) -> Assignment:
        return assign(**given, by=request.user)

    @admin.action(description=_("從今天起結束選取的分工"))
    def end(self, request: HttpRequest, queryset) -> None:
        end = partial(end_assignment, until=timezone.localdate())
        end_each(request, queryset, end, _("結束了%(count)d個分工。"))


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    list_display = ["ordinal", "ministry", "counted", "note", "plan"]
    list_select_related = ["plan", "ministry"]
    list_filter = ["plan", "counted"]


@admin.register(Objective)
class ObjectiveAdmin(ReadOnlyAdmin):
    list_display = ["ordinal", "printed_name", "ministry", "plan"]
    list_select_related = ["plan", "ministry"]
    list_filter = ["plan"]


@admin.register(PrintedFigure)
class PrintedFigureAdmin(ReadOnlyAdmin):
    list_display = ["table", "row", "column", "printed", "unit", "year"]
    list_filter = ["plan", "table", "year"]
    search_fields = ["row", "column"]


class TargetInline(ReadOnlyInline):
    model = IndicatorTarget
    fields = ["year", "value", "low", "high"]


class TargetChangeInline(ReadOnlyInline):
    model = TargetChange
    fields = ["year", "before", "after", "reason", "by", "at"]


@admin.register(Indicator)
class IndicatorAdmin(ReadOnlyAdmin):
    """Ministries propose and reviewers approve, each on their own page."""

    list_display = ["measure", "ministry", "name", "unit", "state"]
    list_select_related = ["measure", "ministry"]
    list_filter = ["state", "ministry"]
    search_fields = ["name", "measure__code"]
    inlines = [TargetInline, TargetChangeInline]
