"""What is asked of whoever is signed in before each answer: a password of one's own, a second
factor where the role needs one, and to be there. And what they are answered is kept nowhere.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from ministries.models import User
from ministries.second_factor import is_missing
from ministries.shared_reads import OWN

ALWAYS = ("account_logout", "set_language")
# What is missing → (the code that the API says, its sentence, where pages lead, what else is open).
STEPS = {
    "password": (
        "password_change_required",
        _("請先變更第一次的密碼。"),
        "account_change_password",
        (),
    ),
    "second_factor": (
        "second_factor_required",
        _("請先設定第二因素。"),
        "mfa_index",
        ("mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"),
    ),
}


class SignedInMiddleware:
    """Pages lead to what is missing; the API answers 403 with a code. It asks no query itself.

    No browser and no proxy stores what somebody got who was signed in, or just signed in or out:
    the next person at the machine, who goes back, finds nothing. The API's answers are no
    exception, since a token reads what a person reads; the tags of its rows go on to work, for
    programs keep what they have read themselves.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = request.user
        response = self._lead(request) or self.get_response(request)
        signed_in = before.is_authenticated or request.user.is_authenticated
        if signed_in and "no-store" not in response.headers.get("Cache-Control", ""):
            response["Cache-Control"] = OWN
        return response

    def _lead(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not (missing := _missing(user)):
            return None
        code, detail, page, others = STEPS[missing]
        if request.path in map(reverse, (page, *others, *ALWAYS)):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"code": code, "detail": str(detail)}, status=403)
        return redirect(page)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        """Whoever asks is there; but not what an open page asks for by itself."""
        if request.resolver_match.url_name not in settings.SESSION_IDLE_IGNORES:
            touch = getattr(request.session, "touch", None)
            if touch and request.user.is_authenticated:
                touch()


def _missing(user: User | SimpleLazyObject) -> str:
    if user.must_change_password:
        return "password"
    return "second_factor" if is_missing(user) else ""
