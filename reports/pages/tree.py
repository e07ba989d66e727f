"""The plan as a list: every measure with who answers for it and how it stands, searched, filtered.

Few narrow reads and one pass; a page of all measures must stay quick. What a row holds is the
same for the page and for its CSV.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from config.kit.prepared import prepared
from config.kit.roc import gregorian_year
from config.kit.templatetags.kit import light_word
from ministries.models import Body
from plan.enums import AssignmentRole
from plan.models import Assignment, Measure
from plan.queries import has_indicator
from tracking import lights, standing
from tracking.edition import Edition, printed
from tracking.enums import LATE_LIGHTS, Cause
from tracking.lights import NO_LIGHT, MeasureLight

LATE = "late"
CHANGES = {"worse": -1, "same": 0, "better": 1}
NO_CAUSE = "none"
NO_INDICATOR = "none"


class Node(NamedTuple):
    """A goal, sub-goal or strategy above a measure. `notes`: what table 7 leaves open there."""

    code: str
    name: str
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """One measure: where it hangs, who answers, its light of this year and of the last, and whether
    it has an approved indicator.
    """

    code: str
    name: str
    goal_ordinal: int
    goal: Node
    sub_goal: Node | None
    strategy: Node
    leads: tuple[Body, ...]
    partners: tuple[Body, ...]
    now: MeasureLight
    before: MeasureLight
    indicated: bool
    lineage: UUID

    def answers(self, code: str) -> bool:
        return any(body.code == code for body in (*self.leads, *self.partners))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; "" asks for everything. `choices` are what it may say."""

    q: str = ""
    goal: str = ""
    ministry: str = ""
    light: str = ""
    cause: str = ""
    change: str = ""
    indicator: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Raises Http404 for a light, cause, change or word on indicators that does not exist."""
        given = {name: query.get(name, "").strip() for name in cls.__slots__}
        known = {
            "light": {LATE, *lights.SHOWN_ORDER},
            "cause": {NO_CAUSE, *Cause.values},
            "change": set(CHANGES),
            "indicator": {NO_INDICATOR},
        }
        for name, values in known.items():
            if given[name] and given[name] not in values:
                raise Http404
        return cls(**given)

    @property
    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    def match(self, row: Row) -> bool:
        shown = row.now.shown
        return (
            self._found(row)
            and self.goal in ("", row.goal.code)
            and (not self.ministry or row.answers(self.ministry))
            and (self.light in ("", shown) or (self.light == LATE and shown in LATE_LIGHTS))
            and (not self.cause or (row.now.late and row.now.cause == self._cause))
            and (not self.change or self._changed(row))
            and not (self.indicator and row.indicated)
        )

    @property
    def _cause(self) -> str:
        return "" if self.cause == NO_CAUSE else self.cause

    def _changed(self, row: Row) -> bool:
        return lights.change(row.before.shown, row.now.shown) == CHANGES[self.change]

    def _found(self, row: Row) -> bool:
        """A code that begins so, or a name that holds the words: the measure's own, or that of
        anything above it.
        """
        if not self.q:
            return True
        words = self.q.casefold()
        nodes = (row, row.strategy, row.sub_goal, row.goal)
        return any(
            node.code == words
            or node.code.startswith(f"{words.rstrip('.')}.")
            or words in node.name.casefold()
            for node in nodes
            if node
        )


class Tree:
    """All measures of a version for one person. At most four queries."""

    def __init__(self, edition: Edition, user, filters: Filters) -> None:
        self.edition = edition
        self.year = edition.year
        self.last = edition.last
        self.user = user
        self.filters = filters

    @property
    def day(self) -> date | None:
        """Whose duty it is, is asked for this day; None: as the plan names them."""
        return self.year.opens_on if self.year else None

    @cached_property
    def _bodies(self) -> dict[int, tuple[tuple[Body, ...], tuple[Body, ...]]]:
        """Measure id → (leads, partners) on the year's opening day, in the plan's order.

        Where two duties of a measure reach one body, it is named once, as lead.
        """
        if self.day:
            rows = _duties_on(self.edition.version.pk, self.day)
        else:
            rows = _first_duties(self.edition.version.pk)
        lineage = standing.lineage_for(self.user)
        found: dict[int, tuple[dict[int, None], dict[int, None]]] = defaultdict(lambda: ({}, {}))
        for measure, ministry, role in rows:
            holder = lineage.holder(ministry, self.day) if self.day else ministry
            found[measure][role != AssignmentRole.LEAD][holder] = None
        names = lineage.bodies
        return {
            measure: (
                tuple(names[pk] for pk in leads),
                tuple(names[pk] for pk in partners if pk not in leads),
            )
            for measure, (leads, partners) in found.items()
        }

    @cached_property
    def rows(self) -> list[Row]:
        """Every measure, in the plan's order."""
        by_year = standing.lights_of_years(self.edition.shown_years, self.user)
        now = by_year.get(self.year.pk, {}) if self.year else {}
        before = by_year.get(self.last.pk, {}) if self.last else {}
        found = []
        for pk, lineage, indicated, code, name, name_en, ordinal, implicit, *above in _measures(
            self.edition.version.pk
        ):
            leads, partners = self._bodies.get(pk, ((), ()))
            measure = standing.lineage_of(lineage)
            found.append(
                Row(
                    code=code,
                    name=printed(name, name_en),
                    goal_ordinal=ordinal,
                    goal=Node(above[0], printed(above[1], above[2])),
                    sub_goal=None if implicit else Node(above[3], printed(above[4], above[5])),
                    strategy=Node(above[6], printed(above[7], above[8]), _notes(*above[9:])),
                    leads=leads,
                    partners=partners,
                    now=now.get(measure, NO_LIGHT),
                    before=before.get(measure, NO_LIGHT),
                    indicated=bool(indicated),
                    lineage=measure,
                )
            )
        return found

    @cached_property
    def hits(self) -> list[Row]:
        return [row for row in self.rows if self.filters.match(row)]

    @cached_property
    def counts(self) -> Counter[str]:
        """Lights of the measures found."""
        return lights.count(row.now for row in self.hits)

    @cached_property
    def goals(self) -> list["GoalPart"]:
        """The measures found, under their goals; goals without any are left out."""
        parts: dict[str, GoalPart] = {}
        for row in self.hits:
            part = parts.setdefault(row.goal.code, GoalPart(row.goal, row.goal_ordinal))
            part.rows.append(row)
        return list(parts.values())

    def goal_choices(self) -> dict[str, str]:
        return {"": _("全部")} | {
            row.goal.code: f"{row.goal.code} {row.goal.name}" for row in self.rows
        }

    def ministry_choices(self) -> dict[str, str]:
        """Bodies by number of measures, most first."""
        number: Counter[Body] = Counter()
        for row in self.rows:
            number.update((*row.leads, *row.partners))
        ranked = sorted(number.items(), key=lambda item: (-item[1], item[0].code))
        return {"": _("全部")} | {
            body.code: _("%(name)s（%(n)s項）") % {"name": body.short_name, "n": n}
            for body, n in ranked
        }

    def light_choices(self) -> dict[str, str]:
        borne = lights.count(row.now for row in self.rows)
        late = sum(row.now.late for row in self.rows)
        words = {"": _("全部"), LATE: _("落後與嚴重落後（%(n)s項）") % {"n": late}}
        return words | {
            code: _("%(name)s（%(n)s項）") % {"name": light_word(code), "n": borne[code]}
            for code in lights.SHOWN_ORDER
            if borne[code] or code == self.filters.light
        }

    def csv(self) -> tuple[list[str], list[list[object]]]:
        """Header and rows of what was found; several ministries are joined by 、."""
        header = ["goal", "sub_goal", "strategy", "measure", "name", "leads", "partners"]
        header += ["roc_year", "year", "light", "light_so_far", "completion", "light_last_year"]
        year = self.year
        return header, [
            [
                row.goal.code,
                row.sub_goal.code if row.sub_goal else "",
                row.strategy.code,
                row.code,
                row.name,
                "、".join(body.short_name for body in row.leads),
                "、".join(body.short_name for body in row.partners),
                year.year if year else "",
                gregorian_year(year.year) if year else "",
                row.now.shown if year else "",
                row.now.so_far if year else "",
                row.now.completion,
                row.before.shown if self.last else "",
            ]
            for row in self.hits
        ]


