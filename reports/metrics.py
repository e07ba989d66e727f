"""What monitoring is told of background work."""

from collections.abc import Iterator

from django.db.models import Count

from config.kit import metrics
from reports.enums import JobState
from reports.models import Job


@metrics.tell("nstp_jobs", "Background jobs that people watch, by state.", ("state",))
def jobs_by_state() -> Iterator[tuple[tuple[str, ...], float]]:
    counts = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    for state in JobState.values:
        yield (state,), counts.get(state, 0)
