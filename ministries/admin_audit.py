"""The audit log in the admin: read, searched and exported, each of which it tells of itself."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC
from typing import ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.kit.csv import neutral
from config.kit.templatetags.kit import roc_datetime
from ministries import audit
from ministries.administration import ReadOnlyAdmin
from ministries.audit_words import in_words, thing_in_words
from ministries.models import AuditEvent, Ministry

COLUMNS = (
    "id", "at_utc", "actor", "address", "verb", "ministry", "target", "before", "after", "digest",
)  # fmt: skip


class VerbFilter(admin.SimpleListFilter):
    """The verbs that the log holds, in words."""

    title = _("事情")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        verbs = AuditEvent.objects.order_by().values_list("verb", flat=True).distinct()
        return sorted(((verb, in_words(verb)) for verb in verbs), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset):
        return queryset.filter(verb=self.value()) if self.value() else queryset


class BodyFilter(admin.SimpleListFilter):
    """The bodies that the log names by their codes."""

    title = _("部會")
    parameter_name = "ministry"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        codes = AuditEvent.objects.order_by().values_list("ministry", flat=True).distinct()
        rows = Ministry.objects.filter(code__in=codes).order_by("code")
        return list(rows.values_list("code", "short_name"))

    def queryset(self, request: HttpRequest, queryset):
        return queryset.filter(ministry=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what. Of a row whose text administrators may not read, only `told` keys have their
    values shown: `app.model` → keys, filled in by the room of that model.
    """

    told: ClassVar[dict[str, frozenset[str]]] = {}
    list_display = ["at", "actor", "address", "deed", "body", "thing"]
    list_filter = ["at", VerbFilter, BodyFilter]
    search_fields = ["actor", "verb", "ministry", "target", "address"]
    fields = ["shown_at", "actor", "address", "deed", "verb", "ministry", "thing", "target"]
    fields += ["shown_before", "shown_after"]
    search_help_text = _("行為人、動作、部會代碼、網路位址或對象（例如 ministries.user:3）")
    show_full_result_count = False
    change_list_template = "ministries/admin_audit.html"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(require_safe(self.export_view))
        return [path("export/", view, name="audit_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if answer.status_code == 200:
            self.record(request, "audit.read", "ministries.auditevent")
        return answer

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        answer = super().change_view(request, object_id, *args, **kwargs)
        if answer.status_code == 200:
            self.record(request, "audit.read", f"ministries.auditevent:{object_id}")
        return answer

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """What the list shows under the same filters, all of it, as CSV."""
        try:
            rows = self.get_changelist_instance(request).get_queryset(request).order_by("pk")
        except IncorrectLookupParameters as error:
            raise BadRequest("a filter that the list doesn't have") from error
        self.record(request, "audit.export", "ministries.auditevent")
        answer = StreamingHttpResponse(self.lines(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
        answer["Cache-Control"] = "private, no-store"
        answer.audited = True
        return answer

    def record(self, request: HttpRequest, verb: str, target: str) -> None:
        told = {"query": request.GET.urlencode()} if request.GET else None
        audit.record(verb, target[:120], by=request.user, after=told)

    def lines(self, rows) -> Iterator[str]:
        """The rows of the CSV file, one at a time: the log may be long."""
        writer = csv.writer(_Line())
        yield "\ufeff" + writer.writerow(COLUMNS)
        for event in rows.iterator(chunk_size=500):
            values = (self.kept(event, values) for values in (event.before, event.after))
            texts = ("" if one is None else json.dumps(one, ensure_ascii=False) for one in values)
            cells = (
                event.pk, event.at.astimezone(UTC).isoformat(), event.actor, event.address,
                event.verb, event.ministry, event.target, *texts, event.digest,
            )  # fmt: skip
            yield writer.writerow([neutral(cell) for cell in cells])

    @admin.display(description=_("時間"))
    def shown_at(self, event: AuditEvent) -> str:
        return roc_datetime(timezone.localtime(event.at))

    @admin.display(description=_("事情"), ordering="verb")
    def deed(self, event: AuditEvent) -> str:
        return in_words(event.verb)

    def get_queryset(self, request: HttpRequest):
        """With the body's name of today, found by the code that the log keeps."""
        names = Ministry.objects.filter(code=OuterRef("ministry")).values("short_name")
        return super().get_queryset(request).annotate(body_name=Subquery(names[:1]))

    @admin.display(description=_("部會"), ordering="ministry")
    def body(self, event: AuditEvent) -> str | None:
        return event.body_name or event.ministry or None

    @admin.display(description=_("對象"), ordering="target")
    def thing(self, event: AuditEvent) -> str:
        return thing_in_words(event.target)

    @admin.display(description=_("之前"))
    def shown_before(self, event: AuditEvent) -> str:
        return self.shown(event, event.before)

    @admin.display(description=_("之後"))
    def shown_after(self, event: AuditEvent) -> str:
        return self.shown(event, event.after)

    def shown(self, event: AuditEvent, values: dict | None) -> str:
        if values is None:
            return self.get_empty_value_display()
        kept = self.kept(event, values)
        return format_html("<pre>{}</pre>", json.dumps(kept, ensure_ascii=False, indent=2))

    def kept(self, event: AuditEvent, values: dict | None) -> dict | None:
        """What administrators may read of them."""
        if values is None:
            return None
        told = self.told.get(event.target.partition(":")[0], values)
        return {key: value if key in told else "…" for key, value in values.items()}


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line
