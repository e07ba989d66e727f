"""Which plan, version and year a page shows: from its address, and from what the person may see."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet, TextField, Value
from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from config.kit.fragments import query
from config.kit.prepared import prepared
from plan.enums import NodeLevel, VersionState
from plan.models import Plan, PlanVersion
from tracking.models import ReportingYear
from tracking.standing import may_see_year

if TYPE_CHECKING:
    from tracking.standing import Person

# What is read of every plan, and after it what only of the one that is shown.
_PLAN = ("pk", "slug", "name", "name_en", "start_year", "end_year")
_VERSION = ("pk", "number", "title", "approved_on", "level_names")
_YEAR = ("pk", "year", "opens_on", "due_on", "closes_on", "state")


class OtherPlan(NamedTuple):
    """A plan that the page could be about instead."""

    pk: int
    slug: str
    name: str
    name_en: str
    start_year: int
    end_year: int
    in_force: bool

    @property
    def years(self) -> range:
        return range(self.start_year, self.end_year + 1)


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
    others: tuple[OtherPlan, ...] = ()
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


def _rows(shown: QuerySet) -> QuerySet:
    """Of the plan `shown` every version that was ever in force, or the first draft where there was
    none yet, once for each of its years. Of every other plan one narrow row, that of the version
    which is filed against: what a page costs must not grow with the years of other plans.
    """
    every = (*(f"plan__{name}" for name in _PLAN), "state")
    rest = (
        "plan__imported_at",
        *_VERSION,
        *(f"plan__reporting_years__{name}" for name in _YEAR),
    )
    settled = PlanVersion.objects.filter(state__in=[VersionState.APPROVED, VersionState.SUPERSEDED])
    whole = (settled | PlanVersion.objects.first_drafts()).filter(plan__in=shown)
    others = PlanVersion.objects.to_file_against().exclude(plan__in=shown)
    unread = [Value(None, output_field=TextField())] * len(rest)
    return (
        whole.order_by()
        .values_list(*every, *rest)
        .union(others.order_by().values_list(*every, *unread), all=True)
    )


@prepared
def _default() -> QuerySet:
    in_force = Plan.objects.filter(versions__state=VersionState.APPROVED)
    return _rows(in_force.order_by("-start_year", "slug").values("pk")[:1])


@prepared
def _named(slug: str) -> QuerySet:
    return _rows(Plan.objects.filter(slug=slug).values("pk"))


@dataclass
class _Found:
    """What `_rows` gave; `plan` is None where there is none to show."""

    plan: Plan | None = None
    versions: dict[int, PlanVersion] = field(default_factory=dict)
    years: dict[int, ReportingYear] = field(default_factory=dict)
    others: list[OtherPlan] = field(default_factory=list)

    @property
    def in_force(self) -> PlanVersion | None:
        return next(
            (one for one in self.versions.values() if one.state == VersionState.APPROVED), None
        )

    @property
    def default(self) -> bool:
        """Whether no other plan comes before this one for who asks for none."""
        before = next((one for one in self.others if one.in_force), None)
        return self.in_force is not None and (
            before is None
            or (-self.plan.start_year, self.plan.slug) < (-before.start_year, before.slug)
        )


def _find(rows: list[tuple], user: "Person") -> _Found:
    """The plan shown with its versions, newest first, and its years, oldest first. First drafts
    are for signed-in people.
    """
    found = _Found()
    for row in sorted(rows, key=_order):
        plan, state, imported_at, *rest = row[: len(_PLAN)], *row[len(_PLAN) :]
        if state == VersionState.DRAFT and not user.is_authenticated:
            continue
        version, year = rest[: len(_VERSION)], rest[len(_VERSION) :]
        if version[0] is None:
            found.others.append(OtherPlan(*plan, in_force=state == VersionState.APPROVED))
            continue
        if found.plan is None:
            own = dict(zip(_PLAN, plan, strict=True))
            found.plan = Plan(**own, imported_at=imported_at)
        if version[0] not in found.versions:
            given = dict(zip(_VERSION, version, strict=True))
            found.versions[version[0]] = PlanVersion(plan=found.plan, state=state, **given)
        if year[0] and year[0] not in found.years:
            given = dict(zip(_YEAR, year, strict=True))
            found.years[year[0]] = ReportingYear(plan=found.plan, **given)
    return found


_SLUG, _START = _PLAN.index("slug"), _PLAN.index("start_year")
_NUMBER = len(_PLAN) + 2 + _VERSION.index("number")
_ROC_YEAR = len(_PLAN) + 2 + len(_VERSION) + _YEAR.index("year")


def _order(row: tuple) -> tuple:
    """Plans newest first, of the one shown its versions newest first and its years oldest first."""
    return -row[_START], row[_SLUG], -(row[_NUMBER] or 0), row[_ROC_YEAR] or 0


def find_edition(request: HttpRequest) -> Edition | None:
    """The newest plan with a version in force; None while there is none. One query, two where the
    year that is asked for is another plan's.

    `?year=` (ROC) chooses a year, the latest visible one otherwise, and with it the plan whose
    year it is; `?plan=` names a plan, also one that is filed against while it is a draft, which
    signed-in people see; `?version=` a number. What the plan does not have answers 404.
    """
    slug, year = request.GET.get("plan"), request.GET.get("year")
    found = _find(_named(slug) if slug else _default(), request.user)
    if found.plan is None:
        if slug:
            raise Http404
        return None
    if not slug and year and year.isdecimal() and int(year) not in found.plan.years:
        of_year = next((one for one in found.others if int(year) in one.years), None)
        if of_year:
            found = _find(_named(of_year.slug), request.user)
    edition = Edition(
        found.plan,
        found.in_force or next(iter(found.versions.values())),
        tuple(found.versions.values()),
        tuple(one for one in found.years.values() if may_see_year(one.state, request.user)),
        others=tuple(found.others),
        default=found.default,
    )
    return _choose(edition, year, request.GET.get("version"))


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
