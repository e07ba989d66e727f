"""The admin of ministries and people; that of the audit log stands in `admin_audit`."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.kit.errors import Invalid
from ministries import admin_audit  # noqa: F401 - registers the audit log
from ministries.actions.people import grant_membership, grant_role, retire_membership, revoke_role
from ministries.actions.successions import (
    date_problems,
    delete_succession,
    reason_to_stay,
    record_succession,
)
from ministries.administration import (
    ActionAdmin,
    AuditedAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    add_errors,
    end_each,
)
from ministries.identity import providers
from ministries.models import (
    AllowedDomain,
    Deputyship,
    Membership,
    Ministry,
    RoleGrant,
    Succession,
    User,
)

# Nobody has groups or further addresses here; second factors and identity providers have pages and
# settings of their own, and secrets that nobody reads.
admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])


class PredecessorInline(ReadOnlyInline):
    model = Succession
    fk_name = "successor"
    fields = ["on", "predecessor", "kind", "legal_basis"]
    verbose_name_plural = _("承接自")


class SuccessorInline(ReadOnlyInline):
    model = Succession
    fk_name = "predecessor"
    fields = ["on", "successor", "kind", "legal_basis"]
    verbose_name_plural = _("由誰承接")


@admin.register(Ministry)
class MinistryAdmin(AuditedAdmin):
    list_display = ["code", "short_name", "full_name", "since", "until"]
    search_fields = ["code", "short_name", "full_name", "name_en"]
    fields = ["code", "short_name", "full_name", "name_en", "since", "until"]
    inlines = [PredecessorInline, SuccessorInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Ministry | None = None) -> list[str]:
        return ["code"] if obj else []  # fixtures, addresses and the audit log name it by its code

    def get_form(self, request: HttpRequest, obj: Ministry | None = None, **kwargs):
        class AsRecorded(super().get_form(request, obj, **kwargs)):
            def _post_clean(self) -> None:
                super()._post_clean()
                if self.instance.pk and not self.errors:
                    found = date_problems(self.instance, Succession.objects.all())
                    add_errors(self, Invalid(found))

        return AsRecorded

    def ministry_of(self, obj: Ministry) -> Ministry:
        return obj


@admin.register(Succession)
class SuccessionAdmin(ActionAdmin):
    """A wrong edge is deleted and recorded anew, unless drafts followed it; the dates of the bodies
    are mended by hand.
    """

    list_display = ["on", "predecessor", "successor", "kind", "legal_basis"]
    list_filter = ["kind"]
    list_select_related = ["predecessor", "successor"]
    search_fields = ["predecessor__short_name", "successor__short_name", "legal_basis"]
    autocomplete_fields = ["predecessor", "successor"]
    fields = ["predecessor", "successor", "on", "kind", "legal_basis", "note"]
    changeable = ("legal_basis", "note")

    def has_delete_permission(self, request: HttpRequest, obj: Succession | None = None) -> bool:
        return request.user.is_staff

    def delete_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        edge = self.get_object(request, object_id)
        reason = reason_to_stay(edge, by=request.user) if edge and request.user.is_staff else ""
        if reason:
            messages.error(request, reason)
            return redirect("admin:ministries_succession_change", edge.pk)
        return super().delete_view(request, object_id, *args, **kwargs)

    def get_deleted_objects(self, objs, request: HttpRequest):
        """Of several chosen at once, those that have to stay are listed with the reason."""
        found, counts, needed, kept = super().get_deleted_objects(objs, request)
        reasons = ((edge, reason_to_stay(edge, by=request.user)) for edge in objs)
        return found, counts, needed, kept + [f"{edge}：{why}" for edge, why in reasons if why]

    def delete_model(self, request: HttpRequest, obj: Succession) -> None:
        delete_succession(obj, by=request.user)

    def perform(self, request: HttpRequest, given: dict) -> Succession:
        return record_succession(**given, by=request.user)

    def ministry_of(self, obj: Succession) -> Ministry:
        return obj.successor


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ["ministry", "role", "since", "until"]


class RoleGrantInline(ReadOnlyInline):
    model = RoleGrant
    fields = ["role", "since", "until"]


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Accounts are made on the people page, where their first password is shown."""

    list_display = ["email", "name", "unit", "is_active", "must_change_password", "last_login"]
    list_filter = ["is_active", "is_demo", "must_change_password", "role_grants__role"]
    search_fields = ["email", "name", "unit"]
    fields = [
        "email",
        "name",
        "unit",
        "is_active",
        "is_demo",
        "must_change_password",
        "first_password",
        "second_factor",
        "last_login",
        "date_joined",
    ]
    readonly_fields = [
        "is_demo",
        "must_change_password",
        "first_password",
        "second_factor",
        "last_login",
        "date_joined",
    ]
    inlines = [MembershipInline, RoleGrantInline]

    @admin.display(description=_("第一次密碼"))
    def first_password(self, user: User) -> str:
        url = reverse("people-password", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, _("重設密碼"))

    @admin.display(description=_("第二因素"))
    def second_factor(self, user: User) -> str:
        url = reverse("people-second-factor", args=[user.pk])
        state = _("有") if user.has_second_factor else _("沒有")
        return format_html('{}　<a href="{}">{}</a>', state, url, _("重設第二因素"))

    def add_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return redirect("people-create")

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs):
        class NotOneself(super().get_form(request, obj, **kwargs)):
            def clean_is_active(self) -> bool:
                active = self.cleaned_data["is_active"]
                if not active and self.instance == request.user:
                    self.add_error("is_active", _("不能停用自己的帳號。"))
                return active

            def clean_email(self) -> str:
                return self.cleaned_data["email"].lower()

        return NotOneself


