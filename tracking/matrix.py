"""The collation matrix: strategies or measures down, ministries across, filing states in cells.

One narrow read of the year's reports; the ministries are those that held the duty on the year's
opening day, under the name of that day. Numbers of a cell, of the margins and of the key are
sums of the same rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min

from config.kit.roc import gregorian_year
from plan.enums import AssignmentRole
from plan.models import Measure, Strategy
from tracking.edition import printed
from tracking.enums import FilingState, Timeliness
from tracking.lights import filing_state
from tracking.models import ProgressReport, ReportingYear
from tracking.timeliness import timeliness_column

STRATEGY = "strategy"
MEASURE = "measure"
# From what needs somebody first to what needs nobody; the first that a cell holds is its state.
SHOWN = (
    FilingState.OVERDUE,
    FilingState.RETURNED,
    FilingState.WAITING,
    FilingState.NOT_DUE,
    FilingState.NOTHING_TO_REPORT,
    FilingState.ACCEPTED,
)
SORTS = ("duties", "overdue", "code")


class Body(NamedTuple):
    pk: int
    code: str
    name: str


class Line(NamedTuple):
    """A row's head: a strategy or a measure, and the goal that it belongs to."""

    pk: int
    code: str
    name: str
    goal_code: str
    goal_ordinal: int
    goal_name: str


@dataclass
class Cell:
    """Reports of one body under one line: how many in each state, and whether any is as lead."""

    states: Counter[FilingState] = field(default_factory=Counter)
    timing: Counter[str] = field(default_factory=Counter)  # of those filed, by `Timeliness`
    lead: bool = False
    report: int = 0  # id of one of them: the only one where a line is a measure

    @property
    def owed(self) -> int:
        """Reports that are to be filed: all but those not applicable."""
        return sum(self.states.values()) - self.states[FilingState.NOT_APPLICABLE]

    @property
    def accepted(self) -> int:
        return self.states[FilingState.ACCEPTED] + self.states[FilingState.NOTHING_TO_REPORT]


