"""`/healthz`: this process answers. `/readyz`: what it needs is there. `/metrics`: figures.

Asked by balancers, containers and monitoring, under any host name and without TLS, so they are
answered before everything else. Who is not of ours is told the outcome alone.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.kit import broker, metrics
from config.kit.internal import is_internal

WORKER_SEEN = "worker-seen"
MEGABYTE = 1024 * 1024
# However often it is asked: the checks must not become a load of their own.
KEPT_SECONDS = 2

logger = logging.getLogger(__name__)


# --- what is looked at ----------------------------------------------------------------------------
def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    """Once they are applied they stay so: a new release is a new process."""
    if not _migrated.is_set():
        executor = MigrationExecutor(connection)
        if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return f"{len(waiting)} not applied"
        _migrated.set()
    return ""


_migrated = threading.Event()


def _broker() -> str:
    broker.ask()
    return ""


def _disk() -> str:
    free = shutil.disk_usage(settings.VAR_DIR).free // MEGABYTE
    return "" if free >= settings.READY_FREE_MB else f"{free} MB free"


def _worker() -> str:
    seen = cache.get(WORKER_SEEN)
    if seen is None:
        return "never seen"
    ago = int(time.time() - seen)
    return "" if ago <= settings.READY_WORKER_SECONDS else f"seen {ago} s ago"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "disk": _disk,
    "worker": _worker,
}


def look() -> dict[str, str]:
    """Name of the check → what is wrong, "" where nothing is."""
    found = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check()
        except (Error, *broker.AWAY) as error:
            logger.warning("readiness: %s", name, exc_info=error)
            found[name] = "does not answer"
    return found


def worker_is_here() -> None:
    """Called by a job every minute: a worker took it, so there is one."""
    cache.set(WORKER_SEEN, time.time(), None)


# --- answers --------------------------------------------------------------------------------------
class _Kept:
    """The last findings, for a moment and for all threads of the process."""

    def __init__(self) -> None:
        self.lock, self.until, self.found = threading.Lock(), 0.0, {}

    def read(self) -> dict[str, str]:
        with self.lock:
            if time.monotonic() >= self.until:
                self.found, self.until = look(), time.monotonic() + KEPT_SECONDS
            return self.found


_kept = _Kept()


def healthz(request: HttpRequest) -> HttpResponse:
    return _say({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """`?exclude=broker,worker` leaves checks out: pages can be read and reports filed without."""
    left_out = set(request.GET.get("exclude", "").split(","))
    found = {name: wrong for name, wrong in _kept.read().items() if name not in left_out}
    failed = [name for name, wrong in found.items() if wrong]
    told: dict[str, object] = {"status": "failed" if failed else "ok"}
    if is_internal(request):
        told |= {"failed": failed, "checks": {name: it or "ok" for name, it in found.items()}}
    return _say(told, status=503 if failed else 200)


def _say(told: dict, status: int = 200) -> JsonResponse:
    response = JsonResponse(told, status=status, headers={"Cache-Control": "no-store"})
    response._has_been_logged = True  # not an error of the site at every call of a balancer
    return response


PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics.answer}


class ProbesMiddleware:
    """First of all: no check of the host name, no session, no line in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        return probe(request)