_NAMED = ("code", "name", "name_en")
_DUTY = ("measure_id", "ministry_id", "role")


@prepared
def _duties_on(version: int, day: date) -> QuerySet:
    rows = Assignment.objects.filter(measure__version=version).on(day)
    return rows.order_by("role", "order", "pk").values_list(*_DUTY)


@prepared
def _first_duties(version: int) -> QuerySet:
    rows = Assignment.objects.filter(measure__version=version, since__isnull=True)
    return rows.order_by("role", "order", "pk").values_list(*_DUTY)


@prepared
def _measures(version: int) -> QuerySet:
    """Every measure of a version in the plan's order, with the nodes above it."""
    strategy, sub_goal, goal = "strategy", "strategy__sub_goal", "strategy__sub_goal__goal"
    named = [f"{node}__{it}" for node in (goal, sub_goal, strategy) for it in _NAMED]
    return (
        Measure.objects.filter(version=version)
        .order_by("position")
        .values_list(
            *("pk", standing.LINEAGE, has_indicator(), "code", "name", "name_en"),
            *(f"{goal}__ordinal", f"{sub_goal}__implicit", *named),
            *(f"{strategy}__note", f"{strategy}__uncertain"),
        )
    )


def _notes(note: str, uncertain: str) -> tuple[str, ...]:
    """What table 7 says beside the ministries, and what is unsure about its reading."""
    said = [_("表7另載：%(note)s") % {"note": note}] if note else []
    return (*said, uncertain) if uncertain else tuple(said)


@dataclass
class GoalPart:
    goal: Node
    ordinal: int
    rows: list[Row] = field(default_factory=list)

    @property
    def late(self) -> int:
        return sum(row.now.late for row in self.rows)
