"""What a review rests on, gathered: the plan's tree, and a line for each duty of each of its years.

Pure reading, in a number of queries that doesn't grow with the reports. Everything is copied as it
stood: a line needs no row to be read again, and nothing in it depends on row ids or on the time of
reading, save that the day decides whether what is missing is overdue.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from reports.freeze.contents import NOT_OPENED, Frozen, Line, frozen, under_rules
from reports.freeze.reading import Reading
from reports.models import Review

__all__ = [
    "NOT_OPENED",
    "Frozen",
    "Line",
    "Reading",
    "frozen",
    "gather",
    "nothing_to_collect",
    "under_rules",
]


def gather(review: Review, *, today: date | None = None) -> Frozen:
    """All that the review's years hold today. At most twenty queries, whatever the plan's size."""
    with nothing_to_collect():
        return frozen(Reading(review), today=today)


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """Hundreds of thousands of objects are made here and all are kept; the cyclic collector would
    look through them again and again in vain, and more often the more there are.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
