"""How far an indicator reached its target: pure arithmetic. Unknown is None and never zero.

What each year's report says is stored; all that joins several years is worked out here whenever it
is read, so that correcting one year changes the figures of the later ones by itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from plan.enums import Accumulation, Direction, IndicatorKind

FULL = Decimal(100)
# Kinds of which the parts of a dimension, and yearly values, are added up.
ADDITIVE = frozenset({IndicatorKind.QUANTITY, IndicatorKind.COUNT})


def attainment(
    direction: str,
    actual: Decimal | None,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> Decimal | None:
    """Attainment in per cent, not capped; None where it can't be known.

    Higher is better: actual ÷ target. Lower is better: target ÷ actual. Within: 100 in the range
    `low`–`high`, both included, else 0. A missing number is unknown, and so is a denominator that
    is zero or below: a share of nothing, or of less than nothing, has no meaning.
    """
    if actual is None:
        return None
    match Direction(direction):
        case Direction.WITHIN:
            if low is None or high is None:
                return None
            return FULL if low <= actual <= high else Decimal(0)
        case Direction.HIGHER:
            return _ratio(actual, target)
        case Direction.LOWER:
            return _ratio(target, actual)


def capped(value: Decimal | None) -> Decimal | None:
    """For averages: nothing counts for more than 100 or less than 0 per cent; None stays None."""
    return None if value is None else min(max(value, Decimal(0)), FULL)


def over_years(kind: str, accumulation: str, values: Sequence[Decimal | None]) -> Decimal | None:
    """Several years of one indicator as one number, in its unit; `values` in order of years.

    The last of cumulative values, the mean of yearly ratios (and of yes and no, as 1 and 0), the
    sum of other yearly values. One unknown year that is needed makes the whole unknown.
    """
    if not values:
        return None
    if accumulation == Accumulation.CUMULATIVE:
        return values[-1]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    total = sum(known, Decimal(0))
    if kind in (IndicatorKind.RATIO, IndicatorKind.YES_NO):
        return total / len(known)
    return total


class ToDate(NamedTuple):
    """One year of an indicator with what follows from the years before it.

    `total` is the figure of all years up to this one (`over_years`) and `attainment` that of the
    same years' targets; `increase` is what a running total gained since the last year of which
    one is known, None for other accumulations and for the first.
    """

    year: int
    actual: Decimal | None
    total: Decimal | None
    increase: Decimal | None
    attainment: Decimal | None


class Target(NamedTuple):
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def to_date(
    kind: str,
    accumulation: str,
    direction: str,
    actuals: Mapping[int, Decimal | None],
    targets: Mapping[int, Target],
) -> list[ToDate]:
    """Every year that has an actual (None: filed, but unknown) or a target up to the last actual.

    As `over_years` over the years so far; the attainment counts only years that have a target.
    """
    last = max(actuals, default=0)
    years = sorted(set(actuals) | {year for year in targets if year <= last})
    found: list[ToDate] = []
    for place, year in enumerate(years):
        so_far = years[: place + 1]
        known = [actuals[one] for one in so_far[:-1] if actuals.get(one) is not None]
        actual, increase = actuals.get(year), None
        if accumulation == Accumulation.CUMULATIVE and actual is not None and known:
            increase = actual - known[-1]
        aimed = [one for one in so_far if one in targets]

        def together(values: list[Decimal | None]) -> Decimal | None:
            return over_years(kind, accumulation, values)

        reached = attainment(
            direction,
            together([actuals.get(one) for one in aimed]),
            *(together([getattr(targets[one], name) for one in aimed]) for name in Target._fields),
        )
        total = together([actuals.get(one) for one in so_far])
        found.append(ToDate(year, actual, total, increase, reached))
    return found


class Effect(NamedTuple):
    """What correcting an earlier year does to a later one.

    `before` and `after` are the derived figure: the total to date of yearly values, the mean of
    ratios, the increase of running totals. `proposed` is a running total as it would be had it
    been built on the corrected year; it was typed in, so only its own report can change it.
    `falls`: that typed total is below the corrected one.
    """

    year: int
    before: Decimal | None
    after: Decimal | None
    proposed: Decimal | None = None
    falls: bool = False


def effects(
    kind: str,
    accumulation: str,
    actuals: Mapping[int, Decimal | None],
    year: int,
    was: Decimal | None,
) -> list[Effect]:
    """Later years, first the nearest, whose figures changed as `year` went from `was` to what
    `actuals` says; none where it stayed the same.
    """
    now = actuals.get(year)
    if was == now:
        return []
    old = {**actuals, year: was}
    found = []
    for later in sorted(one for one in actuals if one > year and actuals[one] is not None):
        before, after = (_derived(kind, accumulation, known, later) for known in (old, actuals))
        if accumulation != Accumulation.CUMULATIVE:
            found.append(Effect(later, before, after))
            continue
        shift = None if was is None or now is None else now - was
        proposed = None if shift is None else actuals[later] + shift
        falls = kind in ADDITIVE and now is not None and actuals[later] < now
        found.append(Effect(later, before, after, proposed, falls))
    return found


def _derived(
    kind: str, accumulation: str, actuals: Mapping[int, Decimal | None], year: int
) -> Decimal | None:
    row = next(
        row for row in to_date(kind, accumulation, Direction.HIGHER, actuals, {})
        if row.year == year
    )  # fmt: skip
    return row.increase if accumulation == Accumulation.CUMULATIVE else row.total


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    if part is None or whole is None or whole <= 0:
        return None
    return part / whole * FULL
