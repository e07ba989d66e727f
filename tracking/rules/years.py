"""Who may open, close and release a reporting year, and is it the day for it."""

from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from tracking.enums import YearState, YearVerb
from tracking.rules.move import Move
from tracking.rules.pages import may_keep_years, may_see_collation
from tracking.workflow import YEAR_ROAD

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from tracking.models import ReportingYear


def year_verdict(
    verb: str,
    year: "ReportingYear",
    user: "User | AnonymousUser",
    today: date | None = None,
) -> Verdict:
    """May this person make this move with this reporting year today?"""
    verb = YearVerb(verb)
    if not may_keep_years(user):
        return not_allowed(
            _("「%(verb)s」填報年度是彙整人的事，你不是彙整人。") % {"verb": verb.label}
        )
    if (year.state, verb) not in YEAR_ROAD:
        fitting = _("、").join(
            _("「%s」") % state.label for state, known in YEAR_ROAD if known == verb
        )
        return not_now(
            _("%(year)s年度是「%(state)s」；只有%(fitting)s的年度可以「%(verb)s」。")
            % {
                "year": year.year,
                "state": YearState(year.state).label,
                "fitting": fitting,
                "verb": verb.label,
            }
        )
    if verb == YearVerb.OPEN and (today or timezone.localdate()) < year.opens_on:
        return not_now(
            _("%(year)s年度的開放日是%(day)s，還沒有到。")
            % {"year": year.year, "day": roc.format_date(year.opens_on)}
        )
    return YES


def partner_days_verdict(year: "ReportingYear", user: "User | AnonymousUser") -> Verdict:
    """May this person change how long before the due date the year's partners are asked to file?"""
    if not may_keep_years(user):
        return not_allowed(_("改協辦提前天數是彙整人的事，你不是彙整人。"))
    if year.state not in (YearState.PLANNED, YearState.OPEN):
        values = {"year": year.year, "state": YearState(year.state).label}
        return not_now(_("%(year)s年度是「%(state)s」，不再收件，協辦提前天數不能改。") % values)
    return YES


def year_moves(
    year: "ReportingYear", user: "User | AnonymousUser", today: date | None = None
) -> list[Move]:
    """The moves that the year's state knows, for science staff; none for others."""
    if not may_see_collation(user):
        return []
    found = []
    for state, verb in YEAR_ROAD:
        if state == year.state:
            answer = year_verdict(verb, year, user, today)
            again = state == YearState.OPEN and verb == YearVerb.OPEN
            label = _("補齊缺少的報告") if again else str(verb.label)
            found.append(Move(verb, label, answer.ok, answer.reason))
    return found
