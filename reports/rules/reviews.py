"""Who may do what to a review, and is it the time. A button asks here, and so does the action
behind it, so that both say the same.

`verdict` asks in this order: is this person the one (`ReviewWho` of the table), does the table know
the move in this state, did the person write what is to be judged, and is what the move needs there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import SystemRole
from reports.enums import ReviewState, ReviewVerb
from reports.models import Filing, Review
from reports.queries import reviews as queries
from reports.rules import synthesis as rules_of_synthesis
from reports.workflow import OPEN_STATES, REVIEW_ROAD, SHOWN_STATES, WRITING_STATES, ReviewWho

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

WHO = {verb: step.who for (_state, verb), step in REVIEW_ROAD.items()}
_ROLES = {
    ReviewWho.REVIEWER: SystemRole.REVIEWER,
    ReviewWho.SECOND_REVIEWER: SystemRole.REVIEWER,
    ReviewWho.COLLATOR: SystemRole.COLLATOR,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One button: what it does, whether it can be pressed, why not, and whether it asks why."""

    verb: ReviewVerb
    label: str
    ok: bool
    reason: str
    note: bool


# --- moves ----------------------------------------------------------------------------------------
def verdict(verb: str, review: Review, user: "User | AnonymousUser") -> Verdict:
    """May this person make this move with this review today?"""
    verb = ReviewVerb(verb)
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if _ROLES[WHO[verb]] not in user.roles:
        return not_allowed(_who_sentence(verb))
    if (review.state, verb) not in REVIEW_ROAD:
        return not_now(_state_sentence(verb, review))
    if WHO[verb] is ReviewWho.SECOND_REVIEWER and (answer := _own_work(review, user)):
        return not_allowed(answer)
    if (lacking := NEEDS.get(verb, _nothing)(review)) is not None:
        return not_now(lacking)
    return YES


def moves(review: Review, user: "User | AnonymousUser") -> list[Move]:
    """The moves that the review's state knows, for science staff; none for others."""
    if not user.is_authenticated or not user.is_science_staff:
        return []
    found = []
    for (state, verb), step in REVIEW_ROAD.items():
        if state == review.state:
            answer = verdict(verb, review, user)
            found.append(Move(verb, str(verb.label), answer.ok, answer.reason, step.note))
    return found


def _who_sentence(verb: ReviewVerb) -> str:
    sentence = {
        ReviewWho.REVIEWER: _("「%(verb)s」是審查人的事，你不是審查人。"),
        ReviewWho.SECOND_REVIEWER: _("「%(verb)s」是第二位審查人的事，你不是審查人。"),
        ReviewWho.COLLATOR: _("「%(verb)s」是彙整人的事，你不是彙整人。"),
    }
    return sentence[WHO[verb]] % {"verb": verb.label}


def _state_sentence(verb: ReviewVerb, review: Review) -> str:
    fitting = _("、").join(
        _("「%s」") % state.label for state, known in REVIEW_ROAD if known == verb
    )
    return _("這份評估現在是「%(state)s」；只有%(fitting)s的評估可以「%(verb)s」。") % {
        "state": ReviewState(review.state).label,
        "fitting": fitting,
        "verb": verb.label,
    }


def _own_work(review: Review, user: "User") -> str:
    """Why this reviewer is not a second one; "" for one who had no hand in it."""
    if queries.proposer_of(review) == user.pk:
        return _("這份評估是你送覆核的，由另一位審查人覆核。")
    if queries.wrote_conclusion(review, user):
        return _("你寫過這份評估的結論或答覆，由另一位審查人覆核。")
    return ""


# --- what a move needs ----------------------------------------------------------------------------
def _nothing(review: Review) -> None:
    return None


def _an_edition(review: Review) -> str | None:
    if queries.current_edition(review) is None:
        return _("還沒有編製任何一版，先按「編製」。")
    return None


def _unready(review: Review) -> str | None:
    found = rules_of_synthesis.progress(review)
    if found.whole:
        return None
    return _("%(total)d則結論裡，還有%(n)d則沒有寫定。") % {
        "total": found.total,
        "n": found.total - found.ready,
    }


def _all_ready(review: Review) -> str | None:
    if lacking := _unready(review):
        return lacking
    if review.comments_due_on is None:
        return _("還沒有定部會意見期限，先在「規則」頁填。")
    return None


def _all_heard(review: Review) -> str | None:
    # A conclusion that was reworded after a comment is a draft again.
    if lacking := _unready(review):
        return lacking
    if left := rules_of_synthesis.comments_open(review):
        return _("還有%(n)d則部會意見沒有處理情形。") % {"n": left}
    # The volume prints what experts handed in; its ministry must have read it before.
    if unsent := queries.unsent_opinions(review):
        return _("還有%(n)d份專家意見沒有送部會，先在「專家意見」頁送出。") % {"n": unsent}
    due = review.comments_due_on
    if due is not None and timezone.localdate() > due:
        return None
    if silent := rules_of_synthesis.silent(review):
        return _("部會意見期限是%(day)s，還有%(n)d個部會沒有表示完畢。") % {
            "day": roc.format_date(due) if due else "—",
            "n": len(silent),
        }
    return None


