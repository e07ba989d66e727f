"""How often somebody may ask: a count for each minute, and 429 with Retry-After beyond it.

Counts live in the cache `throttle`: in Redis, where there is one, for all processes together; else
in each process's own memory, since a file for each request would cost more than the request.
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError
from rest_framework import throttling

if TYPE_CHECKING:  # the framework's views import this module
    from rest_framework.request import Request
    from rest_framework.views import APIView

MINUTE = 60
ANONYMOUS, SIGNED_IN = "anonymous", "signed_in"
EXPORT, SIGN_IN = "export", "sign_in"
logger = logging.getLogger(__name__)


def wait_for(scope: str, who: str) -> int:
    """Count one more call; seconds to wait, 0 where it is within `settings.API_RATES[scope]`, or
    where that sets no limit.

    Where the cache can't be reached nobody is kept out: reading must not hang on counting.
    """
    most = settings.API_RATES.get(scope)
    if most is None:
        return 0
    now = time.time()
    key = f"{scope}:{who}:{int(now // MINUTE)}"
    counts = caches["throttle"]
    try:
        try:
            count = counts.incr(key)
        except ValueError:  # the first of this minute, or two firsts at once
            count = 1 if counts.add(key, 1, MINUTE) else counts.incr(key)
    except RedisError:
        logger.warning("Calls are not counted: the cache cannot be reached.")
        return 0
    return 0 if count <= most else MINUTE - int(now % MINUTE)


class _Throttle(throttling.BaseThrottle):
    def __init__(self) -> None:
        self._wait = 0

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        self._wait = self.wait_of(request)
        return self._wait == 0

    def wait(self) -> int:
        return self._wait

    def wait_of(self, request: "Request") -> int:
        raise NotImplementedError


class AddressThrottle(_Throttle):
    """Who is not signed in, by address: the one that the last trusted proxy saw."""

    def wait_of(self, request: "Request") -> int:
        if request.user.is_authenticated:
            return 0
        return wait_for(ANONYMOUS, self.get_ident(request))


class PersonThrottle(_Throttle):
    """Who is signed in, each token of theirs for itself."""

    def wait_of(self, request: "Request") -> int:
        if not request.user.is_authenticated:
            return 0
        own = "person" if request.auth is None else f"token{request.auth.pk}"
        return wait_for(SIGNED_IN, f"{request.user.pk}:{own}")


def address_of(request: HttpRequest) -> str:
    """Of the caller, as the last trusted proxy saw it."""
    return throttling.BaseThrottle().get_ident(request)


def too_many(request: HttpRequest, scope: str, who: str) -> HttpResponse | None:
    """Count one more; the page that asks to wait, where that is too many."""
    if seconds := wait_for(scope, who):
        answer = render(request, "429.html", {"seconds": seconds}, status=429)
        answer["Retry-After"] = str(seconds)
        return answer
    return None


def throttled(scope: str) -> Callable:
    """For a page or file of ours outside the API: so often per address, else 429."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            refused = too_many(request, scope, address_of(request))
            return refused or view(request, *args, **kwargs)

        return counted

    return decorate


class LimitedPagesMiddleware:
    """Pages of `settings.LIMITED_PAGES`, and whatever is asked for as a file by `?format=`: so
    often a minute for whoever is signed in, and for an address where nobody is.

    What is limited as `sign_in` is counted by address always, and only where something is sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.scopes = settings.LIMITED_PAGES

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        scope = self.scopes.get(request.resolver_match.view_name)
        if scope is None:
            if "format" not in request.GET or request.path_info.startswith("/api/"):
                return None
            scope = EXPORT
        if scope == SIGN_IN:
            return (
                too_many(request, scope, address_of(request)) if request.method == "POST" else None
            )
        signed_in = request.user.is_authenticated
        return too_many(request, scope, f"{request.user.pk}" if signed_in else address_of(request))
