"""Lights, filing and money as each person may know them, on the small world."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from ministries.enums import SuccessionKind
from ministries.models import Ministry, Succession
from tests.kept import kept
from tests.outcomes import BEHIND, done, file_in_every_state, release
from tests.world import make_year
from tracking.actions import reports
from tracking.actions.lights import set_light
from tracking.actions.years import open_year
from tracking.enums import FilingState, Light, Status
from tracking.lights import NO_LIGHT
from tracking.models import MoneyLine, ReportingYear
from tracking.standing import filing_by_ministry, lights_of_years, money_by_year

PUBLIC = AnonymousUser()


def lights(world, user, year=None) -> dict:
    """Measure code → light."""
    found = lights_of_years([year or world.year], user)[(year or world.year).pk]
    return {code: found.get(row.lineage, NO_LIGHT) for code, row in world.measures.items()}


def next_year(world, year: int = 112) -> ReportingYear:
    return make_year(world.plan, world.collator, year)


# --- lights ---------------------------------------------------------------------------------------
def test_nothing_accepted_is_unknown(world, report):
    world.bring(report, Status.UNDER_REVIEW)
    assert {light.shown for light in lights(world, world.reviewer).values()} == {"unknown"}


def test_leads_decide_and_partners_never_do(world, report, partner_report):
    world.bring(report, Status.ACCEPTED, **BEHIND)
    world.bring(partner_report, Status.ACCEPTED, **{**BEHIND, "light": Light.FAR_BEHIND})
    light = lights(world, world.officer_b)["1.1.1.1"]
    assert (light.shown, light.so_far, light.completion) == ("behind", "behind", 20)
    assert (light.decided_by, light.cause, light.sub_cause) == (
        world.alpha.pk,
        "procurement",
        "流標",
    )


def test_a_missing_lead_makes_it_incomplete_until_it_is_heard(world):
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    light = lights(world, world.expert)["1.1.1.2"]
    assert (light.shown, light.so_far, light.completion) == ("incomplete", "on_track", 40)
    world.bring(world.report("1.1.1.2", "beta"), Status.ACCEPTED, **BEHIND)
    light = lights(world, world.expert)["1.1.1.2"]
    assert (light.shown, light.completion, light.decided_by) == ("behind", 40, world.beta.pk)


def test_a_lead_that_is_not_applicable_is_not_waited_for(world):
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    world.bring(world.report("1.1.1.2", "beta"), Status.NOT_APPLICABLE)
    assert lights(world, world.reviewer)["1.1.1.2"].shown == "on_track"


def test_a_reviewers_light_stands_beside_the_computed_one(world, report):
    world.bring(report, Status.ACCEPTED, **BEHIND)
    last = next_year(world, 110)
    set_light(report.measure, last, light=Light.AHEAD, reason="去年的", by=world.reviewer)
    set_light(report.measure, world.year, light=Light.ON_TRACK, reason="已改善", by=world.reviewer)
    light = lights(world, world.reviewer)["1.1.1.1"]
    assert (light.computed, light.set_to, light.shown) == ("behind", "on_track", "on_track")
    assert light.reason == "已改善"
    assert lights(world, world.reviewer, last)["1.1.1.1"].shown == "ahead"


def test_done_is_carried_into_the_years_after(world, report):
    world.bring(
        report,
        Status.ACCEPTED,
        **done(),
    )
    later = next_year(world)
    assert world.report("1.1.1.1", "alpha", later).status == Status.NOT_APPLICABLE
    light = lights(world, world.reviewer, later)["1.1.1.1"]
    assert (light.shown, light.completion) == ("done", 100)
    # The public knows only what was released: not this year's light from a year that was not.
    release(later)
    assert lights(world, PUBLIC, later)["1.1.1.1"].shown == "unknown"
    release(world.year)
    assert lights(world, PUBLIC, later)["1.1.1.1"].shown == "done"


def test_done_is_carried_through_a_renaming(world, report):
    world.bring(
        report,
        Status.ACCEPTED,
        **done(),
    )
    renamed_on = timezone.localdate() - timedelta(days=20)
    heir = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    Succession.objects.create(
        predecessor=world.alpha,
        successor=heir,
        on=renamed_on,
        kind=SuccessionKind.RENAMED,
        legal_basis="丁部組織法",
    )
    ReportingYear.objects.filter(pk=world.year.pk).update(opens_on=renamed_on - timedelta(days=30))
    later = ReportingYear(
        plan=world.plan,
        year=112,
        opens_on=renamed_on,
        due_on=renamed_on + timedelta(days=90),
        closes_on=renamed_on + timedelta(days=120),
    )
    later.save()

    open_year(later, by=world.collator)
    later.refresh_from_db()
    assert lights(world, world.reviewer, later)["1.1.1.1"].shown == "done"


def test_the_public_sees_lights_after_release_only(world, report):
    world.bring(report, Status.ACCEPTED)
    assert lights_of_years([world.year], PUBLIC) == {world.year.pk: {}}
    release(world.year)
    assert lights(world, PUBLIC)["1.1.1.1"].shown == "on_track"


def test_nobody_sees_a_year_before_it_opens(world):
    planned = ReportingYear.objects.create(
        plan=world.plan,
        year=113,
        opens_on=world.year.opens_on,
        due_on=world.year.due_on,
        closes_on=world.year.closes_on,
    )
    assert lights_of_years([planned], world.administrator) == {planned.pk: {}}
    assert filing_by_ministry(planned, world.administrator, timezone.localdate()) == {}


def test_lights_are_one_query_however_many_reports(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        lights_of_years([world.year], world.expert)
    for ministry in ("alpha", "beta"):
        world.bring(world.report("1.1.1.2", ministry), Status.ACCEPTED)
    with django_assert_num_queries(1):
        lights_of_years([world.year], world.expert)


# --- filing ---------------------------------------------------------------------------------------
@kept
def filed(world):
    file_in_every_state(world)
    return world


def known(world, user, days: int = 0) -> dict:
    """Ministry code → (duties, {state: n}, whole)."""
    today = world.year.due_on + timedelta(days=days)
    return {
        filing.code: (filing.duties, {str(k): n for k, n in filing.states.items()}, filing.whole)
        for filing in filing_by_ministry(world.year, user, today).values()
    }


ALL = {
    "alpha": (3, {"accepted": 1, "waiting": 1, "not_due": 1}, True),
    "beta": (3, {"nothing_to_report": 1, "returned": 1, "not_due": 1}, True),
    "science": (2, {"not_applicable": 1, "not_due": 1}, True),
}
ACCEPTED_ONLY = {
    "alpha": (3, {"accepted": 1}, False),
    "beta": (3, {"nothing_to_report": 1}, False),
    "science": (2, {}, False),
}


@pytest.mark.parametrize("name", ["reviewer", "collator", "administrator"])
def test_science_staff_and_administrators_know_every_state(filed, name):
    assert known(filed, filed.people[name]) == ALL


@pytest.mark.parametrize("name", ["officer_a", "window_a", "viewer_a"])
def test_a_ministry_knows_its_own_and_what_others_had_accepted(filed, name):
    # 甲部 leads 1.1.1.1 and 1.1.1.2 and could read its partners' submitted parts: not counted here.
    assert known(filed, filed.people[name]) == {**ACCEPTED_ONLY, "alpha": ALL["alpha"]}


def test_others_know_accepted_reports_and_the_public_nothing_before_release(filed):
    assert known(filed, filed.expert) == ACCEPTED_ONLY
    assert known(filed, PUBLIC) == {}
    release(filed.year)
    assert known(filed, PUBLIC) == ACCEPTED_ONLY


def test_what_is_not_sent_by_the_due_date_is_overdue(filed):
    late = known(filed, filed.reviewer, days=1)
    assert late["alpha"][1] == {"accepted": 1, "waiting": 1, "overdue": 1}
    assert late["beta"][1] == {"nothing_to_report": 1, "returned": 1, "overdue": 1}
    assert late["science"][1] == {"not_applicable": 1, "overdue": 1}


def test_a_correction_on_its_way_is_returned_until_its_own_date(filed):
    report = filed.report("1.1.1.2", "beta")
    report = reports.submit(report, seen_version=report.version, by=filed.officer_b)
    for days, state in ((1, "returned"), (14, "returned"), (15, "overdue")):
        beta = known(filed, filed.reviewer, days=days)["beta"][1]
        assert beta.get("returned", 0) == (state == "returned")
    report = reports.send_back(
        report, seen_version=report.version, by=filed.people["window_b"], note="人次請再核對。"
    )
    assert known(filed, filed.reviewer, days=14)["beta"][1]["returned"] == 1


def test_states_add_up_to_the_duties(filed):
    for duties, states, whole in known(filed, filed.reviewer).values():
        assert whole
        assert sum(states.values()) == duties
    assert set(FilingState) >= {
        state for _n, states, _w in known(filed, filed.reviewer).values() for state in states
    }


@pytest.mark.parametrize("name", ["reviewer", "expert"])
def test_filing_is_one_query(filed, name, django_assert_num_queries):
    user = filed.people[name]
    assert user.roles is not None
    assert user.ministry_ids is not None
    with django_assert_num_queries(1):
        filing_by_ministry(filed.year, user, timezone.localdate())


# --- money ----------------------------------------------------------------------------------------
def test_money_adds_up_over_accepted_reports_and_unknown_is_not_zero(world, report):
    partner = world.bring(world.report("1.1.1.1", "beta"), Status.ACCEPTED)
    MoneyLine.objects.filter(report=partner).update(allocated_thousand=800, spent_thousand=None)
    lineage = report.measure.lineage
    world.bring(report, Status.SUBMITTED)
    assert money_by_year([world.year], world.officer_a, lineage=lineage) == {
        world.year.pk: (800, 0, 1)
    }
    MoneyLine.objects.filter(report=partner).update(spent_thousand=500)
    row = world.report("1.1.1.1", "alpha")

    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    reports.accept(row, seen_version=row.version, by=world.reviewer)
    assert money_by_year([world.year], world.officer_a, lineage=lineage) == {
        world.year.pk: (2000, 1400, 0)
    }
    assert money_by_year([world.year], PUBLIC, lineage=lineage) == {}
