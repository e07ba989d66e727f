"""Which reminder falls on which day: pure, dates in, dates out.

30 and 7 days before the due date; 7 days before the day on which partners are asked to file, which
nobody misses; 2 days before a correction ends; the day after either passed.
A reminder ahead that would fall on a free day goes out on the last working day before it; that the
date has passed is said on the next working day. The dates themselves never move.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from tracking.reminders.working_days import WorkingDays


class Kind(Enum):
    """What is said, by how urgent it is: what has passed first."""

    OVERDUE = "overdue"
    CORRECTION_OVERDUE = "correction_overdue"
    CORRECTION = "correction"
    WEEK = "week"
    PARTNER = "partner"
    MONTH = "month"


OVERDUE = frozenset({Kind.OVERDUE, Kind.CORRECTION_OVERDUE})
DAYS_BEFORE = {Kind.MONTH: 30, Kind.WEEK: 7, Kind.PARTNER: 7, Kind.CORRECTION: 2}


class Reminder(NamedTuple):
    """`kind` is said on `day` of a date, which is the last day that is in time."""

    kind: Kind
    day: date
    last_day: date


def reminders(
    due_on: date,
    correction_due_on: date | None,
    working: WorkingDays,
    partner_due_on: date | None = None,
) -> Iterator[Reminder]:
    """All reminders of one open duty; `partner_due_on` of a partner's first filing alone. A
    correction counts by its own date alone.
    """
    if partner_due_on:
        ahead = partner_due_on - timedelta(days=DAYS_BEFORE[Kind.PARTNER])
        yield Reminder(Kind.PARTNER, working.on_or_before(ahead), partner_due_on)
    if correction_due_on:
        last, before, after = correction_due_on, [Kind.CORRECTION], Kind.CORRECTION_OVERDUE
    else:
        last, before, after = due_on, [Kind.MONTH, Kind.WEEK], Kind.OVERDUE
    for kind in before:
        ahead = last - timedelta(days=DAYS_BEFORE[kind])
        yield Reminder(kind, working.on_or_before(ahead), last)
    yield Reminder(after, working.on_or_after(last + timedelta(days=1)), last)