@admin.register(Membership)
class MembershipAdmin(ActionAdmin):
    list_display = ["user", "ministry", "role", "since", "until"]
    list_filter = ["role", ("until", admin.EmptyFieldListFilter), "ministry"]
    list_select_related = ["user", "ministry"]
    search_fields = ["user__email", "user__name", "ministry__short_name", "ministry__code"]
    autocomplete_fields = ["user", "ministry"]
    fields = ["user", "ministry", "role"]
    actions = ["end"]

    def perform(self, request: HttpRequest, given: dict) -> Membership:
        return grant_membership(**given, by=request.user)

    @admin.action(description=_("結束選取的身分"))
    def end(self, request: HttpRequest, queryset) -> None:
        end_each(request, queryset, retire_membership, _("結束了%(count)d個身分。"))


@admin.register(RoleGrant)
class RoleGrantAdmin(ActionAdmin):
    list_display = ["user", "role", "since", "until"]
    list_filter = ["role", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    autocomplete_fields = ["user"]
    fields = ["user", "role"]
    actions = ["end"]

    def perform(self, request: HttpRequest, given: dict) -> RoleGrant:
        return grant_role(**given, by=request.user)

    @admin.action(description=_("結束選取的角色"))
    def end(self, request: HttpRequest, queryset) -> None:
        end_each(request, queryset, revoke_role, _("結束了%(count)d個角色。"))


@admin.register(Deputyship)
class DeputyshipAdmin(ReadOnlyAdmin):
    """A window appoints its deputy itself, on the people page."""

    list_display = ["window", "deputy", "ministry", "since", "until"]
    list_select_related = ["window", "deputy", "ministry"]
    list_filter = ["ministry"]


@admin.register(AllowedDomain)
class AllowedDomainAdmin(AuditedAdmin):
    """Deleting one stops its sign-ins at once."""

    list_display = ["domain", "provider"]
    fields = ["provider", "domain"]

    def get_form(self, request: HttpRequest, obj: AllowedDomain | None = None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        known = [(one["id"], f"{one['name']} ({one['id']})") for one in providers()]
        label = AllowedDomain._meta.get_field("provider").verbose_name
        none = "" if known else _("還沒有設定任何機關登入：先請維運人員設定OIDC_PROVIDERS。")
        form.base_fields["provider"] = forms.ChoiceField(label=label, choices=known, help_text=none)
        return form

    def has_delete_permission(self, request: HttpRequest, obj: AllowedDomain | None = None) -> bool:
        return request.user.is_staff
