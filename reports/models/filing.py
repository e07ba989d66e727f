"""The filing of a review: 備查 or 核定 with number and date, acknowledged, later published."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.enums import FilingStep
from reports.models.edition import Edition
from reports.models.review import Review


class Filing(models.Model):
    """Exactly this edition was sent; what was filed can't change. Withdrawing keeps the row."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="filings")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="filings")
    step = models.CharField(_("性質"), max_length=15, choices=FilingStep)
    document_number = models.CharField(_("發文字號"), max_length=60)
    on = models.DateField(_("發文日期"))
    addressee = models.CharField(_("受文者"), max_length=80, default="行政院")
    content_digest = models.CharField(_("送出內容的摘要值"), max_length=64)
    acknowledged_number = models.CharField(_("復文字號"), max_length=60, blank=True)
    acknowledged_on = models.DateField(_("復文日期"), null=True, blank=True)
    published_on = models.DateField(_("公布日期"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回時間"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("撤回理由"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["review", "on", "pk"]
        verbose_name = verbose_name_plural = _("函送紀錄")
        constraints = [
            models.UniqueConstraint(
                name="filing_one_standing",
                fields=["review", "step"],
                condition=models.Q(withdrawn_at__isnull=True),
                violation_error_message=_("這份評估已經函送，先撤回才能再送。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.review}"
