"""The plan as a list: every measure with who answers for it and how it stands, searched, filtered.

Few narrow reads and one pass; a page of all measures must stay quick. What a row holds is the
same for the page and for its CSV.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.kit.prepared import prepared
from config.kit.roc import gregorian_year
from config.kit.templatetags.kit import light_word
from ministries.models import Body
from plan.enums import AssignmentRole
from plan.models import Assignment, Measure
from plan.queries import has_indicator
from reports.pages.measures import LATE, Filters, Node, Row
from reports.pages.source import LIVE, FrozenSource, Source
from tracking import lights, standing
from tracking.edition import Edition, printed
from tracking.lights import NO_LIGHT


class Tree:
    """All measures of a version for one person, or of an edition. At most four queries."""

    def __init__(
        self, edition: Edition, user, filters: Filters, source: Source | None = None
    ) -> None:
        """Without a `source`, of live rows; otherwise `edition` is the source's own."""
        self.edition = edition
        self.source = source
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
        if isinstance(self.source, FrozenSource):
            return list(_frozen_rows(self.source))
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
        header += ["source"]
        year, mark = self.year, self.source.mark if self.source else LIVE
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
                mark,
            ]
            for row in self.hits
        ]


def _frozen_rows(source: FrozenSource) -> Iterator[Row]:
    """The rows of an edition, with names and bodies as they were frozen: of the year that is shown
    those of its lines, else those of the tree.
    """
    frozen, edition = source.frozen, source.edition
    by_year = source.lights(edition.shown_years)
    now = by_year.get(edition.year.pk, {}) if edition.year else {}
    before = by_year.get(edition.last.pk, {}) if edition.last else {}
    bodies = frozen.duties(edition.year.year) if edition.year else {}
    for one in frozen.measures():
        leads, partners = bodies.get(one.code) or (
            tuple(map(frozen.body, one.leads)),
            tuple(map(frozen.body, one.partners)),
        )
        yield Row(
            code=one.code,
            name=one.name,
            goal_ordinal=one.goal["ordinal"],
            goal=Node(one.goal["code"], one.goal["name"]),
            sub_goal=None
            if one.sub_goal["implicit"]
            else Node(one.sub_goal["code"], one.sub_goal["name"]),
            strategy=Node(
                one.strategy["code"], one.strategy["name"], _notes(one.strategy["note"], "")
            ),
            leads=leads,
            partners=partners,
            now=now.get(one.lineage, NO_LIGHT),
            before=before.get(one.lineage, NO_LIGHT),
            indicated=one.code in frozen.indicated,
            lineage=one.lineage,
        )


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
