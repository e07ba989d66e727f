"""Shared reads about experts: the measures of an edition by code, loads, coverage, who is asked."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from ministries.models import Lineage, Ministry
from reports.enums import RecusalState
from reports.models import Edition, Opinion, Recusal, Review, Seat, SeatItem

# Fewer experts than this on a measure, and the page says so.
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class MeasureNode:
    """A measure of the frozen tree with what is above it, "" for a sub-goal that the plan doesn't
    have; leads and partners are codes.
    """

    code: str
    name: str
    goal: int
    goal_code: str
    goal_name: str
    sub_goal_code: str
    sub_goal_name: str
    strategy_code: str
    strategy_name: str
    leads: tuple[str, ...]
    partners: tuple[str, ...]

    @property
    def group(self) -> tuple[str, str]:
        """Code and name of the sub-goal, or of the strategy where the plan has no sub-goals."""
        if self.sub_goal_code:
            return self.sub_goal_code, self.sub_goal_name
        return self.strategy_code, self.strategy_name


def measures_of(edition: Edition | None) -> dict[str, MeasureNode]:
    """Code → measure, in the plan's order; empty without an edition."""
    if edition is None:
        return {}
    return {
        measure["code"]: MeasureNode(
            measure["code"],
            measure["name"],
            goal["ordinal"],
            goal["code"],
            goal["name"],
            "" if sub_goal["implicit"] else sub_goal["code"],
            "" if sub_goal["implicit"] else sub_goal["name"],
            strategy["code"],
            strategy["name"],
            tuple(measure["leads"]),
            tuple(measure["partners"]),
        )
        for goal in edition.head["tree"]
        for sub_goal in goal["sub_goals"]
        for strategy in sub_goal["strategies"]
        for measure in strategy["measures"]
    }


def codes_under(edition: Edition, code: str) -> list[str]:
    """Measures that bear this code, or stand under the goal, sub-goal or strategy that does."""
    return [
        one.code
        for one in measures_of(edition).values()
        if code in (one.code, one.strategy_code, one.sub_goal_code, one.goal_code)
    ]


def bodies_of_measures(edition: Edition, lineage: Lineage) -> dict[str, list[Ministry]]:
    """Measure code → bodies that answer today for its lines, each once, by code. Two queries."""
    today = timezone.localdate()
    bodies = Ministry.objects.in_bulk()
    holders = {one.code: bodies[lineage.holder(pk, today)] for pk, one in bodies.items()}
    found: dict[str, set[Ministry]] = defaultdict(set)
    lines = edition.lines.order_by().values_list("measure_code", "ministry_code").distinct()
    for code, ministry in lines:
        if ministry in holders:
            found[code].add(holders[ministry])
    return {
        code: sorted(asked, key=lambda ministry: ministry.code) for code, asked in found.items()
    }


# --- loads and coverage ---------------------------------------------------------------------------
@dataclass(slots=True)
class Load:
    """What one seat is asked: items, of them recused or undecided, and opinions handed in."""

    seat: Seat
    items: int = 0
    recused: int = 0
    undecided: int = 0
    submitted: int = 0

    @property
    def left(self) -> int:
        """Still to be handed in."""
        return self.items - self.recused - self.submitted


@dataclass(slots=True)
class Cover:
    """Who looks at a measure: `able` experts who were asked and need not stay out of it, `waiting`
    those whose recusal is undecided, and opinions handed in."""

    measure: MeasureNode
    able: list[Seat] = field(default_factory=list)
    waiting: list[Seat] = field(default_factory=list)
    submitted: int = 0

    @property
    def lacking(self) -> int:
        return max(0, ENOUGH - len(self.able))


def loads(review: Review) -> list[Load]:
    """Every seat of the review, living ones first. Four queries."""
    seats = Seat.objects.filter(review=review).select_related("user", "ministry")
    found = {seat.pk: Load(seat) for seat in seats}
    stopped = blocked(found)
    handed_in = _handed_in(found)
    for seat_id, code in _items(found):
        load = found[seat_id]
        load.items += 1
        state = stopped.get((seat_id, code))
        load.recused += state == RecusalState.CONFIRMED
        load.undecided += state in (RecusalState.PROPOSED, RecusalState.DECLARED)
        load.submitted += (seat_id, code) in handed_in and state is None
    return sorted(found.values(), key=lambda load: (load.seat.ended_at is not None, -load.items))


def coverage(review: Review, edition: Edition | None) -> list[Cover]:
    """Every measure of the edition, those that lack experts first, then in the plan's order."""
    seats = {seat.pk: seat for seat in Seat.objects.filter(review=review).select_related("user")}
    stopped, handed_in = blocked(seats), _handed_in(seats)
    found = {code: Cover(measure) for code, measure in measures_of(edition).items()}
    for _seat, code in handed_in:
        if code in found:
            found[code].submitted += 1
    for seat_id, code in _items(seats):
        seat, state = seats[seat_id], stopped.get((seat_id, code))
        counts = seat.ended_at is None or (seat_id, code) in handed_in
        if code not in found or not counts:
            continue
        if state is None:
            found[code].able.append(seat)
        elif state != RecusalState.CONFIRMED:
            found[code].waiting.append(seat)
    return sorted(found.values(), key=lambda cover: -cover.lacking)


def blocked(seats: Collection[int]) -> dict[tuple[int, str], str]:
    """(seat, measure code) → state of the recusal that keeps the expert from it."""
    rows = Recusal.objects.blocking().filter(seat__in=list(seats))
    return {(seat, code): state for seat, code, state in rows.values_list(
        "seat_id", "measure_code", "state")}  # fmt: skip


def _items(seats: Collection[int]) -> list[tuple[int, str]]:
    rows = SeatItem.objects.filter(seat__in=list(seats))
    return list(rows.values_list("seat_id", "measure_code"))


def _handed_in(seats: Collection[int]) -> set[tuple[int, str]]:
    rows = Opinion.objects.submitted().filter(seat__in=list(seats))
    return set(rows.values_list("seat_id", "measure_code"))


def scores_of(review: Review) -> Mapping[str, dict[str, dict]]:
    """Measure code → expert (id of the seat) → scores, of what was handed in."""
    found: dict[str, dict[str, dict]] = defaultdict(dict)
    rows = Opinion.objects.submitted().filter(seat__review=review).order_by("measure_code")
    for code, seat, scores in rows.values_list("measure_code", "seat_id", "scores"):
        found[code][str(seat)] = scores
    return dict(found)


def labels(review: Review) -> dict[int, str]:
    """Seat → 專家1, 專家2, … in the order in which seats were taken, as the documents say it."""
    seats = Seat.objects.filter(review=review).order_by("pk").values_list("pk", flat=True)
    return {seat: f"專家{place}" for place, seat in enumerate(seats, start=1)}
