"""Which plan, version and year a page shows: from its address, and from what the person may see."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from config.kit.fragments import query
from config.kit.prepared import prepared
from plan.enums import NodeLevel, VersionState
from plan.models import Plan, PlanVersion
from tracking.models import ReportingYear
from tracking.standing import may_see_year

_PLAN = ("pk", "slug", "name", "name_en", "start_year", "end_year", "imported_at")
_VERSION = ("pk", "number", "title", "state", "approved_on", "level_names")
_YEAR = ("pk", "year", "opens_on", "due_on", "closes_on", "state")


@dataclass(frozen=True)
class Edition:
    """What a page is about.

    versions  the one in force and those that it superseded, newest first; no revision's draft
    years     reporting years of which this person may see lights and filings, oldest first
    year      the one shown; None when there is none to show
    last      the one before it, if it may be seen
    hidden    the ROC year that was asked for and belongs to the plan, but may not be seen yet
    others    other plans that this person may turn to, newest first
    default   whether this plan is the one that is shown to who asks for none
    """

    plan: Plan
    version: PlanVersion
    versions: tuple[PlanVersion, ...]
    years: tuple[ReportingYear, ...]
    year: ReportingYear | None = None
    last: ReportingYear | None = None
    hidden: int | None = None
    others: tuple[Plan, ...] = ()
    default: bool = True

    @property
    def measure_query(self) -> str:
        """What follows a measure's code in an address, so that it leads into this edition."""
        if self.default and self.version.state == VersionState.APPROVED:
            return ""
        return query(plan=self.plan.slug, version=self.version.number)

    @property
    def goal_name(self) -> str:
        return self.version.level_name(NodeLevel.GOAL)

    @property
    def measure_name(self) -> str:
        return self.version.level_name(NodeLevel.MEASURE)

    @property
    def shown_years(self) -> list[ReportingYear]:
        """Last year and this year, those of the two that there are."""
        return [year for year in (self.last, self.year) if year]

    @property
    def year_links(self) -> list[tuple[int, bool]]:
        """Every ROC year of the plan, and whether there is something to see."""
        seen = {year.year for year in self.years}
        return [(year, year in seen) for year in self.plan.years]


@prepared
def _editions() -> QuerySet:
    """Every version that was ever in force, and first drafts of plans that had none yet, newest
    first, once for each year of its plan.
    """
    settled = PlanVersion.objects.filter(state__in=[VersionState.APPROVED, VersionState.SUPERSEDED])
    return (
        (settled | PlanVersion.objects.first_drafts())
        .order_by("-plan__start_year", "plan__slug", "-number", "plan__reporting_years__year")
        .values_list(
            *(f"plan__{name}" for name in _PLAN),
            *_VERSION,
            *(f"plan__reporting_years__{name}" for name in _YEAR),
        )
    )


def find_edition(request: HttpRequest) -> Edition | None:
    """The newest plan with a version in force; None while there is none. One query.

    `?year=` (ROC) chooses a year, the latest visible one otherwise, and with it the plan whose
    year it is; `?plan=` names a plan, also one that is filed against while it is a draft, which
    signed-in people see; `?version=` a number. What the plan does not have answers 404.
    """
    plans: dict[int, _Found] = {}
    for row in _editions():
        parts = dict(zip(_PLAN, row, strict=False))
        version = dict(zip(_VERSION, row[len(_PLAN) :], strict=False))
        year = dict(zip(_YEAR, row[len(_PLAN) + len(_VERSION) :], strict=True))
        if version["state"] == VersionState.DRAFT and not request.user.is_authenticated:
            continue
        if parts["pk"] not in plans:
            plans[parts["pk"]] = _Found(Plan(**parts), {}, {})
        found = plans[parts["pk"]]
        found.versions.setdefault(version["pk"], PlanVersion(plan=found.plan, **version))
        if year["pk"]:
            found.years.setdefault(year["pk"], ReportingYear(plan=found.plan, **year))
    asked = request.GET
    default = next((one for one in plans.values() if one.in_force), None)
    found = _asked_for(list(plans.values()), default, asked.get("plan"), asked.get("year"))
    if found is None:
        return None
    edition = Edition(
        found.plan,
        found.in_force or next(iter(found.versions.values())),
        tuple(found.versions.values()),
        tuple(one for one in found.years.values() if may_see_year(one.state, request.user)),
        others=tuple(one.plan for one in plans.values() if one is not found),
        default=found is default,
    )
    return _choose(edition, asked.get("year"), asked.get("version"))


class _Found(NamedTuple):
    plan: Plan
    versions: dict[int, PlanVersion]
    years: dict[int, ReportingYear]

    @property
    def in_force(self) -> PlanVersion | None:
        return next(
            (one for one in self.versions.values() if one.state == VersionState.APPROVED), None
        )


def _asked_for(
    plans: list[_Found], default: _Found | None, slug: str | None, year: str | None
) -> _Found | None:
    """The plan that is named, else the one that the year belongs to, else the default."""
    if slug:
        named = next((one for one in plans if one.plan.slug == slug), None)
        if named is None:
            raise Http404
        return named
    if year and year.isdecimal() and default and int(year) not in default.plan.years:
        return next((one for one in plans if int(year) in one.plan.years), default)
    return default


def _choose(edition: Edition, year: str | None, version: str | None) -> Edition:
    if version:
        numbers = {str(one.number): one for one in edition.versions}
        if version not in numbers:
            raise Http404
        edition = replace(edition, version=numbers[version])
    by_year = {one.year: one for one in edition.years}
    wanted = max(by_year, default=None)
    if year:
        if not year.isdecimal() or int(year) not in edition.plan.years:
            raise Http404
        wanted = int(year)
    return replace(
        edition,
        year=by_year.get(wanted),
        last=by_year.get(wanted - 1) if wanted else None,
        hidden=wanted if wanted not in by_year else None,
    )


def printed(name: str, name_en: str) -> str:
    """The name in the reader's language; the printed one where no English name is known."""
    return name_en if name_en and get_language() == "en" else name
