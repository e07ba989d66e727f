"""The outbox: notices that were written with a change are mailed after its commit.

Mail can't be sent exactly once: a worker may die after the mail server took the mail and before
that is written down. Of the two errors the second mail is the smaller one, so a notice is marked
after it was sent, under its row's lock, and its Message-ID is the same each time, by which
mailboxes know a repetition.
"""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from config.kit.tasks import queue_on_commit
from tracking.models import Notice

logger = logging.getLogger(__name__)

BATCH = 200
LONGEST_WAIT = timedelta(hours=6)
# A mail server that is slower holds a row's lock, on SQLite the only write lock, for too long.
SERVER_SECONDS = 10


def deliver(notice_id: int) -> bool:
    """Mail one notice and mark it as sent. True when it was mailed now.

    Already sent, called off, gone, or in the hands of another worker: nothing happens. A mail
    server that refuses is logged and tried again later, after 1, 2, 4 … minutes and at most six
    hours.
    """
    try:
        with transaction.atomic():
            waiting = Notice.objects.waiting().select_for_update(skip_locked=True, of=("self",))
            notice = waiting.filter(pk=notice_id).select_related("recipient").first()
            if notice is None:
                return False
            _send(notice)
            notice.sent_at = timezone.now()
            notice.save(update_fields=["sent_at"])
            # By this line one follows a request through the job that it queued to its mail.
            logger.info("notice %s was mailed", notice_id)
            return True
    except OSError as error:  # of sockets and of smtplib alike
        # Its words may hold an address.
        logger.warning("notice %s could not be mailed: %s", notice_id, type(error).__name__)
        _postpone(notice_id)
        return False


def deliver_waiting() -> int:
    """Mail what is due and was not mailed yet, oldest first; how many went out."""
    due = Notice.objects.waiting().filter(next_try_at__lte=timezone.now())
    ids = list(due.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH])
    return sum(deliver(pk) for pk in ids)


def failing() -> QuerySet[Notice]:
    """Notices that the mail server refused and that wait to be mailed, the next due first."""
    return Notice.objects.waiting().filter(attempts__gt=0).order_by("next_try_at", "pk")


def hurry(notice_id: int) -> bool:
    """Have a notice tried as soon as this is committed; False where it no longer waits."""
    from tracking.tasks import deliver_notice  # which imports this module

    waits = Notice.objects.waiting().filter(pk=notice_id)
    if not waits.update(next_try_at=timezone.now()):
        return False
    queue_on_commit(deliver_notice, notice_id)
    return True


def call_off(notice_id: int) -> bool:
    """It is not mailed any more; False where it no longer waits. Inside a transaction: one that is
    in the mail server's hands just now is waited for.
    """
    waiting = Notice.objects.waiting().select_for_update(of=("self",)).filter(pk=notice_id)
    if not waiting.exists():
        return False
    Notice.objects.filter(pk=notice_id).update(cancelled_at=timezone.now())
    return True


def _send(notice: Notice) -> None:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    EmailMessage(
        notice.subject,
        notice.body,
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{host}>"},
        connection=get_connection(timeout=SERVER_SECONDS),
    ).send()


def _postpone(notice_id: int) -> None:
    for notice in Notice.objects.waiting().filter(pk=notice_id):
        wait = min(timedelta(minutes=2 ** min(notice.attempts, 10)), LONGEST_WAIT)
        Notice.objects.filter(pk=notice_id).update(
            attempts=F("attempts") + 1, next_try_at=timezone.now() + wait
        )
