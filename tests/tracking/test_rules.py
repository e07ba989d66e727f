"""When a move is possible, who may never decide, and that a refusal explains itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ministries.models import Deputyship, RoleGrant
from tests.world import grant, make_user
from tracking.actions import reports, years
from tracking.enums import Part, Status, Verb, YearState, YearVerb
from tracking.models import ProgressReport
from tracking.rules import reports as rules
from tracking.rules.lights import light_verdict
from tracking.rules.years import year_verdict

DAY = timedelta(days=1)


def today():
    return timezone.localdate()


# --- days ---
@pytest.mark.parametrize(
    ("state", "days_after_closing", "ok"),
    [
        (YearState.PLANNED, -1, False),
        (YearState.OPEN, -1, True),
        (YearState.OPEN, 0, True),
        (YearState.OPEN, 1, False),
        (YearState.CLOSED, -1, False),
        (YearState.RELEASED, -1, False),
    ],
)
def test_a_ministry_files_while_the_year_is_open_up_to_its_last_day(
    report, officer_a, state, days_after_closing, ok
):
    report.reporting_year.state = state
    day = report.reporting_year.closes_on + days_after_closing * DAY
    assert rules.verdict(Verb.SAVE, report, officer_a, day).ok is ok


@pytest.mark.parametrize("days_after_due", [0, 1])
@pytest.mark.parametrize(
    ("status", "verb", "person"),
    [
        (Status.RETURNED, Verb.SAVE, "officer_a"),
        (Status.RETURNED, Verb.SUBMIT, "officer_a"),
        (Status.SIGNING, Verb.SIGN_OFF, "window_a"),
        (Status.SIGNING, Verb.SEND_BACK, "window_a"),
        (Status.DRAFT, Verb.SAVE, "officer_a"),
        (Status.SUBMITTED, Verb.WITHDRAW, "officer_a"),
    ],
)
def test_a_correction_goes_on_after_closing_until_its_own_day(
    world, report, status, verb, person, days_after_due
):
    report.reporting_year.state = YearState.CLOSED
    report.status, report.returned_parts = status, [Part.PROGRESS]
    report.correction_due_on = today()
    answer = rules.verdict(verb, report, world.people[person], today() + days_after_due * DAY)
    assert answer.ok is (days_after_due == 0)
    assert answer.ok or "補正期限" in answer.reason


def test_an_open_year_is_enough_for_a_correction_whose_day_has_passed(report, officer_a):
    report.status, report.returned_parts = Status.RETURNED, [Part.PROGRESS]
    report.correction_due_on = today() - DAY
    assert rules.verdict(Verb.SAVE, report, officer_a)


@pytest.mark.parametrize("state", [YearState.CLOSED, YearState.RELEASED])
def test_the_review_goes_on_after_closing(report, reviewer, state):
    report.reporting_year.state, report.status = state, Status.SUBMITTED
    assert rules.verdict(Verb.START, report, reviewer)


def test_a_year_is_not_opened_before_its_day(world, collator):
    world.year.state = YearState.PLANNED
    early = year_verdict(YearVerb.OPEN, world.year, collator, world.year.opens_on - DAY)
    assert not early and "開放日" in early.reason
    assert year_verdict(YearVerb.OPEN, world.year, collator, world.year.opens_on)


# --- nobody decides on their own ---
@pytest.mark.parametrize("part", ["officer", "window"])
def test_who_wrote_or_signed_never_decides(world, report, part):
    person = world.people[f"{part}_a"]
    grant(person, "reviewer")
    row = world.bring(report, Status.SUBMITTED)
    answer = rules.verdict(Verb.START, row, person)
    assert not answer and "別的審查人" in answer.reason
    # Of another report, on which they had no hand, they do.
    other = world.bring(world.report("1.1.1.2", "beta"), Status.SUBMITTED)
    assert rules.verdict(Verb.START, other, person)


def test_the_science_ministry_is_no_exception(world):
    officer = world.people["officer_s"]
    grant(officer, "reviewer")
    row = world.bring(world.report("1.1.2.1", "science"), Status.SUBMITTED)
    assert not rules.verdict(Verb.START, row, officer)
    assert rules.verdict(Verb.START, row, world.people["reviewer"])


def test_who_wrote_does_not_set_the_light(world, report, officer_a, reviewer):
    grant(officer_a, "reviewer")
    world.bring(report, Status.SUBMITTED)
    assert not light_verdict(report.measure, world.year, officer_a)
    assert light_verdict(report.measure, world.year, reviewer)


# --- grants are dated ---
def test_a_role_that_ended_counts_no_more(world, report, reviewer):
    RoleGrant.objects.filter(user=reviewer).update(until=today())
    report.status = Status.SUBMITTED
    assert not rules.verdict(Verb.START, report, reviewer)


@pytest.mark.parametrize(("since", "until", "ok"), [(-1, 1, True), (1, 2, False), (-2, -1, False)])
def test_a_deputy_acts_for_a_window_between_two_days(world, report, since, until, ok):
    deputy = world.people["viewer_a"]
    Deputyship.objects.create(
        window=world.people["window_a"],
        deputy=deputy,
        ministry=world.alpha,
        since=today() + since * DAY,
        until=today() + until * DAY,
    )
    report.status = Status.SIGNING
    assert rules.verdict(Verb.SIGN_OFF, report, deputy).ok is ok


def test_people_of_a_merged_body_file_for_its_heir(world):
    """乙部's officer answers for 2.1.1.1, where 丙署 was the partner."""
    officer = make_user("officer_of_gamma")
    officer.memberships.create(ministry=world.gamma, role="officer", since="2021-01-01")
    assert rules.verdict(Verb.SAVE, world.report("2.1.1.1", "beta"), officer)


