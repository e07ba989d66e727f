"""What is asked of a report's thread and of what was once sent, and what is posted."""

from tests.access.cases_reports import Case, lead
from tracking.enums import Status

SAID = {"message": "請問人次怎麼算？"}

CASES: dict[str, dict[str, Case]] = {
    "report-message": {
        status: Case(lambda world: [lead(world).pk], status, lambda world: SAID)
        for status in (Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED)
    },
    "report-sent": {
        status: Case(lambda world: [lead(world).pk, 1], status)
        for status in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.ACCEPTED)
    },
}
