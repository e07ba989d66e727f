"""The light of a measure, exactly: what leads say, what is missing, what a reviewer sets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.enums import FINAL_LIGHTS, FilingState, Light, Status
from tracking.lights import (
    INCOMPLETE,
    NO_LIGHT,
    RANK,
    SHOWN_ORDER,
    UNKNOWN,
    Lead,
    MeasureLight,
    causes,
    change,
    count,
    filing_state,
    measure_light,
)


def said(light: str, **more) -> Lead:
    return Lead("accepted", light, **more)


WAITING = Lead("under_review", "on_track", completion=40, cause="site")
EXEMPT = Lead("not_applicable")


@pytest.mark.parametrize(
    ("leads", "computed", "so_far"),
    [
        ([], UNKNOWN, UNKNOWN),
        ([WAITING], UNKNOWN, UNKNOWN),
        ([said("on_track")], "on_track", "on_track"),
        ([said("on_track"), said("far_behind"), said("ahead")], "far_behind", "far_behind"),
        ([said("ahead"), said("on_track")], "on_track", "on_track"),
        ([said("behind"), WAITING], INCOMPLETE, "behind"),
        ([said("done"), said("done")], "done", "done"),
        ([said("done"), said("ahead")], "ahead", "ahead"),
        ([said("done"), said("not_due")], "not_due", "not_due"),
        ([said("stopped"), said("on_track")], "on_track", "on_track"),
        ([said("stopped"), said("stopped")], "stopped", "stopped"),
        ([said("done"), said("stopped")], "stopped", "stopped"),
        ([said("not_due"), said("behind")], "behind", "behind"),
        # Not applicable this year: not waited for, and no light of its own.
        ([EXEMPT], UNKNOWN, UNKNOWN),
        ([EXEMPT, said("ahead")], "ahead", "ahead"),
        ([EXEMPT, WAITING], UNKNOWN, UNKNOWN),
        # Ended in an earlier year: the final light still stands.
        ([EXEMPT.carried("done", 100), said("done")], "done", "done"),
        ([EXEMPT.carried("done", 100), said("behind")], "behind", "behind"),
        ([EXEMPT.carried("done", 100), WAITING], INCOMPLETE, "done"),
        # Nothing to report: heard, but without a light.
        ([said("")], UNKNOWN, UNKNOWN),
        ([said(""), said("behind")], "behind", "behind"),
        ([said(""), WAITING], INCOMPLETE, UNKNOWN),
    ],
)
def test_light_of_a_measure(leads, computed, so_far):
    light = measure_light(leads)
    assert (light.computed, light.so_far, light.shown) == (computed, so_far, computed)
    assert light.late == (computed in {"behind", "far_behind"})
    assert light.incomplete == (computed == INCOMPLETE)


def test_reviewers_light_counts_and_the_computed_one_stays():
    light = measure_light([said("behind"), WAITING], "on_track", "追加預算已到位")
    assert light == MeasureLight("incomplete", "behind", "on_track", "追加預算已到位")
    assert light.shown == "on_track"
    assert not light.late
    assert not light.incomplete


def test_completion_is_the_coordinating_leads():
    leads = [
        said("on_track", completion=90),
        said("behind", completion=35, coordinating=True, cause="procurement"),
    ]
    assert measure_light(leads).completion == 35
    assert measure_light([leads[0], WAITING._replace(coordinating=True)]).completion is None


def test_cause_is_that_of_the_light_that_decided():
    leads = [
        said("behind", cause="staff", coordinating=True, ministry=1),
        said("far_behind", cause="site", sub_cause="用地協商", ministry=2),
        said("behind", cause="budget", ministry=3),
    ]
    light = measure_light(leads)
    assert (light.decided_by, light.cause, light.sub_cause) == (2, "site", "用地協商")
    light = measure_light(leads[::2])
    assert (light.decided_by, light.cause, light.sub_cause) == (1, "staff", "")


def test_counts_and_causes():
    lights = [
        measure_light([said("behind", cause="site")]),
        measure_light([said("far_behind", cause="site")]),
        measure_light([said("behind")]),
        measure_light([said("behind", cause="staff"), WAITING]),
        measure_light([said("behind", cause="staff")], "on_track", "理由"),
        measure_light([said("on_track")], "behind", "理由"),
        NO_LIGHT,
    ]
    assert count(lights) == {
        "behind": 3,
        "far_behind": 1,
        "on_track": 1,
        INCOMPLETE: 1,
        UNKNOWN: 1,
    }
    assert causes(lights) == {"site": 2, "": 2}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("on_track", "behind", -1),
        ("behind", "far_behind", -1),
        ("ahead", "on_track", -1),
        ("done", "behind", -1),
        ("behind", "behind", 0),
        ("behind", "on_track", 1),
        ("ahead", "done", 1),
        ("stopped", "behind", None),
        ("not_due", "behind", None),
        ("on_track", "not_due", None),
        ("on_track", "stopped", None),
        ("incomplete", "behind", None),
        ("behind", "unknown", None),
    ],
)
def test_change_between_two_years(before, now, expected):
    assert change(before, now) == expected


DUE = date(2023, 2, 28)


@pytest.mark.parametrize(
    ("status", "nothing", "on_the_day", "a_day_later"),
    [
        ("draft", False, "not_due", "overdue"),
        ("draft", True, "not_due", "overdue"),
        ("signing", False, "not_due", "overdue"),
        ("submitted", False, "waiting", "waiting"),
        ("submitted", True, "waiting", "waiting"),
        ("under_review", False, "waiting", "waiting"),
        ("accepted", False, "accepted", "accepted"),
        ("accepted", True, "nothing_to_report", "nothing_to_report"),
        ("not_applicable", False, "not_applicable", "not_applicable"),
    ],
)
def test_filing_state(status, nothing, on_the_day, a_day_later):
    assert filing_state(status, nothing, DUE, None, DUE) == on_the_day
    assert filing_state(status, nothing, DUE, None, DUE + timedelta(days=1)) == a_day_later


@pytest.mark.parametrize("status", ["returned", "signing", "draft"])
def test_a_correction_is_returned_until_its_own_date(status):
    correction = DUE + timedelta(days=30)
    for days, state in ((-1, "returned"), (1, "returned"), (30, "returned"), (31, "overdue")):
        today = DUE + timedelta(days=days)
        assert filing_state(status, False, DUE, correction, today) == state


@pytest.mark.parametrize("status", ["submitted", "under_review"])
def test_a_correction_that_was_sent_waits_for_the_reviewer(status):
    late = DUE + timedelta(days=60)
    assert filing_state(status, False, DUE, DUE + timedelta(days=30), late) == "waiting"


def test_every_status_has_a_filing_state_and_every_light_a_place():
    dates = ((None, DUE), (DUE, DUE))
    states = {filing_state(status, False, DUE, *when) for status in Status for when in dates}
    assert states <= set(FilingState)
    assert set(RANK) == set(Light.values)
    assert set(SHOWN_ORDER) == {*Light.values, INCOMPLETE, UNKNOWN}


leads = st.lists(
    st.builds(
        Lead,
        status=st.sampled_from(Status.values),
        light=st.sampled_from(["", *Light.values]),
        coordinating=st.booleans(),
        completion=st.none() | st.integers(0, 100),
    ),
    max_size=6,
)


@given(leads, st.randoms())
def test_order_of_leads_never_matters(given_leads, random):
    shuffled = random.sample(given_leads, len(given_leads))
    one, other = measure_light(given_leads), measure_light(shuffled)
    assert (one.computed, one.so_far) == (other.computed, other.so_far)


def test_of_equal_lights_the_coordinating_leads_cause_is_named():
    leads = [
        said("behind", cause="site", ministry=1),
        said("behind", cause="staff", ministry=2, coordinating=True),
    ]
    assert measure_light(leads).cause == measure_light(leads[::-1]).cause == "staff"


@given(leads)
def test_nothing_unaccepted_shows_and_no_lead_is_better_than_the_measure(given_leads):
    light = measure_light(given_leads)
    heard = [lead for lead in given_leads if lead.status == Status.ACCEPTED]
    assert light.so_far in {UNKNOWN, *(lead.light for lead in heard if lead.light)}
    assert all(RANK[light.so_far] <= RANK[lead.light] for lead in heard if lead.light)
    if light.computed in FINAL_LIGHTS:
        waited = [lead for lead in given_leads if lead.status != Status.NOT_APPLICABLE]
        assert {lead.light for lead in waited if lead.light} <= FINAL_LIGHTS


@given(leads)
def test_one_more_accepted_lead_never_makes_it_better(given_leads):
    before = measure_light(given_leads)
    after = measure_light([*given_leads, said("behind")])
    assert RANK[after.so_far] <= RANK.get(before.so_far, 99)
