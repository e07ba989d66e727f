"""A merger, a split and a transfer in mid-year: open drafts go along, and none is left alone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.actions.successions import delete_succession, record_succession
from ministries.models import AuditEvent, Ministry, Succession
from plan.actions.assignments import assign, end_assignment
from plan.enums import AssignmentRole
from plan.models import Assignment
from tests.world import join, make_indicator, make_user
from tracking import tasks
from tracking.actions import reports, years
from tracking.actions.succession import follow_successions
from tracking.enums import Status
from tracking.models import Notice, ProgressReport
from tracking.parts import indicators_of
from tracking.queries.reports import previous_report


@pytest.fixture
def heir(world) -> Ministry:
    """丁部, with an officer and a window of its own."""
    row = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    join(make_user("officer_d"), row, "officer")
    join(make_user("window_d"), row, "window")
    world.ministries["delta"] = row
    return row


def record(world, successor, kind="merged", on=None, predecessor=None) -> Succession:
    return record_succession(
        predecessor=predecessor or world.alpha,
        successor=successor,
        on=on or timezone.localdate(),
        kind=kind,
        legal_basis="丁部組織法",
        by=world.administrator,
    )


def reassign(world, code: str, to: Ministry, role: str = "lead", order: int = 1) -> Assignment:
    return assign(
        measure=world.measures[code],
        ministry=to,
        role=role,
        order=order,
        since=timezone.localdate(),
        basis="移撥令",
        by=world.administrator,
    )


def holders(world) -> dict[str, tuple[str, str]]:
    """Of what was opened for 甲部: the measure's code → (who answers, under which name)."""
    rows = ProgressReport.objects.filter(assignments__ministry=world.alpha).select_related(
        "measure", "ministry"
    )
    return {row.measure.code: (row.ministry.code, row.ministry_name) for row in rows}


OLD, NEW = ("alpha", "行政院甲部"), ("delta", "行政院丁部")


@pytest.mark.parametrize("kind", ["merged", "renamed"])
def test_a_whole_succession_takes_all_open_drafts_and_no_filed_one(world, heir, kind):
    world.bring(world.report("1.1.1.1", "alpha"), Status.SIGNING)
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    record(world, heir, kind)
    assert holders(world) == {"1.1.1.1": NEW, "1.1.1.2": OLD, "1.1.2.1": NEW}
    moved = world.report("1.1.1.1", "delta")
    assert moved.status == Status.SIGNING and moved.opened_for == world.alpha
    event = AuditEvent.objects.filter(verb="report.follow_succession").first()
    assert event.before["ministry"] == "alpha" and event.after["ministry"] == "delta"
    told = Notice.objects.filter(kind="handover")
    assert {row.recipient.name for row in told} >= {"officer_d", "window_d", "window_a"}
    assert "1.1.2.1 開放研究資料" in told.first().body


def test_what_was_returned_goes_along_under_the_name_of_its_filing(world, heir):
    world.bring(world.report("1.1.1.1", "alpha"), Status.RETURNED)
    record(world, heir)
    assert holders(world)["1.1.1.1"] == ("delta", "行政院甲部")


def test_the_successor_s_people_finish_and_sign_it(world, heir):
    row = world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    record(world, heir)
    people = {row.name: row for row in type(world.reviewer).objects.filter(name__endswith="_d")}
    row = reports.submit(
        world.report("1.1.1.1", "delta"), seen_version=row.version + 1, by=people["officer_d"]
    )
    row = reports.sign_off(row, seen_version=row.version, by=people["window_d"])
    assert row.status == Status.SUBMITTED and row.ministry_name == "行政院丁部"


def test_who_has_a_report_of_its_own_answers_for_both(world):
    record(world, world.beta)
    assert holders(world) == {"1.1.1.1": OLD, "1.1.1.2": OLD, "1.1.2.1": ("beta", "行政院乙部")}
    assert world.officer_b.ministries_as("officer") >= {world.alpha.pk}


