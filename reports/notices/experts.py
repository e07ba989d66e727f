"""Mails about a review, put into the outbox inside the transaction of what they tell of."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.kit import roc
from ministries.models import Ministry, User
from reports.models import Review, Seat
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, windows_of


def tell_expert(seat: Seat, asked: int) -> None:
    """So many measures were added to the expert's dossier."""
    review = seat.review
    with override(LANGUAGE):
        values = {"review": review.title, "n": asked, "due": _due(review)}
        subject = _("請您評估%(n)d項措施：%(review)s") % values
        body = _("「%(review)s」請您評估%(n)d項措施%(due)s，都在您的卷宗裡。") % values
    last = seat.items.order_by("-pk").values_list("pk", flat=True).first()
    post(
        NoticeKind.EXPERT_ASKED,
        f"expert:{seat.pk}:asked:{last}",
        [seat.user],
        subject,
        _with_link(body, "review-dossier", review),
    )


def tell_ministry(review: Review, ministry: Ministry, count: int, *, key: str, by: User) -> None:
    """So many opinions on its measures can be read and answered: its windows and deputies.

    `key` names the sending: another one is told of again.
    """
    with override(LANGUAGE):
        values = {"review": review.title, "n": count, "ministry": ministry.short_name}
        subject = _("專家意見%(n)d份，請%(ministry)s回復：%(review)s") % values
        body = _("「%(review)s」的專家對%(ministry)s的措施提出%(n)d份意見，請閱覽並回復。") % values
    people = windows_of(bodies_of(ministry.pk)) - {by}
    post(
        NoticeKind.OPINIONS_SENT,
        f"opinions:{review.pk}:{ministry.code}:{key}",
        people,
        subject,
        _with_link(body, "review-opinions", review),
    )


def _due(review: Review) -> str:
    if review.opinions_due_on is None:
        return ""
    return _("，請在%(day)s以前送出") % {"day": roc.format_date(review.opinions_due_on)}


def _with_link(body: str, name: str, review: Review) -> str:
    link = settings.SITE_URL.rstrip("/") + reverse(name, args=[review.pk])
    return f"{body}\n\n{link}\n"
