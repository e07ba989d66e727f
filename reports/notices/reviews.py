"""Mails about a review's moves to those who come next: ministries, a reviewer, a collator."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.kit import roc
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Ministry, RoleGrant, User
from reports.enums import ReviewVerb
from reports.models import Review
from reports.rules import synthesis as rules_of_synthesis
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, reviewers, windows_of


def moved(review: Review, verb: ReviewVerb, *, by: User) -> None:
    """Tell those who come next of a move that was just made. Inside the transaction."""
    match verb:
        case ReviewVerb.ASK_COMMENTS:
            kind, page = NoticeKind.COMMENTS_ASKED, "review-synthesis"
            people = _of_ministries(rules_of_synthesis.silent(review))
        case ReviewVerb.PROPOSE:
            kind, page, people = NoticeKind.REVIEW_PROPOSED, "review", reviewers()
        case ReviewVerb.APPROVE:
            kind, page, people = NoticeKind.REVIEW_APPROVED, "review-filing", _collators()
        case _:
            return
    with override(LANGUAGE):
        subject, lead = _text(kind, review)
    link = settings.SITE_URL.rstrip("/") + reverse(page, args=[review.pk])
    key = f"review:{review.pk}:{kind}:{review.version}"
    post(kind, key, people - {by}, subject, f"{lead}\n\n{link}\n")


def _text(kind: NoticeKind, review: Review) -> tuple[str, str]:
    values = {"review": review.title}
    if review.comments_due_on:
        values["due"] = roc.format_date(review.comments_due_on)
    match kind:
        case NoticeKind.COMMENTS_ASKED:
            return (
                _("請在%(due)s以前表示意見：%(review)s") % values,
                _("「%(review)s」的結論已經寫成，請在%(due)s以前表示意見，或表示沒有意見。")
                % values,
            )
        case NoticeKind.REVIEW_PROPOSED:
            return (
                _("等覆核：%(review)s") % values,
                _("「%(review)s」已送覆核，由沒有參與撰寫的審查人定稿或退回。") % values,
            )
    return (
        _("等函送：%(review)s") % values,
        _("「%(review)s」已定稿，由彙整人函送。") % values,
    )


def _of_ministries(codes: Iterable[str]) -> set[User]:
    people: set[User] = set()
    for pk in Ministry.objects.filter(code__in=codes).values_list("pk", flat=True):
        bodies = bodies_of(pk)
        people |= windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER)
    return people


def _collators() -> set[User]:
    held = RoleGrant.objects.current().filter(role=SystemRole.COLLATOR)
    return set(User.objects.filter(pk__in=held.values("user"), is_active=True))
