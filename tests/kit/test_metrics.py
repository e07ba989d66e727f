"""Figures for Prometheus: counted by page and status, read from database and queue."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from ministries import audit
from reports.models import Job
from tests.world import World
from tracking.models import Notice

pytestmark = pytest.mark.django_db


def figures() -> dict[tuple, float]:
    """Name and the values of its labels, in the order of their names → number."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_answers_are_counted_by_page_and_status_never_by_address(world: World):
    asked = ("nstp_http_requests_total", "GET", "200", "plan-tree")
    lost = ("nstp_http_requests_total", "GET", "404", "")
    timed = ("nstp_http_request_seconds_count", "plan-tree")
    before = figures()
    Client().get(reverse("plan-tree"), {"q": "查找的字"})
    Client().get("/nowhere-at-all/")
    after = figures()
    for key in (asked, lost, timed):
        assert after[key] - before.get(key, 0) == 1, key
    assert not [key for key in after if "查找" in str(key) or "nowhere" in str(key)]


def test_the_rooms_tell_where_the_work_stands(world: World):
    before = figures()
    Job.objects.create(key="test:1", task="none")
    for attempts in (0, 0, 3):
        Notice.objects.create(
            key=f"test:{attempts}:{Notice.objects.count()}",
            kind="reminder",
            recipient=world.officer_a,
            subject="主旨",
            body="內容",
            attempts=attempts,
        )
    event = audit.record("job.retry", "test", by="system:tests")
    after = figures()
    assert after["nstp_jobs", "queued"] - before["nstp_jobs", "queued"] == 1
    assert after["nstp_jobs", "failed"] == before["nstp_jobs", "failed"]
    assert after["nstp_outbox_waiting", "no"] - before["nstp_outbox_waiting", "no"] == 2
    assert after["nstp_outbox_waiting", "yes"] - before["nstp_outbox_waiting", "yes"] == 1
    assert after["nstp_audit_events_total",] == event.pk
    assert after["nstp_queue_length",] >= 0
    if connection.vendor == "postgresql":
        assert after["nstp_database_connections", "active"] >= 1


def test_others_are_refused(settings):
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    assert stranger.get("/metrics").status_code == 403
    settings.METRICS_ALLOWED = ["203.0.113.0/24"]
    assert stranger.get("/metrics").status_code == 200
    assert Client().get("/metrics").status_code == 403


def test_a_queue_that_is_gone_costs_its_own_figure_alone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    told = figures()
    assert ("nstp_queue_length",) not in told
    assert ("nstp_audit_events_total",) in told
