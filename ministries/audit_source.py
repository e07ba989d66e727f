"""From where somebody acts: the address that the audit log writes beside each deed.

The middleware only keeps hold of the request; an address is worked out when something is recorded.
Commands and jobs have none.
"""

from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_asking: ContextVar[HttpRequest | None] = ContextVar("asking", default=None)


class AskedFromMiddleware:
    """Lets what is recorded while a request is answered know its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _asking.set(request)
        try:
            return self.get_response(request)
        finally:
            _asking.reset(token)


def asked_from() -> str:
    """The address of whoever asks at the moment, "" where no request is answered."""
    request = _asking.get()
    return address_of(request) if request is not None else ""


def address_of(request: HttpRequest) -> str:
    """The caller's address in its usual form; "" where it is none (a socket of the machine).

    Of `X-Forwarded-For` only what our own proxies wrote counts: with N of them
    (TRUSTED_PROXIES) the Nth from the right. What stands before it is the caller's own word.
    """
    proxies = settings.REST_FRAMEWORK["NUM_PROXIES"]
    given = request.META.get("REMOTE_ADDR", "")
    if proxies and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        told = forwarded.split(",")
        given = told[-min(proxies, len(told))]
    try:
        address = ip_address(given.strip().partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
