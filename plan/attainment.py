"""How far an indicator reached its target: pure arithmetic. Unknown is None and never zero."""

from collections.abc import Sequence
from decimal import Decimal

from plan.enums import Accumulation, Direction, IndicatorKind

FULL = Decimal(100)


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


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    if part is None or whole is None or whole <= 0:
        return None
    return part / whole * FULL
