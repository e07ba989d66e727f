"""The one way to write the audit log. Call it inside the transaction of the change it tells of."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from ministries.audit_source import asked_from
from ministries.models.audit import AuditEvent


def record(
    verb: str,
    target: Model | str,
    *,
    by: object,
    ministry: object = None,
    before: dict | None = None,
    after: dict | None = None,
) -> AuditEvent:
    """Append one event.

    `by` is a User, or a text such as `system:load_plan`; `target` a saved row or a text;
    `ministry` a Ministry, the code of one, or None. Dates, decimals and fractions in `before` and
    `after` become text, the same on every engine.
    """
    event = entry(verb, target, by=by, ministry=ministry, before=before, after=after)
    event.save()
    return event


def record_many(entries: Iterable[AuditEvent]) -> None:
    """Append what `entry` made, in order, in one statement a thousand."""
    AuditEvent.objects.bulk_create(entries, batch_size=1000)


def entry(
    verb: str,
    target: Model | str,
    *,
    by: object,
    ministry: object = None,
    before: dict | None = None,
    after: dict | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """One event as in `record`, not yet written; `at` where it did not happen just now."""
    return AuditEvent(
        verb=verb,
        actor=by if isinstance(by, str) else by.email,
        ministry=getattr(ministry, "code", ministry) or "",
        target=target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}",
        before=_plain(before),
        after=_plain(after),
        at=at or timezone.now(),
        address=asked_from(),
    )


def _plain(values: dict | None) -> dict | None:
    """As JSON keeps it; a fraction as text, since engines write one number in several ways."""
    if values is None:
        return None
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder), parse_float=str)
