"""Mails about messages of a report's thread: to the other side."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ministries.enums import MembershipRole
from ministries.models import User
from tracking.enums import Verb
from tracking.models import Message, ProgressReport, ReportEvent
from tracking.models.notice import NoticeKind
from tracking.models.thread import Side
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, reviewers, science_staff, windows_of

_OF_REVIEWERS = (Verb.START, Verb.ACCEPT, Verb.RETURN, Verb.EXEMPT, Verb.RESUME)


def said(message: Message) -> None:
    """Tell the other side, and who of one's own side spoke in the thread. Inside the transaction.

    The science ministry's side is whoever took the report up or wrote in its thread; as long as
    that is nobody, all reviewers. The ministry's is its windows and the authors, or if they have
    left, all officers.
    """
    report = message.report
    spoke = Message.objects.filter(report=report).values("author")
    earlier = set(User.objects.filter(pk__in=spoke, is_active=True))
    people = _ministry(report) if message.side == Side.SCIENCE else _reviewers(report, earlier)
    allowed = _side_of_today(report) | science_staff()
    people = (people | (earlier & allowed)) - {message.author}
    values = {
        "year": report.reporting_year.year,
        "code": report.measure.code,
        "name": report.measure.name,
        "ministry": report.ministry.short_name,
        "author": message.author.name,
    }
    page = settings.SITE_URL.rstrip("/") + reverse("report", args=[report.pk]) + "#h-thread"
    with translation.override(LANGUAGE):
        subject = _("留言：%(year)s年度 %(code)s %(name)s") % values
        if message.side == Side.SCIENCE:
            lead = _("%(author)s（國科會）在%(ministry)s的這份年度執行情形留言：") % values
        else:
            lead = _("%(author)s（%(ministry)s）在這份年度執行情形留言：") % values
    body = "\n\n".join([lead, message.text, page]) + "\n"
    key = f"message:{message.pk}"
    post(NoticeKind.MESSAGE, key, people, subject, body, report=report)


def _side_of_today(report: ProgressReport) -> set[User]:
    bodies = bodies_of(report.ministry_id)
    return windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER)


def _ministry(report: ProgressReport) -> set[User]:
    bodies = bodies_of(report.ministry_id)
    officers = members_of(bodies, MembershipRole.OFFICER)
    wrote = {row.user_id for row in report.authors.all()}
    return windows_of(bodies) | ({one for one in officers if one.pk in wrote} or officers)


def _reviewers(report: ProgressReport, earlier: set[User]) -> set[User]:
    """Who takes part on the science ministry's side; all reviewers while nobody does."""
    every = reviewers()
    took = ReportEvent.objects.filter(report=report, verb__in=_OF_REVIEWERS).values_list("by")
    hands = {pk for (pk,) in took}
    return {one for one in every if one.pk in hands or one in earlier} or every
