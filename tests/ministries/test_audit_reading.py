"""Who read and took away what, and from where, is in the audit log as well."""

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.test import Client, RequestFactory
from django.urls import reverse

from ministries import audit
from ministries.audit_source import AskedFromMiddleware, address_of, asked_from
from ministries.models import AuditEvent
from tracking.enums import Status
from tracking.models import Evidence

LIST = reverse("admin:ministries_auditevent_changelist")
EXPORT = reverse("admin:audit_export")


@pytest.fixture
def administrator(client: Client, people: SimpleNamespace) -> Client:
    client.force_login(people.administrator)
    return client


def verbs(*wanted: str) -> list[str]:
    rows = AuditEvent.objects.filter(verb__in=wanted) if wanted else AuditEvent.objects
    return list(rows.order_by("pk").values_list("verb", flat=True))


def exported(client: Client, query: str = "") -> list[dict]:
    answer = client.get(EXPORT + query)
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


# --- read and exported ----------------------------------------------------------------------------
def test_looking_at_the_log_is_in_the_log(administrator, people):
    event = audit.record("test.act", people.alpha, by="y")
    administrator.get(LIST, {"verb": "test.act"})
    administrator.get(reverse("admin:ministries_auditevent_change", args=[event.pk]))
    list_read, one_read = AuditEvent.objects.filter(verb="audit.read").order_by("pk")
    assert (list_read.actor, list_read.after) == ("admin@example.org", {"query": "verb=test.act"})
    assert list_read.address == "127.0.0.1"
    assert one_read.target == f"ministries.auditevent:{event.pk}"
    assert "稽核紀錄：查看" in administrator.get(LIST).content.decode()


def test_the_export_holds_what_the_list_shows_and_is_told_once(administrator, people):
    audit.record("test.act", "x", by="=1+1", after={"名": "值"}, ministry=people.alpha)
    audit.record("test.other", "x", by="y")
    [row] = exported(administrator, "?verb=test.act")
    assert row["actor"] == "'=1+1"
    assert (row["verb"], row["ministry"], row["after"]) == ("test.act", "alpha", '{"名": "值"}')
    assert row["at_utc"].endswith("+00:00")
    assert row["digest"] == AuditEvent.objects.get(verb="test.act").digest
    assert verbs("audit.export", "export.take") == ["audit.export"]
    assert [one["verb"] for one in exported(administrator)] == verbs()
    assert (
        f'href="{EXPORT}?verb=test.act"'
        in administrator.get(LIST, {"verb": "test.act"}).content.decode()
    )


def test_nobody_else_reads_or_exports_it(client, people):
    client.force_login(people.window)
    assert client.get(EXPORT).status_code == 403
    assert client.get(LIST).status_code == 403
    assert verbs("audit.read", "audit.export") == []


# --- files ----------------------------------------------------------------------------------------
def test_a_file_that_somebody_takes_is_in_the_log_with_their_body(client, world):
    url = reverse("ministry-csv", args=["alpha"])
    assert client.get(url).status_code == 200  # who is not signed in takes what is anybody's
    assert verbs("export.take") == []
    client.force_login(world.officer_a)
    client.get(url, {"x": "1"})
    event = AuditEvent.objects.get(verb="export.take")
    assert (event.actor, event.ministry, event.target) == (world.officer_a.email, "alpha", url)
    assert event.after == {"page": "ministry-csv", "code": "alpha", "query": "x=1"}
    client.get(reverse("ministry", args=["alpha"]))  # a page is no file
    assert client.get(reverse("ministry-csv", args=["nobody"])).status_code == 404
    assert len(verbs("export.take")) == 1


def test_a_file_is_told_for_the_body_whose_it_is(client, world, report, settings, tmp_path):
    """Not for that of whoever takes it, who may belong to none."""
    settings.MEDIA_ROOT = tmp_path
    world.bring(report, Status.SUBMITTED)
    evidence = Evidence(report=report, title="照片", added_by=world.officer_a)
    evidence.file.save("photo", ContentFile(b"x"))
    client.force_login(world.reviewer)
    assert client.get(reverse("evidence", args=[evidence.pk])).status_code == 200
    client.get(reverse("ministry-csv", args=["beta"]))
    taken = AuditEvent.objects.filter(verb="export.take").order_by("pk")
    assert list(taken.values_list("actor", "ministry")) == [
        (world.reviewer.email, "alpha"), (world.reviewer.email, "beta"),
    ]  # fmt: skip


# --- from where -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "<script>", ""),
    ],
)
def test_only_our_own_proxies_say_where_somebody_is(settings, proxies, forwarded, found):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    )
    assert address_of(request) == found


def test_an_address_lasts_as_long_as_its_request():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    assert AskedFromMiddleware(lambda _request: asked_from())(request) == "192.0.2.7"
    with pytest.raises(ZeroDivisionError):
        AskedFromMiddleware(lambda _request: 1 / 0)(request)
    assert asked_from() == ""
