"""Mails about a report's moves, to its ministry."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from config.kit import roc
from ministries.enums import MembershipRole
from ministries.models import User
from tracking.models import ProgressReport
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of, with_takers


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


def announce_many(kind: NoticeKind, reports: Sequence[ProgressReport], *, by: User) -> None:
    """As `announce`, one mail of all of a ministry; of a single one the mail that it always is."""
    groups: dict[int, list[ProgressReport]] = {}
    for report in reports:
        groups.setdefault(report.ministry_id, []).append(report)
    for rows in groups.values():
        if len(rows) == 1:
            announce(kind, rows[0], by=by)
            continue
        people = _recipients(kind, rows[0]) - {by}
        with translation.override(LANGUAGE):
            subject, body = _text_of_many(rows)
        first = rows[0]
        post(kind, f"report:{first.pk}:{kind}:{first.version}:many", people, subject, body)


def _text_of_many(reports: Sequence[ProgressReport]) -> tuple[str, str]:
    values = {"n": len(reports), "ministry": reports[0].ministry.short_name}
    subject = _("等你核可：%(ministry)s%(n)s件年度執行情形") % values
    lead = _("%(ministry)s的承辦人送出了%(n)s件年度執行情形，等窗口核可。") % values
    rows = "\n".join(
        f"{row.reporting_year.year}　{row.measure.code}　{row.measure.name}" for row in reports
    )
    link = settings.SITE_URL.rstrip("/") + reverse("signing")
    return subject, "\n\n".join([lead, rows, link]) + "\n"


def _recipients(kind: NoticeKind, report: ProgressReport) -> set[User]:
    """Windows and their deputies, but of what a window itself sent back; of a decision and of
    that also the authors or who took over from them, or if they have left, all officers, so that
    the thread doesn't leave with them.
    """
    bodies = bodies_of(report.ministry_id)
    people = set() if kind == NoticeKind.SENT_BACK else windows_of(bodies)
    if kind != NoticeKind.SIGN_OFF_WAITING:
        officers = members_of(bodies, MembershipRole.OFFICER)
        wrote = with_takers((row.user_id for row in report.authors.all()), bodies)
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
