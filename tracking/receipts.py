"""What a receipt says and vouches for: the text that was sent, its digest, and whether a receipt
that somebody holds is the one that was given.

A digest is the SHA-256 of the canonical JSON (`config.kit.canonical`) of `sent`. Whoever holds the
downloaded receipt can work it out again from what stands in the file.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Prefetch
from django.utils import timezone

from config.kit import roc
from config.kit.canonical import digest
from tracking.models import Evidence, ProgressReport, Receipt, Submission

ALGORITHM = "SHA-256, canonical JSON"
# Without the signs that are read for one another: 0 and O, 1 and I.
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 10
# With what a later correction removed from the report.
WITH_EVIDENCE = Prefetch("evidence", Evidence.objects.all())
_NUMBER = re.compile(rf"R\d{{1,3}}-[{_SIGNS}]{{5}}-[{_SIGNS}]{{5}}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
HEAD = (
    *("plan", "year", "ministry", "ministry_name", "measure", "measure_name", "role"),
    "submission",
)


def new_number(at: datetime) -> str:
    """「R112-K7F3X-9QXMB」: the ROC year of the signing, then fifty random bits.

    A running number would tell everybody how many were filed, and let all who file at once wait
    for one another.
    """
    signs = "".join(secrets.choice(_SIGNS) for _place in range(_LENGTH))
    year = roc.roc_year(timezone.localdate(at).year)
    return f"R{year}-{signs[:5]}-{signs[5:]}"


def head_of(report: ProgressReport) -> dict:
    """Whose report of which measure and year this is, as it stands at the sign-off."""
    return {
        "plan": report.reporting_year.plan.slug,
        "year": report.reporting_year.year,
        "ministry": report.ministry.code,
        "ministry_name": report.ministry_name,
        "measure": report.measure.code,
        "measure_name": report.measure.name,
        "role": str(report.role),
        "submission": report.submissions,
    }


def sent(head: Mapping, copy: Submission) -> dict:
    """What a sign-off sent to the science ministry, as plain JSON: whose (`head_of`, kept in the
    receipt, since a revision may renumber a measure), all texts, values and money, and the
    evidence by its digests.
    """
    evidence = [
        {"title": row.title, "url": row.url, "size": row.size, "sha256": row.sha256}
        for row in sorted(copy.evidence.all(), key=lambda row: row.pk)
    ]
    content = {**{name: head[name] for name in HEAD}, **copy.content, "evidence": evidence}
    return json.loads(json.dumps(content, cls=DjangoJSONEncoder))


# --- is it the one that was given? ----------------------------------------------------------------
class Finding(Enum):
    """What can be said of a receipt that somebody shows."""

    UNKNOWN = "unknown"  # no such number with this digest
    CHANGED = "changed"  # number and digest are right, the rest of the file is not
    SAME = "same"  # it is the receipt, and what is stored is what was sent
    WITHDRAWN = "withdrawn"  # it is the receipt; the ministry withdrew that submission
    BROKEN = "broken"  # it is the receipt, but what is stored has another digest


def find(number: str, given: str) -> Receipt | None:
    """The receipt with this number and this digest, however they were typed."""
    number, given = "".join(number.split()).upper(), "".join(given.split()).lower()
    if not (_NUMBER.fullmatch(number) and _DIGEST.fullmatch(given)):
        return None
    return Receipt.objects.filter(number=number, digest=given).first()


def judge(receipt: Receipt | None, file: Mapping | None = None) -> Finding:
    """Compare with what is stored; `file` is the downloaded JSON, where one was shown."""
    if receipt is None:
        return Finding.UNKNOWN
    if file is not None and not _is_the_same(receipt, file):
        return Finding.CHANGED
    if receipt.report_id is not None:
        return _worst([receipt])
    if digest(receipt.content["reports"]) != receipt.digest:
        return Finding.BROKEN
    return _worst(receipt.lines.all())


def submissions_of(receipts: Iterable[Receipt]) -> dict[int, Submission]:
    """Receipt id → what was sent, while it stands. Two queries."""
    receipts = list(receipts)
    rows = Submission.objects.filter(report__in={row.report_id for row in receipts})
    copies = {(copy.report_id, copy.number): copy for copy in rows.prefetch_related(WITH_EVIDENCE)}
    places = ((row.pk, (row.report_id, row.submission)) for row in receipts)
    return {pk: copies[place] for pk, place in places if place in copies}


def _worst(receipts: Iterable[Receipt]) -> Finding:
    receipts = list(receipts)
    copies = submissions_of(receipts)
    kept = (row for row in receipts if row.pk in copies)
    if any(digest(sent(row.content, copies[row.pk])) != row.digest for row in kept):
        return Finding.BROKEN
    return Finding.SAME if len(copies) == len(receipts) else Finding.WITHDRAWN


def _is_the_same(receipt: Receipt, file: Mapping) -> bool:
    """Whether a downloaded file says what was given, and the text in it has the digest."""
    said = dict(file)
    text = said.pop("sent", None)
    try:
        whole = text is None or digest(text) == receipt.digest
    except ValueError:  # what JSON can write and no text holds, such as half a character
        return False
    return whole and said == receipt.content
