"""A first password must be changed before anything else is done."""

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _


class ForcePasswordChangeMiddleware:
    """Pages lead to the change of password; the API answers 403 with a code."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated and user.must_change_password:
            allowed = ("account_change_password", "account_logout", "set_language")
            if request.path not in map(reverse, allowed):
                if request.path.startswith("/api/"):
                    detail = _("請先變更第一次的密碼。")
                    body = {"code": "password_change_required", "detail": detail}
                    return JsonResponse(body, status=403)
                return redirect("account_change_password")
        return self.get_response(request)
