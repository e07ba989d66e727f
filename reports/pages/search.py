"""What a search finds for one person: in the plan in force, and in reports and resolutions that
they may read.

Three reads find, newest first and at most `MOST` of a kind; what is shown of the hits is read after
that, and for those on the page only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.kit.fragments import address, address_prefix, query, with_query
from config.kit.roc import gregorian_year
from config.kit.search import Found, Words, excerpt, holds_all, marked
from plan.enums import NodeLevel, VersionState
from plan.models import Goal, PlanVersion
from plan.search import Node, code_in, nodes, texts_of
from tracking import standing
from tracking.edition import printed
from tracking.models import ProgressReport, ReportingYear, Resolution
from tracking.queries.resolutions import listed
from tracking.queries.search import TEXTS, reports_saying, resolutions_saying
from tracking.submitted import shown

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser

PLAN, REPORTS, RESOLUTIONS = KINDS = ("plan", "reports", "resolutions")
MOST = 200
# Years that are searched one by one, so that a word of every report finds the newest ones.
YEARS_APART = 4
# Of one hit, so that a list stays a list.
EXCERPTS = 2


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; "" asks for everything."""

    kind: str = ""
    plan: str = ""
    year: str = ""
    ministry: str = ""
    goal: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        """Raises Http404 for a kind that does not exist, or a year that is no number."""
        asked = cls(**{name: given.get(name, "").strip()[:60] for name in cls.__slots__})
        if asked.kind not in ("", *KINDS) or not (asked.year or "0").isdecimal():
            raise Http404
        return asked

    @property
    def narrow(self) -> bool:
        return bool(self.plan or self.year or self.ministry or self.goal)


class PlanHit(NamedTuple):
    """A node: `name` marked; `of` its level, and its plan where it isn't the one shown first."""

    code: str
    goal: str
    name: SafeString
    of: str
    url: str
    excerpts: list[tuple[str, SafeString]]


class ReportHit(NamedTuple):
    report: ProgressReport
    excerpts: list[tuple[str, SafeString]]


class ResolutionHit(NamedTuple):
    resolution: Resolution
    excerpts: list[tuple[str, SafeString]]


