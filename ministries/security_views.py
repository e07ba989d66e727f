"""One's own page of signing in and security; and how an administrator resets a second factor."""

import re

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from config.kit.verdicts import Verdict
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from ministries import rules, seeds
from ministries.actions import second_factors, sessions
from ministries.models import LiveSession, User
from ministries.second_factor import is_missing
from ministries.views import ConfirmPage

# What a browser calls itself, the more particular first: most of them name the others, too.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
            ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone|iPad", "iOS"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def machine(agent: str) -> str:
    """`Firefox・Windows` of a User-Agent; what is not known stays as it came, cut short."""
    found = [
        next((name for pattern, name in names if re.search(pattern, agent)), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return "・".join(filter(None, found)) or agent[:60] or _("不明")


class Security(SignedInMixin, TemplateView):
    """Password, second factor, recovery codes, and where one is signed in."""

    template_name = "ministries/security.html"

    def get_context_data(self, **kwargs) -> dict:
        user, here = self.request.user, self.request.session.session_key
        rows = LiveSession.objects.visible_to(user).alive()
        factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at"))
        types = Authenticator.Type
        codes = next((one for one in factors if one.type == types.RECOVERY_CODES), None)
        codes_lost = codes is not None and not seeds.is_readable(codes)
        app = next((one for one in factors if one.type == types.TOTP), None)
        return super().get_context_data(
            app=app,
            app_lost=app is not None and not seeds.is_readable(app),
            passkeys=[one for one in factors if one.type == types.WEBAUTHN],
            has_codes=codes is not None,
            codes_lost=codes_lost,
            codes_left=len(codes.wrap().get_unused_codes()) if codes and not codes_lost else 0,
            missing=is_missing(user),
            sessions=[(row, machine(row.agent), row.session_id == here) for row in rows],
            **kwargs,
        )


class SecurityAct(RefusalMixin, ScopedMixin, View):
    """A button of the page: POST only, then back to it."""

    model = LiveSession
    http_method_names = ("post",)

    def refused_url(self) -> str:
        return reverse("mfa_index")


def prove_again(request: HttpRequest) -> None:
    """Whoever proved long ago who they are is asked for the password first, and then led on."""
    if get_adapter().is_reauthentication_required(app="account"):
        raise ReauthenticationRequired


class EndSession(SecurityAct):
    """Sign oneself out somewhere else."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.get_row()
        prove_again(request)
        sessions.end_session(row, by=request.user)
        done = _("「%(where)s」已登出。") % {"where": machine(row.agent)}
        messages.success(request, done)
        return redirect("mfa_index")


class EndOtherSessions(SecurityAct):
    """Stay signed in here alone."""

    def post(self, request: HttpRequest) -> HttpResponse:
        prove_again(request)
        keep = request.session.session_key
        ended = sessions.end_others(request.user, keep=keep, by=request.user)
        messages.success(request, _("已登出其他%(n)d個連線。") % {"n": ended})
        return redirect("mfa_index")


class Codes(ViewRecoveryCodesView):
    """As allauth's; who came in by a passkey is offered new ones where these can't be read."""

    def get(self, request: HttpRequest, **kwargs) -> HttpResponse:
        try:
            return super().get(request, **kwargs)
        except seeds.Unreadable:
            return redirect("mfa_generate_recovery_codes")


class NewCodes(GenerateRecoveryCodesView):
    """As allauth's, which counts the old ones: of those that can't be read none is left."""

    def get_context_data(self, **kwargs) -> dict:
        try:
            return super().get_context_data(**kwargs)
        except seeds.Unreadable:
            of_form = super(GenerateRecoveryCodesView, self).get_context_data(**kwargs)
            return of_form | {"unused_code_count": 0}


class RemovePasskey(RemoveWebAuthnView):
    """As allauth's, but back to our page."""

    success_url = reverse_lazy("mfa_index")


@method_decorator(never_cache, name="dispatch")
class ResetSecondFactor(ConfirmPage):
    model = User

    def verdict(self, row: User) -> Verdict:
        return rules.may_reset_second_factor(self.request.user, row)

    def texts(self, row: User) -> dict:
        return {
            "title": _("重設%(name)s的第二因素") % {"name": row},
            "what": _(
                "驗證App、通行金鑰、救援碼和機關登入的連結都會取消，登入中的連線也會中斷。"
                "密碼不變：本人登入後再設定新的第二因素。請先用電話或當面確認是本人。"
                "系統會寄信告訴本人。"
            ),
            "button": _("重設第二因素"),
        }

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        person = self.get_row()
        second_factors.reset_second_factor(person, by=request.user)
        get_adapter().send_notification_mail("mfa/email/reset", person)
        messages.success(request, _("%(name)s的第二因素已重設。") % {"name": person})
        return redirect("people")
