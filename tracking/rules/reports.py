"""Who may do what to a report, and is it the day for it. A button asks here, and so does the action
behind it, so that both say the same.

`verdict` asks in this order: is this person the one (`Who` of the table), does the table know the
move at this status, do the dates allow it, and did the person write or sign the report.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole, SystemRole
from tracking.enums import Part, RequestState, Status, Verb, YearState
from tracking.rules.move import Move
from tracking.workflow import FILING_VERBS, ROAD, Who, writable_parts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from tracking.models import ProgressReport

WHO = {verb: step.who for (_status, verb), step in ROAD.items()}
# Moves that judge a report. Nobody makes them on a report that they wrote or signed.
DECIDING_VERBS = frozenset(verb for verb, who in WHO.items() if who is Who.REVIEWER)

_MINISTRY_ROLES = {
    Who.OFFICER: (MembershipRole.OFFICER,),
    Who.WINDOW: (MembershipRole.WINDOW,),
    Who.MINISTRY: (MembershipRole.OFFICER, MembershipRole.WINDOW),
}
_SYSTEM_ROLES = {Who.REVIEWER: SystemRole.REVIEWER, Who.COLLATOR: SystemRole.COLLATOR}


def verdict(
    verb: str, report: "ProgressReport", user: "User | AnonymousUser", today: date | None = None
) -> Verdict:
    """May this person make this move with this report today (a day in Asia/Taipei)?

    At most one query beyond the person's own roles, and it only for reviewers.
    """
    verb = Verb(verb)
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if not _plays(WHO[verb], report, user):
        return not_allowed(_who_sentence(verb, report))
    if (report.status, verb) not in ROAD:
        return not_now(_status_sentence(verb, report))
    if verb in FILING_VERBS:
        return _filing_time(report, today or timezone.localdate())
    if refusal := _of_correction(verb, report):
        return not_now(refusal)
    if verb in DECIDING_VERBS and any(row.user_id == user.pk for row in report.authors.all()):
        return not_allowed(_("你寫過或簽過這份報告；自己寫的、簽的報告，由別的審查人決定。"))
    return YES


def moves(
    report: "ProgressReport", user: "User | AnonymousUser", today: date | None = None
) -> list[Move]:
    """The moves that the report's status knows, for the person's side of the table.

    People of the report's ministry get the ministry's moves, reviewers and collators the
    reviewer's; those that this person can't make are there with the reason. Others get none.
    """
    if not user.is_authenticated:
        return []
    ours = report.ministry_id in user.ministry_ids
    found = []
    for (status, verb), step in ROAD.items():
        side = user.is_science_staff if step.who is Who.REVIEWER else ours
        # A correction is granted on the page of its request, and dropped instead of exempted.
        of_another = verb == Verb.REOPEN or verb == (
            Verb.EXEMPT if report.corrects_id else Verb.DROP
        )
        if status == report.status and side and not of_another:
            answer = verdict(verb, report, user, today)
            found.append(Move(verb, str(verb.label), answer.ok, answer.reason, step.note))
    return found


def writable(report: "ProgressReport", user: "User | AnonymousUser") -> frozenset[str]:
    """Parts of the report that this person can write now; none where saving is refused."""
    if not verdict(Verb.SAVE, report, user):
        return frozenset()
    return writable_parts(report.returned_parts)


def evidence_verdict(report: "ProgressReport", user: "User | AnonymousUser") -> Verdict:
    """May this person add or remove evidence now?"""
    answer = verdict(Verb.SAVE, report, user)
    if answer and Part.EVIDENCE not in writable_parts(report.returned_parts):
        return not_now(_("這次退回的部分不含佐證資料，所以不能更動佐證資料。"))
    return answer


def _plays(who: Who, report: "ProgressReport", user: "User") -> bool:
    if who in _SYSTEM_ROLES:
        return _SYSTEM_ROLES[who] in user.roles
    return bool(set(_MINISTRY_ROLES[who]) & user.ministry_roles.get(report.ministry_id, set()))


def _who_sentence(verb: Verb, report: "ProgressReport") -> str:
    values = {"verb": verb.label, "ministry": report.ministry.short_name}
    match WHO[verb]:
        case Who.OFFICER:
            return _("「%(verb)s」是%(ministry)s承辦人的事，你不是%(ministry)s的承辦人。") % values
        case Who.WINDOW:
            return (
                _("「%(verb)s」是%(ministry)s窗口或其代理人的事，你不是%(ministry)s的窗口。")
                % values
            )
        case Who.MINISTRY:
            return _("「%(verb)s」是%(ministry)s承辦人或窗口的事，你兩者都不是。") % values
        case _:
            return _("「%(verb)s」是審查人的事，你不是審查人。") % values


def _status_sentence(verb: Verb, report: "ProgressReport") -> str:
    since = {
        Status.SUBMITTED: report.filed_at,
        Status.ACCEPTED: report.accepted_at,
    }.get(Status(report.status))
    fitting = _("、").join(_("「%s」") % status.label for status, known in ROAD if known == verb)
    return _("這份報告%(since)s是「%(status)s」；只有%(fitting)s的報告可以「%(verb)s」。") % {
        "since": _("自%(day)s起") % {"day": _day(since)} if since else "",
        "status": Status(report.status).label,
        "fitting": fitting,
        "verb": verb.label,
    }


def _of_correction(verb: Verb, report: "ProgressReport") -> str:
    """Why a move does not fit a report that is, or is not, the copy of a correction; "" if it does.

    A correction ends by being accepted or dropped, and only a report that stands has one.
    """
    if verb == Verb.REOPEN and (
        report.corrects_id
        or not report.correction_requests.filter(state=RequestState.ASKED).exists()
    ):
        return _("要更正已接受的報告，先由部會申請；這份報告沒有等你決定的更正申請。")
    if verb == Verb.DROP and not report.corrects_id:
        return _("這份報告不是更正，沒有可以撤銷的更正。")
    if verb == Verb.EXEMPT and report.corrects_id:
        return _("這是更正中的報告；不更正就撤銷更正，原來接受的內容不變。")
    return ""


def _filing_time(report: "ProgressReport", today: date) -> Verdict:
    """A ministry moves while its year is open, until the end of its own extension, or until the
    end of a correction that the reviewer asked for, its way back through the window included.
    """
    year = report.reporting_year
    if year.state == YearState.OPEN and today <= year.closes_on:
        return YES
    if report.correction_due_on and today <= report.correction_due_on:
        return YES
    opened = year.state != YearState.PLANNED
    if opened and report.extended_until and today <= report.extended_until:
        return YES
    if year.state == YearState.PLANNED:
        return not_now(
            _("%(year)s年度還沒有開放填報；開放日是%(day)s，由彙整人開放。")
            % {"year": year.year, "day": roc.format_date(year.opens_on)}
        )
    if report.correction_due_on:
        return not_now(
            _("補正期限%(day)s已經過了；要再補正，請彙整人重新開放%(year)s年度。")
            % {"year": year.year, "day": roc.format_date(report.correction_due_on)}
        )
    if report.extended_until and report.extended_until > year.closes_on:
        return not_now(
            _("%(year)s年度的展延到%(day)s，已經過了；需要再延長時，請彙整人重新開放。")
            % {"year": year.year, "day": roc.format_date(report.extended_until)}
        )
    closed = year.closes_on
    if year.state != YearState.OPEN and year.closed_at:
        closed = min(closed, timezone.localdate(year.closed_at))
    return not_now(
        _("%(year)s年度已在%(day)s截止，不再收件；需要延長時，請彙整人重新開放。")
        % {"year": year.year, "day": roc.format_date(closed)}
    )


def _day(moment: datetime) -> str:
    return roc.format_date(timezone.localdate(moment))
