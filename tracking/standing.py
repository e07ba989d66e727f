"""Where the plan stands: lights of measures, filing of ministries, money, years one may see.

Every function takes the person who asks and gives nothing that they may not know: lights come
from accepted reports of years they may see, filing states from `status_visible_to`. Nothing is
stored; few narrow queries, and the rules are in `tracking.lights`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from config.kit.prepared import prepared
from ministries.models import Lineage
from plan.enums import AssignmentRole
from tracking.enums import FINAL_LIGHTS, FilingState, Status, YearState
from tracking.lights import Lead, MeasureLight, as_lead, filing_state, measure_light
from tracking.models import MoneyLine, ProgressReport, ReportingYear

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser

_ACCEPTED = Status.ACCEPTED.value
_NOT_APPLICABLE = Status.NOT_APPLICABLE.value
_RELEASED = YearState.RELEASED.value
_FINAL = frozenset(light.value for light in FINAL_LIGHTS)

# Columns of `_leads` before those of the lead itself.
_BEFORE_LEAD = 6
_NOT_SET = ("", "")
_OF_LEAD = {"ministry": "ministry_id"}
# A measure's lineage is read as text and turned into an id by `lineage_of`, which remembers:
# to read it as a UUID once a row took a quarter of the query's time.
LINEAGE = Cast("lineage", TextField())

# lineage of a measure → its light
Lights = dict[UUID, MeasureLight]


def may_see_year(state: str, user: "Person") -> bool:
    """Whether lights and filings of a year in this state are anything to this person.

    Signed-in people from its opening on, the public after its release.
    """
    if user.is_authenticated:
        return state != YearState.PLANNED
    return state == YearState.RELEASED


def sees_all_filing(user: "Person") -> bool:
    """Whether this person knows the filing state of every ministry, not of their own only."""
    return user.is_authenticated and (user.is_science_staff or user.is_administrator)


def _leads(years: tuple[int, ...], plan: int, newest: int) -> QuerySet:
    """Reports of all leads in these years, and earlier ones that ended their part.

    Whoever asks: it takes them all to know whether one is missing. Only the lights of accepted
    ones leave this module.
    """
    ended = Q(reporting_year__year__lt=newest, status=Status.ACCEPTED, light__in=FINAL_LIGHTS)
    set_by_reviewer = FilteredRelation(
        "measure__light_overrides",
        condition=Q(measure__light_overrides__reporting_year=F("reporting_year")),
    )
    # The plan is named for both: an "or" alone would read the reports of every plan.
    return (
        ProgressReport.objects.filter(
            Q(reporting_year__in=years) | ended,
            reporting_year__plan=plan,
            role=AssignmentRole.LEAD,
        )
        .annotate(override=set_by_reviewer)
        .order_by()
        .values_list(
            "reporting_year_id",
            "reporting_year__year",
            "reporting_year__state",
            Cast("measure__lineage", TextField()),
            "override__light",
            "override__reason",
            *(_OF_LEAD.get(name, name) for name in Lead._fields),
        )
    )


_all_leads = prepared(_leads)


@prepared
def _leads_of(lineage: UUID, *which) -> QuerySet:
    return _leads(*which).filter(measure__lineage=lineage)


def lights_of_years(
    years: Sequence[ReportingYear], user: "Person", *, lineage: UUID | None = None
) -> dict[int, Lights]:
    """Lights of all measures (or of the one `lineage`) in these years: {year id: {lineage: …}}.

    One query, and a second one where a body that ended its part has been renamed since. A year
    that the person may not see is empty. A measure without reports is absent: use `NO_LIGHT`.
    """
    found: dict[int, Lights] = {year.pk: {} for year in years}
    seen = [year for year in years if may_see_year(year.state, user)]
    if not seen:
        return found
    which = (tuple(year.pk for year in seen), seen[0].plan_id, max(year.year for year in seen))
    rows = _all_leads(*which) if lineage is None else _leads_of(lineage, *which)
    leads: dict[int, dict[str, list[Lead]]] = {year.pk: defaultdict(list) for year in seen}
    overrides: dict[int, dict[str, tuple[str, str]]] = {year.pk: {} for year in seen}
    endings = _Endings(user)
    not_applicable = []
    public = not user.is_authenticated
    for row in rows:
        year_id, year, state, measure, set_to, why, status, light, *_rest = row
        lead = as_lead(row[_BEFORE_LEAD:])
        if status == _ACCEPTED and light in _FINAL and not (public and state != _RELEASED):
            endings.add(measure, year, lead)
        if year_id not in leads:
            continue
        of_measure = leads[year_id][measure]
        if status == _NOT_APPLICABLE:
            not_applicable.append((year, measure, of_measure, len(of_measure)))
        of_measure.append(lead)
        if set_to:
            overrides[year_id][measure] = (set_to, why)
    for year, measure, of_measure, place in not_applicable:
        lead = of_measure[place]
        if ending := endings.before(year, measure, lead.ministry):
            of_measure[place] = lead.carried(*ending)
    for year_id, measures in leads.items():
        of_year, set_by_reviewer = found[year_id], overrides[year_id]
        for measure, of_measure in measures.items():
            set_to, why = set_by_reviewer.get(measure, _NOT_SET)
            of_year[lineage_of(measure)] = measure_light(of_measure, set_to, why)
    return found


@lru_cache(maxsize=4096)
def lineage_of(text: str) -> UUID:
    """The id that its text stands for, with dashes (PostgreSQL) or without (SQLite)."""
    return UUID(text)


class _Endings:
    """Final lights of leads, to be carried into the years that are then not applicable."""

    def __init__(self, user: "Person") -> None:
        self._user = user
        # measure → (year, ministry, light, completion)
        self._by_measure: dict[str, list[tuple[int, int, str, int | None]]] = defaultdict(list)

    def add(self, measure: str, year: int, lead: Lead) -> None:
        self._by_measure[measure].append((year, lead.ministry, lead.light, lead.completion))

    def before(self, year: int, measure: str, ministry: int) -> tuple[str, int | None] | None:
        """(light, completion) with which this body, or one whose duties it took over, ended."""
        ended = [past for past in self._by_measure[measure] if past[0] < year]
        own = [past for past in ended if past[1] == ministry]
        if ended and not own:
            line = self._lineage.line(ministry, date.max)
            own = [past for past in ended if past[1] in line]
        return max(own)[2:] if own else None

    @cached_property
    def _lineage(self) -> Lineage:
        return lineage_for(self._user)


def lineage_for(user: "Person") -> Lineage:
    """All successions: those that the person's roles have read already, if there is a person."""
    return user.lineage if user.is_authenticated else Lineage()


