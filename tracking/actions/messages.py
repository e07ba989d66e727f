"""The verb of a report's thread: say something to the other side."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit
from ministries.models import User
from tracking.actions.door import lock, written
from tracking.models import Message, ProgressReport
from tracking.models.thread import Side
from tracking.notices import messages as notices
from tracking.rules import messages as rules


@transaction.atomic
def send_message(report: ProgressReport, *, text: str, by: User) -> Message:
    """Add a message and mail it to the other side; nothing else of the report changes.

    Refuses with NotAllowed, and Invalid at `text`. The same words of the same author twice running
    are one message, so that a second press of the button says nothing new.
    """
    row = lock(report)
    if row.corrects_id:
        row = lock(row.corrects)  # the copy of a correction is gone one day; the thread stays
    rules.message_verdict(row, by).enforce()
    if not text.strip():
        raise Invalid({"text": [_("寫下要說的話。")]})
    text = written(text, field="text")
    last = row.thread.order_by("-at", "-pk").first()
    if last and last.author_id == by.pk and last.text == text:
        return last
    ours = rules.speaks_for_ministry(row, by)
    # A person of both houses speaks for the ministry whose report it is.
    side = Side.MINISTRY if ours else Side.SCIENCE
    message = Message.objects.create(report=row, side=side, author=by, text=text)
    audit.record(
        "message.send",
        message,
        by=by,
        ministry=row.ministry,
        after={"report": row.pk, "side": str(side), "length": len(text)},
    )
    notices.said(message)
    return message
