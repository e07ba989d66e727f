"""The mail that tells a ministry that its comment on a conclusion was answered."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from ministries.models import User
from reports.citations import conclusion_url
from reports.models import Comment
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, windows_of


def answered(comment: Comment, *, by: User) -> None:
    """Tell who wrote the comment, and the ministry's windows and deputies. Inside the transaction;
    once for a comment, however often its answer is reworded.
    """
    conclusion = comment.conclusion
    with override(LANGUAGE):
        values = {
            "review": conclusion.review.title,
            "ministry": comment.ministry.short_name,
            "node": conclusion.code or _("全計畫"),
        }
        subject = _("%(ministry)s對%(node)s的意見已處理：%(review)s") % values
        body = (
            _("「%(review)s」對%(ministry)s就%(node)s的結論所表示的意見，已寫下處理情形。") % values
        )
    people = windows_of(bodies_of(comment.ministry_id))
    if comment.by.is_active:
        people |= {comment.by}
    link = conclusion_url(conclusion.review_id, conclusion.level, conclusion.code)
    link = f"{settings.SITE_URL.rstrip('/')}{link}#h-comments"
    key = f"comment:{comment.pk}:answered"
    post(NoticeKind.COMMENT_ANSWERED, key, people - {by}, subject, f"{body}\n\n{link}\n")
