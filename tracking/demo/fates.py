"""Pure: how the demo's measures fare from year to year. Seeded, so that it is always the same."""

import random
from collections.abc import Sequence

from tracking.enums import FINAL_LIGHTS, Light

# Per goal of the real plan (37, 25, 39 and 33 measures); the rest is on track.
# Columns: far behind, behind, ahead, done, not due, stopped.
PROFILE = {
    0: [(0, 5, 3, 1, 3, 0), (0, 3, 2, 0, 2, 0), (2, 4, 3, 1, 1, 0), (0, 3, 2, 0, 2, 0)],
    1: [(1, 4, 3, 2, 2, 0), (1, 3, 2, 1, 1, 0), (3, 8, 3, 1, 1, 1), (1, 5, 2, 2, 2, 0)],
    2: [(1, 3, 4, 4, 1, 0), (0, 3, 3, 2, 0, 0), (2, 6, 4, 3, 0, 0), (1, 4, 3, 3, 1, 0)],
    3: [(1, 2, 4, 12, 0, 0), (0, 2, 3, 8, 0, 0), (1, 4, 4, 12, 0, 1), (0, 3, 3, 11, 0, 0)],
}
SIZES = (37, 25, 39, 33)
COLUMNS = (Light.FAR_BEHIND, Light.BEHIND, Light.AHEAD, Light.DONE, Light.NOT_DUE, Light.STOPPED)


def fates(
    goals: Sequence[Sequence[str]], years: int, *, lasting: bool = False
) -> list[dict[str, Light | None]]:
    """Light of every measure in each of `years` years, given the codes of each goal's measures.

    None where the measure was done or stopped the year before. Late measures tend to stay late,
    since part of what decides is the measure's own. `lasting`: none is done or stopped before the
    last year, so that there is a report for every duty of every year.
    """
    found: list[dict[str, Light | None]] = []
    profile = [_lasting(index, years) if lasting else PROFILE[min(index, max(PROFILE))]
               for index in range(years)]  # fmt: skip
    for index in range(years):
        before = found[-1] if found else {}
        year: dict[str, Light | None] = {}
        for number, codes in enumerate(goals):
            running = []
            for code in codes:
                if before.get(code, Light.ON_TRACK) in (*FINAL_LIGHTS, None):
                    year[code] = None
                else:
                    running.append(code)
            goal = number % len(SIZES)
            year |= _of_goal(running, len(codes), goal, index, profile[index][goal])
        found.append(year)
    return found


def _lasting(index: int, years: int) -> list[tuple[int, ...]]:
    """A year's profile where only the last year ends measures: as many as any year does."""
    profile = []
    for goal in range(len(SIZES)):
        row = list(PROFILE[min(index, max(PROFILE))][goal])
        for light in FINAL_LIGHTS:
            column = COLUMNS.index(light)
            most = max(PROFILE[year][goal][column] for year in PROFILE)
            row[column] = most if index == years - 1 else 0
        profile.append(tuple(row))
    return profile


def _of_goal(
    codes: list[str], size: int, goal: int, index: int, profile: Sequence[int]
) -> dict[str, Light]:
    counts = dict(zip(COLUMNS, (round(n * size / SIZES[goal]) for n in profile), strict=True))

    def luck(code: str) -> float:
        own = random.Random(f"measure {code}").random()
        return own + 0.9 * random.Random(f"measure {code} {index}").random()

    lights = dict.fromkeys(codes, Light.ON_TRACK)
    ranked = sorted(codes, key=luck)
    for light in (Light.FAR_BEHIND, Light.BEHIND, Light.STOPPED):
        for code in ranked[: counts[light]]:
            lights[code] = light
        del ranked[: counts[light]]
    for light in (Light.DONE, Light.AHEAD, Light.NOT_DUE):
        start = max(len(ranked) - counts[light], 0)
        for code in ranked[start:]:
            lights[code] = light
        del ranked[start:]
    return lights
