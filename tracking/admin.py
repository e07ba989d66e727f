"""The admin of filings: shown for looking things up; only actions write them."""

from django.apps import apps
from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django_celery_results.models import GroupResult, TaskResult

from ministries.admin_audit import AuditEventAdmin
from ministries.administration import AuditedAdmin, ReadOnlyAdmin, ReadOnlyInline
from tracking.models import (
    CannedReason,
    Handover,
    Holiday,
    LightOverride,
    Notice,
    ProgressReport,
    ReportEvent,
    ReportingYear,
    Resolution,
)
from tracking.views.holidays import ImportCalendar

# Administrators know where a report stands; what it says is read by those who may read it.
AuditEventAdmin.told[ProgressReport._meta.label_lower] = frozenset(
    {"status", "version", "ministry_name", "late", "parts", "correction_due_on", "on_behalf_of"}
)
AuditEventAdmin.told[Resolution._meta.label_lower] = frozenset(
    {"state", "version", "owner", "due_on", "code"}
)


@admin.register(ReportingYear)
class ReportingYearAdmin(ReadOnlyAdmin):
    list_display = ["year", "plan", "state", "opens_on", "due_on", "closes_on"]
    list_select_related = ["plan"]
    list_filter = ["plan", "state"]


class EventInline(ReadOnlyInline):
    model = ReportEvent
    fields = ["at", "verb", "from_status", "to_status", "by", "on_behalf_of"]


@admin.register(ProgressReport)
class ProgressReportAdmin(ReadOnlyAdmin):
    """Where each report is on its road. Its text is read on its own page, by those who may."""

    list_display = ["reporting_year", "measure", "ministry_name", "role", "status", "version"]
    list_select_related = ["reporting_year", "measure"]
    list_filter = ["reporting_year", "status", "role", "ministry"]
    search_fields = ["measure__code", "measure__name", "ministry_name"]
    fields = [
        "reporting_year",
        "measure",
        "ministry",
        "ministry_name",
        "role",
        "coordinating",
        "status",
        "version",
        "submissions",
        "filed_at",
        "late",
        "accepted_at",
        "correction_due_on",
        "saved_at",
        "saved_by",
    ]
    inlines = [EventInline]


@admin.register(LightOverride)
class LightOverrideAdmin(ReadOnlyAdmin):
    list_display = ["reporting_year", "measure", "light", "reason", "by", "at"]
    list_select_related = ["reporting_year", "measure", "by"]


@admin.register(CannedReason)
class CannedReasonAdmin(AuditedAdmin):
    """What reviewers choose from when they return a part. Taken out of use, never deleted."""

    list_display = ["text", "part", "ordinal", "active"]
    list_filter = ["active", "part"]
    search_fields = ["text"]
    fields = ["part", "text", "ordinal", "active"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "recipient", "subject", "sent_at"]
    list_select_related = ["recipient"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter)]
    fields = ["kind", "recipient", "subject", "key", "created_at", "sent_at", "cancelled_at"]


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    """Comes from the government's file, a whole year at a time."""

    list_display = ["day", "name", "off"]
    list_filter = ["off"]
    date_hierarchy = "day"
    change_list_template = "tracking/admin_holidays.html"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(ImportCalendar.as_view())
        return [path("import/", view, name="tracking_holiday_import"), *super().get_urls()]


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    list_display = ["at", "ministry", "leaver", "taker", "by"]
    list_select_related = ["ministry", "leaver", "taker", "by"]
    list_filter = ["ministry"]
    fields = ["at", "ministry", "leaver", "taker", "by", "note", "items"]


# --- the background jobs' package, in the words of this site ----------------------------------
admin.site.unregister(GroupResult)
admin.site.unregister(TaskResult)
apps.get_app_config(TaskResult._meta.app_label).verbose_name = _("背景工作")
TaskResult._meta.verbose_name = TaskResult._meta.verbose_name_plural = _("背景工作的結果")
_TASK_WORDS = {
    "task_id": _("識別碼"),
    "task_name": _("工作"),
    "status": _("狀態"),
    "date_created": _("排入時間"),
    "date_done": _("完成時間"),
    "worker": _("執行者"),
    "traceback": _("錯誤紀錄"),
}
for _name, _word in _TASK_WORDS.items():
    TaskResult._meta.get_field(_name).verbose_name = _word


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin):
    list_display = ["task_name", "status", "date_created", "date_done", "worker"]
    list_filter = ["status", "task_name"]
    fields = [*_TASK_WORDS]
