"""What monitoring is told of the audit log."""

from collections.abc import Iterator

from django.db.models import Max

from config.kit import metrics
from ministries.models import AuditEvent


@metrics.tell("nstp_audit_events", "Number of the audit log's last event.", counter=True)
def audit_events() -> Iterator[tuple[tuple[str, ...], float]]:
    yield (), AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
