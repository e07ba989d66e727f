"""Figures for Prometheus: what this machine's web processes answered, and where the work stands.

Counts of requests are kept by every web process for itself and added up when they are asked for
(`config.web_server` names the folder). Everything else is read from the database and the broker at
that moment, so that each web machine tells the same; the rooms add theirs with `tell`.
"""

import os
from collections.abc import Callable, Iterable, Iterator

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.kit import broker
from config.kit.internal import is_internal

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
# Told before this module is loaded, or never.
SHARED = "PROMETHEUS_MULTIPROC_DIR" in os.environ
Reading = Callable[[], Iterable[tuple[tuple[str, ...], float]]]

_of_process = CollectorRegistry()
_requests = Counter(
    "nstp_http_requests",
    "Requests answered, by method, page and status.",
    ["method", "view", "status"],
    registry=_of_process,
)
_seconds = Histogram(
    "nstp_http_request_seconds",
    "Seconds until a request was answered, by page.",
    ["view"],
    buckets=SECONDS,
    registry=_of_process,
)
_readings: dict[str, tuple[type[Metric], str, tuple[str, ...], Reading]] = {}


def count_request(method: str, view: str, status: int, seconds: float) -> None:
    """One more answer. `view` is the name of a page of ours, or "" (files, unknown addresses)."""
    method = method if method in METHODS else "OTHER"
    _requests.labels(method, view, str(status)).inc()
    _seconds.labels(view).observe(seconds)


def tell(
    name: str, says: str, labels: tuple[str, ...] = (), *, counter: bool = False
) -> Callable[[Reading], Reading]:
    """Have a figure read whenever the figures are asked for: (values of the labels, number) each.

    For `AppConfig.ready`. One that the database or broker does not answer is left out.
    """
    family = CounterMetricFamily if counter else GaugeMetricFamily

    def add(reading: Reading) -> Reading:
        _readings[name] = (family, says, labels, reading)
        return reading

    return add


class _System(Collector):
    def collect(self) -> Iterator[Metric]:
        for name, (family, says, labels, reading) in _readings.items():
            try:
                found = list(reading())
            except (Error, *broker.AWAY):
                continue
            metric = family(name, says, labels=labels)
            for values, number in found:
                metric.add_metric(values, number)
            yield metric


@tell("nstp_queue_length", "Messages that wait for a worker.")
def _queue() -> Iterator[tuple[tuple[str, ...], float]]:
    yield (), broker.waiting()


@tell("nstp_database_connections", "Connections to our database, by state.", ("state",))
def _connections() -> Iterator[tuple[tuple[str, ...], float]]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, ''), count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() GROUP BY 1"
        )
        for state, count in cursor.fetchall():
            yield (state,), count


def answer(request: HttpRequest) -> HttpResponse:
    """`/metrics`, for callers of ours alone."""
    if not is_internal(request):
        return HttpResponse("Forbidden\n", status=403, content_type="text/plain")
    if SHARED:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    else:
        registry = _of_process
    told = generate_latest(registry) + generate_latest(_System())
    response = HttpResponse(told, content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response
