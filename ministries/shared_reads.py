"""Public reads that a CDN may keep: ETag, 304 and Cache-Control for who is not signed in.

The tag is told before the answer is made, from what every public change leaves behind: a line in
the audit log. So a 304 costs one short query, whatever the answer would have cost. Beside it the
tag says the day (duties and publications begin on a day), our own code, the language and the
address.
"""

from collections.abc import Callable
from datetime import datetime, time
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Func, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language

from config.kit.api import API_ROOT
from config.kit.prepared import prepared
from ministries.models import AuditEvent

# Deeds that change nothing that is public; they are the frequent ones while a year is open.
PRIVATE = (
    "report.save", "report.submit", "report.sign_off", "report.send_back", "report.withdraw",
    "report.start", "token.create", "token.revoke",
    "calendar.create", "calendar.revoke", "calendar.take", "token.use", "reminder.send",
    "session.start", "session.end", "session.end_other", "session.end_others", "session.fail",
    "second_factor.add", "second_factor.remove", "second_factor.reset", "second_factor.use_code",
    "second_factor.seal",
    "password.change", "password.reset", "account.connect",
    "audit.read", "audit.export", "audit.verify", "audit.prune", "audit.grant", "export.take",
    "backup.make", "job.cancel", "job.retry", "notice.cancel", "notice.retry",
    "workbook.bring_back", "workbook.confirm",
)  # fmt: skip
# A transaction that took its number earlier may commit later: among the last numbers, how many
# there are counts as well.
TAIL = 2000
VARY = ("Cookie", "Authorization", "Accept-Language")
OWN = "private, no-store"


class Stamp(NamedTuple):
    """Where public data stand: equal stamps, equal answers. `at` is the last change."""

    mark: str
    at: datetime


def shareable(view: Callable) -> Callable:
    """Mark a view whose answer is the same for everybody who is not signed in."""
    view.shareable = True
    return view


@prepared
def _tail() -> QuerySet:
    told = AuditEvent.objects.exclude(verb__in=PRIVATE)
    last = Subquery(told.order_by("-pk").values("pk")[:1])
    return (
        told.filter(pk__gt=last - TAIL)
        .order_by()
        .values_list(
            Func(F("pk"), function="COUNT"),
            Func(F("pk"), function="MAX"),
            Func(F("at"), function="MAX"),
        )
    )


@cache
def _code() -> str:
    """Digest of our own modules and translations: another release may word an answer otherwise."""
    digest = sha256()
    rooms = ("config", "ministries", "plan", "tracking", "reports", "locale")
    for room in rooms:
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            if path.suffix in (".py", ".mo"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp() -> Stamp:
    """One short query."""
    today = timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    [(count, last, at)] = _tail()
    mark = f"{_code()} {today} {last} {count} {at}"
    return Stamp(mark, max(at, midnight) if at else midnight)


class SharedReadMiddleware:
    """Answers of the API and of `shareable` views: public for whoever is nobody in particular,
    else for the asker alone. The code of the API's pages for people (HTML) is left as it is.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "_shareable", False):
            return response
        patch_vary_headers(response, VARY)
        tag, found = request._tag, request._stamp
        plain = not response.headers.get("Content-Type", "").startswith("text/html")
        if found and plain and response.status_code == 200 and not response.cookies:
            _say_public(response, tag, found)
        elif response.status_code != 304:
            response["Cache-Control"] = OWN
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        ours = request.path.startswith(API_ROOT) or getattr(view, "shareable", False)
        if not ours:
            return None
        request._shareable, request._tag, request._stamp = True, "", None
        reads = request.method in ("GET", "HEAD")
        if not reads or "Authorization" in request.headers or request.user.is_authenticated:
            return None
        request._stamp = stamp()
        request._tag = _tag(request, request._stamp)
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if any(one.removeprefix("W/") == request._tag for one in known):
            answer = HttpResponseNotModified()
            _say_public(answer, request._tag, request._stamp)
            return answer
        return None


def _tag(request: HttpRequest, found: Stamp) -> str:
    whole = f"{found.mark} {get_language()} {request.build_absolute_uri()}"
    return f'"{sha256(whole.encode()).hexdigest()[:32]}"'


def _say_public(response: HttpResponse, tag: str, found: Stamp) -> None:
    response["ETag"] = tag
    response["Last-Modified"] = http_date(found.at.timestamp())
    age = settings.PUBLIC_MAX_AGE
    response["Cache-Control"] = f"public, max-age={age}, stale-while-revalidate={10 * age}"