def test_last_year_s_answers_and_the_indicators_come_along(world, heir):
    last = years.add_year(
        world.plan, year=110, opens_on=world.year.opens_on, due_on=world.year.due_on,
        closes_on=world.year.closes_on, by=world.collator,
    )  # fmt: skip
    years.open_year(last, by=world.collator)
    before = world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    record(world, heir)
    moved = world.report("1.1.1.1", "delta")
    assert previous_report(moved, make_and_join(heir)) == before
    assert list(indicators_of(moved)) == [indicator]


def make_and_join(ministry):
    join(person := make_user("late"), ministry, "officer")
    return person


def test_opening_once_more_makes_no_second_report_of_what_moved(world, heir):
    before = ProgressReport.objects.count()
    record(world, heir)
    assert years.open_year(world.year, by=world.collator).made == 0
    assert ProgressReport.objects.count() == before


# --- a part of it ---
def test_a_partial_transfer_takes_the_measures_that_were_reassigned(world, heir):
    duty = reassign(world, "1.1.1.1", heir)
    record(world, heir, "partial_transfer")
    assert holders(world) == {"1.1.1.1": NEW, "1.1.1.2": OLD, "1.1.2.1": OLD}
    moved = world.report("1.1.1.1", "delta")
    assert moved.coordinating and duty in moved.assignments.all()


def test_what_the_successor_holds_beside_the_old_body_stays_with_each(world, heir):
    reassign(world, "1.1.1.1", heir, "partner", 9)
    record(world, heir, "partial_transfer")
    assert holders(world)["1.1.1.1"] == OLD


def test_a_role_that_changed_with_the_transfer_is_the_new_one(world, heir):
    reassign(world, "1.1.1.1", heir, "partner", 9)
    reassign(world, "1.1.1.1", world.science)
    record(world, heir, "partial_transfer")
    moved = world.report("1.1.1.1", "delta")
    assert moved.role == AssignmentRole.PARTNER and not moved.coordinating


def test_a_split_is_refused_while_a_draft_would_have_no_holder(world, heir):
    reassign(world, "1.1.1.1", heir)
    before = AuditEvent.objects.count()
    with pytest.raises(Invalid) as refused:
        record(world, heir, "split")
    [sentence] = refused.value.errors["successor"]
    assert "甲部有2件還沒有送出的報告會沒有部會承接" in sentence
    assert "111 1.1.1.2 建置共用平臺、111 1.1.2.1 開放研究資料。" in sentence
    assert not Succession.objects.filter(predecessor=world.alpha).exists()
    assert AuditEvent.objects.count() == before
    world.alpha.refresh_from_db()
    assert world.alpha.until is None and holders(world)["1.1.1.1"] == OLD


def test_a_split_gives_each_its_own_whoever_is_recorded_first(world, heir):
    other = Ministry.objects.create(code="epsilon", short_name="戊部", full_name="行政院戊部")
    join(make_user("officer_e"), other, "officer")
    reassign(world, "1.1.1.1", heir)
    reassign(world, "1.1.1.2", other)
    reassign(world, "1.1.2.1", other, "partner", 1)
    record(world, heir, "split")
    assert holders(world) == {"1.1.1.1": NEW, "1.1.1.2": OLD, "1.1.2.1": OLD}
    record(world, other, "split")
    assert holders(world)["1.1.1.2"] == holders(world)["1.1.2.1"] == ("epsilon", "行政院戊部")


def test_a_successor_without_people_is_refused_with_what_would_lie_there(world):
    nobody = Ministry.objects.create(code="zeta", short_name="己部", full_name="行政院己部")
    reassign(world, "1.1.1.1", nobody)
    with pytest.raises(Invalid, match=r"己部還沒有承辦人或窗口，1件.*1\.1\.1\.1"):
        record(world, nobody, "partial_transfer")
    join(make_user("first"), nobody, "window")
    record(world, nobody, "partial_transfer")
    assert holders(world)["1.1.1.1"][0] == "zeta"


