"""Until when a partner is asked to file: some days before the year's due date, so that the lead can
use its part. Nobody is late by it; that counts from the due date, alike for all.
"""

from datetime import date
from typing import TYPE_CHECKING

from plan.enums import AssignmentRole

if TYPE_CHECKING:
    from tracking.models import ProgressReport


def partner_date(report: "ProgressReport") -> date | None:
    """A partner's own date while its first filing is due; None for leads and corrections, where
    more time was granted, and where the year asks for no earlier day.
    """
    year = report.reporting_year
    if report.role != AssignmentRole.PARTNER or report.correction_due_on or report.extended_until:
        return None
    return year.partner_due_on if year.partner_due_on < year.due_on else None
