"""Puts the demo together: people, indicators, then year by year the filings."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from config.kit import roc
from plan.models import Assignment, Measure, Plan
from tracking.demo.fates import fates
from tracking.demo.filings import YearOfFilings
from tracking.demo.indicators import seed_indicators
from tracking.demo.people import seed_people
from tracking.enums import YearState
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
def seed(plan: Plan, years: list[int], *, today: date, complete: bool = False) -> Seeded:
    """Make demo people, indicators and the filings of `years` (ROC, ascending).

    All years but the last are accepted and released; the last is open and alive, unless
    `complete`. A year that exists already is left as it is, whatever stands in it.
    """
    seeded = Seeded()
    people = seed_people(plan, today)
    seeded.indicators = seed_indicators(plan, people)
    version = plan.versions.in_force().get()
    measures = list(Measure.objects.filter(version=version).select_related("strategy__sub_goal"))
    goals: dict[int, list[str]] = {}
    for measure in measures:
        goals.setdefault(measure.strategy.sub_goal.goal_id, []).append(measure.code)
    lights = fates(list(goals.values()), len(plan.years))
    existing = set(plan.reporting_years.values_list("year", flat=True))
    for number in years:
        if number in existing:
            continue
        past = complete or number != years[-1]
        year = _year(plan, number, today, past=past)
        year.save()
        index = number - plan.start_year
        filings = YearOfFilings(
            year,
            lights[index],
            people,
            index=index,
            years=len(plan.years),
            last_day=year.closes_on if past else today - timedelta(days=1),
        )
        filings.build(
            list(
                Assignment.objects.on(year.opens_on)
                .filter(measure__version=version)
                .select_related("measure")
                .order_by("measure__position", "role", "order")
            )
        )
        filings.write()
        seeded.years.append(number)
        seeded.reports += ProgressReport.objects.filter(reporting_year=year).count()
    return seeded


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