def test_what_nobody_owes_any_more_stays_with_the_body_that_lives(world, heir):
    duty = Assignment.objects.get(measure=world.measures["1.1.2.1"], ministry=world.alpha)
    end_assignment(duty, until=timezone.localdate(), by=world.administrator)
    record(world, heir, "partial_transfer")
    assert holders(world)["1.1.2.1"] == OLD


# --- another day ---
def test_a_succession_of_a_later_day_is_followed_on_that_day(world, heir, monkeypatch):
    later = timezone.localdate() + timedelta(days=3)
    record(world, heir, on=later)
    assert holders(world)["1.1.1.1"] == OLD
    tasks.follow_successions()
    assert holders(world)["1.1.1.1"] == OLD
    real = timezone.localdate
    monkeypatch.setattr(timezone, "localdate", lambda *args: real(*args) if args else later)
    assert follow_successions() == 3
    assert holders(world)["1.1.1.1"] == NEW
    assert follow_successions() == 0
    assert AuditEvent.objects.filter(actor="system:successions").count() == 3


def test_one_that_can_t_be_followed_is_logged_and_holds_up_no_other(world, heir, caplog):
    Succession.objects.create(
        predecessor=world.alpha, successor=heir, on=timezone.localdate(), kind="split",
        legal_basis="丁部組織法",
    )  # fmt: skip
    Succession.objects.create(
        predecessor=world.science, successor=heir, on=timezone.localdate(), kind="merged",
        legal_basis="丁部組織法",
    )  # fmt: skip
    assert follow_successions() == 2
    assert "could not be followed" in caplog.text


def test_a_closed_year_is_left_as_it_is(world, heir):
    years.close_year(world.year, by=world.collator)
    record(world, heir)
    assert set(holders(world).values()) == {OLD}


# --- deleted --------------------------------------------------------------------------------------
def test_a_succession_that_drafts_followed_stays_and_says_why(world, heir, client):
    edge = record(world, heir)
    with pytest.raises(NotNow, match=r"已有3件報告依這一筆由丁部承接，不能刪除：111 1\.1\.1\.1 "):
        delete_succession(edge, by=world.administrator)
    client.force_login(world.administrator)
    one = reverse("admin:ministries_succession_delete", args=[edge.pk])
    for answer in (client.get(one, follow=True), client.post(one, {"post": "yes"}, follow=True)):
        assert answer.redirect_chain and "已有3件報告" in answer.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [edge.pk], "post": "yes"}
    answer = client.post(reverse("admin:ministries_succession_changelist"), chosen)
    assert "已有3件報告" in answer.content.decode()
    assert Succession.objects.filter(pk=edge.pk).exists()
    assert not AuditEvent.objects.filter(verb="succession.delete").exists()


def test_what_went_on_to_a_third_body_still_keeps_the_first_succession(world, heir):
    first = record(world, heir)
    third = Ministry.objects.create(code="epsilon", short_name="戊部", full_name="行政院戊部")
    record(world, third, predecessor=heir)
    assert {code for code, _name in holders(world).values()} == {"epsilon"}
    with pytest.raises(NotNow):
        delete_succession(first, by=world.administrator)


def test_one_of_a_later_day_may_go_while_nothing_followed(world, heir):
    edge = record(world, heir, on=timezone.localdate() + timedelta(days=1))
    delete_succession(edge, by=world.administrator)
    assert set(holders(world).values()) == {OLD}


def test_one_that_nothing_followed_is_deleted_by_an_administrator_alone(world, heir):
    for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1"):
        world.bring(world.report(code, "alpha"), Status.ACCEPTED)
    edge = record(world, heir)
    with pytest.raises(NotAllowed):
        delete_succession(edge, by=world.reviewer)
    delete_succession(edge, by=world.administrator)
    assert not Succession.objects.filter(pk=edge.pk).exists()
    event = AuditEvent.objects.get(verb="succession.delete")
    assert (event.before["predecessor"], event.before["successor"]) == ("alpha", "delta")
