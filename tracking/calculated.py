"""Actuals that nobody types: worked out from the other indicators of the same report. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from plan import formula
from plan.models import Indicator


def calculate(
    indicators: Iterable[Indicator], actuals: Mapping[int, Decimal | None]
) -> dict[int, Decimal | None]:
    """Indicator id → actual, of those with a formula; `actuals` are the typed ones by id.

    A letter means an indicator of the same ministry, or of one of the bodies that it came from.
    What is missing, divided by zero, or asks for itself is unknown: None.
    """
    by_letter: dict[str, list[Indicator]] = defaultdict(list)
    rows = sorted(indicators, key=lambda row: row.pk)
    for row in rows:
        by_letter[row.letter].append(row)
    found: dict[int, Decimal | None] = {}

    def value(row: Indicator, way: frozenset[int]) -> Decimal | None:
        if not row.formula:
            return actuals.get(row.pk)
        if row.pk in way:
            return None
        if row.pk not in found:
            tree = formula.parse(row.formula)
            values = {}
            for letter in formula.names(tree):
                meant = min(
                    by_letter[letter],
                    key=lambda other: other.ministry_id != row.ministry_id,
                    default=None,
                )
                values[letter] = None if meant is None else value(meant, way | {row.pk})
            found[row.pk] = formula.evaluate(tree, values)
        return found[row.pk]

    return {row.pk: value(row, frozenset()) for row in rows if row.formula}
