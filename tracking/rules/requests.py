"""Who may ask for more time or for a correction, who decides on it, and is it the time for it."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole
from tracking.enums import RequestState, Status, YearState
from tracking.rules.pages import may_review

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import Ministry, User
    from tracking.models import CorrectionRequest, ExtensionRequest, ProgressReport, ReportingYear
    from tracking.models.request import Request

    Person = User | AnonymousUser

# The longest extension: so many days after the closing date, when collation has to begin. Whoever
# needs longer needs the year reopened, for all.
DAYS_AFTER_CLOSING = 30


def latest_day(year: "ReportingYear") -> date:
    """The last day to which a unit's time can be extended."""
    return year.closes_on + timedelta(days=DAYS_AFTER_CLOSING)


def _ours(ministry_id: int, user: "Person") -> bool:
    return user.is_authenticated and ministry_id in user.ministries_as(
        MembershipRole.OFFICER, MembershipRole.WINDOW
    )


def ask_extension(
    year: "ReportingYear", ministry: "Ministry", user: "Person", today: date | None = None
) -> Verdict:
    """May this person ask for more time for this unit's filing of the year?"""
    if not _ours(ministry.pk, user):
        return not_allowed(
            _("申請展延是%(ministry)s承辦人或窗口的事，你兩者都不是。")
            % {"ministry": ministry.short_name}
        )
    if year.state != YearState.OPEN or (today or timezone.localdate()) > year.closes_on:
        return not_now(
            _("%(year)s年度現在不收件，不能申請展延；請彙整人重新開放。") % {"year": year.year}
        )
    if year.extension_requests.filter(ministry=ministry, state=RequestState.ASKED).exists():
        return not_now(_("上一次的展延申請還在等審查人決定。"))
    return YES


def ask_correction(report: "ProgressReport", user: "Person") -> Verdict:
    """May this person ask for the correction of this accepted report?"""
    if not _ours(report.ministry_id, user):
        return not_allowed(
            _("申請更正是%(ministry)s承辦人或窗口的事，你兩者都不是。")
            % {"ministry": report.ministry.short_name}
        )
    if report.corrects_id or report.status != Status.ACCEPTED:
        return not_now(_("只有已接受的報告要申請更正；還沒有接受的，撤回或等退回就可以改。"))
    for request in report.correction_requests.all():
        if request.waits:
            return not_now(_("上一次的更正申請還在等審查人決定。"))
        if request.running:
            return not_now(_("這份報告正在更正；更正接受以後才能再申請。"))
    return YES


def withdraw(request: "Request", ministry: "Ministry", user: "Person") -> Verdict:
    """May this person take the ministry's request back?"""
    if not _ours(ministry.pk, user):
        return not_allowed(
            _("撤回申請是%(ministry)s承辦人或窗口的事，你兩者都不是。")
            % {"ministry": ministry.short_name}
        )
    return _waits(request)


def decide_extension(request: "ExtensionRequest", user: "Person") -> Verdict:
    """A reviewer decides, but not on the request of a unit of their own."""
    if not may_review(user):
        return not_allowed(_("展延由審查人決定，你不是審查人。"))
    if request.ministry_id in user.ministry_ids or request.asked_by_id == user.pk:
        return not_allowed(_("這是你自己機關的申請，由別的審查人決定。"))
    return _waits(request)


def decide_correction(request: "CorrectionRequest", user: "Person") -> Verdict:
    """A reviewer decides, but not on a report that they wrote or signed."""
    if not may_review(user):
        return not_allowed(_("更正由審查人決定，你不是審查人。"))
    wrote = any(row.user_id == user.pk for row in request.report.authors.all())
    if wrote or request.asked_by_id == user.pk:
        return not_allowed(_("你寫過或簽過這份報告，更正由別的審查人決定。"))
    return _waits(request)


def _waits(request: "Request") -> Verdict:
    if request.waits:
        return YES
    state = request.get_state_display()
    if request.decided_at is None:
        return not_now(_("這項申請已經是「%(state)s」。") % {"state": state})
    day = roc.format_date(timezone.localdate(request.decided_at))
    return not_now(_("這項申請在%(day)s已經決定：%(state)s。") % {"day": day, "state": state})