# --- filing -----------------------------------------------------------------------------------


class Filing(NamedTuple):
    """How many reports of a ministry are in each state, as far as the person may know.

    `duties` counts all its reports of the year, those not applicable included. `whole` tells
    whether the states add up to them: otherwise only accepted ones are known.
    """

    name: str
    code: str
    duties: int
    states: dict[FilingState, int]
    whole: bool


_FILED = (
    "ministry_id",
    "ministry__short_name",
    "ministry__code",
    "known_status",
    "nothing_to_report",
    "correction_due_on",
    "extended_until",
)


def _every_filing(year: int) -> QuerySet:
    """Every report's state, counted: for people who may know them all."""
    reports = ProgressReport.objects.filter(reporting_year=year).order_by()
    return reports.annotate(known_status=F("status")).values_list(*_FILED).annotate(n=Count("pk"))


def _told_filing(year: int, own: tuple[int, ...]) -> QuerySet:
    """The same for people of the ministries `own`: of others, a status only once accepted.

    Narrower than `visible_to`, which shows a lead its partners' reports earlier: counts of some
    of a ministry's reports would be taken for all of them.
    """
    known = Q(status=Status.ACCEPTED)
    if own:
        known |= Q(ministry__in=own)
    status = Case(When(known, then=F("status")), default=Value(""))
    reports = ProgressReport.objects.filter(reporting_year=year).order_by()
    return reports.annotate(known_status=status).values_list(*_FILED).annotate(n=Count("pk"))


_all_filing = prepared(_every_filing)
_known_filing = prepared(_told_filing)


@prepared
def _all_filing_of(lineages: tuple[UUID, ...], year: int) -> QuerySet:
    return _every_filing(year).filter(measure__lineage__in=lineages)


@prepared
def _known_filing_of(lineages: tuple[UUID, ...], year: int, own: tuple[int, ...]) -> QuerySet:
    return _told_filing(year, own).filter(measure__lineage__in=lineages)


def filing_by_ministry(
    year: ReportingYear, user: "Person", today: date, lineages: tuple[UUID, ...] | None = None
) -> dict[int, Filing]:
    """Filing of one year by ministry id, of all measures or of the `lineages`, in one query.

    That a ministry has a duty is the plan's own word, and public. Of other ministries than their
    own, people learn what was accepted and nothing else.
    """
    if not may_see_year(year.state, user):
        return {}
    everything = sees_all_filing(user)
    own = user.ministry_ids if user.is_authenticated else frozenset()
    which = (year.pk,) if everything else (year.pk, tuple(own))
    if lineages is None:
        rows = _all_filing(*which) if everything else _known_filing(*which)
    else:
        rows = (_all_filing_of if everything else _known_filing_of)(lineages, *which)
    names: dict[int, tuple[str, str]] = {}
    duties: dict[int, int] = defaultdict(int)
    states: dict[int, dict[FilingState, int]] = defaultdict(lambda: defaultdict(int))
    for pk, name, code, known_status, nothing, correction, extended, number in rows:
        names[pk] = (name, code)
        duties[pk] += number
        if known_status:
            due_on = extended or year.due_on
            state = filing_state(known_status, nothing, due_on, correction, today)
            states[pk][state] += number
    return {
        pk: Filing(*names[pk], number, dict(states[pk]), everything or pk in own)
        for pk, number in duties.items()
    }


# --- money ------------------------------------------------------------------------------------


class Money(NamedTuple):
    """Sums in 千元 over accepted reports. `spent` adds what is known; `unknown` lines are not."""

    allocated_thousand: int
    spent_thousand: int
    unknown: int


def money_by_year(
    years: Iterable[ReportingYear], user: "Person", *, lineage: UUID
) -> dict[int, Money]:
    """What all ministries together report for one measure, by year id; absent: nothing known."""
    seen = [year.pk for year in years if may_see_year(year.state, user)]
    reports = ProgressReport.objects.visible_to(user).filter(
        reporting_year__in=seen, measure__lineage=lineage, status=Status.ACCEPTED
    )
    rows = (
        MoneyLine.objects.filter(report__in=reports)
        .order_by()
        .values_list("report__reporting_year_id")
        .annotate(
            allocated=Sum("allocated_thousand"),
            spent=Sum("spent_thousand"),
            unknown=Count("pk", filter=Q(spent_thousand__isnull=True)),
        )
    )
    return {
        year_id: Money(allocated, spent or 0, unknown)
        for year_id, allocated, spent, unknown in rows
    }
