"""Who sees what: every status of a lead's and a partner's report, for everybody, exactly."""

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.world import join, make_user
from tracking.enums import Status, YearState
from tracking.models import Evidence, ProgressReport

ALL = set(Status.values)
SIGNED_OFF = {"submitted", "under_review", "returned", "accepted"}
ACCEPTED = {"accepted"}
EVERYBODY_ELSE = ("officer_s", "window_s", "viewer_s", "expert", "administrator")
# Of the report of 甲部, lead of 1.1.1.1, whose partner is 乙部.
LEAD_SEEN_BY = {
    **dict.fromkeys(("officer_a", "window_a", "viewer_a"), ALL),
    **dict.fromkeys(("officer_b", "window_b", "viewer_b", "officer_of_gamma"), ACCEPTED),
    **dict.fromkeys(("reviewer", "collator"), SIGNED_OFF),
    **dict.fromkeys(EVERYBODY_ELSE, ACCEPTED),
    "public": set(),
}
# Of the partner's. 丙署 became a part of 乙部, so its people answer for 乙部 too.
PARTNER_SEEN_BY = {
    **dict.fromkeys(("officer_b", "window_b", "viewer_b", "officer_of_gamma"), ALL),
    **dict.fromkeys(("officer_a", "window_a", "viewer_a"), SIGNED_OFF),
    **dict.fromkeys(("reviewer", "collator"), SIGNED_OFF),
    **dict.fromkeys(EVERYBODY_ELSE, ACCEPTED),
    "public": set(),
}


@pytest.fixture
def everybody(world) -> dict:
    people = {**world.people, "public": AnonymousUser()}
    people["officer_of_gamma"] = make_user("officer_of_gamma")
    join(people["officer_of_gamma"], world.gamma, "officer")
    return people


def seen(report: ProgressReport, people: dict) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in people}
    for status in Status:
        ProgressReport.objects.filter(pk=report.pk).update(status=status)
        for name, person in people.items():
            if ProgressReport.objects.visible_to(person).filter(pk=report.pk).exists():
                found[name].add(str(status))
    return found


def test_the_text_of_a_lead(everybody, report):
    assert seen(report, everybody) == LEAD_SEEN_BY


def test_the_text_of_a_partner(everybody, partner_report):
    assert seen(partner_report, everybody) == PARTNER_SEEN_BY


@pytest.mark.parametrize("state", YearState)
def test_the_public_reads_accepted_reports_of_released_years_only(world, report, state):
    type(world.year).objects.filter(pk=world.year.pk).update(state=state)
    expected = ACCEPTED if state == YearState.RELEASED else set()
    assert seen(report, {"public": AnonymousUser()}) == {"public": expected}


def test_leading_another_measure_opens_nothing(world, everybody):
    """乙部 leads 1.1.1.2 and 2.1.1.1, but 甲部's part of 1.1.2.1 is for 科學部 to see."""
    partner = world.report("1.1.2.1", "alpha")
    found = seen(partner, everybody)
    assert found["officer_b"] == ACCEPTED
    assert found["officer_s"] == SIGNED_OFF


def test_where_reports_stand_is_known_to_the_science_ministry_and_administrators(everybody, world):
    every = ProgressReport.objects.count()
    known = {
        name: ProgressReport.objects.status_visible_to(person).count()
        for name, person in everybody.items()
    }
    assert {name for name, count in known.items() if count == every} == {
        "reviewer",
        "collator",
        "administrator",
    }
    # Nothing is accepted yet: the others know their own ministry's.
    assert known["officer_a"] == known["officer_b"] == 3
    assert known["officer_s"] == 2
    assert known["expert"] == known["public"] == 0


def test_a_retired_member_sees_what_everybody_sees(world, report, officer_a):
    officer_a.memberships.update(until="2022-01-01")
    assert seen(report, {"retired": officer_a}) == {"retired": ACCEPTED}


def test_evidence_follows_its_report_and_for_the_public_its_mark(world, report, officer_a, expert):
    for public in (True, False):
        Evidence.objects.create(
            report=report, title="t", url="https://a.test", public=public, added_by=officer_a
        )
    visible = Evidence.objects.visible_to
    assert (visible(officer_a).count(), visible(expert).count()) == (2, 0)
    assert visible(AnonymousUser()).count() == 0
    ProgressReport.objects.filter(pk=report.pk).update(status=Status.ACCEPTED)
    assert (visible(expert).count(), visible(AnonymousUser()).count()) == (2, 0)
    type(world.year).objects.update(state=YearState.RELEASED)
    assert [row.public for row in visible(AnonymousUser())] == [True]
