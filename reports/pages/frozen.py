"""An edition read for the pages that otherwise read live rows: lights, filing, duties of its years.

Everything comes from the edition's head and its lines, two queries whatever is asked; names are
those that were frozen. No live row is asked for.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from config.kit.prepared import prepared
from ministries.models import Body
from plan.enums import AssignmentRole
from reports.enums import LineKind
from reports.models import Edition, SnapshotLine
from tracking.enums import FINAL_LIGHTS, FilingState, Status
from tracking.lights import Lead, MeasureLight, measure_light
from tracking.standing import Filing, Lights

# What the public knows of filing; the same that it is told of live years.
_TOLD = frozenset({FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT})
_ASKED = (
    "role", "coordinating", "light", "completion", "cause", "sub_cause", "nothing_to_report",
    "state",
)  # fmt: skip


class Line(NamedTuple):
    """One frozen duty, as far as lights and filing need it."""

    ordinal: int
    year: int
    measure: str
    ministry: str
    lead: bool
    report: Lead
    state: FilingState


class FrozenMeasure(NamedTuple):
    """A measure of the frozen tree. The nodes above are as `Edition.head` has them: `code`, `name`,
    `ordinal`, of a sub-goal `implicit`, of a strategy `cell` and `note`.
    """

    lineage: UUID
    code: str
    name: str
    leads: list[str]
    partners: list[str]
    strategy: dict
    sub_goal: dict
    goal: dict


class Frozen:
    """The parts of one edition. `pk` is its id."""

    def __init__(self, pk: int) -> None:
        self._pk = pk

    @cached_property
    def head(self) -> dict:
        return Edition.objects.values_list("head", flat=True).get(pk=self._pk)

    @property
    def years(self) -> list[int]:
        """ROC years that it spans."""
        return self.head["years"]

    @cached_property
    def lines(self) -> list[Line]:
        """All lines, in the order in which they were frozen: by year, then leads first."""
        return [
            Line(
                ordinal,
                year,
                measure,
                ministry,
                role == AssignmentRole.LEAD,
                _lead(kind, ministry, _true(coordinating), state, *reported),
                _state(kind, state, nothing),
            )
            for ordinal, year, kind, measure, ministry, *told in _lines(self._pk)
            for role, coordinating, *reported, nothing, state in [told]
        ]

    def measures(self) -> Iterator[FrozenMeasure]:
        """In the plan's order; those that a revision ended stand with the others."""
        for goal in self.head["tree"]:
            for sub_goal in goal["sub_goals"]:
                for strategy in sub_goal["strategies"]:
                    for one in strategy["measures"]:
                        yield FrozenMeasure(
                            UUID(one["lineage"]),
                            one["code"],
                            one["name"],
                            one["leads"],
                            one["partners"],
                            strategy,
                            sub_goal,
                            goal,
                        )

    @cached_property
    def indicated(self) -> frozenset[str]:
        """Codes of the measures of which an indicator was asked. One query."""
        rows = SnapshotLine.objects.filter(edition=self._pk).exclude(content__values=[])
        return frozenset(rows.order_by().values_list("measure_code", flat=True).distinct())

    def place(self, year: int, measure: str) -> int | None:
        """Number of the line that stands first for the measure in this ROC year, or in any."""
        return self._places.get((year, measure)) or self._places.get((None, measure))

    @cached_property
    def _places(self) -> dict[tuple[int | None, str], int]:
        found: dict[tuple[int | None, str], int] = {}
        for line in self.lines:
            found.setdefault((line.year, line.measure), line.ordinal)
            found.setdefault((None, line.measure), line.ordinal)
        return found

    def body(self, code: str) -> Body:
        """A ministry as it was named."""
        named = self.head["ministries"].get(code, {"short_name": code, "full_name": code})
        return Body(code, named["short_name"], named["full_name"])

    def lights(self, year: int) -> Lights:
        """Lights of one ROC year by lineage, `decided_by` the code of a ministry. A measure without
        lines is absent.
        """
        return self._lights.get(year, {})

    @cached_property
    def _lights(self) -> dict[int, Lights]:
        lineages = {measure.code: measure.lineage for measure in self.measures()}
        leads: dict[tuple[int, str], list[Lead]] = defaultdict(list)
        ended: dict[str, list[tuple[int, str, str, int | None]]] = defaultdict(list)
        for line in self.lines:
            if not line.lead:
                continue
            lead = line.report
            if lead.status == Status.ACCEPTED and lead.light in FINAL_LIGHTS:
                ended[line.measure].append((line.year, line.ministry, lead.light, lead.completion))
            elif lead.status == Status.NOT_APPLICABLE:
                lead = self._carried(line, ended[line.measure])
            leads[line.year, line.measure].append(lead)
        found: dict[int, Lights] = defaultdict(dict)
        for (year, code), reported in leads.items():
            found[year][lineages[code]] = self._light(year, code, reported)
        return found

    def _carried(self, line: Line, ended: list[tuple]) -> Lead:
        """As the body, or one whose duties it took over, ended in an earlier year."""
        before = self.head["ministries"].get(line.ministry, {}).get("before", ())
        bodies = {line.ministry, *before}
        own = [past for past in ended if past[0] < line.year and past[1] in bodies]
        return line.report.carried(*max(own)[2:]) if own else line.report

    def _light(self, year: int, code: str, leads: list[Lead]) -> MeasureLight:
        set_by_reviewer = self.head["overrides"].get(str(year), {}).get(code)
        if set_by_reviewer is None:
            return measure_light(leads)
        return measure_light(leads, set_by_reviewer["light"], set_by_reviewer["reason"])

    def filing(self, year: int, *, whole: bool) -> dict[str, Filing]:
        """Filing of one ROC year by code of the ministry, as of the day of freezing. Without
        `whole`, only what was accepted is told.
        """
        duties: dict[str, int] = defaultdict(int)
        states: dict[str, dict[FilingState, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.lines:
            if line.year != year:
                continue
            duties[line.ministry] += 1
            if whole or line.state in _TOLD:
                states[line.ministry][line.state] += 1
        return {
            code: Filing(self.body(code).short_name, code, number, dict(states[code]), whole)
            for code, number in duties.items()
        }

    def duties(self, year: int) -> dict[str, tuple[tuple[Body, ...], tuple[Body, ...]]]:
        """Code of a measure → (leads, partners) of that ROC year."""
        found: dict[str, tuple[list[Body], list[Body]]] = defaultdict(lambda: ([], []))
        for line in self.lines:
            if line.year == year:
                found[line.measure][not line.lead].append(self.body(line.ministry))
        return {code: (tuple(leads), tuple(rest)) for code, (leads, rest) in found.items()}


@prepared
def _lines(edition: int) -> QuerySet:
    return (
        SnapshotLine.objects.filter(edition=edition)
        .order_by("ordinal")
        .values_list(
            "ordinal",
            "year",
            "kind",
            "measure_code",
            "ministry_code",
            *(KeyTextTransform(name, "content") for name in _ASKED),
        )
    )


def _lead(
    kind: str,
    ministry: str,
    coordinating: bool,
    state: str | None,
    light: str | None,
    completion: str | int | None,
    cause: str | None,
    sub_cause: str | None,
) -> Lead:
    if kind == LineKind.REPORT:
        # A null of JSON is NULL on PostgreSQL, and the word on SQLite.
        done = None if completion in (None, "null") else int(completion)
        status = Status.ACCEPTED.value
        return Lead(status, light or "", coordinating, done, cause or "", sub_cause or "", ministry)
    missing = Status.NOT_APPLICABLE if state == FilingState.NOT_APPLICABLE else Status.DRAFT
    return Lead(missing.value, coordinating=coordinating, ministry=ministry)


def _state(kind: str, state: str | None, nothing: str | int | None) -> FilingState:
    if kind == LineKind.GAP:
        return FilingState(state)
    return FilingState.NOTHING_TO_REPORT if _true(nothing) else FilingState.ACCEPTED


def _true(value: str | int | None) -> bool:
    """A truth of JSON as text: PostgreSQL says true, SQLite 1."""
    return str(value).lower() in ("true", "1")
