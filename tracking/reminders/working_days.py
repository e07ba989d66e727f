"""Taiwan's working days: the government's yearly office calendar, make-up days included.

It comes from the package `taiwan-holidays`, of which only the files are read (it would load pandas
for a few thousand lines), and from what administrators import (`Holiday`), which wins. Of a year
that neither knows weekends alone are free, and the pages say so.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

PACKAGE = "taiwan_holidays"
# The official file's columns: the day as 20260101, and 0 for a working day or 2 for a free one.
DAY, STATE, NAME = "西元日期", "是否放假", "備註"
WORKING, FREE = "0", "2"
ONE_DAY = timedelta(days=1)


class WorkingDays:
    """Answers for any day. `free` holds the days that differ from the week: True for a free
    weekday, False for a weekend day that is worked; `years` are the years that are known.
    """

    def __init__(self, free: Mapping[date, bool], years: Iterable[int]) -> None:
        self._free = free
        self._years = frozenset(years)

    def knows(self, day: date) -> bool:
        """Whether the official calendar of that day's year is there."""
        return day.year in self._years

    def works(self, day: date) -> bool:
        return not self._free.get(day, is_weekend(day))

    def on_or_before(self, day: date) -> date:
        """The day itself, or the last working day before it."""
        while not self.works(day):
            day -= ONE_DAY
        return day

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.works(day):
            day += ONE_DAY
        return day


def is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def read(lines: Iterable[str]) -> dict[date, tuple[bool, str]]:
    """Every day of an official file: whether it is free, and its name ("" if it has none).

    Raises ValueError with the number of the line that can't be read (the first one is 1), or 0
    where the columns are missing.
    """
    rows = csv.DictReader(lines)
    if not {DAY, STATE} <= set(rows.fieldnames or ()):
        raise ValueError(0)
    found = {}
    for number, row in enumerate(rows, start=2):
        try:
            day = datetime.strptime(row[DAY].strip(), "%Y%m%d").date()  # noqa: DTZ007 - a day
            state = row[STATE].strip()
        except (ValueError, AttributeError) as error:
            raise ValueError(number) from error
        if state not in (WORKING, FREE) or day in found:
            raise ValueError(number)
        found[day] = state == FREE, (row.get(NAME) or "").strip()
    return found


def differing(days: Mapping[date, tuple[bool, str]]) -> dict[date, tuple[bool, str]]:
    """Of these days those on which the week alone would say otherwise."""
    return {day: told for day, told in days.items() if told[0] != is_weekend(day)}


@cache
def shipped() -> tuple[dict[date, bool], frozenset[int]]:
    """What the package knows: (days that differ from the week, its years)."""
    try:
        files = list((resources.files(PACKAGE) / "data").iterdir())
    except ModuleNotFoundError:  # no release of it for this Python
        return {}, frozenset()
    free: dict[date, bool] = {}
    years: set[int] = set()
    for file in files:
        if file.name.endswith(".csv"):
            days = read(file.read_text(encoding="utf-8-sig").splitlines())
            free |= {day: told[0] for day, told in differing(days).items()}
            years |= {day.year for day in days}
    return free, frozenset(years)


def calendar(imported: Iterable[tuple[date, bool]] = ()) -> WorkingDays:
    """The shipped calendar; a year of which there is an imported day is taken from there."""
    free, years = shipped()
    own = dict(imported)
    replaced = {day.year for day in own}
    kept = {day: off for day, off in free.items() if day.year not in replaced}
    return WorkingDays(kept | own, years | replaced)
