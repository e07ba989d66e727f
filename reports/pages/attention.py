"""What the overview asks to be looked into: money that was not spent, measures without an
indicator, resolutions that are open. Live rows only; two queries.
"""

from collections import Counter, defaultdict
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from tracking import money
from tracking.enums import ResolutionState
from tracking.models import Resolution
from tracking.money import Sums, four_decimals
from tracking.rules.resolutions import sees_any

if TYPE_CHECKING:
    from reports.pages.overview import Overview, Row

SHOWN = 5


class Paid(NamedTuple):
    """Sums of a measure or a ministry of which it is known what was spent."""

    code: str
    name: str
    goal: int
    sums: Sums


class Open(NamedTuple):
    """A resolution that is not closed."""

    pk: int
    code: str
    text: str
    due_on: date
    state: str
    owner: str

    def overdue(self, today: date) -> bool:
        """As `Resolution.overdue`."""
        return self.state == ResolutionState.OPEN and self.due_on < today


class Attention:
    """Of the year, plan and person of an overview."""

    def __init__(self, page: "Overview") -> None:
        self._page = page

    # --- money ------------------------------------------------------------------------------------
    @cached_property
    def _money(self) -> list[money.Row]:
        """Of the measures that the page shows."""
        if self._page.year is None:
            return []
        shown = {row.lineage for row in self._page.rows}
        found = money.money_rows([self._page.year], self._page.user)
        return [row for row in found if row.lineage in shown]

    @cached_property
    def spent(self) -> Sums:
        return money.total(self._money)

    @cached_property
    def measures(self) -> list[Paid]:
        """The lowest share spent first; measures of which nothing is known are left out."""
        sums: dict[UUID, Sums] = defaultdict(Sums)
        for row in self._money:
            sums[row.lineage] = sums[row.lineage].plus(row.sums)
        return _lowest_first(
            Paid(row.code, row.name, row.goal, sums[row.lineage])
            for row in self._page.rows
            if row.lineage in sums
        )

    @cached_property
    def ministries(self) -> list[Paid]:
        sums: dict[tuple[str, str], Sums] = defaultdict(Sums)
        for row in self._money:
            key = row.ministry, row.ministry_name
            sums[key] = sums[key].plus(row.sums)
        return _lowest_first(Paid(code, name, 0, of) for (code, name), of in sums.items())

    # --- indicators -------------------------------------------------------------------------------
    @cached_property
    def without_indicator(self) -> "list[Row]":
        return [row for row in self._page.rows if not row.indicated]

    @cached_property
    def without_by_goal(self) -> list[tuple[int, str, int]]:
        """(ordinal, code, number) of the goals, in the plan's order."""
        number = Counter(row.goal for row in self.without_indicator)
        return [
            (goal.ordinal, goal.code, number[goal.ordinal])
            for goal in self._page.goals
            if number[goal.ordinal]
        ]

    # --- resolutions ------------------------------------------------------------------------------
    @property
    def sees_resolutions(self) -> bool:
        return sees_any(self._page.user)

    @cached_property
    def resolutions(self) -> list[Open]:
        """What this person may see and nobody closed, by its day."""
        if not self.sees_resolutions:
            return []
        rows = Resolution.objects.visible_to(self._page.user).unsettled()
        rows = rows.filter(plan=self._page.edition.plan.pk).order_by("due_on", "pk")
        columns = ("pk", "code", "text", "due_on", "state", "owner__short_name")
        return [Open._make(row) for row in rows.values_list(*columns)]

    @property
    def overdue(self) -> int:
        return sum(row.overdue(self._page.today) for row in self.resolutions)


def _lowest_first(rows) -> list[Paid]:
    known = [row for row in rows if row.sums.rate is not None]
    return sorted(known, key=lambda row: (row.sums.rate, -row.sums.left, row.code))


# --- files ----------------------------------------------------------------------------------------
_SUMS = [
    "allocated_thousand_twd",
    "allocated_with_known_spending_thousand_twd",
    "spent_thousand_twd",
    "lines_with_unknown_spending",
    "spent_percent",
]


def money_table(attention: Attention) -> tuple[list[str], list[list[object]]]:
    """A row for each measure, the lowest share spent first."""
    return ["measure", "name", *_SUMS], [
        [row.code, row.name, *row.sums, four_decimals(row.sums.rate)] for row in attention.measures
    ]


def ministries_table(attention: Attention) -> tuple[list[str], list[list[object]]]:
    return ["ministry", "ministry_name", *_SUMS], [
        [row.code, row.name, *row.sums, four_decimals(row.sums.rate)]
        for row in attention.ministries
    ]


def indicators_table(attention: Attention) -> tuple[list[str], list[list[object]]]:
    """Measures without an approved indicator."""
    return ["goal", "measure", "name"], [
        [row.goal, row.code, row.name] for row in attention.without_indicator
    ]


def resolutions_table(attention: Attention) -> tuple[list[str], list[list[object]]]:
    return ["code", "resolution", "ministry_name", "due_on", "state"], [
        [row.code, row.text, row.owner, row.due_on, row.state] for row in attention.resolutions
    ]
