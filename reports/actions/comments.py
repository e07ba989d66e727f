"""The verbs of the comments: a ministry says its word or that it has none, the reviewer answers."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries import audit
from ministries.models import Ministry, User
from reports.models import Comment, CommentsDone, Conclusion, Review
from reports.notices import comments as notices
from reports.queries import synthesis
from reports.rules import synthesis as rules_of_synthesis

LONGEST = Comment._meta.get_field("text").max_length


@transaction.atomic
def comment(
    conclusion: Conclusion, ministry: Ministry, text: str, *, seen_version: int = 0, by: User
) -> Comment:
    """The ministry's word on the conclusion: a first one (`seen_version` 0), or reworded.

    Refuses a ministry that leads or shares no measure at or beneath the node, and a rewording of
    what was answered already.
    """
    review = _enter(conclusion.review_id)
    rules_of_synthesis.may_comment(review, ministry, by).enforce()
    branch = synthesis.branches(conclusion.edition).get((conclusion.level, conclusion.code))
    if branch is None or ministry.code not in synthesis.concerned(branch):
        raise NotAllowed(
            _("%(ministry)s沒有主辦或協辦這裡的措施。") % {"ministry": ministry.short_name}
        )
    text = _written(text, "text")
    row = (
        Comment.objects.select_for_update().filter(conclusion=conclusion, ministry=ministry).first()
    )
    if row is None and seen_version == 0:
        row = Comment.objects.create(conclusion=conclusion, ministry=ministry, text=text, by=by)
        audit.record("comment.make", row, by=by, ministry=ministry, after={"text": text})
        return row
    if row is None or row.version != seen_version:
        raise StaleVersion(_("這則意見在你打開以後，同一個部會已經有人寫過。"), row)
    if row.answer:
        raise NotNow(_("這則意見已經有處理情形，不能再改。"))
    if row.text == text:
        return row
    before = row.text
    row.text, row.by, row.at = text, by, timezone.now()
    row.version += 1
    row.save()
    audit.record(
        "comment.change",
        row,
        by=by,
        ministry=ministry,
        before={"text": before},
        after={"text": text},
    )
    return row


@transaction.atomic
def say_done(review: Review, ministry: Ministry, *, by: User) -> CommentsDone:
    """The ministry has said all that it wants to say; without a comment: it has none.

    It may still comment until the day is over; saying it twice changes nothing.
    """
    review = _enter(review.pk)
    rules_of_synthesis.may_comment(review, ministry, by).enforce()
    if known := rules_of_synthesis.done(review).get(ministry.code):
        return known
    if ministry.code not in rules_of_synthesis.silent(review):
        raise NotAllowed(
            _("%(ministry)s沒有主辦或協辦任何措施。") % {"ministry": ministry.short_name}
        )
    row, _made = CommentsDone.objects.update_or_create(
        review=review, ministry=ministry, defaults={"by": by, "at": timezone.now()}
    )
    count = Comment.objects.filter(conclusion__review=review, ministry=ministry).count()
    audit.record("comment.done", row, by=by, ministry=ministry, after={"comments": count})
    return row


@transaction.atomic
def answer(row: Comment, text: str, *, seen_version: int, by: User) -> Comment:
    """What the reviewer did about the comment; may be reworded until the review is proposed. The
    ministry is told by mail, once.
    """
    review = _enter(row.conclusion.review_id)
    rules_of_synthesis.may_answer(review, by).enforce()
    row = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("ministry", "by", "conclusion__review")
        .get(pk=row.pk)
    )
    if row.version != seen_version:
        raise StaleVersion(_("這則意見或處理情形在你打開以後，已經被別人改過。"), row)
    text = _written(text, "answer")
    if row.answer == text:
        return row
    before = row.answer
    row.answer, row.answered_by, row.answered_at = text, by, timezone.now()
    row.version += 1
    row.save()
    audit.record(
        "comment.answer",
        row,
        by=by,
        ministry=row.ministry,
        before={"answer": before},
        after={"answer": text},
    )
    notices.answered(row, by=by)
    return row


def _enter(review_id: int) -> Review:
    return Review.objects.select_for_update().get(pk=review_id)


def _written(text: str, field: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid({field: [_("寫下內容。")]})
    if len(text) > LONGEST:
        raise Invalid({field: [_("最多%(count)d個字。") % {"count": LONGEST}]})
    return text
