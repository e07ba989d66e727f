"""Checkpoints of the audit log: where the chain stood, signed with a key from the environment.

Signed by HMAC-SHA256 with AUDIT_KEY, which neither the database nor a backup holds. Each names the
signature before it, so none can be taken out of the row unseen.
"""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from config.kit.canonical import canonical
from ministries.models.audit import AuditCheckpoint, AuditHead

logger = logging.getLogger(__name__)


class Mark(NamedTuple):
    """What a checkpoint says: at `number` the chain had `hash`; `pruned` if what stood before went
    with its leave.
    """

    number: int
    hash: str
    pruned: bool
    signature: str


def anchors_path() -> Path:
    """One JSON object a line for every checkpoint that this machine made."""
    return settings.VAR_DIR / "audit" / "checkpoints.jsonl"


def signing_key() -> str:
    """AUDIT_KEY; without one, checkpoints are signed with SECRET_KEY."""
    return settings.AUDIT_KEY or settings.SECRET_KEY


def _key_id(key: str) -> str:
    return salted_hmac("audit.key", "", secret=key, algorithm="sha256").hexdigest()[:16]


def sign(told: dict, key: str) -> str:
    mac = salted_hmac("audit.checkpoint", canonical(told), secret=key, algorithm="sha256")
    return mac.hexdigest()


def is_genuine(told: dict, signature: str) -> bool:
    """Whether one of our keys signed it; a key that was replaced stays in AUDIT_KEY_FALLBACKS."""
    for key in (signing_key(), *settings.AUDIT_KEY_FALLBACKS):
        if _key_id(key) == told.get("key"):
            return constant_time_compare(sign(told, key), signature)
    return False


def take_checkpoint() -> AuditCheckpoint | None:
    """Sign where the chain stands; None where nothing came since, or another does it just now."""
    head = AuditHead.objects.first()
    last = AuditCheckpoint.objects.order_by("-pk").first()
    if head is None or (last is not None and last.number == head.number):
        return None
    try:
        with transaction.atomic():
            return add(AuditCheckpoint.Kind.REGULAR, head.number, head.hash, count=head.number)
    except IntegrityError:
        return None


def add(kind: str, number: int, chain: str, *, count: int, content: str = "") -> AuditCheckpoint:
    """A signed checkpoint, in the database and, once that is committed, in the file."""
    last = AuditCheckpoint.objects.order_by("-pk").first()
    key = signing_key()
    point = AuditCheckpoint(
        kind=kind, number=number, hash=chain, count=count, digest=content,
        previous=last.signature if last else "", key=_key_id(key),
    )  # fmt: skip
    point.signature = sign(point.told(), key)
    point.save()
    line = canonical(point.told() | {"signature": point.signature})
    transaction.on_commit(lambda: _keep(line))
    return point


def _keep(line: str) -> None:
    logger.info("audit checkpoint %s", line)
    path = anchors_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        # The row stands all the same; who looks after the file must hear of it.
        logger.exception("The checkpoint was not written to %s", path)


def read_anchors(path: Path) -> list[dict]:
    """Lines of a file as `anchors_path`. ValueError, with the number of the line, for another."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            one = json.loads(line)
            str(one["signature"]), int(one["number"]), str(one["hash"]), str(one["kind"])
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(_("第%s行不是查核點。") % number) from error
        found.append(one)
    return found


def kept_anchors() -> list[dict]:
    """Those of this machine's own file; none where it made none. OSError and ValueError as
    `read_anchors`.
    """
    path = anchors_path()
    return read_anchors(path) if path.exists() else []


def marks_of(
    points: Iterable[AuditCheckpoint], anchors: list[dict]
) -> tuple[list[Mark], list[str]]:
    """What the genuine ones say, of the database (in order) and of a file; and what is wrong with
    the others, in sentences.
    """
    marks, wrong = [], []
    before, seen = "", set()
    for point in points:
        named = {"pk": point.pk, "number": point.number}
        if not is_genuine(point.told(), point.signature):
            wrong.append(_("查核點%(pk)s（序號%(number)s）的簽章不對，或金鑰不是我們的。") % named)
        else:
            pruned = point.kind == AuditCheckpoint.Kind.PRUNE
            marks.append(Mark(point.number, point.hash, pruned, point.signature))
        if point.previous != before:
            wrong.append(_("查核點%(pk)s（序號%(number)s）之前少了查核點。") % named)
        before = point.signature
        seen.add(point.signature)
    for one in anchors:
        told = {name: value for name, value in one.items() if name != "signature"}
        if not is_genuine(told, one["signature"]):
            wrong.append(_("另外保存的查核點（序號%s）的簽章不對。") % one["number"])
            continue
        if one["signature"] not in seen:
            wrong.append(_("另外保存的查核點（序號%s）不在資料庫裡。") % one["number"])
        pruned = one["kind"] == AuditCheckpoint.Kind.PRUNE
        marks.append(Mark(one["number"], one["hash"], pruned, one["signature"]))
    return marks, wrong
