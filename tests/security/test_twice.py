"""A button that is pressed twice, or by two at the same moment, makes one thing."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ministries.models import ApiToken, AuditEvent, User
from plan.models import Series
from reports.models import CoordinationMeeting, Review
from tests.access.cases_reports import roc
from tests.reports.meetings import call, make_edition
from tests.world import make_user
from tracking.enums import Light
from tracking.models import Notice

pytestmark = pytest.mark.django_db


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def pressed(browser: Client, url: str, data: dict) -> list[int]:
    return [browser.post(url, data).status_code for _time in range(2)]


def test_a_meeting_is_called_once(world):
    edition = make_edition(world)
    browser, url = (
        browser_of(world.reviewer),
        reverse("review-coordination", args=[edition.review_id]),
    )
    given = {
        "title": "第1次會議", "place": "第一會議室", "chair": "主席", "items": "measure:1.1.1.1",
        "invite": "leads", **roc("on", timezone.localdate()),
    }  # fmt: skip
    assert pressed(browser, url, given) == [302, 422]
    assert CoordinationMeeting.objects.count() == 1
    called = Notice.objects.filter(kind="meeting_called")
    assert called.count() == called.values("recipient").distinct().count()
    # Called off it may be called again; and on another day there may be one of the same name.
    CoordinationMeeting.objects.update(state="cancelled")
    assert browser.post(url, given).status_code == 302
    call(world, edition, title="第1次會議", on=timezone.localdate() + timedelta(days=1))
    assert CoordinationMeeting.objects.count() == 3


def test_a_token_is_made_once(world):
    browser, url = browser_of(world.officer_a), reverse("token-create")
    given = {"name": "匯出", "scopes": ["read"], "days": "30"}
    assert pressed(browser, url, given) == [200, 422]
    assert browser_of(world.officer_b).post(url, given).status_code == 200
    row = ApiToken.objects.get(owner=world.officer_a)
    browser.post(reverse("token-revoke", args=[row.pk]))
    assert browser.post(url, given).status_code == 200


def test_a_review_begins_once(world):
    browser, url = browser_of(world.reviewer), reverse("review-create")
    given = {
        "plan": world.plan.pk, "kind": "other", "title": "單年評估", "first_year": 110,
        "last_year": 110,
    }  # fmt: skip
    assert pressed(browser, url, given) == [302, 422]
    assert Review.objects.count() == 1


def test_the_same_light_for_the_same_reason_is_no_change(world):
    browser = browser_of(world.reviewer)
    url = reverse("measure-light", args=["1.1.1.1", world.year.year])
    given = {"light": Light.BEHIND, "reason": "實地查核的進度落後。"}
    assert pressed(browser, url, given) == [302, 302]
    browser.post(url, {**given, "reason": "實地查核兩次都落後。"})
    assert AuditEvent.objects.filter(verb="light.set").count() == 2


@pytest.mark.postgres
@pytest.mark.parametrize("path", ["/people/new/", "/figures/new/"])
def test_of_two_at_the_same_moment_the_later_is_told_so(transactional_db, world, path):
    """Each finds nothing in its way; the database lets one of them through."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time, so that the second finds the first.")
    given = {
        "/people/new/": {
            "name": "新人", "email": "twice@example.test", "ministry": world.alpha.pk,
            "role": "officer",
        },
        "/figures/new/": {
            "plan": world.plan.pk, "code": "trees", "subject": "other", "name": "苗木",
            "unit": "株", "source": "苗圃",
        },
    }[path]  # fmt: skip
    browser, answers = browser_of(world.administrator), []

    def second() -> None:
        answers.append(browser.post(path, given))
        connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        make_user("twice")
        Series.objects.create(
            plan=world.plan, code="trees", subject="other", name="苗木", unit="株", source="苗圃"
        )
        thread.start()
        time.sleep(2)  # long enough to be waiting for the row that is not committed
        assert answers == []
    thread.join(timeout=20)
    assert answers[0].status_code == 409
    assert "剛剛已經存過同一筆資料了" in answers[0].content.decode()
