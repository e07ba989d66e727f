"""Filing a review: 備查 or 核定 with its number, the superior's answer, publication, withdrawal.

Exactly the approved edition goes out. What was filed never changes: only the answer, the day of
publication and the withdrawal are added to it.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from ministries import audit
from ministries.models import User
from reports import closing
from reports.actions import door
from reports.actions.compile import compile_review
from reports.enums import FilingStep, ReviewVerb
from reports.models import Edition, Filing, Review
from reports.queries import reviews as queries
from reports.rules import reviews as rules


@transaction.atomic
def file_for_reference(
    review: Review,
    *,
    edition: Edition,
    step: str,
    document_number: str,
    on: date,
    addressee: str,
    seen_version: int,
    by: User,
) -> Filing:
    """Record that this edition was sent: as 備查, or as 核定 where a plan needs it.

    Refuses others than collators (NotAllowed), a review that is not approved (NotNow) or changed
    meanwhile (StaleVersion), another edition than the approved one, an edition that no longer is
    what its digest says, no number or addressee, and a day to come (Invalid).
    """
    row = door.enter(review, ReviewVerb.FILE, seen_version=seen_version, by=by)
    current = queries.current_edition(row)
    if current is None or current.pk != edition.pk or current.closing is None:
        raise Invalid({"edition": [_("只能函送定稿的那一版。")]})
    if not closing.is_intact(current):
        raise Invalid({"edition": [_("這一版的內容和摘要值不符，不能函送，請通知系統管理者。")]})
    filing = Filing(
        review=row,
        edition=current,
        step=FilingStep(step),
        document_number=_number(document_number, "document_number"),
        on=_past(on, "on"),
        addressee=_number(addressee, "addressee"),
        content_digest=closing.content_digest(current),
        by=by,
    )
    filing.save()
    told = {
        "step": filing.step,
        "document_number": filing.document_number,
        "on": filing.on,
        "addressee": filing.addressee,
        "content_digest": filing.content_digest,
    }
    door.leave(row, ReviewVerb.FILE, by=by, edition=current, after=told)
    return filing


@transaction.atomic
def acknowledge(filing: Filing, *, number: str, on: date, by: User) -> Filing:
    """Record the superior's answer with its number and day, or correct them; the same again
    changes nothing.

    Refuses others than collators (NotAllowed), a filing that was withdrawn (NotNow), and a day
    before the filing's or one to come (Invalid).
    """
    door.lock(filing.review)
    row = Filing.objects.select_for_update(of=("self",)).get(pk=filing.pk)
    rules.may_acknowledge(row, by).enforce()
    if _past(on, "on") < row.on:
        raise Invalid({"on": [_("復文日期不能早於發文日期。")]})
    names = ("acknowledged_number", "acknowledged_on")
    before = {name: getattr(row, name) for name in names}
    row.acknowledged_number, row.acknowledged_on = _number(number, "number"), on
    after = {name: getattr(row, name) for name in names}
    if after == before:
        return row
    row.save(update_fields=names)
    audit.record("filing.acknowledge", row, by=by, before=before, after=after)
    return row


@transaction.atomic
def publish(review: Review, *, on: date, seen_version: int, by: User) -> Filing:
    """Let everybody read the result from this day on, which may be one to come.

    Refuses as `file_for_reference`; a day before the filing's is Invalid.
    """
    row = door.enter(review, ReviewVerb.PUBLISH, seen_version=seen_version, by=by)
    filing = queries.standing_filing(row)
    if on < filing.on:
        raise Invalid(
            {"on": [_("公布日期不能早於發文日期%(day)s。") % {"day": roc.format_date(filing.on)}]}
        )
    filing.published_on = on
    filing.save(update_fields=["published_on"])
    told = {"published_on": on, "document_number": filing.document_number}
    door.leave(row, ReviewVerb.PUBLISH, by=by, edition=filing.edition, after=told)
    return filing


@transaction.atomic
def withdraw(review: Review, *, reason: str, seen_version: int, by: User) -> Edition:
    """Take the review back into the synthesis. Returns its current edition.

    A filing keeps its row and its edition, and is marked with day and reason; a new edition is
    compiled, which names the filing that it replaces. An edition that was approved but not sent
    stays the current one, and what people said of it is open again.
    """
    row = door.enter(review, ReviewVerb.WITHDRAW, seen_version=seen_version, by=by)
    reason = door.written(reason, field="reason")
    edition = queries.current_edition(row)
    filing = queries.standing_filing(row)
    if filing is None:
        edition.closing = None
        edition.save(update_fields=["closing"])
    else:
        filing.withdrawn_at = timezone.now()
        filing.withdrawal_reason = reason
        filing.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    told = {"document_number": filing.document_number if filing else ""}
    door.leave(row, ReviewVerb.WITHDRAW, by=by, note=reason, edition=edition, after=told)
    return compile_review(row.pk, by=by) if filing else edition


def _number(text: str, field: str) -> str:
    """One line that says something, as long as its column."""
    column = {"number": "acknowledged_number"}.get(field, field)
    longest = Filing._meta.get_field(column).max_length
    text = " ".join(text.split())
    if not text or len(text) > longest:
        raise Invalid({field: [_("不能空白，最多%(n)d個字。") % {"n": longest}]})
    return text


def _past(day: date, field: str) -> date:
    if day > timezone.localdate():
        raise Invalid({field: [_("日期不能在今天之後。")]})
    return day
