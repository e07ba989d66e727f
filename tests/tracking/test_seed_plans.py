"""A demo of many plans: true copies, apart from each other, and the plan itself stays in front."""

from datetime import date
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from plan.models import Indicator, Measure, Plan
from tests.world import make_ministries, make_tree
from tracking.demo import seed, seed_plans
from tracking.demo.plans import SPANS
from tracking.enums import YearState
from tracking.models import (
    Evidence,
    IndicatorValue,
    ProgressReport,
    ReportEvent,
    ReportingYear,
    Submission,
)
from tracking.standing import lights_of_years

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
PLANS = SPANS + 3  # of two spans, more than one


@pytest.fixture
def plan(db) -> Plan:
    version, _measures = make_tree(make_ministries())
    plan = version.plan
    seed(plan, [plan.start_year], today=TODAY)
    assert seed_plans(plan, PLANS, today=TODAY) == PLANS - 1
    return plan


def copies_of(plan: Plan) -> list[Plan]:
    return list(Plan.objects.exclude(pk=plan.pk).order_by("slug"))


def told(plan: Plan) -> list[tuple]:
    """What a plan's reports say with all their parts, by codes."""
    reports = ProgressReport.objects.filter(reporting_year__plan=plan)
    return sorted(
        (
            report.reporting_year.year,
            report.measure.code,
            report.ministry.code,
            report.status,
            report.work_done,
            [duty.ministry.code for duty in report.assignments.order_by("role", "order")],
            [(line.source, line.spent_thousand) for line in report.money_lines.all()],
            [(value.indicator.name, str(value.actual)) for value in report.values.all()],
            [event.verb for event in report.events.all()],
            [row.title for row in report.evidence.all()],
        )
        for report in reports.select_related("reporting_year", "measure", "ministry")
    )


def test_each_copy_has_the_whole_tree_and_all_its_years(plan):
    own = Measure.objects.filter(version__plan=plan)
    for copy in copies_of(plan):
        version = copy.versions.in_force().get()
        assert "示範" in copy.name
        assert sorted(version.measures.values_list("code", "name", "position")) == sorted(
            own.values_list("code", "name", "position")
        )
        for measure in version.measures.select_related("strategy__sub_goal__goal"):
            assert measure.strategy.sub_goal.goal.version_id == version.pk
        years = copy.reporting_years.all()
        assert [year.year for year in years] == list(copy.years)
        assert {year.state for year in years} == {YearState.RELEASED}
    lineages = Measure.objects.values_list("lineage", flat=True)
    assert len(set(lineages)) == len(lineages) == PLANS * own.count()


def test_plans_of_one_span_say_the_same_and_point_at_their_own_rows(plan):
    second, later = Plan.objects.filter(start_year=plan.start_year).exclude(pk=plan.pk)
    assert told(second) == told(later) != []
    reports = ProgressReport.objects.filter(reporting_year__plan=later)
    for report in reports.select_related("measure__version"):
        assert report.measure.version.plan_id == later.pk
        assert {duty.measure_id for duty in report.assignments.all()} == {report.measure_id}
    values = IndicatorValue.objects.filter(report__in=reports)
    assert all(value.indicator.measure_id == value.report.measure_id for value in values)
    submissions = Submission.objects.filter(report__in=reports)
    named = {value["indicator"] for one in submissions for value in one.content["values"]}
    assert named == set(values.values_list("indicator", flat=True)) != set()
    shown = Evidence.objects.filter(copies__in=submissions)
    assert set(shown.values_list("report", flat=True)) <= {report.pk for report in reports}
    first, other = (
        lights_of_years(list(one.reporting_years.all()), AnonymousUser()).values()
        for one in (second, later)
    )
    assert [sorted(light.shown for light in year.values()) for year in first] == [
        sorted(light.shown for light in year.values()) for year in other
    ]


def test_the_plan_itself_stays_the_one_shown(plan, client):
    assert Plan.objects.first() == plan
    page = client.get("/plan/")
    assert page.context["edition"].plan == plan
    assert len(page.context["edition"].others) == PLANS - 1


def test_a_second_run_changes_nothing_and_new_rows_get_keys_of_their_own(plan):
    before = {
        model: list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for model in (Plan, Measure, Indicator, ProgressReport, ReportEvent, Submission)
    }
    assert seed_plans(plan, PLANS, today=TODAY) == 0
    for model, keys in before.items():
        found = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        assert found == keys
    new = Plan.objects.create(slug="new", name="新", start_year=1, end_year=2)
    assert new.pk > max(before[Plan])
    day = TODAY
    given = {"opens_on": day, "due_on": day, "closes_on": day}
    assert ReportingYear.objects.create(plan=new, year=1, **given).pk


def test_more_plans_are_added_to_those_that_exist(plan):
    assert seed_plans(plan, PLANS + 2, today=TODAY) == 2
    assert [copy.slug for copy in copies_of(plan)] == [
        f"{plan.slug}-demo-{number:03}" for number in range(2, PLANS + 3)
    ]


@pytest.mark.parametrize("options", [{"plans": 0}, {"plans": 2, "scale": 2}])
def test_a_number_that_makes_no_sense_is_refused(plan, options):
    with pytest.raises(CommandError, match="--plans"):
        call_command("seed_demo", years="111", plan=plan.slug, stdout=StringIO(), **options)
