"""Handing over and signing: one report, or many in one step.

Many go through the same door as one: each by itself, so that one that was changed meanwhile stays
as it is and the others go. The whole step is one transaction: should it break, nothing was signed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from config.kit.errors import Invalid, Refused
from ministries.models import Lineage, Ministry, User
from plan.models import Indicator
from tracking import checks, submitted
from tracking.actions import receipts
from tracking.actions.door import add_author, enter, leave
from tracking.actions.indicator_values import recalculate
from tracking.actions.receipts import Signed
from tracking.enums import Part, Verb
from tracking.models import ProgressReport, Receipt
from tracking.models.notice import NoticeKind
from tracking.notices import reports as notices
from tracking.parts import data_of, indicators_of, part_of
from tracking.queries.people import window_behind
from tracking.workflow import writable_parts


@dataclass
class Outcome:
    """What became of many: done, and kept as they were, each with the refusal."""

    done: list[ProgressReport] = field(default_factory=list)
    kept: list[tuple[ProgressReport, Refused]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


Chosen = Iterable[tuple[ProgressReport, int]]


# --- one ------------------------------------------------------------------------------------------
def hand_over(report: ProgressReport, *, seen_version: int, by: User) -> ProgressReport:
    """Hand the report to the window; see `reports.submit`. Inside a transaction."""
    row = enter(report, Verb.SUBMIT, seen_version=seen_version, by=by)
    if found := blocking(row, list(indicators_of(row, by.lineage))):
        raise Invalid(found)
    add_author(row, by)
    return leave(row, Verb.SUBMIT, by=by)


def blocking(row: ProgressReport, indicators: Sequence[Indicator]) -> dict[str, list[str]]:
    """What keeps the report from being handed over, by field, of the parts open for writing;
    calculated actuals are brought up to date first. `indicators` are those of the report, whose
    row is locked.
    """
    open_parts = writable_parts(row.returned_parts)
    if Part.INDICATORS in open_parts:
        recalculate(row, indicators)
    found = checks.problems(data_of(row, indicators))
    return {key: texts for key, texts in found.items() if part_of(key) in open_parts}


def sign(report: ProgressReport, *, seen_version: int, by: User) -> Signed:
    """Sign the report off; see `reports.sign_off`. Inside a transaction, which also gives the
    receipt.
    """
    row = enter(report, Verb.SIGN_OFF, seen_version=seen_version, by=by)
    row.submissions += 1
    if not row.returned_parts:
        today = timezone.localdate()
        holder = Lineage().holder(row.ministry_id, today)
        row.ministry_name = Ministry.objects.get(pk=holder).full_name
        row.filed_at = timezone.now()
        row.late = today > row.due_on
    copy = submitted.keep(row)
    add_author(row, by)
    window = window_behind(by, row.ministry_id)
    if window:
        add_author(row, window)
    after = {"ministry_name": row.ministry_name, "late": row.late}
    return Signed(leave(row, Verb.SIGN_OFF, by=by, after=after), copy, window)


# --- many -----------------------------------------------------------------------------------------
@transaction.atomic
def submit_many(chosen: Chosen, *, by: User) -> Outcome:
    """Hand many reports, each with the version that was seen, to their windows; one mail tells of
    all of a ministry.
    """
    outcome = Outcome()
    outcome.done = _each(hand_over, chosen, by, outcome)
    notices.announce_many(NoticeKind.SIGN_OFF_WAITING, outcome.done, by=by)
    return outcome


@transaction.atomic
def sign_off_many(chosen: Chosen, *, by: User) -> Outcome:
    """Sign many reports off, each with the version that was seen, and give one receipt for each
    and one over all of a ministry and year.
    """
    outcome = Outcome()
    signed = _each(sign, chosen, by, outcome)
    outcome.done = [one.report for one in signed]
    outcome.receipts = receipts.give(signed, by=by, bulk=True)
    return outcome


def _each(action: Callable, chosen: Chosen, by: User, outcome: Outcome) -> list:
    """What the action gave, of those that went. In the order of their keys, so that two who sign
    at once wait for one another instead of blocking each other.
    """
    done = []
    for report, version in sorted(chosen, key=lambda one: one[0].pk):
        try:
            with transaction.atomic():
                done.append(action(report, seen_version=version, by=by))
        except Refused as refusal:
            outcome.kept.append((report, refusal))
    return done
