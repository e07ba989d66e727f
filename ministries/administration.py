"""What the admin of every room builds on: for administrators only, and each act in the audit log.

Two kinds of admin exist. `ReadOnlyAdmin` shows; `AuditedAdmin` also changes, and writes what a row
was and became in the transaction of the change. Neither deletes unless it says so.
"""

from collections.abc import Callable
from functools import update_wrapper

from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import DateField, DateTimeField, Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.errors import Invalid, Refused
from config.kit.templatetags.kit import roc_date, roc_datetime
from ministries import audit

# Never in the log: it is a secret even as a digest.
SECRET_FIELDS = frozenset({"password"})


# Columns that need no name elsewhere; a relation without one is called after what it leads to.
NAMES = {
    "at": _("時間"),
    "based_on": _("修訂自"),
    "by": _("經手人"),
    "closed_at": _("截止時間"),
    "created_at": _("建立時間"),
    "deputy": _("代理人"),
    "from_status": _("原狀態"),
    "key": _("識別碼"),
    "on_behalf_of": _("代理的窗口"),
    "opened_at": _("開放時間"),
    "predecessor": _("原部會"),
    "proposed_by": _("提出者"),
    "recipient": _("收件人"),
    "released_at": _("公布時間"),
    "saved_by": _("儲存者"),
    "sent_at": _("寄出時間"),
    "submissions": _("送出次數"),
    "successor": _("承接部會"),
    "to_status": _("新狀態"),
    "version": _("版本"),
    "window": _("窗口"),
}


def roc_column(model: type[Model], name: str) -> Callable[[Model], str]:
    """A column of a list that shows the model's date, or time, as 112-02-28."""
    field = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, ordering=name, empty_value="-")
    def column(row: Model) -> str | None:
        value = getattr(row, name)
        if value is None:
            return None
        if isinstance(field, DateTimeField):
            return roc_datetime(timezone.localtime(value))
        return roc_date(value)

    return column


class AuditedAdminSite(admin.AdminSite):
    """Signs nobody in itself: the one sign-in has the lock and the forced change of password."""

    site_header = _("國家科學技術發展計畫 執行追蹤：系統管理")
    site_title = _("系統管理")
    index_title = _("資料表")
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        """As Django's; and no column is left with the English name of its attribute."""
        super().register(model_or_iterable, admin_class, **options)
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in [*models, *(inline.model for inline in getattr(admin_class, "inlines", []))]:
            for field in model._meta.fields:
                if field._verbose_name is None and field.name in NAMES:
                    field.verbose_name = NAMES[field.name]
                elif field._verbose_name is None and field.is_relation:
                    field.verbose_name = field.related_model._meta.verbose_name
        # A swapped model such as Django's own User is not registered.
        for model in filter(self.is_registered, models):
            shown = self._registry[model]
            dates = {field.name for field in model._meta.fields if isinstance(field, DateField)}
            shown.list_display = [
                roc_column(model, name) if name in dates else name for name in shown.list_display
            ]

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        index = reverse("admin:index", current_app=self.name)
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, index))

    def admin_view(self, view, cacheable: bool = False):
        """As Django's; but who is signed in and may not gets 403, and no second sign-in page."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None):
        return redirect("account_change_password")


def plain_values(row: Model) -> dict:
    """The row's own columns, for `before` and `after`; secrets left out, files by name."""
    values = {}
    for field in row._meta.concrete_fields:
        if field.name not in SECRET_FIELDS:
            value = field.value_from_object(row)
            values[field.attname] = (
                str(value) if field.get_internal_type() == "FileField" else value
            )
    return values


class ReadOnlyMixin:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Shows rows that only actions write."""


class ReadOnlyInline(ReadOnlyMixin, admin.TabularInline):
    """Rows of a parent; what changes them is their own admin or an action."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True


class AuditedAdmin(admin.ModelAdmin):
    """Adds and changes rows; the log keeps what they were. Nothing is deleted by default: people,
    bodies and duties end on a day instead. Inlines of it are `ReadOnlyInline`.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form, change: bool) -> None:
        before = plain_values(type(obj)._base_manager.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        audit.record(
            f"admin.{'change' if change else 'add'}",
            obj,
            by=request.user,
            ministry=self.ministry_of(obj),
            before=before,
            after=plain_values(obj),
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        audit.record(
            "admin.delete",
            obj,
            by=request.user,
            ministry=self.ministry_of(obj),
            before=plain_values(obj),
        )
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def ministry_of(self, obj: Model):
        return getattr(obj, "ministry", None)


class ActionAdmin(AuditedAdmin):
    """Adds rows through an action of the room, which checks, writes and logs.

    A subclass has `perform(request, given)`, which calls the action and returns the new row. What
    it refuses stands at the fields: it runs once for trial while the form is checked, and again
    to stay. Without `changeable` fields a row that exists is only shown.
    """

    changeable: tuple[str, ...] = ()

    def perform(self, request: HttpRequest, given: dict) -> Model:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.changeable) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None):
        if obj is None:
            return self.readonly_fields
        return [field for field in self.get_fields(request, None) if field not in self.changeable]

    def get_fields(self, request: HttpRequest, obj: Model | None = None):
        return self.fields

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs):
        form_class = super().get_form(request, obj, **kwargs)
        if obj is not None:
            return form_class
        perform = self.perform

        class TrialForm(form_class):
            def _post_clean(self) -> None:
                super()._post_clean()
                if not self.errors:
                    try:
                        with transaction.atomic():
                            perform(request, self.cleaned_data)
                            transaction.set_rollback(True)
                    except Invalid as refusal:
                        add_errors(self, refusal)

        return TrialForm

    def save_model(self, request: HttpRequest, obj: Model, form, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.__dict__.update(self.perform(request, form.cleaned_data).__dict__)


def add_errors(form: Form, refusal: Invalid) -> None:
    """Put an action's sentences at the fields they name; those of no field above the form."""
    for field, sentences in refusal.errors.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


def end_each(request: HttpRequest, queryset, end: Callable[..., Model], done: str) -> None:
    """An admin action: end each chosen row by itself; a refusal says why and keeps the others."""
    ended = 0
    for row in queryset:
        try:
            end(row, by=request.user)
            ended += 1
        except Refused as refusal:
            messages.error(request, f"{row}：{refusal}")
    if ended:
        messages.success(request, done % {"count": ended})
