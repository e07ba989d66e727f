"""Public reads carry a tag that changes whenever they do; nobody's own answer is ever shared."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ministries import audit
from ministries.actions.successions import record_succession
from ministries.actions.tokens import create_token
from ministries.enums import SuccessionKind
from ministries.models import AuditEvent
from ministries.shared_reads import PRIVATE
from plan.actions import indicators
from reports.actions import filing
from tests.access.world_of_reports import indicator_of
from tests.world import MONEY, WHOLE
from tracking.actions import lights, reports, years
from tracking.enums import Light, Status

pytestmark = pytest.mark.django_db
READS = (
    "/api/v1/plans/", "/api/v1/measures/", "/api/v1/measures/1.1.1.1/", "/api/v1/reports/",
    "/api/v1/ministries/", "/api/v1/successions/", "/api/v1/indicators/", "/api/v1/series/",
    "/api/v1/reviews/", "/api/v1/reporting-years/", "/data/reports.csv", "/data/money.json",
    "/data/indicators.csv", "/data/measure-lights.csv", "/data/successions.csv",
    "/data/assignments.csv", "/data/plan-tree.csv", "/data/review-attainment.csv",
    "/data/review-conclusions.json", "/data/ministries.ods",
)  # fmt: skip


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def read_all(client: Client) -> dict[str, tuple[str, bytes]]:
    """address → (tag, answer)."""
    found = {}
    for path in READS:
        answer = client.get(path)
        found[path] = (answer["ETag"], body(answer))
    return found


# --- headers --------------------------------------------------------------------------------------
def test_a_public_answer_may_be_kept_and_is_not_sent_twice(client, world, settings):
    settings.PUBLIC_MAX_AGE = 30
    for path in (*READS, "/api/v1/schema/", "/data/catalog.json"):
        _may_be_kept(client, path)


def _may_be_kept(client: Client, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    tag = first["ETag"]
    assert tag.startswith('"')  # strong
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, body(again)) == (304, b"")
    for answer in (first, again):
        assert answer["ETag"] == tag
        assert answer["Cache-Control"] == "public, max-age=30, stale-while-revalidate=300"
        vary = {word.strip() for word in answer["Vary"].split(",")}
        assert {"Cookie", "Authorization", "Accept-Language"} <= vary
        assert "Last-Modified" in answer
        assert not answer.cookies


def test_ones_own_answer_is_nobody_elses(client, world):
    expires_on = timezone.localdate() + timedelta(days=9)
    _row, secret = create_token(
        name="匯出", scopes=["read"], expires_on=expires_on, by=world.officer_a
    )
    browser = Client()
    browser.force_login(world.officer_a)
    for path in READS:
        tag = client.get(path)["ETag"]
        _is_own(browser.get(path, headers={"If-None-Match": tag}))
        bearing = {"If-None-Match": tag, "Authorization": f"Bearer {secret}"}
        _is_own(client.get(path, headers=bearing))


def _is_own(answer) -> None:
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]


def test_a_refusal_is_not_kept(client, world):
    for path in ("/api/v1/plans/none/", "/api/v1/plans/?x=1", "/data/none.csv", "/data/plan.txt"):
        answer = client.get(path)
        assert answer.status_code in (400, 404)
        assert answer["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer


def test_a_tag_is_of_one_address_and_language(client, world):
    tags = {client.get(path)["ETag"] for path in (*READS, "/api/v1/plans/?page=1")}
    assert len(tags) == len(READS) + 1
    english = client.get("/api/v1/plans/", headers={"Accept-Language": "en"})["ETag"]
    assert english not in tags
    # No tag of another address, nor the same one where there is nothing any more, answers 304.
    for path in ("/api/v1/versions/", "/api/v1/plans/none/"):
        answer = client.get(path, headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code in (200, 404)


def test_pages_for_people_are_left_alone(client, world):
    for path in ("/", "/data/", "/data/reports/", "/api/v1/docs/"):
        assert "public" not in client.get(path).headers.get("Cache-Control", "")


def test_unchanged_costs_one_short_query(client, world, django_assert_num_queries):
    tag = client.get("/data/reports.csv")["ETag"]
    with django_assert_num_queries(1):
        assert client.get("/data/reports.csv", headers={"If-None-Match": tag}).status_code == 304


# --- the tag changes with the answer --------------------------------------------------------------
def accept_one(world) -> None:
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)


def set_a_light(world) -> None:
    lights.set_light(
        world.measures["1.1.2.1"], world.year, light=Light.BEHIND, reason="實地查核。",
        by=world.reviewer,
    )  # fmt: skip


def approve_an_indicator(world) -> None:
    indicators.approve(indicator_of(world), by=world.reviewer)


def rename_a_ministry(world) -> None:
    record_succession(
        predecessor=world.alpha, successor=world.science, on=timezone.localdate(),
        kind=SuccessionKind.PARTIAL_TRANSFER, legal_basis="組織法", by=world.administrator,
    )  # fmt: skip


# name → what happens to the small world, in this order; and reads that must change by it
STORY = (
    (accept_one, ()),
    (lambda world: years.close_year(world.year, by=world.collator), ()),
    (
        lambda world: years.release_year(world.year, by=world.collator),
        ("/data/reports.csv", "/data/money.json", "/api/v1/reports/", "/api/v1/measures/"),
    ),
    (set_a_light, ("/data/measure-lights.csv",)),
    (approve_an_indicator, ("/data/indicators.csv", "/api/v1/indicators/")),
    (rename_a_ministry, ("/data/successions.csv", "/api/v1/successions/")),
)


def test_where_the_answer_changed_so_did_the_tag(client, world):
    """Whatever happens: equal tags, equal answers."""
    world.year.refresh_from_db()
    before = read_all(client)
    for happens, must_change in STORY:
        happens(world)
        world.year.refresh_from_db()
        after = read_all(client)
        for path in READS:
            (old_tag, old), (new_tag, new) = before[path], after[path]
            assert old == new or old_tag != new_tag, path
            assert path not in must_change or old != new, path
        before = after


def test_a_publication_and_its_withdrawal_change_it(client, published_world):
    walk = published_world
    path = "/data/review-conclusions.json"
    shown = client.get(path)
    told = body(shown)
    filing.withdraw(
        walk.review, reason="更正附件。", seen_version=walk.review.version, by=walk.collator
    )
    now = client.get(path, headers={"If-None-Match": shown["ETag"]})
    assert now.status_code == 200
    assert body(now) != told


def test_it_changes_with_the_day(client, world, monkeypatch):
    """Duties and publications begin on a day, without anybody doing anything."""
    path = "/api/v1/measures/"
    tag = client.get(path)["ETag"]
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("ministries.shared_reads.timezone.localdate", lambda *args: tomorrow)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_late_commit_with_an_earlier_number_changes_it(client, world):
    """Two transactions took numbers 10 and 11, and that of 10 committed last."""
    path = "/api/v1/plans/"
    last = audit.record("plan.load", world.plan, by="system:test").pk
    later, earlier = (audit.entry("plan.load", world.plan, by="system:test") for _each in "ab")
    later.pk, earlier.pk = last + 11, last + 10
    audit.record_many([later])
    tag = client.get(path)["ETag"]
    audit.record_many([earlier])
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_what_ministries_write_meanwhile_leaves_it(client, world, report):
    """While a year is open, hundreds of drafts a day are nobody's business."""
    before = read_all(client)
    row = reports.save_draft(
        report, seen_version=report.version, by=world.officer_a, fields=WHOLE, money=MONEY
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    reports.start_review(row, seen_version=row.version, by=world.reviewer)
    assert read_all(client) == before
    told = set(AuditEvent.objects.filter(target=f"tracking.progressreport:{row.pk}").values_list(
        "verb", flat=True
    ))  # fmt: skip
    assert told <= set(PRIVATE)
