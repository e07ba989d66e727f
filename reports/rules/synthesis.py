"""Who may comment and answer, what still keeps the conclusions from being whole, who was heard.

Who may write conclusions, and when, is `reports.rules.reviews.may_write`. Nothing here asks
`reports.rules.reviews` back, so that its moves can rest on these counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Ministry
from reports.enums import ReviewState, ReviewVerb
from reports.models import (
    Citation,
    CitationFlag,
    Comment,
    CommentsDone,
    Conclusion,
    Edition,
    Review,
)
from reports.queries import reviews as queries
from reports.queries import synthesis
from reports.workflow import WRITING_STATES

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


@dataclass(frozen=True, slots=True)
class Progress:
    """How many nodes the edition has, and how many of them have a conclusion, are ready, or wait
    for somebody to look at what a newer edition changed.
    """

    total: int
    written: int
    ready: int
    flagged: int

    @property
    def missing(self) -> int:
        return self.total - self.written

    @property
    def drafts(self) -> int:
        return self.written - self.ready - self.flagged

    @property
    def whole(self) -> bool:
        return self.total > 0 and self.ready == self.total


# --- what is there --------------------------------------------------------------------------------
def progress(review: Review, edition: Edition | None = None) -> Progress:
    """Counts of the nodes of this edition, by default the current one."""
    edition = edition or queries.current_edition(review)
    if edition is None:
        return Progress(0, 0, 0, 0)
    nodes = synthesis.branches(edition).keys()
    rows = [
        row
        for row in flagged(Conclusion.objects.filter(review=review)).values_list(
            "level", "code", "ready", "flagged", "edition_id"
        )
        if row[:2] in nodes
    ]
    return Progress(
        total=len(nodes),
        written=len(rows),
        ready=sum(row[2] and row[4] == edition.pk for row in rows),
        flagged=sum(row[3] for row in rows),
    )


def flagged(conclusions):
    """The queryset with `flagged`: a citation or the numbers changed and nobody has looked yet."""
    changed = Citation.objects.filter(paragraph__conclusion=OuterRef("pk")).exclude(
        flag=CitationFlag.NONE
    )
    return conclusions.annotate(
        flagged=Exists(changed)
        | Exists(Conclusion.objects.filter(pk=OuterRef("pk"), numbers_changed=True))
    )


def all_ready(review: Review) -> bool:
    """Every node of the current edition has a conclusion on it that is written and ready."""
    return progress(review).whole


def comments_open(review: Review) -> int:
    """How many comments have no answer yet."""
    return Comment.objects.filter(conclusion__review=review, answer="").count()


def done(review: Review) -> dict[str, CommentsDone]:
    """Code of a ministry → its word, in this round, that it has said all or has nothing to say."""
    asked = review.events.filter(verb=ReviewVerb.ASK_COMMENTS).order_by("at", "pk").last()
    rows = CommentsDone.objects.filter(review=review).select_related("ministry", "by")
    if asked:
        rows = rows.filter(at__gte=asked.at)
    return {row.ministry.code: row for row in rows}


def silent(review: Review) -> frozenset[str]:
    """Codes of the ministries concerned that have not yet said that they are done."""
    edition = queries.current_edition(review)
    if edition is None:
        return frozenset()
    whole = synthesis.branches(edition)["plan", ""]
    return synthesis.concerned(whole) - done(review).keys()


# --- who may --------------------------------------------------------------------------------------
def speaks_for(edition: Edition, user: "User | AnonymousUser") -> list[Ministry]:
    """Ministries of the edition for which this person can comment: its officers and windows."""
    if not user.is_authenticated:
        return []
    held = user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)
    codes = synthesis.concerned(synthesis.branches(edition)["plan", ""])
    return list(Ministry.objects.filter(pk__in=held, code__in=codes).order_by("code"))


def may_comment(
    review: Review, ministry: Ministry, user: "User | AnonymousUser", today: date | None = None
) -> Verdict:
    """Comment for this ministry, or say that it is done: its officers and windows, in time."""
    roles = user.ministry_roles.get(ministry.pk, set()) if user.is_authenticated else set()
    if not roles & {MembershipRole.OFFICER, MembershipRole.WINDOW}:
        return not_allowed(
            _("部會意見由%(ministry)s的承辦人或窗口表示，你不是。")
            % {"ministry": ministry.short_name}
        )
    if review.state != ReviewState.COMMENTING:
        return not_now(
            _("這份評估現在是「%(state)s」，不在部會表示意見的時候。")
            % {"state": ReviewState(review.state).label}
        )
    due = review.comments_due_on
    if due is not None and (today or timezone.localdate()) > due:
        return not_now(_("部會意見期限是%(day)s，已經過了。") % {"day": roc.format_date(due)})
    return YES


def may_answer(review: Review, user: "User | AnonymousUser") -> Verdict:
    """Answer ministries' comments: reviewers, until the review is proposed."""
    if not user.is_authenticated or SystemRole.REVIEWER not in user.roles:
        return not_allowed(_("部會意見由審查人處理，你不是審查人。"))
    if review.state not in WRITING_STATES:
        return not_now(
            _("這份評估現在是「%(state)s」，處理情形不能再改。")
            % {"state": ReviewState(review.state).label}
        )
    return YES