# --- a refusal explains itself ---
def test_reasons_say_who_since_when_and_by_which_rule(world, report, officer_b, window_a):
    who = rules.verdict(Verb.SAVE, report, officer_b)
    assert who.reason == "「儲存」是甲部承辦人的事，你不是甲部的承辦人。"
    row = world.bring(report, Status.SUBMITTED)
    when = rules.verdict(Verb.SIGN_OFF, row, window_a)
    assert "自1" in when.reason and "「待審」" in when.reason and "「待窗口核可」" in when.reason


def test_a_closed_year_says_since_when_and_what_helps(world, report, officer_a, collator):
    years.close_year(world.year, by=collator)
    reason = rules.verdict(Verb.SAVE, world.report("1.1.1.1", "alpha"), officer_a).reason
    assert "截止" in reason and "彙整人重新開放" in reason


# --- what can be written ---
def test_parts_open_for_writing(world, report, officer_a, officer_b):
    assert rules.writable(report, officer_a) == set(Part.values)
    assert rules.writable(report, officer_b) == set()
    row = world.bring(report, Status.UNDER_REVIEW)
    assert rules.writable(row, officer_a) == set()
    row = reports.return_report(
        row,
        seen_version=row.version,
        by=world.people["reviewer"],
        parts={Part.MONEY: "請分列。"},
    )
    assert rules.writable(row, officer_a) == {Part.MONEY}
    assert not rules.evidence_verdict(row, officer_a)
    assert "佐證資料" in rules.evidence_verdict(row, officer_a).reason


def test_a_verdict_costs_no_query_but_for_a_deciding_reviewer(
    world, report, officer_a, reviewer, django_assert_num_queries
):
    # Read once for each person and request.
    assert officer_a.ministry_roles and not officer_a.roles and reviewer.roles
    row = ProgressReport.objects.select_related("reporting_year", "ministry").get(pk=report.pk)
    with django_assert_num_queries(0):
        rules.moves(row, officer_a)
    row.status = Status.SUBMITTED
    with django_assert_num_queries(1):
        rules.verdict(Verb.START, row, reviewer)
