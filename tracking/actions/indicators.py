"""A reviewer's decision on a proposed indicator, and its ministry told of it in one transaction.

The verbs are the plan's; who is told is known in this room.
"""

from django.db import transaction

from ministries.models import User
from plan.actions import indicators as verbs
from plan.models import Indicator
from tracking.notices import indicators as notices


@transaction.atomic
def approve(indicator: Indicator, *, by: User, seen_revision: int | None = None) -> Indicator:
    """As `plan.actions.indicators.approve`."""
    row = verbs.approve(indicator, by=by, seen_revision=seen_revision)
    notices.decided(row, by=by)
    return row


@transaction.atomic
def decline(
    indicator: Indicator, *, by: User, note: str, seen_revision: int | None = None
) -> Indicator:
    """As `plan.actions.indicators.decline`."""
    row = verbs.decline(indicator, by=by, note=note, seen_revision=seen_revision)
    notices.decided(row, by=by)
    return row
