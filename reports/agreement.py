"""How far experts agree: Krippendorff's alpha on ordinal scores, and where they differ most.

Pure arithmetic on scores from 1 to 5, None where an expert gave none. Alpha is 1 for full
agreement and 0 for what chance would give; below 0 experts differ systematically. It copes with
experts who each judged other measures (K. Krippendorff, Content Analysis, chapter 12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import krippendorff

Scores = Mapping[str, int | None]  # criterion → 1–5, None: could not judge


@dataclass(frozen=True)
class Agreement:
    """`by_criterion` key → alpha, None where it is undefined; `compared` counts the measures with
    at least two opinions. Criteria are not pooled: that some are scored higher than others by
    everybody would count as agreement on the measures.
    """

    by_criterion: Mapping[str, float | None]
    compared: int


@dataclass(frozen=True)
class Spread:
    """How far apart the experts of one measure are: by criterion (lowest, highest), and `widest`,
    the largest distance on any of them. `total` sums the distances, to tell equals apart.
    """

    code: str
    ranges: Mapping[str, tuple[int, int]]
    widest: int
    total: int


def alpha(matrix: Sequence[Sequence[int | None]]) -> float | None:
    """Krippendorff's ordinal alpha of experts (rows) over things judged (columns).

    None where it is undefined: nothing was judged twice, or all scores that can be compared are
    the same, so that there is nothing by which chance could be told from agreement.
    """
    columns = [
        given
        for column in zip(*matrix, strict=True)
        if len(given := [score for score in column if score is not None]) > 1
    ]
    if len({score for given in columns for score in given}) < 2:
        return None
    data = [[nan if score is None else float(score) for score in row] for row in matrix]
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement="ordinal"))


def agreement(opinions: Mapping[str, Mapping[str, Scores]], criteria: Sequence[str]) -> Agreement:
    """`opinions`: measure code → expert → scores."""
    experts = sorted({expert for found in opinions.values() for expert in found})

    def columns(criterion: str) -> list[list[int | None]]:
        return [
            [found.get(expert, {}).get(criterion) for found in opinions.values()]
            for expert in experts
        ]

    return Agreement(
        {criterion: alpha(columns(criterion)) for criterion in criteria},
        sum(len(found) > 1 for found in opinions.values()),
    )


def spread(code: str, found: Sequence[Scores], criteria: Sequence[str]) -> Spread:
    """Distances between the lowest and the highest score of one measure."""
    ranges = {}
    for criterion in criteria:
        given = [score for scores in found if (score := scores.get(criterion)) is not None]
        if len(given) > 1:
            ranges[criterion] = (min(given), max(given))
    distances = [highest - lowest for lowest, highest in ranges.values()]
    return Spread(code, ranges, max(distances, default=0), sum(distances))


def disagreements(
    opinions: Mapping[str, Mapping[str, Scores]], criteria: Sequence[str]
) -> list[Spread]:
    """Measures on which experts differ, the widest spread first, then in the given order."""
    found = [spread(code, list(given.values()), criteria) for code, given in opinions.items()]
    apart = [one for one in found if one.widest]
    return sorted(apart, key=lambda one: (-one.widest, -one.total))
