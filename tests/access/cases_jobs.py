"""What is asked of the administrators' page of background work, and what is posted."""

from reports.enums import JobState
from reports.models import Job
from tests.access.cases_reports import Case, nothing
from tests.world import World
from tracking.models import Notice


def failed(world: World) -> list:
    row, _made = Job.objects.get_or_create(
        key="document:failed", task="reports.tasks.restart_lost_jobs", state=JobState.FAILED
    )
    return [row.pk, "retry"]


def refused(world: World) -> list:
    row, _made = Notice.objects.get_or_create(
        key="refused", recipient=world.officer_a,
        defaults={"kind": "message", "subject": "主旨", "body": "內容", "attempts": 1},
    )  # fmt: skip
    return [row.pk]


CASES: dict[str, dict[str, Case]] = {
    "job-list": {"": Case(nothing)},
    "job-move": {"": Case(failed)},
    "job-notice-cancel": {"": Case(refused)},
    "job-notice-retry": {"": Case(refused)},
}
