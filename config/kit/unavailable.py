"""When the database is away: a page that says "try again" and gives back what was typed.

Only a fault brings it about, so that it costs no request anything. The form that was sent stands in
the page, ready to be sent once more, without JavaScript; what holds a password does not.
"""

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from config.kit.api import API_ROOT

RETRY_SECONDS = 10
# SQLite's word for everything that it can't do, a missing column too.
_SQLITE_AWAY = ("locked", "busy", "unable to open", "disk i/o")


def error_page(request: HttpRequest) -> HttpResponse:
    """What every unexpected fault ends in: 503 where the database is away, else 500."""
    return try_again(request) if _is_away(sys.exc_info()[1]) else server_error(request)


def _is_away(error: BaseException | None) -> bool:
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return connection.vendor != "sqlite" or any(word in str(error).lower() for word in _SQLITE_AWAY)


def try_again(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API_ROOT):
        detail = _("系統暫時無法存取資料，請稍後再試。")
        answer: HttpResponse = JsonResponse(
            {"code": "unavailable", "detail": detail},
            status=503,
            json_dumps_params={"ensure_ascii": False},
        )
    else:
        posted, files = _posted(request)
        # A path that begins with two slashes would be another site's address.
        address = escape_leading_slashes(request.get_full_path())
        context = {"address": address, "posted": posted, "files": files}
        answer = HttpResponse(render_to_string("503.html", context), status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _posted(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """Names and values of the form that was sent, and whether files came with it.

    Nothing where it holds a password, was sent to the accounts' pages, or can't be read.
    """
    if request.method != "POST" or request.path.startswith("/accounts/"):
        return [], False
    try:
        sent, files = request.POST, bool(request.FILES)
    except Exception:  # cut off, too large, malformed: that is not what went wrong here
        return [], False
    if any("password" in name.lower() for name in sent):
        return [], False
    return [(name, value) for name, values in sent.lists() for value in values], files
