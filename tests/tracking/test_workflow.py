"""The road of a report: the whole product of status, verb and person, against one exact set."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from ministries.models import Deputyship
from tests.world import grant, make_user
from tracking.enums import Part, Status, Verb, YearState, YearVerb
from tracking.models import ReportAuthor
from tracking.rules import reports as rules
from tracking.rules.years import year_verdict
from tracking.workflow import ROAD, YEAR_ROAD, writable_parts

ALLOWED = {
    ("draft", "save", "officer_a"),
    ("draft", "submit", "officer_a"),
    ("draft", "exempt", "reviewer"),
    ("signing", "sign_off", "window_a"),
    ("signing", "sign_off", "deputy_a"),
    ("signing", "send_back", "window_a"),
    ("signing", "send_back", "deputy_a"),
    ("signing", "withdraw", "officer_a"),
    ("signing", "withdraw", "window_a"),
    ("signing", "withdraw", "deputy_a"),
    ("submitted", "withdraw", "officer_a"),
    ("submitted", "withdraw", "window_a"),
    ("submitted", "withdraw", "deputy_a"),
    ("submitted", "start", "reviewer"),
    ("under_review", "accept", "reviewer"),
    ("under_review", "return", "reviewer"),
    ("returned", "save", "officer_a"),
    ("returned", "submit", "officer_a"),
    ("returned", "exempt", "reviewer"),
    ("not_applicable", "resume", "reviewer"),
}
YEAR_ALLOWED = {
    ("planned", "open", "collator"),
    ("open", "open", "collator"),
    ("open", "close", "collator"),
    ("closed", "reopen", "collator"),
    ("closed", "release", "collator"),
}


@pytest.fixture
def everybody(world, report) -> dict:
    """All people of the world, a deputy of 甲部's window, a reviewer who wrote, and the public."""
    people = dict(world.people)
    today = timezone.localdate()
    people["deputy_a"] = people["viewer_a"]
    Deputyship.objects.create(
        window=people["window_a"],
        deputy=people["deputy_a"],
        ministry=world.alpha,
        since=today,
        until=today + timedelta(days=7),
    )
    del people["viewer_a"]
    people["reviewer_who_wrote"] = make_user("reviewer_who_wrote")
    grant(people["reviewer_who_wrote"], "reviewer")
    ReportAuthor.objects.create(report=report, user=people["reviewer_who_wrote"])
    people["public"] = AnonymousUser()
    return people


def test_exactly_these_people_make_these_moves(everybody, report):
    found = set()
    for status in Status:
        report.status = status
        for verb in Verb:
            for name, person in everybody.items():
                answer = rules.verdict(verb, report, person)
                assert answer.ok is not bool(answer.reason), (status, verb, name)
                if answer:
                    found.add((str(status), str(verb), name))
    assert found == ALLOWED


def test_a_viewer_makes_no_move(world, report, viewer_a):
    assert not any(
        rules.verdict(verb, report, viewer_a) for report.status in Status for verb in Verb
    )


def test_exactly_the_collator_moves_a_year(everybody, world):
    found = {
        (str(state), str(verb), name)
        for state in YearState
        for world.year.state in [state]
        for verb in YearVerb
        for name, person in everybody.items()
        if year_verdict(verb, world.year, person)
    }
    assert found == YEAR_ALLOWED


def test_a_button_is_the_verdict(everybody, report):
    for report.status in Status:
        for person in everybody.values():
            for move in rules.moves(report, person):
                answer = rules.verdict(move.verb, report, person)
                assert (move.ok, move.reason) == (answer.ok, answer.reason)
                assert move.note == ROAD[Status(report.status), move.verb].note


def test_buttons_stand_on_the_side_of_the_table_that_one_belongs_to(everybody, report):
    report.status = Status.DRAFT
    shown = {
        name: {str(move.verb) for move in rules.moves(report, person)}
        for name, person in everybody.items()
    }
    assert shown["officer_a"] == shown["window_a"] == {"save", "submit"}
    assert shown["reviewer"] == shown["collator"] == {"exempt"}
    assert shown["officer_b"] == shown["public"] == shown["expert"] == set()


def test_every_move_of_the_year_table_ends_in_a_state_that_it_knows():
    assert set(YEAR_ROAD.values()) <= set(YearState)
    assert {step.to for step in ROAD.values()} == set(Status)


@pytest.mark.parametrize(
    ("returned", "writable"),
    [
        ([], set(Part.values)),
        (["money"], {"money"}),
        (["progress"], {"progress", "lateness"}),
        (["lateness", "evidence"], {"progress", "lateness", "evidence"}),
    ],
)
def test_returning_a_part_opens_what_its_checks_touch(returned, writable):
    assert writable_parts(returned) == writable
