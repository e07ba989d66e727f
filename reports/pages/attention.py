"""What is to be looked into: money that was not spent, measures without an indicator, resolutions
that are open. Live rows only. The overview says it in three lines, for two queries; a page of its
own has the rows.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet

from config.kit.prepared import prepared
from tracking import money
from tracking.enums import ResolutionState
from tracking.models import Resolution
from tracking.money import Sums, four_decimals
from tracking.rules.resolutions import sees_any

if TYPE_CHECKING:
    from reports.pages.overview import Overview, Row


class Paid(NamedTuple):
    """Sums of a measure or a ministry of which it is known what was spent."""

    code: str
    name: str
    goal: int
    sums: Sums


def _overdue(state: str, due_on: date, today: date) -> bool:
    return state == ResolutionState.OPEN.value and due_on < today


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
        return _overdue(self.state, self.due_on, today)


class Attention:
    """Of the year, plan and person of an overview."""

    def __init__(self, page: "Overview") -> None:
        self._page = page

    # --- money ------------------------------------------------------------------------------------
    @cached_property
    def _ministries(self) -> list[Paid]:
        if self._page.year is None:
            return []
        sums = money.sums_of_ministries(self._page.year, self._page.user)
        return [Paid(code, name, 0, of) for (code, name), of in sums.items()]

    @cached_property
    def spent(self) -> Sums:
        return money.total(row.sums for row in self._ministries)

    @cached_property
    def ministries(self) -> list[Paid]:
        """The lowest share spent first; those of which nothing is known are left out."""
        return _lowest_first(self._ministries)

    @cached_property
    def measures(self) -> list[Paid]:
        """The same of the measures that the page shows; a query of its own."""
        if self._page.year is None:
            return []
        sums = money.sums_of_measures(self._page.year, self._page.user)
        return _lowest_first(
            Paid(row.code, row.name, row.goal, sums[row.lineage])
            for row in self._page.rows
            if row.lineage in sums
        )

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
    def open_and_overdue(self) -> tuple[int, int]:
        """How many of `resolutions` there are, and how many of them are overdue."""
        if not self.sees_resolutions:
            return 0, 0
        plan, user, today = self._page.edition.plan.pk, self._page.user, self._page.today
        # As `Resolution.visible_to` has it.
        rows = (
            _every_unsettled(plan)
            if user.is_science_staff
            else _own_unsettled(plan, tuple(user.ministry_ids))
        )
        return len(rows), sum(_overdue(*row, today) for row in rows)

    @cached_property
    def resolutions(self) -> list[Open]:
        """What this person may see and nobody closed, by its day."""
        if not self.sees_resolutions:
            return []
        rows = Resolution.objects.visible_to(self._page.user).unsettled()
        rows = rows.filter(plan=self._page.edition.plan.pk).order_by("due_on", "pk")
        columns = ("pk", "code", "text", "due_on", "state", "owner__short_name")
        return [Open._make(row) for row in rows.values_list(*columns)]


def _unsettled(plan: int) -> QuerySet:
    rows = Resolution.objects.unsettled().filter(plan=plan).order_by()
    return rows.values_list("state", "due_on")


_every_unsettled = prepared(_unsettled)


@prepared
def _own_unsettled(plan: int, own: tuple[int, ...]) -> QuerySet:
    return _unsettled(plan).filter(owner__in=own)


def _lowest_first(rows: Iterable[Paid]) -> list[Paid]:
    rated = [(row.sums.rate, row) for row in rows]
    known = [one for one in rated if one[0] is not None]
    known.sort(key=lambda one: (one[0], -one[1].sums.left, one[1].code))
    return [row for _rate, row in known]


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
