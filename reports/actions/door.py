"""The one door that every change of a review goes through: lock, ask, compare; write, tell.

Actions enter by `enter` inside their transaction and leave by `leave` (a move on the road) or
`touch` (a change of the review's own settings). The version guards what the lock can't.
"""

from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import User
from reports.enums import ReviewState, ReviewVerb
from reports.models import Edition, Review, ReviewEvent
from reports.rules import reviews as rules
from reports.workflow import REVIEW_ROAD


def lock(review: Review) -> Review:
    """The row as it is now, locked until the end of the transaction."""
    rows = Review.objects.select_for_update(of=("self",)).select_related("plan")
    return rows.get(pk=review.pk)


def compare(row: Review, seen_version: int) -> None:
    """Refuse (StaleVersion) where somebody changed the review since it was read."""
    if row.version != seen_version:
        raise StaleVersion(_("這份評估在你打開以後，已經被別人改過；請看過再做一次。"), row)


def enter(review: Review, verb: ReviewVerb, *, seen_version: int, by: User) -> Review:
    """Lock the row for a move; refuses with NotAllowed, NotNow or StaleVersion."""
    row = lock(review)
    rules.verdict(verb, row, by).enforce()
    compare(row, seen_version)
    return row


def leave(
    row: Review,
    verb: ReviewVerb,
    *,
    by: User,
    note: str = "",
    edition: Edition | None = None,
    after: dict | None = None,
) -> Review:
    """Set the state that the table says, raise the version, write event and audit."""
    step = REVIEW_ROAD[ReviewState(row.state), verb]
    before = {"state": str(row.state), "version": row.version}
    row.state = step.to
    row.version += 1
    row.save(update_fields=["state", "version"])
    ReviewEvent.objects.create(
        review=row,
        verb=verb,
        from_state=before["state"],
        to_state=step.to,
        edition=edition,
        note=note,
        by=by,
    )
    told = {"state": str(step.to), "version": row.version, **(after or {})}
    if edition:
        told["edition"] = edition.number
    if note:
        told["note"] = note
    audit.record(f"review.{verb}", row, by=by, before=before, after=told)
    return row


def touch(row: Review, verb: str, *, by: User, before: dict, after: dict) -> Review:
    """Save the review's own settings, raise the version and write the audit."""
    row.version += 1
    row.save()
    audit.record(
        verb,
        row,
        by=by,
        before={"version": row.version - 1, **before},
        after={"version": row.version, **after},
    )
    return row


def written(text: str, *, field: str = "note", longest: int = 500) -> str:
    """A reason that is really there; refuses with Invalid at the field."""
    text = text.strip()
    if not text:
        raise Invalid({field: [_("寫下理由。")]})
    if len(text) > longest:
        raise Invalid({field: [_("理由最多%(count)d個字。") % {"count": longest}]})
    return text
