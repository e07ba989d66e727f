"""Which plan, version and year a page shows: from its address, and from what the person may see."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from config.kit.prepared import prepared
from plan.enums import VersionState
from plan.models import Plan, PlanVersion
from tracking.models import ReportingYear
from tracking.standing import may_see_year

_PLAN = ("pk", "slug", "name", "name_en", "start_year", "end_year", "imported_at")
_VERSION = ("pk", "number", "title", "state", "approved_on", "level_names")
_YEAR = ("pk", "year", "opens_on", "due_on", "closes_on", "state")


@dataclass(frozen=True)
class Edition:
    """What a page is about.

    versions  the one in force and those that it superseded, newest first; drafts are nobody's yet
    years     reporting years of which this person may see lights and filings, oldest first
    year      the one shown; None when there is none to show
    last      the one before it, if it may be seen
    hidden    the ROC year that was asked for and belongs to the plan, but may not be seen yet
    """

    plan: Plan
    version: PlanVersion
    versions: tuple[PlanVersion, ...]
    years: tuple[ReportingYear, ...]
    year: ReportingYear | None = None
    last: ReportingYear | None = None
    hidden: int | None = None

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
    """Every version that was ever in force, newest first, once for each year of its plan."""
    return (
        PlanVersion.objects.filter(state__in=[VersionState.APPROVED, VersionState.SUPERSEDED])
        .order_by("-plan__start_year", "plan__slug", "-number", "plan__reporting_years__year")
        .values_list(
            *(f"plan__{name}" for name in _PLAN),
            *_VERSION,
            *(f"plan__reporting_years__{name}" for name in _YEAR),
        )
    )


def find_edition(request: HttpRequest) -> Edition | None:
    """The newest plan with a version in force; None while there is none. One query.

    `?year=` (ROC) chooses a year, the latest visible one otherwise; `?version=` a number. What
    the plan does not have answers 404.
    """
    plan, versions, years = None, {}, {}
    for row in _editions():
        parts = dict(zip(_PLAN, row, strict=False))
        version = dict(zip(_VERSION, row[len(_PLAN) :], strict=False))
        year = dict(zip(_YEAR, row[len(_PLAN) + len(_VERSION) :], strict=True))
        if plan is None and version["state"] == VersionState.APPROVED:
            plan = Plan(**parts)
        if plan is None or parts["pk"] != plan.pk:
            continue
        versions.setdefault(version["pk"], PlanVersion(plan=plan, **version))
        if year["pk"]:
            years.setdefault(year["pk"], ReportingYear(plan=plan, **year))
    if plan is None:
        return None
    in_force = next(one for one in versions.values() if one.state == VersionState.APPROVED)
    visible = tuple(one for one in years.values() if may_see_year(one.state, request.user))
    edition = Edition(plan, in_force, tuple(versions.values()), visible)
    return _choose(edition, request.GET.get("year"), request.GET.get("version"))


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
