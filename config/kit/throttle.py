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
logger = logging.getLogger(__name__)


def wait_for(scope: str, who: str) -> int:
    """Count one more call; seconds to wait, 0 where it is within `settings.API_RATES[scope]`.

    Where the cache can't be reached nobody is kept out: reading must not hang on counting.
    """
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
    return 0 if count <= settings.API_RATES[scope] else MINUTE - int(now % MINUTE)


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


def throttled(scope: str) -> Callable:
    """For a page or file of ours outside the API: so often per address, else 429."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            who = throttling.BaseThrottle().get_ident(request)
            if seconds := wait_for(scope, who):
                answer = render(request, "429.html", status=429)
                answer["Retry-After"] = str(seconds)
                return answer
            return view(request, *args, **kwargs)

        return counted

    return decorate
