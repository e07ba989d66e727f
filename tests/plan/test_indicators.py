"""Indicators: proposed by the ministry, approved by another, and every changed target shows."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.models import AuditEvent
from ministries.queries import find_person
from plan import rules
from plan.actions import indicators
from plan.enums import Direction, IndicatorState
from plan.models import Indicator, IndicatorTarget, TargetChange
from tests.world import grant, make_indicator

FIELDS = {
    "name": "培訓人次",
    "unit": "人次",
    "kind": "count",
    "accumulation": "yearly",
    "direction": "higher",
}
TARGETS = {110: {"value": "100"}, 111: {"value": Decimal(120)}, 112: {"value": ""}}
REASON = "疫情期間場地停用，實體課程減半。"


@pytest.fixture
def measure(world):
    return world.measures["1.1.1.1"]


@pytest.fixture
def proposed(world, measure, officer_a) -> Indicator:
    return indicators.propose(measure, world.alpha, by=officer_a, targets=TARGETS, **FIELDS)


@pytest.fixture
def approved(proposed, reviewer) -> Indicator:
    return indicators.approve(proposed, by=reviewer)


def targets(row: Indicator) -> dict[int, Decimal]:
    return dict(row.targets.values_list("year", "value"))


# --- proposing ---
def test_an_officer_proposes(proposed, officer_a):
    assert (proposed.state, proposed.ordinal, proposed.proposed_by) == ("proposed", 1, officer_a)
    assert targets(proposed) == {110: 100, 111: 120}
    event = AuditEvent.objects.get(verb="indicator.propose")
    assert event.after["targets"]["111"] == {"value": "120", "low": None, "high": None}


def test_partners_have_indicators_of_their_own(world, measure, proposed, officer_b):
    row = indicators.propose(measure, world.beta, by=officer_b, targets=TARGETS, **FIELDS)
    assert (row.ministry, row.ordinal) == (world.beta, 1)


@pytest.mark.parametrize("person", ["window_a", "viewer_a", "officer_b", "reviewer", "expert"])
def test_nobody_else_proposes_for_a_ministry(world, measure, person):
    with pytest.raises(NotAllowed):
        indicators.propose(measure, world.alpha, by=world.people[person], targets=TARGETS, **FIELDS)


def test_a_ministry_without_a_duty_proposes_nothing(world, measure):
    with pytest.raises(NotAllowed, match="分工"):
        indicators.propose(
            measure, world.science, by=world.people["officer_s"], targets=TARGETS, **FIELDS
        )


@pytest.mark.parametrize(
    ("fields", "given", "keys"),
    [
        ({"name": " "}, TARGETS, {"name"}),
        ({"name": "字" * 121}, TARGETS, {"name"}),
        ({"kind": "colour"}, TARGETS, {"kind"}),
        ({"baseline": 3}, TARGETS, {"baseline"}),
        ({}, {}, {"targets"}),
        ({}, {110: {"value": ""}}, {"targets"}),
        ({}, {109: {"value": 1}}, {"target_109"}),
        ({}, {110: {"value": "many"}}, {"target_110"}),
        ({}, {110: {"low": 1, "high": 2}}, {"target_110"}),
        ({"direction": "within"}, {110: {"value": 1}}, {"target_110"}),
        ({"direction": "within"}, {110: {"low": 3, "high": 2}}, {"target_110"}),
        ({"kind": "yes_no"}, {110: {"value": 2}}, {"target_110"}),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    world, measure, officer_a, fields, given, keys
):
    with pytest.raises(Invalid) as refusal:
        indicators.propose(
            measure, world.alpha, by=officer_a, targets=given, **{**FIELDS, **fields}
        )
    assert set(refusal.value.errors) == keys
    assert not Indicator.objects.exists()
    assert not AuditEvent.objects.filter(verb__startswith="indicator.").exists()


def test_a_name_is_used_once(world, measure, proposed, officer_a):
    with pytest.raises(Invalid) as refusal:
        indicators.propose(measure, world.alpha, by=officer_a, targets=TARGETS, **FIELDS)
    assert set(refusal.value.errors) == {"name"}
    second = indicators.propose(
        measure, world.alpha, by=officer_a, targets=TARGETS, **{**FIELDS, "name": "課程數"}
    )
    assert second.ordinal == 2


def test_a_range_to_keep_within(world, measure, officer_a):
    row = indicators.propose(
        measure,
        world.alpha,
        by=officer_a,
        targets={110: {"low": 5, "high": 10}},
        **{**FIELDS, "direction": Direction.WITHIN},
    )
    target = row.targets.get()
    assert (target.value, target.low, target.high) == (None, 5, 10)


# --- changing what is not approved yet ---
def test_a_proposal_is_changed_with_the_version_in_view(proposed, officer_a):
    args = {"by": officer_a, "targets": {113: {"value": 9}}, **FIELDS}
    row = indicators.change(proposed, seen_revision=1, **{**args, "unit": "人"})
    assert (row.unit, row.revision, targets(row)) == ("人", 2, {113: 9})
    with pytest.raises(StaleVersion):
        indicators.change(proposed, seen_revision=1, **args)


def test_what_is_approved_is_not_changed(approved, officer_a):
    with pytest.raises(NotNow):
        indicators.change(
            approved,
            seen_revision=approved.revision,
            by=officer_a,
            targets=TARGETS,
            **FIELDS,
        )


# --- deciding ---
def test_a_reviewer_approves(approved):
    assert (approved.state, approved.revision) == (IndicatorState.APPROVED, 2)


def test_declined_with_a_reason_mended_and_proposed_again(proposed, reviewer, officer_a):
    with pytest.raises(Invalid):
        indicators.decline(proposed, by=reviewer, note=" ")
    row = indicators.decline(proposed, by=reviewer, note="單位不清楚。")
    assert (row.state, row.decision_note) == ("declined", "單位不清楚。")
    with pytest.raises(NotNow):
        indicators.approve(row, by=reviewer)
    row = indicators.change(
        row, seen_revision=row.revision, by=officer_a, targets=TARGETS, **FIELDS
    )
    assert (row.state, row.decision_note) == ("proposed", "")


def test_what_changed_since_it_was_read_is_not_approved(proposed, reviewer, officer_a):
    indicators.change(proposed, seen_revision=1, by=officer_a, targets=TARGETS, **FIELDS)
    with pytest.raises(StaleVersion):
        indicators.approve(proposed, by=reviewer, seen_revision=1)


@pytest.mark.parametrize("person", ["officer_a", "window_a", "collator", "administrator"])
def test_nobody_but_a_reviewer_decides(world, proposed, person):
    with pytest.raises(NotAllowed):
        indicators.approve(proposed, by=world.people[person])


def test_nobody_approves_what_they_or_their_colleagues_proposed(world, proposed, officer_a):
    grant(officer_a, "reviewer")
    officer_a = find_person(officer_a.pk)
    assert not rules.may_decide(proposed, officer_a)
    with pytest.raises(NotAllowed, match="別的審查人"):
        indicators.approve(proposed, by=officer_a)
    # Nor after a colleague has touched it, whose name it now bears.
    Indicator.objects.update(proposed_by=world.people["viewer_a"])
    with pytest.raises(NotAllowed):
        indicators.approve(proposed, by=officer_a)


# --- changing a target ---
def test_a_changed_target_keeps_the_old_one_and_the_reason(approved, officer_a):
    indicators.change_target(approved, year=111, value=Decimal(60), reason=REASON, by=officer_a)
    assert targets(approved) == {110: 100, 111: 60}
    change = TargetChange.objects.get()
    assert (change.before["value"], change.after["value"]) == ("120", "60")
    assert (change.reason, change.by, change.year) == (REASON, officer_a, 111)
    event = AuditEvent.objects.get(verb="indicator.change_target")
    assert event.before["111"]["value"] == "120" and event.after["reason"] == REASON


def test_a_target_for_a_year_that_had_none(approved, reviewer):
    indicators.change_target(approved, year=113, value=5, reason=REASON, by=reviewer)
    assert TargetChange.objects.get().before == {}


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"reason": "改一下。"}, {"reason"}),
        ({"reason": " "}, {"reason"}),
        ({"value": Decimal(120)}, {"target_111"}),
        ({"value": None, "low": 1, "high": 2}, {"target_111"}),
        ({"year": 120}, {"target_120"}),
        ({"value": None}, {"target_111"}),
    ],
)
def test_a_target_is_not_changed_without_reason_or_sense(approved, officer_a, given, keys):
    with pytest.raises(Invalid) as refusal:
        indicators.change_target(
            approved,
            **{"year": 111, "value": Decimal(60), "reason": REASON, "by": officer_a, **given},
        )
    assert set(refusal.value.errors) == keys
    assert targets(approved) == {110: 100, 111: 120} and not TargetChange.objects.exists()


def test_others_change_no_target_and_no_unapproved_one(proposed, officer_a, officer_b):
    with pytest.raises(NotAllowed):
        indicators.change_target(proposed, year=111, value=60, reason=REASON, by=officer_b)
    with pytest.raises(NotNow):
        indicators.change_target(proposed, year=111, value=60, reason=REASON, by=officer_a)


# --- named constraints ---
@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ({"value": 1, "low": 1, "high": 2}, "target_value_or_range"),
        ({}, "target_value_or_range"),
        ({"low": 3, "high": 2}, "target_range_in_order"),
    ],
)
def test_the_database_holds_the_invariants(world, measure, officer_a, numbers, name):
    row = make_indicator(measure, world.alpha, officer_a)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        IndicatorTarget.objects.create(indicator=row, year=113, **numbers)
