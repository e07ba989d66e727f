"""A ministry's own sign-off (簽核) of its filing of a year: 發文字號 and date."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from tracking.models import ReportingYear


class SignOff(models.Model):
    """One for a ministry and year; `digest` is that of the filing's content on the day it was
    recorded, so that what was changed afterwards shows. Corrections are in the audit log.
    """

    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="sign_offs")
    reporting_year = models.ForeignKey(ReportingYear, models.PROTECT, related_name="sign_offs")
    document_number = models.CharField(_("發文字號"), max_length=60)
    on = models.DateField(_("發文日期"))
    digest = models.CharField(_("內容摘要值"), max_length=64, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["reporting_year", "ministry"]
        verbose_name = verbose_name_plural = _("部會簽核紀錄")
        constraints = [
            models.UniqueConstraint(name="sign_off_once", fields=["ministry", "reporting_year"]),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.ministry} {self.reporting_year}"