class Search:
    """One question of one person. Raises Http404 for a plan or ministry that there isn't."""

    def __init__(self, words: Words, filters: Filters, user: "Person") -> None:
        self.words = words
        self.filters = filters
        self.user = user

    # --- where ------------------------------------------------------------------------------------
    @cached_property
    def versions(self) -> dict[int, PlanVersion]:
        """Versions that are searched, the newest plan's in force first."""
        rows = PlanVersion.objects.visible_to(self.user).to_file_against().select_related("plan")
        found = sorted(
            rows,
            key=lambda one: (
                one.state != VersionState.APPROVED, -one.plan.start_year, one.plan.slug,
            ),
        )  # fmt: skip
        return {one.pk: one for one in found}

    @property
    def first(self) -> PlanVersion | None:
        """The version that is shown to who asks for none."""
        return next(iter(self.versions.values()), None)

    @cached_property
    def chosen(self) -> dict[int, PlanVersion]:
        """The versions that the plan and the year of the address leave."""
        found, asked = self.versions, self.filters
        if asked.plan:
            found = {pk: one for pk, one in found.items() if one.plan.slug == asked.plan}
            if not found:
                raise Http404
        if asked.year:
            year = int(asked.year)
            found = {pk: one for pk, one in found.items() if year in one.plan.years}
        return found

    @cached_property
    def years(self) -> list[ReportingYear]:
        """Years of which this person may see reports, the newest first."""
        rows = ReportingYear.objects.order_by("-year", "plan_id")
        return [one for one in rows if standing.may_see_year(one.state, self.user)]

    @cached_property
    def bodies(self) -> list[int] | None:
        """The ministry of the address with those whose papers it has; None where it names none."""
        if not self.filters.ministry:
            return None
        lineage = standing.lineage_for(self.user)
        for pk, body in lineage.bodies.items():
            if body.code == self.filters.ministry:
                return lineage.line(pk, timezone.localdate())
        raise Http404

    # --- what is found ----------------------------------------------------------------------------
    @property
    def asks(self) -> bool:
        """Whether there is something to look for: a code, or more than one character."""
        return self.words.several or bool(code_in(self.words))

    @cached_property
    def _nodes(self) -> Found:
        if not self.asks:
            return Found([])
        first = [pk for pk in self.chosen if self.first and pk == self.first.pk]
        rest = [pk for pk in self.chosen if pk not in first]
        return nodes(
            self.words, [first, rest], goal=self.filters.goal, bodies=self.bodies, limit=MOST + 1
        )

    @cached_property
    def nodes(self) -> list[Node]:
        """Exact codes first, then names, then descriptions; each in the plans' order."""
        code, place = code_in(self.words), {pk: at for at, pk in enumerate(self.versions)}
        return sorted(
            self._nodes.rows,
            key=lambda one: (
                one.code != code,
                not (code and one.code.startswith(f"{code}.")),
                not holds_all(f"{one.name}\n{one.name_en}", self.words),
                place[one.version],
                one.place,
            ),
        )

    @cached_property
    def _reports(self) -> Found:
        if not self.words.several:
            return Found([])
        asked = self.filters
        plans = {one.plan_id for one in self.chosen.values()} if asked.plan else None
        by_year: dict[int, list[int]] = {}
        for one in self.years:
            if plans is not None and one.plan_id not in plans:
                continue
            if not asked.year or one.year == int(asked.year):
                by_year.setdefault(one.year, []).append(one.pk)
        groups = list(by_year.values())
        older = [pk for group in groups[YEARS_APART:] for pk in group]
        return reports_saying(
            self.words,
            self.user,
            [*groups[:YEARS_APART], older],
            goal=asked.goal,
            bodies=self.bodies,
            limit=MOST + 1,
        )

    @cached_property
    def reports(self) -> list[int]:
        """Ids, the newest year first."""
        found, place = self._reports.rows, {one.pk: -one.year for one in self.years}
        return [pk for pk, year in sorted(found, key=lambda row: (place[row[1]], row[0]))]

    @cached_property
    def _resolutions(self) -> Found:
        if not self.words.several or not self.user.is_authenticated:
            return Found([])
        asked = self.filters
        year = gregorian_year(int(asked.year)) if asked.year else 0
        plan = next(iter(self.chosen.values())).plan_id if asked.plan else None
        return resolutions_saying(
            self.words,
            self.user,
            plan=plan,
            dates=(date(year, 1, 1), date(year, 12, 31)) if year else None,
            goal=asked.goal,
            bodies=self.bodies,
            limit=MOST + 1,
        )

    @property
    def resolutions(self) -> list[int]:
        return self._resolutions.rows

    @property
    def cut(self) -> bool:
        """Whether texts that may hold these words were not looked through."""
        return self._nodes.cut or self._reports.cut or self._resolutions.cut

    # --- what is shown ----------------------------------------------------------------------------
    def plan_hits(self, found: Sequence[Node]) -> list[PlanHit]:
        """One query."""
        texts = texts_of(found)
        return [self._plan_hit(one, texts.get((one.level, one.pk), [])) for one in found]

    def _plan_hit(self, node: Node, texts: list[str]) -> PlanHit:
        version, name = self.versions[node.version], printed(node.name, node.name_en)
        other = node.name_en if name == node.name else node.name
        told = [] if holds_all(name, self.words) else [other, *texts]
        of = version.level_name(node.level)
        if version is not self.first:
            of = _("%(level)s・%(plan)s") % {"level": of, "plan": version.plan.name}
        return PlanHit(
            node.code,
            node.code[:1],
            marked(name, self.words),
            of,
            self._url(node, version),
            _excerpts([("", text) for text in told], self.words)[:1],
        )

    def _url(self, node: Node, version: PlanVersion) -> str:
        asked = (
            {} if version is self.first else {"plan": version.plan.slug, "version": version.number}
        )
        if node.level in (NodeLevel.MEASURE, NodeLevel.GOAL):
            return f"{address_prefix(node.level)}{node.code}/{query(**asked)}"
        return with_query(address("plan-tree"), q=node.code, **asked)

    def report_hits(self, ids: Sequence[int]) -> list[ReportHit]:
        """In the order of the ids, each report saying what this person may read of it."""
        rows = (
            ProgressReport.objects.visible_to(self.user)
            .filter(pk__in=ids)
            .select_related("reporting_year", "measure", "ministry")
            .defer("measure__description")
            .order_by()
        )
        by_id = {row.pk: row for row in shown(list(rows), self.user)}
        return [
            ReportHit(by_id[pk], _excerpts(_told(by_id[pk]), self.words))
            for pk in ids
            if pk in by_id
        ]

    def resolution_hits(self, ids: Sequence[int]) -> list[ResolutionHit]:
        """Open ones by their day first, as in the list of resolutions."""
        rows = listed(Resolution.objects.visible_to(self.user).filter(pk__in=ids))
        return [
            ResolutionHit(
                row,
                _excerpts(
                    [
                        ("", row.text),
                        ("", row.name),
                        *((_("辦理情形"), told.text) for told in row.told),
                        *((_("審查人的理由"), told.reason) for told in row.told),
                    ],
                    self.words,
                ),
            )
            for row in rows
        ]

    def address(self, kind: str) -> str:
        """The same question to one kind alone."""
        asked = {name: getattr(self.filters, name) for name in self.filters.__slots__}
        return with_query(address("search"), q=self.words.asked, **{**asked, "kind": kind})

    # --- what may be chosen -----------------------------------------------------------------------
    def year_choices(self) -> dict[str, str]:
        years = dict.fromkeys(one.year for one in self.years)
        return {str(year): _("%(year)s年度") % {"year": year} for year in years}

    def plan_choices(self) -> dict[str, str]:
        return {one.plan.slug: one.plan.name for one in self.versions.values()}

    def ministry_choices(self) -> dict[str, str]:
        bodies = standing.lineage_for(self.user).bodies.values()
        return {body.code: body.short_name for body in bodies}

    def goal_choices(self) -> dict[str, str]:
        """Goals of the plan that was chosen, else of the one shown first. One query."""
        version = next(iter(self.chosen.values()), self.first)
        rows = Goal.objects.filter(version=version).order_by("ordinal")
        return {
            code: f"{code} {printed(name, name_en)}"
            for code, name, name_en in rows.values_list("code", "name", "name_en")
        }


def _told(report: ProgressReport) -> list[tuple[str, str]]:
    """What a report says, each sentence under the name of its field."""
    label = ProgressReport._meta.get_field
    return [(str(label(name).verbose_name), getattr(report, name)) for name in TEXTS]


def _excerpts(told: Sequence[tuple[str, str]], words: Words) -> list[tuple[str, SafeString]]:
    found = ((label, excerpt(text, words)) for label, text in told)
    return [(label, shown) for label, shown in found if shown][:EXCERPTS]
