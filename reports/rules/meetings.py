"""Who may call and keep coordination meetings, and is it the time for it.

Meetings belong to the review from the expert assessment on, since from then on there is an edition
whose numbers can be on the agenda, and until it is proposed to the second reviewer: what that
person approves is copied into the edition with its meetings, and may not move while it is read.
Sent back or withdrawn, the review takes meetings again. Resolutions go on in any state: they are
the owners' duty, whatever becomes of the review (`tracking.rules.resolutions`).
"""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from reports.enums import MeetingState, MeetingVerb, ReviewState
from reports.models import CoordinationMeeting, Review
from reports.queries import reviews as queries
from reports.workflow import MEETING_ROAD, MEETING_STATES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

# What is known only once the day has come.
_ON_THE_DAY = frozenset({MeetingVerb.RECORD, MeetingVerb.HOLD, MeetingVerb.DECIDE})


def keeps_meetings(user: "User | AnonymousUser") -> bool:
    """Proposed agendas, calling, recording, deciding: reviewers and collators."""
    return user.is_authenticated and user.is_science_staff


def may_call(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Call a meeting of this review now?"""
    if not keeps_meetings(user):
        return not_allowed(_("協調會議由審查人或彙整人召集。"))
    if review.state not in MEETING_STATES:
        return not_now(
            _("這份評估現在是「%(state)s」；協調會議在專家評估、綜整與部會表示意見時召集和記錄。")
            % {"state": ReviewState(review.state).label}
        )
    if queries.current_edition(review) is None:
        return not_now(_("還沒有編製任何一版，沒有達成度可以討論。"))
    return YES


def verdict(verb: str, meeting: CoordinationMeeting, user: "User | AnonymousUser") -> Verdict:
    """May this person make this move with this meeting today?"""
    verb = MeetingVerb(verb)
    if not (answer := may_call(meeting.review, user)):
        return answer
    if (meeting.state, verb) not in MEETING_ROAD:
        sentence = _("這次會議現在是「%(state)s」，不能「%(verb)s」。")
        if verb == MeetingVerb.DECIDE and meeting.state == MeetingState.PLANNED:
            sentence = _("先記下出席和紀錄、把會議列為已召開，再登錄決議。")
        return not_now(sentence % {"state": MeetingState(meeting.state).label, "verb": verb.label})
    if verb in _ON_THE_DAY and timezone.localdate() < meeting.on:
        return not_now(_("會議日期是%(day)s，還沒有到。") % {"day": roc.format_date(meeting.on)})
    if verb == MeetingVerb.HOLD and (lacking := _lacking(meeting)):
        return not_now(lacking)
    return YES


def _lacking(meeting: CoordinationMeeting) -> str:
    if not meeting.minutes:
        return _("還沒有會議紀錄。")
    if not meeting.attendances.filter(present=True).exists():
        return _("還沒有記下任何出席的部會。")
    return ""
