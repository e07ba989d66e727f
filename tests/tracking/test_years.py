"""Opening, closing, reopening and releasing a year; whose reports are made, once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent, Ministry, Succession
from plan.enums import VersionState
from plan.models import Assignment, Measure, PlanVersion
from tests.world import WHOLE, World
from tracking.actions import reports, years
from tracking.enums import Light, Status, YearState
from tracking.models import ProgressReport, ReportingYear

DAY = timedelta(days=1)


def next_year(world: World, year: int = 112, opens_on: date | None = None) -> ReportingYear:
    day = opens_on or timezone.localdate()
    return years.add_year(
        world.plan,
        year=year,
        opens_on=day,
        due_on=day + 30 * DAY,
        closes_on=day + 60 * DAY,
        by=world.people["collator"],
    )


def opened(world: World, year: int = 112, opens_on: date | None = None) -> ReportingYear:
    return years.open_year(next_year(world, year, opens_on), by=world.people["collator"])


def duties(year: ReportingYear) -> set[tuple]:
    return {
        (row.measure.code, row.ministry.code, row.role, row.coordinating, row.assignments.count())
        for row in year.reports.select_related("measure", "ministry")
    }


ALL_DUTIES = {
    ("1.1.1.1", "alpha", "lead", True, 1),
    ("1.1.1.1", "beta", "partner", False, 1),
    ("1.1.1.2", "alpha", "lead", True, 1),
    ("1.1.1.2", "beta", "lead", False, 1),
    ("1.1.1.2", "science", "partner", False, 1),
    ("1.1.2.1", "science", "lead", True, 1),
    ("1.1.2.1", "alpha", "partner", False, 1),
    # 丙署 merged into 乙部: lead and partner are one body, which files once, as lead, for both.
    ("2.1.1.1", "beta", "lead", True, 2),
}


# --- whose reports ---
def test_one_blank_report_for_each_duty(world):
    assert duties(world.year) == ALL_DUTIES
    assert world.year.state == YearState.OPEN
    assert set(world.year.reports.values_list("status", "version")) == {(Status.DRAFT, 1)}
    assert AuditEvent.objects.get(verb="year.open").after["reports_made"] == len(ALL_DUTIES)


def test_a_second_run_adds_what_is_missing_and_nothing_else(world, collator, report):
    row = world.bring(report, Status.DRAFT)
    gone = world.report("1.1.2.1", "alpha")
    gone.delete()
    again = years.open_year(world.year, by=collator)
    assert again.made == 1
    assert duties(world.year) == ALL_DUTIES
    assert ProgressReport.objects.get(pk=row.pk).work_done == WHOLE["work_done"]
    assert years.open_year(world.year, by=collator).made == 0


def test_a_duty_that_ended_keeps_its_report(world, collator):
    Assignment.objects.filter(measure__code="1.1.2.1", ministry=world.alpha).update(
        until=world.year.opens_on
    )
    assert years.open_year(world.year, by=collator).made == 0
    assert duties(world.year) == ALL_DUTIES
    later = opened(world)
    assert ("1.1.2.1", "alpha", "partner", False, 1) not in duties(later)


def test_the_holder_is_taken_on_the_opening_day(world):
    merged_on = Succession.objects.get().on
    before = opened(world, 110, merged_on - DAY)
    assert {row for row in duties(before) if row[0] == "2.1.1.1"} == {
        ("2.1.1.1", "beta", "lead", True, 1),
        ("2.1.1.1", "gamma", "partner", False, 1),
    }
    on_the_day = opened(world, 112, merged_on)
    assert duties(on_the_day) == ALL_DUTIES


def test_the_coordinating_lead_is_whoever_leads_first_on_that_day(world):
    first = Assignment.objects.get(measure__code="1.1.1.2", ministry=world.alpha)
    first.until = timezone.localdate()
    first.save()
    found = {row[:4] for row in duties(opened(world)) if row[0] == "1.1.1.2"}
    assert ("1.1.1.2", "beta", "lead", True) in found


def test_a_new_version_of_the_plan_makes_no_second_report(world, collator):
    """The same measure in the next version is the same duty, told by its lineage."""
    old = world.measures["1.1.1.1"]
    PlanVersion.objects.filter(pk=world.version.pk).update(state=VersionState.SUPERSEDED)
    version = PlanVersion.objects.create(
        plan=world.plan, number=2, title="修訂本", state=VersionState.APPROVED
    )
    measure = Measure.objects.create(
        version=version,
        strategy=old.strategy,
        lineage=old.lineage,
        code="1.1.1.7",
        ordinal=7,
        position=7,
        name=old.name,
    )
    for order, code in enumerate(("alpha", "science"), start=1):
        ministry = world.ministries[code]
        measure.assignments.create(ministry=ministry, role="lead", order=order, basis="修訂")
    assert years.open_year(world.year, by=collator).made == 1
    assert world.year.reports.get(measure=measure).ministry == world.science


# --- done and stopped ---
DONE = {"light": Light.DONE, "completion": 100, "completed_on": date(2022, 12, 1)}


@pytest.mark.parametrize("final", [DONE, {"light": Light.STOPPED}])
def test_an_accepted_end_makes_later_years_not_applicable(world, report, final):
    world.bring(report, Status.ACCEPTED, **final)
    row = world.report("1.1.1.1", "alpha", opened(world))
    assert row.status == Status.NOT_APPLICABLE
    assert "111年度" in row.exempt_reason and "審查人" in row.exempt_reason
    # The partner still owes its own part.
    assert world.report("1.1.1.1", "beta", row.reporting_year).status == Status.DRAFT
    later = world.report("1.1.1.1", "alpha", opened(world, 113))
    assert later.status == Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("status", "fields"),
    [(Status.UNDER_REVIEW, DONE), (Status.ACCEPTED, {}), (Status.NOT_APPLICABLE, {})],
)
def test_only_an_agreed_end_is_an_end(world, report, status, fields):
    world.bring(report, status, **fields)
    assert world.report("1.1.1.1", "alpha", opened(world)).status == Status.DRAFT


def test_resuming_lasts(world, report, reviewer):
    world.bring(report, Status.ACCEPTED, **DONE)
    row = world.report("1.1.1.1", "alpha", opened(world))
    row = reports.resume(row, seen_version=row.version, by=reviewer, note="還有後續工作。")
    assert row.status == Status.DRAFT
    assert world.report("1.1.1.1", "alpha", opened(world, 113)).status == Status.DRAFT


def test_a_year_that_is_open_already_keeps_its_report(world, report):
    later = opened(world)
    world.bring(report, Status.ACCEPTED, **DONE)
    assert world.report("1.1.1.1", "alpha", later).status == Status.DRAFT


def test_an_end_reaches_the_body_after(world):
    """甲部 was done; then it became 新甲部, which has nothing more to report."""
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **DONE)
    heir = Ministry.objects.create(code="new", short_name="新甲部", full_name="新的甲部")
    Succession.objects.create(
        predecessor=world.alpha,
        successor=heir,
        on=timezone.localdate(),
        kind="renamed",
        legal_basis="甲部組織法",
    )
    row = opened(world).reports.get(measure__code="1.1.1.1", ministry=heir)
    assert row.status == Status.NOT_APPLICABLE


# --- the verbs ---
def test_a_year_goes_its_road(world, collator):
    row = years.close_year(world.year, by=collator)
    assert (row.state, bool(row.closed_at)) == (YearState.CLOSED, True)
    until = row.closes_on + 10 * DAY
    row = years.reopen_year(row, by=collator, closes_on=until)
    assert (row.state, row.closes_on, row.closed_at) == (YearState.OPEN, until, None)
    row = years.release_year(years.close_year(row, by=collator), by=collator)
    assert (row.state, bool(row.released_at)) == (YearState.RELEASED, True)
    for verb in (years.open_year, years.close_year, years.release_year):
        with pytest.raises(NotNow):
            verb(row, by=collator)
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="year.")] == [
        "year.release",
        "year.close",
        "year.reopen",
        "year.close",
        "year.open",
        "year.add",
    ]


def test_reopening_wants_a_day_to_come(world, collator):
    row = years.close_year(world.year, by=collator)
    for day in (timezone.localdate() - DAY, row.due_on - DAY):
        with pytest.raises(Invalid) as refusal:
            years.reopen_year(row, by=collator, closes_on=day)
        assert set(refusal.value.errors) == {"closes_on"}
    assert ReportingYear.objects.get(pk=row.pk).state == YearState.CLOSED


@pytest.mark.parametrize("person", ["reviewer", "officer_a", "administrator", "expert"])
def test_nobody_but_the_collator(world, person):
    by = world.people[person]
    with pytest.raises(NotAllowed):
        years.close_year(world.year, by=by)
    with pytest.raises(NotAllowed):
        years.add_year(
            world.plan,
            year=112,
            opens_on=date(2023, 1, 1),
            due_on=date(2023, 2, 1),
            closes_on=date(2023, 3, 1),
            by=by,
        )
    assert ReportingYear.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"year": 114}, {"year"}),
        ({"year": 111}, {"year"}),
        ({"due_on": date(2022, 12, 31)}, {"due_on"}),
        ({"closes_on": date(2023, 1, 31)}, {"closes_on"}),
    ],
)
def test_a_year_must_make_sense(world, collator, change, keys):
    given = {
        "year": 112,
        "opens_on": date(2023, 1, 1),
        "due_on": date(2023, 2, 1),
        "closes_on": date(2023, 3, 1),
    }
    with pytest.raises(Invalid) as refusal:
        years.add_year(world.plan, **{**given, **change}, by=collator)
    assert set(refusal.value.errors) == keys


def test_a_year_is_not_opened_before_its_day(world, collator):
    row = next_year(world, opens_on=timezone.localdate() + DAY)
    with pytest.raises(NotNow, match="開放日"):
        years.open_year(row, by=collator)
    assert not row.reports.exists()


def test_the_database_holds_the_order_of_the_days(world):
    with (
        pytest.raises(IntegrityError, match="reporting_year_dates_in_order"),
        transaction.atomic(),
    ):
        ReportingYear.objects.update(due_on=date(2020, 1, 1))


def test_many_reports_are_made_in_few_queries(world, django_assert_max_num_queries):
    strategy = world.measures["1.1.1.1"].strategy
    for number in range(100, 300):
        measure = Measure.objects.create(
            version=world.version,
            strategy=strategy,
            code=f"9.{number}",
            ordinal=number,
            position=number,
            name="多",
        )
        for order, ministry in enumerate((world.alpha, world.beta), start=1):
            Assignment.objects.create(
                measure=measure, ministry=ministry, role="lead", order=order, basis="表7"
            )
    row = next_year(world)
    # SQLite takes a thousand values at a time, hence some batches.
    with django_assert_max_num_queries(40):
        assert years.open_year(row, by=world.people["collator"]).made == 408