class Matrix:
    """All cells of one year, under filters. Two queries.

    level   STRATEGY or MEASURE: what a row is
    goal, ministry  codes, "" for all; code  of a node and all below it
    role  lead, partner or "" for both; states  those shown
    """

    def __init__(
        self,
        year: ReportingYear,
        user,
        today: date,
        *,
        level: str = STRATEGY,
        goal: str = "",
        code: str = "",
        ministry: str = "",
        role: str = "",
        states: Iterable[str] = SHOWN,
        sort: str = SORTS[0],
    ) -> None:
        self.year = year
        self.user = user
        self.today = today
        self.level = level
        self.goal = goal
        self.code = code
        self.ministry = ministry
        self.role = role
        self.states = [state for state in SHOWN if state in set(states)]
        self.sort = sort

    @cached_property
    def _counted(self) -> list[tuple]:
        """(row, body, state, lead?, number, a report, timeliness) of all, filters not yet applied.

        In the year of a revision reports of one measure may stand under two versions of the plan:
        they make one row, that of the newer version.
        """
        node = "measure" if self.level == MEASURE else "measure__strategy"
        rows = list(
            ProgressReport.objects.status_visible_to(self.user)
            # The plan too: without it the measures of every plan would be read to find its own.
            .filter(reporting_year=self.year, measure__version__plan=self.year.plan_id)
            .order_by()
            .annotate(timing=timeliness_column(self.year.due_on))
            .values_list(
                f"{node}_id",
                f"{node}__lineage",
                "ministry_id",
                "ministry__code",
                "ministry__short_name",
                "status",
                "nothing_to_report",
                "correction_due_on",
                "extended_until",
                "timing",
                "role",
            )
            .annotate(n=Count("pk"), one=Min("pk"))
        )
        newest: dict[UUID, int] = {}
        for line, lineage, *_rest in rows:
            newest[lineage] = max(line, newest.get(lineage, line))
        return [
            (
                newest[lineage],
                Body(*body),
                filing_state(status, nothing, extended or self.year.due_on, correction, self.today),
                role == AssignmentRole.LEAD,
                number,
                report,
                timing,
            )
            for (
                _line,
                lineage,
                *body,
                status,
                nothing,
                correction,
                extended,
                timing,
                role,
                number,
                report,
            ) in rows
        ]

    @cached_property
    def every_line(self) -> dict[int, Line]:
        """Every line that has reports, in the plan's order."""
        wanted = {line for line, *_rest in self._counted}
        if self.level == MEASURE:
            model, above = Measure, "strategy__sub_goal__goal"
            order = ["position", "version"]
        else:
            model, above = Strategy, "sub_goal__goal"
            order = [f"{above}__ordinal", "sub_goal__ordinal", "ordinal", "version"]
        rows = (
            model.objects.filter(pk__in=wanted)
            .order_by(*order)
            .values_list(
                *("pk", "code", "name", "name_en", f"{above}__code"),
                *(f"{above}__ordinal", f"{above}__name", f"{above}__name_en"),
            )
        )
        return {
            pk: Line(pk, code, printed(name, name_en), goal, ordinal, printed(*goal_names))
            for pk, code, name, name_en, goal, ordinal, *goal_names in rows
        }

    @cached_property
    def totals(self) -> Counter[FilingState]:
        """The whole year, whatever the filters: the key's numbers and the finding."""
        found: Counter[FilingState] = Counter()
        for _line, _body, state, _lead, number, *_rest in self._counted:
            found[state] += number
        return found

    @cached_property
    def timing(self) -> list[tuple[str, int]]:
        """Of all that was filed for the year: how it kept its day, in words, and how many."""
        found: Counter[str] = Counter()
        for *_rest, number, _report, timing in self._counted:
            found[timing] += number
        return [(str(one.label), found[one]) for one in Timeliness]

    @cached_property
    def cells(self) -> dict[tuple[int, int], Cell]:
        """(line, ministry) → cell, under the filters of goal, ministry and role."""
        found: dict[tuple[int, int], Cell] = defaultdict(Cell)
        for line, body, state, lead, number, report, timing in self._counted:
            if self._wanted(self.every_line[line], body, lead):
                cell = found[line, body.pk]
                cell.states[state] += number
                cell.timing[timing] += number * bool(timing)
                cell.lead = cell.lead or lead
                cell.report = report
        return dict(found)

    def _wanted(self, line: Line, body: Body, lead: bool) -> bool:
        return (
            self.goal in ("", line.goal_code)
            and self.ministry in ("", body.code)
            and (not self.role or (self.role == AssignmentRole.LEAD) == lead)
            and (not self.code or f"{line.code}.".startswith(f"{self.code}."))
        )

    @property
    def narrowed(self) -> bool:
        """Whether the key hides some states."""
        return len(self.states) < len(SHOWN)

    def state_of(self, cell: Cell) -> FilingState | None:
        """The worst of the cell's states that are asked for; None if it has none of them."""
        return next((state for state in self.states if cell.states[state]), None)

    @cached_property
    def lines(self) -> list[Line]:
        """Rows of the table: those with a cell left; under a narrowed key, with one that shows."""
        left = {
            line
            for (line, _pk), cell in self.cells.items()
            if not self.narrowed or self.state_of(cell)
        }
        return [line for pk, line in self.every_line.items() if pk in left]

    @cached_property
    def columns(self) -> dict[int, Cell]:
        """Sums by ministry."""
        return self._sums(1)

    @cached_property
    def rows(self) -> dict[int, Cell]:
        """Sums by line."""
        return self._sums(0)

    def _sums(self, side: int) -> dict[int, Cell]:
        found: dict[int, Cell] = defaultdict(Cell)
        for key, cell in self.cells.items():
            found[key[side]].states.update(cell.states)
        return dict(found)

    def sum_of(self, keys: Iterable[tuple[int, int]]) -> Cell:
        """One sum over some cells, such as a goal's."""
        total = Cell()
        for key in keys:
            total.states.update(self.cells[key].states)
        return total

    @cached_property
    def all_bodies(self) -> list[Body]:
        """Every body with reports in the year, in the order of the whole year's table."""
        owed: Counter[Body] = Counter()
        overdue: Counter[Body] = Counter()
        for _line, body, state, _lead, number, *_rest in self._counted:
            owed[body] += number * (state != FilingState.NOT_APPLICABLE)
            overdue[body] += number * (state == FilingState.OVERDUE)
        orders = {
            "duties": lambda body: (-owed[body], body.code),
            "overdue": lambda body: (-overdue[body], -owed[body], body.code),
            "code": lambda body: body.code,
        }
        return sorted(owed, key=orders[self.sort])

    @cached_property
    def bodies(self) -> list[Body]:
        """Columns of the table."""
        left = {pk for _line, pk in self.cells}
        return [body for body in self.all_bodies if body.pk in left]

    def csv(self) -> tuple[list[str], list[list[object]]]:
        """Header and rows: one row for each cell with all its states, the filters applied."""
        header = ["roc_year", "year", self.level, "name", "ministry", "ministry_name", "role"]
        header += ["reports", *(state.value for state in FilingState)]
        header += [f"filed_{one.value}" for one in Timeliness]
        bodies = {body.pk: body for body in self.bodies}
        return header, [
            [
                self.year.year,
                gregorian_year(self.year.year),
                line.code,
                line.name,
                body.code,
                body.name,
                AssignmentRole.LEAD if cell.lead else AssignmentRole.PARTNER,
                sum(cell.states.values()),
                *(cell.states[state] for state in FilingState),
                *(cell.timing[one] for one in Timeliness),
            ]
            for line in self.lines
            for pk, body in bodies.items()
            if (cell := self.cells.get((line.pk, pk)))
            and (not self.narrowed or self.state_of(cell))
        ]
