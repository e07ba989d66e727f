"""The outbox: a notice is written with the change that it tells of, and mailed after the commit."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.models.report import ProgressReport
from tracking.models.resolution import Resolution


class NoticeKind(models.TextChoices):
    SIGN_OFF_WAITING = "sign_off_waiting", _("等你核可")
    RETURNED = "returned", _("退回補正")
    ACCEPTED = "accepted", _("已接受")
    SENT_BACK = "sent_back", _("窗口退給承辦人")
    INDICATOR_APPROVED = "indicator_approved", _("指標已核定")
    INDICATOR_DECLINED = "indicator_declined", _("指標不核定")
    MEETING_CALLED = "meeting_called", _("協調會議通知")
    RESOLUTION_GIVEN = "resolution_given", _("新的決議")
    RESOLUTION_REPORTED = "resolution_reported", _("決議已回報")
    RESOLUTION_RETURNED = "resolution_returned", _("決議退回補充")
    RESOLUTION_CLOSED = "resolution_closed", _("決議結案")
    EXPERT_ASKED = "expert_asked", _("請專家評估")
    OPINIONS_SENT = "opinions_sent", _("專家意見送部會")
    COMMENTS_ASKED = "comments_asked", _("請部會對結論表示意見")
    COMMENT_ANSWERED = "comment_answered", _("部會意見已處理")
    REVIEW_PROPOSED = "review_proposed", _("評估送覆核")
    REVIEW_APPROVED = "review_approved", _("評估已定稿")
    REMINDER = "reminder", _("期限提醒")
    HANDOVER = "handover", _("承辦交接")
    RECEIPT = "receipt", _("送件收據")
    DISSENT = "dissent", _("協辦的不同意見")
    EXTENSION_ASKED = "extension_asked", _("申請展延")
    EXTENSION_DECIDED = "extension_decided", _("展延的決定")
    CORRECTION_ASKED = "correction_asked", _("申請更正")
    CORRECTION_DECIDED = "correction_decided", _("更正的決定")
    CORRECTION_RUNS = "correction_runs", _("引用的報告更正中")
    CORRECTION_DONE = "correction_done", _("引用的報告已更正")
    MESSAGE = "message", _("留言")


class NoticeQuerySet(models.QuerySet):
    def waiting(self) -> "NoticeQuerySet":
        """Not mailed yet, and not called off."""
        return self.filter(sent_at__isnull=True, cancelled_at__isnull=True)


class Notice(models.Model):
    """One mail to one person. `sent_at` is null until the mail server took it; after each failed
    attempt `next_try_at` moves further away. One that was called off (`cancelled_at`) stays here
    and is not mailed.

    `key` names the occasion (`report:12:accepted:3`), so that an action that runs twice, or a
    job that does, writes and mails one notice only. `report` and `resolution` are what it is
    about; where it is about neither, the key says what.
    """

    key = models.CharField(max_length=120)
    kind = models.CharField(_("種類"), max_length=20, choices=NoticeKind)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    report = models.ForeignKey(
        ProgressReport, models.CASCADE, null=True, blank=True, related_name="notices"
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="notices"
    )
    subject = models.CharField(_("主旨"), max_length=200)
    body = models.TextField(_("內容"))
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(_("取消時間"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("通知")
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["key", "recipient"]),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="notice_waiting",
                condition=models.Q(sent_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
