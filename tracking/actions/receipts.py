"""Giving receipts: one for each report signed off, and one over all that were signed at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from config.kit.canonical import digest
from ministries.models import User
from tracking import receipts
from tracking.models import ProgressReport, Receipt, Submission
from tracking.notices import receipts as notices


@dataclass(frozen=True)
class Signed:
    """One report as it was signed off: what was sent, and for which window a deputy signed."""

    report: ProgressReport
    copy: Submission
    on_behalf_of: User | None


def give(signed: Sequence[Signed], *, by: User, bulk: bool = False) -> list[Receipt]:
    """Write the receipts of what was signed just now and mail their numbers; call it inside the
    transaction of the sign-off. Where several were signed in one step (`bulk`), a receipt over
    all of a ministry and year comes first, and their mail is one.
    """
    groups: dict[tuple, list[Signed]] = {}
    for one in signed:
        groups.setdefault((one.report.reporting_year_id, one.report.ministry_id), []).append(one)
    given = []
    for group in groups.values():
        rows = _of_group(group, by=by, bulk=bulk)
        notices.announce(rows, [one.report for one in group])
        given += rows
    return given


def _of_group(group: list[Signed], *, by: User, bulk: bool) -> list[Receipt]:
    at = timezone.now()
    lines = [receipt_of(one, by=by, at=at) for one in group]
    if not bulk:
        return Receipt.objects.bulk_create(lines)
    whole = _over(lines, group[0], by=by, at=at)
    whole.save()
    for line in lines:
        line.bulk = whole
    return [whole, *Receipt.objects.bulk_create(lines)]


def receipt_of(one: Signed, *, by: User, at: datetime) -> Receipt:
    """The receipt of one sign-off, not stored yet."""
    head = receipts.head_of(one.report)
    row = _blank(one, by=by, at=at)
    row.report, row.submission = one.report, one.copy.number
    row.digest = digest(receipts.sent(head, one.copy))
    row.content = {"kind": "report", **head, "late": one.report.late, **_common(row)}
    return row


def _over(lines: list[Receipt], first: Signed, *, by: User, at: datetime) -> Receipt:
    """The receipt over all of them."""
    row = _blank(first, by=by, at=at)
    names = ("number", "measure", "measure_name", "digest")
    reports = [{name: line.content[name] for name in names} for line in lines]
    head = receipts.head_of(first.report)
    whose = {name: head[name] for name in ("plan", "year", "ministry", "ministry_name")}
    row.digest = digest(reports)
    row.content = {"kind": "bulk", **whose, **_common(row), "reports": reports}
    return row


def _blank(one: Signed, *, by: User, at: datetime) -> Receipt:
    return Receipt(
        number=receipts.new_number(at),
        reporting_year=one.report.reporting_year,
        ministry=one.report.ministry,
        signed_by=by,
        on_behalf_of=one.on_behalf_of,
        at=at,
    )


def _common(row: Receipt) -> dict:
    return {
        "number": row.number,
        "signed_by": row.signed_by.name,
        "on_behalf_of": row.on_behalf_of.name if row.on_behalf_of else "",
        "at": timezone.localtime(row.at).isoformat(timespec="seconds"),
        "algorithm": receipts.ALGORITHM,
        "digest": row.digest,
    }
