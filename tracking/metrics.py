"""What monitoring is told of the outbox."""

from collections.abc import Iterator

from django.db.models import Count, Q

from config.kit import metrics
from tracking.models import Notice


@metrics.tell(
    "nstp_outbox_waiting",
    "Notices that were not mailed yet: never tried, or refused by the mail server.",
    ("tried",),
)
def outbox() -> Iterator[tuple[tuple[str, ...], float]]:
    waiting = Notice.objects.waiting().aggregate(
        no=Count("pk", filter=Q(attempts=0)), yes=Count("pk", filter=Q(attempts__gt=0))
    )
    for tried, count in waiting.items():
        yield (tried,), count
