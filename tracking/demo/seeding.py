"""Puts the demo together: people, indicators, then year by year the filings."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from config.kit import roc
from plan.enums import AssignmentRole
from plan.models import Assignment, Measure, Plan
from tracking.demo import scale as scaling
from tracking.demo.fates import fates
from tracking.demo.filings import YearOfFilings
from tracking.demo.indicators import seed_indicators
from tracking.demo.people import seed_people
from tracking.enums import FINAL_LIGHTS, Light, Status, YearState
from tracking.models import ProgressReport, ReportingYear

# The open year was due this many days ago and closes that many days from now, so that overdue
# reports exist and filing still works.
DUE_DAYS_AGO = 10
CLOSES_IN_DAYS = 120


@dataclass
class Seeded:
    """What was made: counts of indicators and reports, and the years that were not there before."""

    indicators: int = 0
    reports: int = 0
    years: list[int] = field(default_factory=list)


@transaction.atomic
def seed(
    plan: Plan,
    years: list[int],
    *,
    today: date,
    complete: bool = False,
    finished: bool = False,
    scale: int = 1,
) -> Seeded:
    """Make demo people, indicators and the filings of `years` (ROC, ascending).

    All years but the last are accepted and released; the last is open and alive. `finished`: the
    last is as the others. `complete`: so too, every duty has its report and narratives are long. A
    year that exists already is left as it is, whatever stands in it; where `scale` is more than 1
    it gets the reports of the demo bodies that then repeat every duty (`tracking.demo.scale`).
    """
    seeded = Seeded()
    people = seed_people(plan, today)
    seeded.indicators = seed_indicators(plan, people)
    version = plan.versions.in_force().get()
    if scale > 1:
        for step in range(2, scale + 1):
            scaling.add_step(version, step)
        people = seed_people(plan, today)
    measures = list(Measure.objects.filter(version=version).select_related("strategy__sub_goal"))
    goals: dict[int, list[str]] = {}
    for measure in measures:
        goals.setdefault(measure.strategy.sub_goal.goal_id, []).append(measure.code)
    lights = fates(list(goals.values()), len(plan.years), lasting=complete)
    existing = {year.year: year for year in plan.reporting_years.all()}
    for number in years:
        past = complete or finished or number != years[-1]
        year = existing.get(number) or _year(plan, number, today, past=past)
        batches: list[list[Assignment]] = []
        if year.pk is None:
            year.save()
            seeded.years.append(number)
            batches.append(scaling.own_duties(version, year.opens_on))
        for step in range(2, scale + 1):
            if not year.reports.filter(assignments__basis=scaling.basis(step)).exists():
                batches.append(scaling.added_duties(version, step))
        index = number - plan.start_year
        ended = _ended(year)
        open_now = year.state == YearState.OPEN
        for duties in batches:
            filings = YearOfFilings(
                year,
                {
                    code: None if code in ended else light or Light.ON_TRACK
                    for code, light in lights[index].items()
                },
                people,
                index=index,
                years=len(plan.years),
                last_day=today - timedelta(days=1) if open_now else year.closes_on,
                complete=complete,
            )
            filings.build(duties)
            seeded.reports += filings.write()
    return seeded


def _ended(year: ReportingYear) -> set[str]:
    """Codes of the measures that earlier years ended."""
    rows = ProgressReport.objects.filter(
        reporting_year__plan=year.plan,
        reporting_year__year__lt=year.year,
        role=AssignmentRole.LEAD,
        status=Status.ACCEPTED,
        light__in=FINAL_LIGHTS,
    )
    return set(rows.values_list("measure__code", flat=True))


def _year(plan: Plan, number: int, today: date, *, past: bool) -> ReportingYear:
    """Reports of a ROC year are collected from 3 January of the next."""
    season = roc.gregorian_year(number) + 1
    opens_on = date(season, 1, 3)
    if past:
        return ReportingYear(
            plan=plan,
            year=number,
            opens_on=opens_on,
            due_on=date(season, 2, 28),
            closes_on=date(season, 3, 31),
            state=YearState.RELEASED,
            opened_at=_nine(opens_on),
            closed_at=_nine(date(season, 4, 1)),
            released_at=_nine(date(season, 6, 1)),
        )
    due_on = today - timedelta(days=DUE_DAYS_AGO)
    return ReportingYear(
        plan=plan,
        year=number,
        opens_on=min(opens_on, due_on),
        due_on=due_on,
        closes_on=today + timedelta(days=CLOSES_IN_DAYS),
        state=YearState.OPEN,
        opened_at=_nine(min(opens_on, due_on)),
    )


def _nine(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))
