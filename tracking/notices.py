"""The outbox: notices are written with the change that they tell of, and mailed after the commit.

Mail can't be sent exactly once: a worker may die after the mail server took the mail and before
that is written down. Of the two errors the second mail is the smaller one, so a notice is marked
after it was sent, under its row's lock, and its Message-ID is the same each time, by which
mailboxes know a repetition.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.tasks import queue_on_commit
from ministries.enums import MembershipRole
from ministries.models import User
from tracking.models import Notice, ProgressReport, Resolution
from tracking.models.notice import NoticeKind
from tracking.people import bodies_of, members_of, windows_of

logger = logging.getLogger(__name__)

LANGUAGE = "zh-hant"
BATCH = 200
LONGEST_WAIT = timedelta(hours=6)
# A mail server that is slower holds a row's lock, on SQLite the only write lock, for too long.
SERVER_SECONDS = 10


def announce(kind: NoticeKind, report: ProgressReport, *, by: User, note: str = "") -> None:
    """Write one notice to each recipient and queue its mailing. Call it inside the transaction.

    `note` is what the mail quotes, such as the reasons of a return. The one who made the move is
    not told of it.
    """
    people = _recipients(kind, report) - {by}
    if not people:
        return
    with translation.override(LANGUAGE):
        subject, body = _text(kind, report, note)
    key = f"report:{report.pk}:{kind}:{report.version}"
    post(kind, key, people, subject, body, report=report)


def post(
    kind: NoticeKind,
    key: str,
    people: Iterable[User],
    subject: str,
    body: str,
    *,
    report: ProgressReport | None = None,
    resolution: Resolution | None = None,
) -> None:
    """Put one mail to each of the people into the outbox, and queue its mailing.

    Call it inside the transaction. `key` names the occasion: written once, however often asked.
    """
    Notice.objects.bulk_create(
        (
            # The column's length; a measure's name can have 200 characters.
            Notice(
                key=key,
                kind=kind,
                recipient=person,
                report=report,
                resolution=resolution,
                subject=subject[:200],
                body=body,
            )
            for person in sorted(people, key=lambda person: person.pk)
        ),
        ignore_conflicts=True,
    )
    from tracking.tasks import deliver_notice

    for pk in Notice.objects.filter(key=key).values_list("pk", flat=True):
        queue_on_commit(deliver_notice, pk)


def _recipients(kind: NoticeKind, report: ProgressReport) -> set[User]:
    """Windows and their deputies, but of what a window itself sent back; of a decision and of
    that also the authors, or if they have left, all officers, so that the thread doesn't leave
    with them.
    """
    bodies = bodies_of(report.ministry_id)
    people = set() if kind == NoticeKind.SENT_BACK else windows_of(bodies)
    if kind != NoticeKind.SIGN_OFF_WAITING:
        officers = members_of(bodies, MembershipRole.OFFICER)
        wrote = {row.user_id for row in report.authors.all()}
        people |= {person for person in officers if person.pk in wrote} or officers
    return people


def _text(kind: NoticeKind, report: ProgressReport, note: str) -> tuple[str, str]:
    values = {
        "year": report.reporting_year.year,
        "code": report.measure.code,
        "name": report.measure.name,
        "ministry": report.ministry.short_name,
        "due": roc.format_date(report.correction_due_on) if report.correction_due_on else "",
    }
    match kind:
        case NoticeKind.SIGN_OFF_WAITING:
            subject = _("等你核可：%(year)s年度 %(code)s %(name)s")
            lead = _("%(ministry)s的承辦人送出了這份年度執行情形，等窗口核可。")
        case NoticeKind.SENT_BACK:
            subject = _("窗口退回：%(year)s年度 %(code)s %(name)s")
            lead = _("%(ministry)s的窗口把這份年度執行情形退給承辦人，改好再送出。")
        case NoticeKind.RETURNED:
            subject = _("退回補正：%(year)s年度 %(code)s %(name)s")
            lead = _("審查人退回了%(ministry)s的這份年度執行情形，請在%(due)s以前補正。")
        case NoticeKind.ACCEPTED:
            subject = _("已接受：%(year)s年度 %(code)s %(name)s")
            lead = _("審查人接受了%(ministry)s的這份年度執行情形。")
    link = settings.SITE_URL.rstrip("/") + reverse("report", args=[report.pk])
    parts = [lead % values, note, link]
    return subject % values, "\n\n".join(part for part in parts if part) + "\n"


def deliver(notice_id: int) -> bool:
    """Mail one notice and mark it as sent. True when it was mailed now.

    Already sent, gone, or in the hands of another worker: nothing happens. A mail server that
    refuses is logged and tried again later, after 1, 2, 4 … minutes and at most six hours.
    """
    try:
        with transaction.atomic():
            waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",))
            notice = (
                waiting.filter(pk=notice_id, sent_at__isnull=True)
                .select_related("recipient")
                .first()
            )
            if notice is None:
                return False
            _send(notice)
            notice.sent_at = timezone.now()
            notice.save(update_fields=["sent_at"])
            return True
    except OSError as error:  # of sockets and of smtplib alike
        logger.warning("notice %s could not be mailed: %s", notice_id, error)
        _postpone(notice_id)
        return False


def deliver_waiting() -> int:
    """Mail what is due and was not mailed yet, oldest first; how many went out."""
    due = Notice.objects.filter(sent_at__isnull=True, next_try_at__lte=timezone.now())
    ids = list(due.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH])
    return sum(deliver(pk) for pk in ids)


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
    for notice in Notice.objects.filter(pk=notice_id, sent_at__isnull=True):
        wait = min(timedelta(minutes=2 ** min(notice.attempts, 10)), LONGEST_WAIT)
        Notice.objects.filter(pk=notice_id).update(
            attempts=F("attempts") + 1, next_try_at=timezone.now() + wait
        )
