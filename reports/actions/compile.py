"""Compile a review: gather its inputs, compute the standing, and keep both as an edition."""

from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.kit.errors import NotNow
from config.kit.moment import one_moment
from ministries import audit
from ministries.models import User
from reports import attainment, freeze, jobs
from reports.actions.recusals import propose_recusals
from reports.actions.renumbering import Moves, follow, moved_rules, moves
from reports.enums import ReviewState
from reports.models import Edition, Review, SnapshotLine
from reports.queries.reviews import current_edition
from reports.workflow import OPEN_STATES

STEPS = (
    gettext_noop("讀取各年度的報告"),
    gettext_noop("凍結成一致的內容"),
    gettext_noop("計算達成度"),
    gettext_noop("寫入版次"),
)
# Lines a statement; what is in memory beside the lines themselves stays small.
BATCH = 500


def compile_review(
    review_id: int, job_id: int | None = None, by: User | str | None = None
) -> Edition:
    """The edition of the review's inputs as they are now; `by` a person, or a text for the audit.

    Reads at one moment and writes in one transaction: whoever stops it, no half of an edition is
    left. An edition with an equal digest is returned as it is, so that it may run twice, or twice
    at once. Raises `jobs.Cancelled` where the job was cancelled between two steps, and NotNow where
    the inputs are another edition's and the review is no longer open: what is being approved or was
    filed stays the current edition. Where a revision gave other codes to things since the current
    edition, what people wrote of them goes along (`reports.actions.renumbering`).
    """

    def step(number: int) -> None:
        jobs.progress(job_id, number, len(STEPS), STEPS[number])

    while True:
        with freeze.nothing_to_collect():
            step(0)
            reading, before = _read(review_id)
            step(1)
            frozen = freeze.frozen(reading)
            moved = moves(reading.review, before.head, frozen.head) if before else {}
            if moved:
                rules = moved_rules(frozen.rules, moved)
                frozen = freeze.under_rules(frozen.head, rules, frozen.lines)
            del reading
            step(2)
            standing = attainment.standing(frozen.head, frozen.rules, frozen.lines)
            step(3)
            if edition := _write(review_id, frozen, standing, before, moved, by):
                return edition


def _write(
    review_id: int,
    frozen: freeze.Frozen,
    standing: dict,
    before: Edition | None,
    moved: Moves,
    by: User | str | None,
) -> Edition | None:
    """The edition with all its lines and the audit, or the one that has the same digest; None
    where `before`, from which codes are moved, is no longer the current one.
    """
    by = by or "system:compile_review"
    with transaction.atomic():
        review = Review.objects.select_for_update().get(pk=review_id)
        same = review.editions.filter(digest=frozen.digest).first()
        if review.state not in OPEN_STATES:
            if same is None:
                raise NotNow(_closed(review))
            return same
        current = current_edition(review)
        if same is not None and same == current:
            same.compiled_at = timezone.now()
            same.save(update_fields=["compiled_at"])
            return same
        if current != before:
            return None
        if same is not None:
            same.compiled_at = timezone.now()
            same.save(update_fields=["compiled_at"])
            if moved:
                follow(review, before, same, moved, by=by)
            return same
        number = (review.editions.aggregate(last=Max("number"))["last"] or 0) + 1
        edition = Edition.objects.create(
            review=review,
            number=number,
            digest=frozen.digest,
            head=frozen.head,
            rules=frozen.rules,
            standing=standing,
            created_by=by if isinstance(by, User) else None,
        )
        rows = _rows(edition, frozen.lines)
        while batch := list(islice(rows, BATCH)):
            SnapshotLine.objects.bulk_create(batch)
        audit.record(
            "review.compile",
            review,
            by=by,
            after={"edition": number, "digest": frozen.digest, "lines": len(frozen.lines)},
        )
        if moved:
            follow(review, before, edition, moved, by=by)
        # Duties may have moved to the ministry of an expert who was asked before.
        for seat in review.seats.living().select_related("review", "user"):
            propose_recusals(seat, by=by)
    return edition


def _closed(review: Review) -> str:
    return _("這份評估現在是「%(state)s」，不能再編製新的一版；先退回或撤回綜整。") % {
        "state": ReviewState(review.state).label
    }


def _read(review_id: int) -> tuple[freeze.Reading, Edition | None]:
    """All inputs as they were at one moment, so that a report accepted meanwhile is in whole or
    not at all; and the edition that was the current one then."""
    with one_moment():
        review = Review.objects.select_related("plan").get(pk=review_id)
        return freeze.Reading(review), current_edition(review)


def _rows(edition: Edition, lines: list[freeze.Line]) -> Iterator[SnapshotLine]:
    for ordinal, line in enumerate(lines, start=1):
        yield SnapshotLine(
            edition=edition,
            ordinal=ordinal,
            key=line.key,
            kind=line.kind,
            year=line.year,
            measure_code=line.measure_code,
            ministry_code=line.ministry_code,
            content=line.content,
            digest=line.digest,
        )