NEEDS: Mapping[ReviewVerb, Callable[[Review], str | None]] = {
    ReviewVerb.ASSESS: _an_edition,
    ReviewVerb.ASK_COMMENTS: _all_ready,
    ReviewVerb.PROPOSE: _all_heard,
    ReviewVerb.APPROVE: _an_edition,
}


# --- inputs, rules, words -------------------------------------------------------------------------
def may_create(user: "User | AnonymousUser") -> Verdict:
    """Begin a review: reviewers."""
    if _is(user, SystemRole.REVIEWER):
        return YES
    return not_allowed(_("成果評估由審查人開始，你不是審查人。"))


def may_change(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Compile anew, change rules, dates and seats: reviewers, while inputs are open."""
    if not _is(user, SystemRole.REVIEWER):
        return not_allowed(_("資料、規則與專家由審查人決定，你不是審查人。"))
    if review.state not in OPEN_STATES:
        return not_now(
            _("這份評估現在是「%(state)s」，資料、規則與專家不能再改；先退回綜整。")
            % {"state": ReviewState(review.state).label}
        )
    return YES


def may_set_dates(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Change dates: reviewers, until the review goes to the second reviewer."""
    if review.state == ReviewState.COMMENTING and _is(user, SystemRole.REVIEWER):
        return YES
    return may_change(review, user)


def may_write(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Write conclusions and answers: reviewers, from the synthesis until it is proposed."""
    if not _is(user, SystemRole.REVIEWER):
        return not_allowed(_("結論由審查人撰寫，你不是審查人。"))
    if review.state not in WRITING_STATES:
        return not_now(
            _("這份評估現在是「%(state)s」；結論只在綜整與部會表示意見時可以寫。")
            % {"state": ReviewState(review.state).label}
        )
    return YES


# --- filing ---------------------------------------------------------------------------------------
def may_acknowledge(filing: Filing, user: "User | AnonymousUser") -> Verdict:
    """Record the superior's answer: collators, while the filing stands."""
    if not _is(user, SystemRole.COLLATOR):
        return not_allowed(_("復文由彙整人登錄，你不是彙整人。"))
    if filing.withdrawn_at is not None:
        return not_now(_("這次函送已經撤回，不能再登錄復文。"))
    return YES


# --- rooms ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Room:
    """A page of the review: the name of its address, and what it is called in the navigation."""

    name: str
    label: object


STAFF, MINISTRY, EXPERT, PUBLIC = "staff", "ministry", "expert", "public"
_ROOMS: tuple[tuple[Room, frozenset[str]], ...] = (
    (Room("review", gettext_lazy("評估總覽")), frozenset({STAFF, MINISTRY, EXPERT, PUBLIC})),
    (Room("review-experts", gettext_lazy("專家")), frozenset({STAFF})),
    (Room("review-dossier", gettext_lazy("我的卷宗")), frozenset({EXPERT})),
    (Room("review-opinions", gettext_lazy("專家意見")), frozenset({STAFF, "sent"})),
    (Room("review-synthesis", gettext_lazy("結論")), frozenset({STAFF, "shown"})),
    (Room("review-coordination", gettext_lazy("協調")), frozenset({STAFF, "shown"})),
    (Room("review-documents", gettext_lazy("文件")), frozenset({STAFF})),
    (Room("review-rules", gettext_lazy("規則")), frozenset({STAFF, EXPERT, "shown"})),
    (Room("review-filing", gettext_lazy("函送")), frozenset({STAFF})),
)


def parts_played(review: Review, user: "User | AnonymousUser") -> frozenset[str]:
    """As what this person reads the review: staff, expert, ministry (`shown` where conclusions are
    shown to ministries, `sent` where opinions are), public.
    """
    found = set()
    if queries.published_filing(review) is not None:
        found.add(PUBLIC)
    if not user.is_authenticated:
        return frozenset(found)
    if user.is_science_staff:
        found.add(STAFF)
    if queries.has_seat(review, user):
        found.add(EXPERT)
    if user.ministry_ids:
        if review.state in SHOWN_STATES:
            found |= {MINISTRY, "shown"}
        if queries.has_sent_opinions(review):
            found |= {MINISTRY, "sent"}
    return frozenset(found)


def rooms(review: Review, user: "User | AnonymousUser") -> list[Room]:
    """The pages of the review that this person may open, in their order."""
    parts = parts_played(review, user)
    return [room for room, readers in _ROOMS if parts & readers]


def may_see_numbers(review: Review, user: "User | AnonymousUser") -> bool:
    """Editions with their figures and lines: the science ministry's people, and ministries from
    the day on which they are asked.
    """
    if not user.is_authenticated:
        return False
    return user.is_science_staff or (bool(user.ministry_ids) and review.state in SHOWN_STATES)


def _is(user: "User | AnonymousUser", role: SystemRole) -> bool:
    return user.is_authenticated and role in user.roles
