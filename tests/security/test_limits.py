"""Pages that cost much, or at which somebody could guess, are asked so often a minute, no more."""

import pytest
from django.core.cache import caches
from django.test import Client

from config.kit import throttle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _few(settings, monkeypatch):
    few = {"search": 2, "export": 2, "sign_in": 2, "csp_reports": 2}
    settings.API_RATES = {**settings.API_RATES, **few}
    caches["throttle"].clear()
    monkeypatch.setattr(throttle.time, "time", lambda: 1_000_000_000.0)  # 40 s into a minute
    yield
    caches["throttle"].clear()


def statuses(browser: Client, url: str) -> list[int]:
    return [browser.get(url).status_code for _time in range(3)]


def test_a_search_too_many_is_told_when_to_go_on(world):
    browser = Client(headers={"Accept-Language": "zh-hant"})
    assert statuses(browser, "/search/?q=a") == [200, 200, 429]
    refused = browser.get("/search/?q=a")
    assert refused["Retry-After"] == "20"
    assert "請在20秒後再試" in refused.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").get("/search/?q=a").status_code == 200


def test_people_of_one_address_are_counted_each_for_themselves(world):
    for person in (world.officer_a, world.officer_b):
        browser = Client()
        browser.force_login(person)
        assert statuses(browser, "/search/?q=a") == [200, 200, 429]


def test_every_file_is_an_export(world):
    browser = Client()
    asked = ["/?format=csv&part=goals", "/plan/?format=csv", "/ministries/alpha/measures.csv"]
    assert [browser.get(url).status_code for url in asked] == [200, 200, 429]
    assert browser.get("/plan/").status_code == 200


def test_forms_of_signing_in_are_counted_and_their_pages_are_not(world):
    browser = Client()
    sent = [
        browser.post("/accounts/login/", {"login": f"{n}@example.test", "password": "x"})
        for n in range(3)
    ]
    assert [answer.status_code for answer in sent] == [200, 200, 429]
    assert browser.post("/accounts/password/reset/", {"email": "a@b.test"}).status_code == 429
    assert browser.get("/accounts/login/").status_code == 200
