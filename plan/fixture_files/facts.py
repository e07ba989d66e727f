"""Shapes of a plan's facts. A field that is None was not said, and leaves what is loaded alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Fact:
    """``file`` and ``place`` are where it was read; two facts are equal without them."""

    file: str = field(compare=False, repr=False)
    place: str = field(compare=False, repr=False)


@dataclass(frozen=True)
class MeasureFact(Fact):
    code: str
    name: str
    name_en: str | None
    leads: tuple[str, ...]  # short names, in printed order; the first coordinates
    partners: tuple[str, ...]


@dataclass(frozen=True)
class StrategyFact(Fact):
    code: str
    name: str
    name_en: str | None
    cell: str
    note: str | None
    uncertain: str | None
    leads: tuple[str, ...]
    partners: tuple[str, ...]
    measures: tuple[MeasureFact, ...]


@dataclass(frozen=True)
class SubGoalFact(Fact):
    code: str
    name: str
    name_en: str | None
    implicit: bool | None
    strategies: tuple[StrategyFact, ...]


@dataclass(frozen=True)
class GoalFact(Fact):
    code: str
    name: str
    name_en: str | None
    sub_goals: tuple[SubGoalFact, ...]


@dataclass(frozen=True)
class AboutFact(Fact):
    """The plan itself; years are ROC years, ``claim`` what it says of its own counts."""

    name: str
    name_en: str
    start_year: int
    end_year: int
    title: str
    state: str
    level_names: dict[str, str]
    claim: dict[str, int]


@dataclass(frozen=True)
class MinistryFact(Fact):
    code: str
    short_name: str
    full_name: str
    name_en: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class SuccessionFact(Fact):
    predecessor: str  # codes of ministries
    successor: str
    on: date
    kind: str
    legal_basis: str
    note: str


@dataclass(frozen=True)
class ParticipantFact(Fact):
    ministry: str
    counted: bool
    note: str


@dataclass(frozen=True)
class BodyFact(Fact):
    """A body of chapter 陸, under the name printed there."""

    ministry: str
    name: str


@dataclass(frozen=True)
class FigureFact(Fact):
    """One cell of a printed table; ``year`` is a ROC year, ``value`` None where none is printed."""

    table: str
    page: int | None
    row: str
    row_ordinal: int
    column: str
    column_ordinal: int
    year: int | None
    unit: str
    printed: str
    value: Decimal | None
    ministry: str | None


@dataclass(frozen=True)
class SeriesFact(Fact):
    """What one row or column of a printed table counts. ``cells`` name the figures that are its
    values: (row ordinal, column ordinal) by ROC year.
    """

    code: str
    subject: str
    name: str
    name_en: str
    of: str
    ministry: str | None
    basis: str
    status: str
    vintage: date | None
    special: str
    unit: str
    source: str
    source_url: str
    table: str
    page: int | None
    note: str
    cells: dict[int, tuple[int, int]] = field(hash=False)


@dataclass(frozen=True)
class PlanFacts:
    """Everything that one source says. What it does not speak of is None."""

    file: str
    slug: str
    version: int
    goals: tuple[GoalFact, ...]
    about: AboutFact | None = None
    ministries: tuple[MinistryFact, ...] | None = None
    successions: tuple[SuccessionFact, ...] | None = None
    participants: tuple[ParticipantFact, ...] | None = None
    bodies: tuple[BodyFact, ...] | None = None
    figures: tuple[FigureFact, ...] | None = None
    series: tuple[SeriesFact, ...] | None = None

    def sub_goals(self) -> Iterator[tuple[GoalFact, SubGoalFact]]:
        return ((goal, sub_goal) for goal in self.goals for sub_goal in goal.sub_goals)

    def strategies(self) -> Iterator[tuple[SubGoalFact, StrategyFact]]:
        return ((sub, strategy) for _, sub in self.sub_goals() for strategy in sub.strategies)

    def measures(self) -> Iterator[tuple[StrategyFact, MeasureFact]]:
        return (
            (strategy, measure)
            for _, strategy in self.strategies()
            for measure in strategy.measures
        )
