"""Who may do what with experts and their opinions, and is it the time. Buttons ask here, and so do
the actions behind them.

Opinions are written and handed in while experts assess, and at no other time: afterwards
conclusions cite them, and must find them as they were. The table leads back (綜整 → 專家評估) where
more is needed, and asks for a reason. Inviting, seating and recusing go by `rules.may_change`.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole, SystemRole
from reports.enums import RecusalState, ReviewState
from reports.models import Invitation, Opinion, Recusal, Review, Seat
from reports.queries.experts import bodies_of_measures
from reports.rules import reviews as rules
from reports.workflow import OPEN_STATES, WRITING_STATES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import Ministry, User

# Where opinions may be sent to ministries and these may reply: until the second reviewer has them.
TALKING_STATES = frozenset({ReviewState.ASSESSING}) | WRITING_STATES


# --- invitations and seats ------------------------------------------------------------------------
def may_accept(invitation: Invitation) -> Verdict:
    """Is the link still good? Whose it is, the action finds out."""
    if invitation.used_at:
        return not_now(_("這份邀請已經用過了；用當時的帳號登入就可以。"))
    if invitation.revoked_at:
        return not_now(_("這份邀請已經撤銷。"))
    if invitation.expires_on < timezone.localdate():
        return not_now(
            _("這份邀請在%(day)s已經過期，請國科會重寄。")
            % {"day": roc.format_date(invitation.expires_on)}
        )
    if invitation.review.state not in OPEN_STATES:
        return not_now(_("這份評估的專家階段已經結束。"))
    return YES


def may_withdraw(invitation: Invitation, user: "User | AnonymousUser") -> Verdict:
    """Revoke it, or send it again: reviewers, while nobody has used it."""
    answer = rules.may_change(invitation.review, user)
    if answer and (invitation.used_at or invitation.revoked_at):
        return not_now(_("這份邀請已經用過或撤銷。"))
    return answer


def may_declare(seat: Seat, user: "User | AnonymousUser") -> Verdict:
    """State the own interests: the expert, as long as opinions may still come."""
    if not _holds(seat, user):
        return not_allowed(_("利害關係由專家本人聲明。"))
    if seat.review.state not in OPEN_STATES:
        return not_now(_("這份評估的專家階段已經結束。"))
    return YES


def may_open_dossier(seat: Seat, user: "User | AnonymousUser") -> Verdict:
    """Read the dossier: its expert, once interests are stated."""
    if not _holds(seat, user):
        return not_allowed(_("卷宗只有專家本人可以看。"))
    if seat.declared_at is None:
        return not_now(_("先聲明有沒有利害關係，卷宗才會打開。"))
    return YES


# --- recusals -------------------------------------------------------------------------------------
def may_recuse_oneself(seat: Seat, code: str, user: "User | AnonymousUser") -> Verdict:
    """Ask to be left out of a measure that one was asked to assess."""
    answer = may_declare(seat, user)
    if not answer:
        return answer
    if not seat.items.filter(measure_code=code).exists():
        return not_allowed(_("這一項不在你的卷宗裡。"))
    if seat.recusals.blocking().filter(measure_code=code).exists():
        return not_now(_("這一項的迴避已經提出。"))
    return YES


def may_decide(recusal: Recusal, user: "User | AnonymousUser") -> Verdict:
    """Confirm or dismiss it: reviewers. It may be decided anew; the audit keeps both.

    Nobody decides on the own recusal.
    """
    if user == recusal.seat.user:
        return not_allowed(_("自己的迴避由別人決定。"))
    return rules.may_change(recusal.seat.review, user)


# --- opinions -------------------------------------------------------------------------------------
def may_judge(seat: Seat, code: str, user: "User | AnonymousUser") -> Verdict:
    """Write an opinion of the measure, or hand it in."""
    answer = may_open_dossier(seat, user)
    if not answer:
        return answer
    if not seat.items.filter(measure_code=code).exists():
        return not_allowed(_("這一項不在你的卷宗裡。"))
    recusal = seat.recusals.blocking().filter(measure_code=code).first()
    if recusal is not None and recusal.state == RecusalState.CONFIRMED:
        return not_now(_("這一項你要迴避，不必評估。"))
    if recusal is not None:
        return not_now(_("這一項的迴避還等審查人決定；決定不必迴避以後才能評估。"))
    if seat.review.state != ReviewState.ASSESSING:
        return not_now(
            _("這份評估現在是「%(state)s」；意見只在「專家評估」時可以寫與送出。")
            % {"state": ReviewState(seat.review.state).label}
        )
    return YES


def may_send(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Let ministries read what experts handed in: reviewers."""
    if not (user.is_authenticated and SystemRole.REVIEWER in user.roles):
        return not_allowed(_("專家意見由審查人送給部會，你不是審查人。"))
    return _talking(review)


def may_reply(opinion: Opinion, bodies: "Sequence[Ministry]") -> Verdict:
    """Answer an opinion that was sent: window or officer of a body with a line on the measure.

    `bodies`: for whom the person may, as `answering` gives them.
    """
    if not bodies:
        return not_allowed(_("這一項由主辦與協辦部會的窗口或承辦人回復。"))
    if opinion.sent_at is None:
        return not_now(_("審查人還沒有把這份意見送給部會。"))
    return _talking(opinion.seat.review)


def answering(opinions: Iterable[Opinion], user: "User | AnonymousUser") -> dict[int, list]:
    """Opinion → bodies of today for which this person may answer it. Two queries an edition."""
    opinions = list(opinions)
    own = frozenset()
    if user.is_authenticated:
        own = user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)
    asked = {}
    if own:
        editions = {opinion.edition_id: opinion.edition for opinion in opinions}
        asked = {pk: bodies_of_measures(edition, user.lineage) for pk, edition in editions.items()}
    return {
        opinion.pk: [
            ministry
            for ministry in asked.get(opinion.edition_id, {}).get(opinion.measure_code, [])
            if ministry.pk in own
        ]
        for opinion in opinions
    }


def _talking(review: Review) -> Verdict:
    if review.state in TALKING_STATES:
        return YES
    return not_now(
        _("這份評估現在是「%(state)s」，專家意見的往來已經結束。")
        % {"state": ReviewState(review.state).label}
    )


def _holds(seat: Seat, user: "User | AnonymousUser") -> bool:
    return user.is_authenticated and seat.user_id == user.pk and seat.ended_at is None
