"""The demo: always the same, made once, marked, and such as the real road would have left it."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from ministries.models import AuditEvent, Membership, User
from plan.models import Indicator, IndicatorTarget, Plan
from tests.world import make_ministries, make_tree
from tracking.actions import years
from tracking.checks import problems
from tracking.demo import seed
from tracking.demo.fates import fates
from tracking.demo.people import DEMO_PASSWORD, account_lines
from tracking.demo.texts import MARK
from tracking.enums import Light, Status, Verb, YearState
from tracking.models import (
    Evidence,
    IndicatorValue,
    LightOverride,
    MoneyLine,
    Notice,
    ProgressReport,
    ReportAuthor,
    ReportEvent,
    ReportingYear,
    ReturnedPart,
)
from tracking.parts import data_of
from tracking.standing import lights_of_years
from tracking.workflow import ROAD

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
MODELS = (
    Membership, Indicator, IndicatorTarget, ReportingYear, ProgressReport, IndicatorValue,
    MoneyLine, Evidence, ReportAuthor, ReportEvent, ReturnedPart, LightOverride, AuditEvent,
)  # fmt: skip
JOINS = {
    ReportAuthor: (
        "report__reporting_year__year",
        "report__measure__code",
        "report__ministry__code",
        "user__email",
    )
}
# Rows are numbered anew by every run; what they say is not. A hash has a salt of its own, and the
# digest of a log's entry covers its numbers.
NUMBERS = ("id", "target", "password", "date_joined", "at", "digest")


@pytest.fixture
def plan(db) -> Plan:
    version, _measures = make_tree(make_ministries())
    return version.plan


@pytest.fixture
def whole_plan(db) -> Plan:
    call_command("load_plan", stdout=StringIO())
    return Plan.objects.get()


def snapshot() -> dict[str, list]:
    """All demo rows without their numbers, in a fixed order."""
    found = {}
    for model in MODELS:
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in NUMBERS and not field.is_relation
        ]
        # A row that only joins two others is told by what it joins.
        columns = columns or JOINS[model]
        found[model.__name__] = sorted(map(str, model.objects.values_list(*columns)))
    found["User"] = sorted(User.objects.values_list("email", "name"))
    return found


class Undo(Exception):
    pass


def test_the_same_day_gives_the_same_rows(plan):
    snapshots = []
    for _ in range(2):
        with pytest.raises(Undo), transaction.atomic():
            seed(plan, [110, 111], today=TODAY)
            snapshots.append(snapshot())
            raise Undo
    assert snapshots[0] == snapshots[1]
    assert snapshots[0]["ReportEvent"]


@pytest.mark.parametrize("later", [0, 40])
def test_a_second_run_changes_nothing(plan, later):
    seed(plan, [110, 111], today=TODAY)
    before = snapshot()
    again = seed(plan, [110, 111], today=TODAY + timedelta(days=later))
    assert (again.years, again.reports, again.indicators) == ([], 0, 0)
    assert snapshot() == before


def test_a_later_year_is_added_to_the_rest(plan):
    seed(plan, [110], today=TODAY)
    kept = ProgressReport.objects.filter(reporting_year__year=110).count()
    assert seed(plan, [110, 111], today=TODAY).years == [111]
    assert ProgressReport.objects.filter(reporting_year__year=110).count() == kept


def test_reports_are_those_that_opening_the_year_would_make(whole_plan):
    def duties(year: ReportingYear) -> set[tuple]:
        rows = year.reports.prefetch_related("assignments")
        return {
            (
                row.measure_id,
                row.ministry_id,
                row.role,
                row.coordinating,
                frozenset(duty.pk for duty in row.assignments.all()),
            )
            for row in rows
        }

    seed(whole_plan, [110, 111], today=TODAY)
    collator = User.objects.get(email="collator@demo.example")
    for seeded in ReportingYear.objects.filter(year__in=[110, 111]):
        opened = years.open_year(
            ReportingYear.objects.create(
                plan=whole_plan,
                year=seeded.year + 2,
                opens_on=seeded.opens_on,
                due_on=seeded.due_on,
                closes_on=seeded.closes_on,
            ),
            by=collator,
        )
        assert duties(opened) == duties(seeded)


def test_everything_is_marked(plan):
    seed(plan, [110, 111], today=TODAY)
    assert all(user.is_demo and user.email.endswith("@demo.example") for user in User.objects.all())
    assert all("示範" in user.name for user in User.objects.all())
    for report in ProgressReport.objects.exclude(status=Status.NOT_APPLICABLE):
        written = [
            getattr(report, name)
            for name in ("work_done", "benefit", "obstacle", "response", "next_steps")
        ]
        assert all(text.endswith(MARK) for text in written if text)
    assert not Notice.objects.exists()


def test_people_follow_their_ministry(plan):
    """丙署 merged into 乙部: its duties are answered by the people of 乙部."""
    seed(plan, [110], today=TODAY)
    assert not User.objects.filter(email="officer.gamma@demo.example").exists()
    user = User.objects.get(email="officer.beta@demo.example")
    held = user.memberships.values_list("ministry__code", "until")
    assert dict(held).keys() == {"beta", "gamma"}
    assert dict(held)["beta"] is None
    assert dict(held)["gamma"] is not None
    assert user.check_password(DEMO_PASSWORD)
    assert not user.must_change_password


def test_the_whole_plan_looks_alive(whole_plan):
    seed(whole_plan, [110, 111], today=TODAY)
    first, last = ReportingYear.objects.order_by("year")
    assert (first.state, last.state) == (YearState.RELEASED, YearState.OPEN)
    assert (first.opens_on, last.opens_on) == (date(2022, 1, 3), date(2023, 1, 3))
    assert (last.due_on, last.closes_on) == (date(2026, 11, 13), date(2027, 3, 23))
    science = {year: set(year.reports.values_list("ministry__code", flat=True))
               for year in (first, last)}  # fmt: skip
    assert "most" in science[first] and "nstc" not in science[first]
    assert "nstc" in science[last] and "most" not in science[last]

    statuses = set(last.reports.values_list("status", flat=True))
    assert statuses == set(Status.values)
    assert last.reports.filter(status=Status.ACCEPTED, nothing_to_report=True).exists()
    collator = User.objects.get(email="collator@demo.example")
    lights = lights_of_years([first, last], collator)
    late = {year: sum(light.late for light in found.values()) for year, found in lights.items()}
    assert late == {first.pk: 17, last.pk: 26}
    # Any of the ministries that are shown first finds work of each kind.
    for code in ("moe", "moea"):
        own = set(last.reports.filter(ministry__code=code).values_list("status", flat=True))
        assert {Status.DRAFT, Status.SIGNING, Status.RETURNED, Status.UNDER_REVIEW} <= own

    measured = Indicator.objects.values("measure").distinct().count()
    assert 50 <= measured <= 85
    assert Indicator.objects.filter(state="proposed").exists()
    assert set(IndicatorTarget.objects.values_list("year", flat=True)) == {110, 111, 112, 113}


def test_what_was_filed_could_have_been_filed(whole_plan):
    seed(whole_plan, [110, 111], today=TODAY)
    filed = ProgressReport.objects.exclude(
        status__in=[Status.DRAFT, Status.NOT_APPLICABLE]
    ).select_related("reporting_year", "measure")
    for report in filed.order_by("pk")[::9]:
        # Two bodies of 2.1.1 became one later, whose indicators the earlier ones don't answer.
        if not report.measure.code.startswith("2.1."):
            assert problems(data_of(report)) == {}, report


def test_every_report_came_along_the_road(plan):
    seed(plan, [110, 111], today=TODAY)
    reports = ProgressReport.objects.select_related("reporting_year").prefetch_related(
        "events", "authors"
    )
    for report in reports:
        status, version, at = Status.DRAFT, 0, None
        deciders = set()
        for event in report.events.all():
            assert event.from_status == status
            assert ROAD[status, Verb(event.verb)].to == event.to_status
            assert event.version > version
            assert at is None or event.at >= at
            status, version, at = Status(event.to_status), event.version, event.at
            if event.verb in (Verb.START, Verb.ACCEPT, Verb.RETURN):
                deciders.add(event.by_id)
        if report.status != Status.NOT_APPLICABLE:
            assert report.status == status
        assert version in (0, report.version)
        signed = [event for event in report.events.all() if event.verb == Verb.SIGN_OFF]
        assert [copy.number for copy in report.copies.all()] == list(range(1, len(signed) + 1))
        assert report.submissions == len(signed)
        for copy in report.copies.all():
            assert copy.content["fields"]["work_done"] == report.work_done
            assert len(copy.content["money"]) == report.money_lines.count()
            assert list(Evidence.objects.filter(copies=copy)) == list(report.evidence.all())
        assert not deciders & {author.user_id for author in report.authors.all()}
        assert at is None or at.date() < TODAY


def test_a_complete_demo_has_no_open_year(plan):
    seed(plan, [110, 111, 112, 113], today=TODAY, complete=True)
    assert {year.state for year in ReportingYear.objects.all()} == {YearState.RELEASED}
    assert not ProgressReport.objects.filter(
        status__in=[Status.SIGNING, Status.SUBMITTED, Status.UNDER_REVIEW, Status.RETURNED]
    ).exists()


def test_in_a_complete_demo_every_duty_has_its_long_report(whole_plan):
    seed(whole_plan, [110, 111, 112, 113], today=TODAY, complete=True)
    reports = ProgressReport.objects.all()
    assert set(reports.values_list("status", flat=True)) == {Status.ACCEPTED}
    # From 111 on two duties of 2.1.1 and 2.1.2 are one body's, which makes one report of them.
    counts = [year.reports.count() for year in ReportingYear.objects.order_by("year")]
    assert counts == [416, 409, 409, 409]
    for report in reports.filter(nothing_to_report=False).order_by("pk")[::50]:
        for name in ("work_done", "benefit", "obstacle", "response", "next_steps"):
            text = getattr(report, name)
            assert not text or 500 <= len(text) <= 700
        assert problems(data_of(report)) == {} or report.measure.code.startswith("2.1.")
    ended = reports.filter(light__in=[Light.DONE, Light.STOPPED])
    assert set(ended.values_list("reporting_year__year", flat=True)) == {113}
    assert set(ended.values_list("light", flat=True)) == {Light.DONE, Light.STOPPED}


def test_a_complete_year_after_an_open_one_leaves_what_ended_before(whole_plan):
    seed(whole_plan, [110, 111], today=TODAY)
    seed(whole_plan, [112, 113], today=TODAY, complete=True)
    final = [Light.DONE, Light.STOPPED]
    ended = ProgressReport.objects.filter(
        reporting_year__year__lt=112, light__in=final, role="lead", status=Status.ACCEPTED
    )
    codes = set(ended.values_list("measure__code", flat=True))
    later = ProgressReport.objects.filter(reporting_year__year=112)
    left = later.filter(status=Status.NOT_APPLICABLE)
    assert set(left.values_list("measure__code", flat=True)) == codes


def test_scale_repeats_every_duty_and_leaves_the_rest_alone(plan):
    years = [110, 111]
    seed(plan, years, today=TODAY, complete=True)
    own = snapshot()
    once = ProgressReport.objects.count()
    duties = plan.versions.get().measures.values("assignments").count()
    made = seed(plan, years, today=TODAY, complete=True, scale=3)
    assert made.reports == 2 * 2 * duties
    assert ProgressReport.objects.count() == once + made.reports
    assert set(own["ProgressReport"]) <= set(snapshot()["ProgressReport"])
    twins = ProgressReport.objects.filter(ministry__short_name__contains="示範")
    assert set(twins.values_list("role", flat=True)) == {"partner"}
    assert seed(plan, years, today=TODAY, complete=True, scale=3).reports == 0


def test_scaled_at_once_or_later_it_is_the_same(plan):
    snapshots = []
    for steps in ((3,), (1, 2, 3)):
        with pytest.raises(Undo), transaction.atomic():
            for scale in steps:
                seed(plan, [110, 111], today=TODAY, complete=True, scale=scale)
            snapshots.append(snapshot())
            raise Undo
    for model in snapshots[0].keys() - {"ReportAuthor"}:  # which holds numbers of rows only
        assert snapshots[0][model] == snapshots[1][model]


def test_no_accounts_are_listed_where_none_were_made(db):
    assert account_lines() == []


def test_fates_are_the_profile_for_the_real_sizes():
    goals = [[f"{goal}.{n}" for n in range(size)] for goal, size in enumerate((37, 25, 39, 33))]
    found = fates(goals, 4)
    assert found == fates(goals, 4)
    late = [
        sum(light in (Light.BEHIND, Light.FAR_BEHIND) for light in year.values()) for year in found
    ]
    assert late[:2] == [17, 26]
    ended = {code for code, light in found[0].items() if light in (Light.DONE, Light.STOPPED)}
    assert {code for code, light in found[1].items() if light is None} == ended
