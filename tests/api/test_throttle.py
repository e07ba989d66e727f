"""So many calls a minute: by address for the public, by person and token for the others."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError

from config.kit import throttle
from ministries.actions.tokens import create_token

pytestmark = pytest.mark.django_db
PLANS = "/api/v1/plans/"


@pytest.fixture(autouse=True)
def _few(settings, monkeypatch):
    settings.API_RATES = {"anonymous": 2, "signed_in": 3, "download": 1}
    caches["throttle"].clear()
    monkeypatch.setattr(throttle.time, "time", lambda: 1_000_000_000.0)  # 40 s into a minute
    yield
    caches["throttle"].clear()


def statuses(client: Client, times: int, path: str = PLANS, **more) -> list[int]:
    return [client.get(path, **more).status_code for _time in range(times)]


def test_the_public_is_counted_by_address(world):
    assert statuses(Client(), 3) == [200, 200, 429]
    assert statuses(Client(REMOTE_ADDR="192.0.2.7"), 1) == [200]


def test_a_refusal_says_when_to_come_back(world):
    client = Client()
    statuses(client, 2)
    answer = client.get(PLANS, headers={"Accept-Language": "zh-hant"})
    assert answer["Retry-After"] == "20"
    assert answer.json() == {"code": "throttled", "detail": "請求太頻繁，請在20秒後再試。"}
    assert answer["Cache-Control"] == "private, no-store"


def test_the_next_minute_is_a_new_one(world, monkeypatch):
    client = Client()
    assert statuses(client, 3)[-1] == 429
    monkeypatch.setattr(throttle.time, "time", lambda: 1_000_000_021.0)
    assert statuses(client, 1) == [200]


def test_a_person_and_each_token_are_counted_for_themselves(world):
    browser = Client()
    browser.force_login(world.officer_a)
    assert statuses(browser, 4) == [200, 200, 200, 429]
    expires_on = timezone.localdate() + timedelta(days=9)
    for name in ("甲", "乙"):
        _row, secret = create_token(
            name=name, scopes=["read"], expires_on=expires_on, by=world.officer_a
        )
        headers = {"Authorization": f"Bearer {secret}"}
        assert statuses(Client(), 4, headers=headers) == [200, 200, 200, 429]


def test_what_is_unchanged_is_not_counted(world):
    client = Client()
    tag = client.get(PLANS)["ETag"]
    assert statuses(client, 5, headers={"If-None-Match": tag}) == [304] * 5


def test_an_address_is_believed_from_as_many_proxies_as_are_ours(world, settings):
    """Else anybody could write the header and be somebody else each time."""
    forged = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]
    assert [Client().get(PLANS, headers=one).status_code for one in forged] == [200, 200, 429]
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    assert [Client().get(PLANS, headers=one).status_code for one in forged] == [200, 200, 200]


def test_files_are_counted_apart(world):
    client = Client()
    assert statuses(client, 2, "/data/ministries.csv") == [200, 429]
    answer = client.get("/data/ministries.csv")
    assert answer["Retry-After"] == "20"
    assert statuses(client, 2) == [200, 200]


def test_nobody_is_kept_out_when_counting_fails(world, monkeypatch):
    def broken(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(caches["throttle"], "incr", broken)
    assert statuses(Client(), 3) == [200, 200, 200]
