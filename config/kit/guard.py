"""What every answer bears, and what is refused before any page reads it."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

Answering = Callable[[HttpRequest], HttpResponse]
NUL = ("%00", "\0")
# How Python and the database's driver begin to say it.
UNFIT = ("A string literal cannot contain NUL", "Exceeds the limit (")
# How PostgreSQL (by its code) and SQLite say that a row of this kind is there already.
DOUBLED = ("23505", "UNIQUE constraint failed")
logger = logging.getLogger(__name__)


class HeadersMiddleware:
    """`settings.SECURITY_HEADERS` on every answer that doesn't say otherwise, static files too."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response
        self.headers = tuple(settings.SECURITY_HEADERS.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers:
            response.setdefault(name, value)
        return response


class GuardMiddleware:
    """Refuses a body that is too long for what it is (413), before a byte of it is read, and an
    address with a NUL (400), which no database takes.

    A form with files may be `UPLOAD_MAX_BYTES` long, everything else `DATA_UPLOAD_MAX_MEMORY_SIZE`.
    A body that names no length is empty for Django. What a page took and no column can hold is
    answered with 400 as well: it was never a page of ours that sent it.

    Two requests that make the same thing at the same moment each find nothing in their way; the
    database lets one of them through. The other is told so (409), and has written nothing.
    """

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        if NUL[0] in meta["QUERY_STRING"] or NUL[1] in request.path_info:
            return _refused(request, 400, "bad_request", _("網址裡有不能用的字元。"))
        length = meta.get("CONTENT_LENGTH")
        if length and length != "0" and _too_long(length, meta.get("CONTENT_TYPE", "")):
            return _refused(request, 413, "too_large", _("送來的內容太大。"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, IntegrityError) and _doubled(exception):
            logger.warning("Refused what was saved already.", exc_info=exception)
            return _refused(request, 409, "conflict", _("剛剛已經存過同一筆資料了。"))
        unfit = isinstance(exception, ValueError) and str(exception).startswith(UNFIT)
        if not unfit and not isinstance(exception, DataError):
            return None
        logger.warning("Refused what no column can hold.", exc_info=exception)
        return _refused(request, 400, "bad_request", _("送來的資料裡有不能用的字元或數字。"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's 400, which asks nothing of the database: another host's name, a form of more
    fields than any page has.
    """
    if request.path.startswith("/api/"):
        return _refused(request, 400, "bad_request", _("看不懂這個請求。"))
    return HttpResponse(render_to_string("400.html"), status=400)


def _doubled(error: IntegrityError) -> bool:
    by_code = getattr(error.__cause__, "pgcode", "") == DOUBLED[0]
    return by_code or str(error).startswith(DOUBLED[1])


def _too_long(length: str, kind: str) -> bool:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if kind.startswith("multipart/form-data"):
        most = settings.UPLOAD_MAX_BYTES
    return not length.isdecimal() or int(length) > most


def _refused(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse(
            {"code": code, "detail": detail},
            status=status,
            json_dumps_params={"ensure_ascii": False},
        )
    return render(request, f"{status}.html", status=status)
