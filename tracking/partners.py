"""Until when a partner is asked to file: some days before the year's due date, so that the lead can
use its part. Nobody is late by it; that counts from the due date, alike for all.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from plan.enums import AssignmentRole

if TYPE_CHECKING:
    from tracking.models import ProgressReport


def asked_by(due_on: date, opens_on: date, partner_days: int) -> date:
    """The day for a year's partners; never before the year opens."""
    return max(due_on - timedelta(days=partner_days), opens_on)


def own_date(
    role: str, correction_due_on: date | None, extended_until: date | None,
    due_on: date, opens_on: date, partner_days: int,
) -> date | None:  # fmt: skip
    """A partner's own date while its first filing is due; None for leads and corrections, where
    more time was granted, and where the year asks for no earlier day.
    """
    if role != AssignmentRole.PARTNER or correction_due_on or extended_until:
        return None
    day = asked_by(due_on, opens_on, partner_days)
    return day if day < due_on else None


def partner_date(report: "ProgressReport") -> date | None:
    """`own_date` of a report."""
    year = report.reporting_year
    return own_date(
        report.role, report.correction_due_on, report.extended_until,
        year.due_on, year.opens_on, year.partner_days,
    )  # fmt: skip
