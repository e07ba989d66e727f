"""Who may read what the system says of itself: a machine of ours, or whoever bears the token."""

from functools import cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from rest_framework.throttling import BaseThrottle

BEARER = "Bearer "
# A proxy that passes on a visitor sets one of these.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_VIA")


def is_internal(request: HttpRequest) -> bool:
    """The caller's address is one of `METRICS_ALLOWED`, or it bears `METRICS_TOKEN`.

    What came through a proxy counts by the address that the proxy tells; where none of ours is
    expected, or it tells none, it is nobody of ours.
    """
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if settings.METRICS_TOKEN and given.startswith(BEARER):
        return constant_time_compare(given.removeprefix(BEARER), settings.METRICS_TOKEN)
    passed_on = any(name in request.META for name in FORWARDED)
    told = settings.REST_FRAMEWORK["NUM_PROXIES"] and "HTTP_X_FORWARDED_FOR" in request.META
    if passed_on and not told:
        return False
    try:
        address = ip_address(BaseThrottle().get_ident(request))
    except ValueError:
        return False
    return any(address in network for network in networks(tuple(settings.METRICS_ALLOWED)))


@cache
def networks(written: tuple[str, ...]) -> tuple:
    """Addresses and networks as they are written in the setting; ValueError names a wrong one."""
    return tuple(ip_network(one) for one in written)
