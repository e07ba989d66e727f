"""Programs that come by http where TLS is required are refused, and not led to https as pages are.

A program that was led there would go on to send its token in the clear, every time, and nobody
would notice. `SECURE_REDIRECT_EXEMPT` keeps Django from leading it.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _


class EncryptedApiMiddleware:
    """403 with a sentence, before anything is asked about the caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.SECURE_SSL_REDIRECT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.is_secure() or not request.path_info.startswith("/api/"):
            return self.get_response(request)
        return JsonResponse(
            {
                "code": "https_required",
                "detail": _("API只接受https。用http送出過的權杖別人可能看得到，請撤銷。"),
            },
            status=403,
            json_dumps_params={"ensure_ascii": False},
        )
