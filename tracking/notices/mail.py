"""One mail to each of some people: a notice in the outbox, written with the change it tells of.

`tracking.outbox` mails them after the commit.
"""

from collections.abc import Iterable

from config.kit.tasks import queue_on_commit
from ministries.models import User
from tracking.models import Notice, ProgressReport, Resolution
from tracking.models.notice import NoticeKind
from tracking.tasks import deliver_notice

LANGUAGE = "zh-hant"


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
            # One line, since a mail's header has no second one; and as long as the column: a
            # measure's name can have 200 characters.
            Notice(
                key=key,
                kind=kind,
                recipient=person,
                report=report,
                resolution=resolution,
                subject=" ".join(subject.split())[:200],
                body=body,
            )
            for person in sorted(people, key=lambda person: person.pk)
        ),
        ignore_conflicts=True,
    )
    for pk in Notice.objects.filter(key=key).values_list("pk", flat=True):
        queue_on_commit(deliver_notice, pk)
