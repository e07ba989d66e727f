"""Mails about coordination meetings, to officers and windows of the ministries that are called."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from config.kit import roc
from ministries.enums import MembershipRole
from ministries.models import User
from reports.models import CoordinationMeeting
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of


def called(meeting: CoordinationMeeting, *, by: User, changed: bool = False) -> None:
    """A new meeting, or one whose day, place or circle changed. Inside the transaction."""
    with translation.override(LANGUAGE):
        subject = _("會議更改：%(title)s") if changed else _("協調會議通知：%(title)s")
        _post(
            meeting, subject, _("時間是%(day)s，地點在%(place)s，由%(chair)s主持。議程如下："), by
        )


def cancelled(meeting: CoordinationMeeting, note: str, *, by: User) -> None:
    with translation.override(LANGUAGE):
        _post(meeting, _("會議取消：%(title)s"), _("原訂%(day)s的會議取消。"), by, note)


def _post(meeting: CoordinationMeeting, subject: str, lead: str, by: User, note: str = "") -> None:
    people: set[User] = set()
    for attendance in meeting.attendances.all():
        bodies = bodies_of(attendance.ministry_id)
        people |= windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER)
    values = {
        "title": meeting.title,
        "day": roc.format_date(meeting.on),
        "place": meeting.place,
        "chair": meeting.chair,
    }
    agenda = "\n".join(f"{one.code} {one.name}　{one.finding}" for one in meeting.items.all())
    link = settings.SITE_URL.rstrip("/") + reverse("meeting", args=[meeting.pk])
    parts = [lead % values, note or agenda, link]
    post(
        NoticeKind.MEETING_CALLED,
        f"meeting:{meeting.pk}:{meeting.version}",
        people - {by},
        subject % values,
        "\n\n".join(part for part in parts if part) + "\n",
    )
