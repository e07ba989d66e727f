"""Old audit events go, and a signed checkpoint stays in their place, so that the rest still proves
itself.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import TextIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from config.checks import AUDIT_SHORTEST
from config.kit.canonical import canonical
from config.kit.errors import Refused
from ministries import audit, audit_chain, audit_checkpoints
from ministries.audit_triggers import EVENT, SEAL
from ministries.models.audit import AuditCheckpoint, AuditEvent, AuditSeal


def prunable(days: int) -> int:
    """The number up to which every event is older than `days`; 0 where none is."""
    young = AuditEvent.objects.filter(at__gte=timezone.now() - timedelta(days=days))
    seals = AuditSeal.objects.filter(event__in=young.values("pk"))
    first = seals.aggregate(first=Min("number"))["first"]
    if first is None:
        last = AuditSeal.objects.order_by("-number").first()
        return last.number if last else 0
    return first - 1


@transaction.atomic
def prune(days: int, *, by: object, export: TextIO | None = None) -> AuditCheckpoint | None:
    """Remove the events older than `days`, oldest first up to the first younger one; None where
    there is none. Each is written to `export` before, one JSON object a line.

    In order: the whole chain is verified, also against the checkpoints in this machine's file (a
    chain written anew would otherwise be signed here), a checkpoint is signed, events and seals
    are deleted, and the log tells of it. Refused for fewer than 180 days, without AUDIT_KEY, and
    where the chain is not whole or that file can't be read.
    """
    if days < AUDIT_SHORTEST:
        raise Refused(_("稽核紀錄至少要保存%s天。") % AUDIT_SHORTEST)
    if not settings.AUDIT_KEY:
        raise Refused(_("沒有設定 AUDIT_KEY，不能簽查核點，也就不能清除。"))
    last = prunable(days)
    if not last or not AuditSeal.objects.filter(number__lte=last).exists():
        return None
    try:
        anchors = audit_checkpoints.kept_anchors()
    except (OSError, ValueError) as error:
        raise Refused(f"{audit_checkpoints.anchors_path()}：{error}") from error
    if problems := audit_chain.verify(anchors).problems:
        text = _("稽核紀錄的鏈不完整，什麼都沒有清除：%s")
        raise Refused(text % " ".join(problem.text for problem in problems[:3]))
    content, count, chain = hashlib.sha256(), 0, ""
    for line, chain in _lines(last):  # noqa: B007 (the last one is meant)
        content.update(line.encode())
        count += 1
        if export is not None:
            export.write(line)
    point = audit_checkpoints.add(
        AuditCheckpoint.Kind.PRUNE, last, chain, count=count, content=content.hexdigest()
    )
    with connection.cursor() as cursor:
        sealed = f"SELECT event FROM {SEAL} WHERE number <= %s"
        cursor.execute(f"DELETE FROM {EVENT} WHERE id IN ({sealed})", [last])
        cursor.execute(f"DELETE FROM {SEAL} WHERE number <= %s", [last])
    told = {"until": last, "count": count, "days": days, "digest": point.digest}
    audit.record("audit.prune", point, by=by, after=told)
    return point


def _lines(last: int) -> Iterator[tuple[str, str]]:
    """(line, hash of the chain there) of each event up to that number."""
    for seal, event in audit_chain.sealed():
        if seal.number > last:
            return
        told = {
            "number": seal.number, "event": seal.event, "content": event.content(),
            "digest": seal.digest, "previous": seal.previous, "hash": seal.hash,
        }  # fmt: skip
        yield canonical(told) + "\n", seal.hash
