"""The admin of filings: shown for looking things up; only actions write them."""

from django.contrib import admin
from django_celery_results.models import GroupResult, TaskResult

from ministries.admin import AuditEventAdmin
from ministries.administration import ReadOnlyAdmin, ReadOnlyInline
from tracking.models import (
    LightOverride,
    Notice,
    ProgressReport,
    ReportEvent,
    ReportingYear,
)

# Administrators know where a report stands; what it says is read by those who may read it.
AuditEventAdmin.told[ProgressReport._meta.label_lower] = frozenset(
    {"status", "version", "ministry_name", "late", "parts", "correction_due_on", "on_behalf_of"}
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


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "recipient", "subject", "sent_at"]
    list_select_related = ["recipient"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter)]
    fields = ["kind", "recipient", "subject", "key", "created_at", "sent_at"]


admin.site.unregister(GroupResult)
admin.site.unregister(TaskResult)


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin):
    list_display = ["task_name", "status", "date_created", "date_done", "worker"]
    list_filter = ["status", "task_name"]
