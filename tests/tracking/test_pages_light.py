"""The reviewer's other light: set with a reason, shown beside the leads' own, taken back."""

import pytest
from django.urls import reverse

from ministries.models import AuditEvent
from tracking.enums import Status
from tracking.models import LightOverride

MEASURE = "/plan/measures/1.1.1.1/"


@pytest.fixture
def address(world) -> str:
    return reverse("measure-light", args=["1.1.1.1", world.year.year])


def test_both_lights_and_the_reason_stay_in_view(client, world, report, address):
    world.bring(report, Status.ACCEPTED)
    client.force_login(world.reviewer)
    assert address in client.get(MEASURE).content.decode()
    assert 'class="lt lt-on"' in client.get(address).content.decode()
    given = {"light": "behind", "reason": "實地查核的進度落後。"}
    assert client.post(address, given).url == MEASURE
    page = client.get(MEASURE).content.decode()
    assert "實地查核的進度落後。" in page
    assert 'class="lt lt-behind"' in page
    assert 'class="lt lt-on"' in page
    assert AuditEvent.objects.filter(verb="light.set", actor=world.reviewer.email).count() == 1


def test_without_a_reason_nothing_is_set_and_the_choice_is_kept(client, world, address):
    client.force_login(world.reviewer)
    answer = client.post(address, {"light": "behind", "reason": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="behind"' in page
    assert "checked" in page
    assert not LightOverride.objects.exists()


def test_it_can_be_taken_back(client, world, address):
    client.force_login(world.reviewer)
    client.post(address, {"light": "behind", "reason": "實地查核的進度落後。"})
    assert client.post(address, {"clear": "1"}).url == MEASURE
    assert not LightOverride.objects.exists()
    answer = client.post(address, {"clear": "1"}, follow=True)
    assert "這項措施這一年沒有審定燈號。" in answer.content.decode()


def test_only_a_reviewer_finds_the_way(client, world, address):
    for person in (world.officer_a, world.collator, world.administrator):
        client.force_login(person)
        assert address not in client.get(MEASURE).content.decode()
        assert client.get(address).status_code == 403


def test_a_year_or_measure_that_is_not_there_is_not_found(client, world):
    client.force_login(world.reviewer)
    for args in (["9.9.9.9", 111], ["1.1.1.1", 109]):
        assert client.get(reverse("measure-light", args=args)).status_code == 404
