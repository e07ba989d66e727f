"""Where browsers report what the Content-Security-Policy kept out.

The log holds one line for each: which rule, which page by its name, which site by its host; never
an address, which may bear a secret.
"""

import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kit.throttle import address_of, wait_for

KINDS = ("application/csp-report", "application/reports+json")
MOST_BYTES = 16 * 1024
MOST_REPORTS = 10
_WORD = re.compile(r"[a-z][a-z-]{1,40}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,100}")
logger = logging.getLogger(__name__)


@csrf_exempt  # a browser sends it by itself, with no form of ours
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """204 for a report, in the old form or the new one; 415, 413, 400 for anything else and 429
    beyond `RATE_CSP_REPORTS` a minute.
    """
    if seconds := wait_for("csp_reports", address_of(request)):
        return HttpResponse(status=429, headers={"Retry-After": str(seconds)})
    if request.content_type not in KINDS:
        return HttpResponse(status=415)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in _reports(told):
        logger.warning(
            "The content security policy kept something out: %s on %s, from %s",
            _word(report.get("effective-directive") or report.get("effectiveDirective")),
            _page(report.get("document-uri") or report.get("documentURL")),
            _site(report.get("blocked-uri") or report.get("blockedURL")),
        )
    return HttpResponse(status=204)


def _reports(told: object) -> Iterator[dict]:
    """Bodies of the reports: one under `csp-report`, or a list of them by the Reporting API."""
    if isinstance(told, dict):
        told = [{"body": told.get("csp-report")}]
    for one in told[:MOST_REPORTS] if isinstance(told, list) else ():
        if isinstance(one, dict) and isinstance(one.get("body"), dict):
            yield one["body"]


def _word(given: object) -> str:
    return given if isinstance(given, str) and _WORD.fullmatch(given) else "?"


def _page(given: object) -> str:
    try:
        return resolve(urlsplit(given).path).view_name if isinstance(given, str) else "?"
    except (Resolver404, ValueError):
        return "?"


def _site(given: object) -> str:
    """The host; a keyword such as `inline` as it is."""
    if not isinstance(given, str):
        return "?"
    try:
        host = urlsplit(given).netloc.rpartition("@")[2]
    except ValueError:
        return "?"
    return host if _HOST.fullmatch(host) else _word(given)
