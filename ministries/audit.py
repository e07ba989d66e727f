"""The one way to write the audit log. Call it inside the transaction of the change it tells of."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

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
    `ministry` a Ministry or None. Dates and decimals in `before` and `after` become ISO text.
    """
    return AuditEvent.objects.create(
        verb=verb,
        actor=by if isinstance(by, str) else by.email,
        ministry=ministry.code if ministry is not None else "",
        target=target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}",
        before=_plain(before),
        after=_plain(after),
    )


def _plain(values: dict | None) -> dict | None:
    return None if values is None else json.loads(json.dumps(values, cls=DjangoJSONEncoder))
