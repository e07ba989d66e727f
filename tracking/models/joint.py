"""Measures that several ministries report on: what leads quote of partners, and where a partner
sees it otherwise.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from tracking.models.report import ProgressReport

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


class Quotation(models.Model):
    """A partner's text that a lead took into its own report: from which report, as submitted for
    the how-manieth time, at which version. `text` is what was quoted, word for word.
    """

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="quotations")
    field = models.CharField(_("欄位"), max_length=20)
    source = models.ForeignKey(ProgressReport, models.PROTECT, related_name="quoted_in")
    submission = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    text = models.TextField(_("引文"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["report_id", "at", "pk"]
        verbose_name = verbose_name_plural = _("引用協辦的文字")

    def __str__(self) -> str:
        return f"{self.report} ← {self.source}"


class DissentQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "DissentQuerySet":
        """Of reports whose text the person may read, and one's own ministry's."""
        reports = ProgressReport.objects.visible_to(user).filter(pk=OuterRef("report"))
        own = user.ministry_ids if user.is_authenticated else frozenset()
        return self.filter(Exists(reports) | Q(ministry__in=own))

    def standing(self) -> "DissentQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Dissent(models.Model):
    """A partner sees it otherwise than the lead reported: a short text beside the lead's report.

    The lead's report is not changed by it. The lead may answer; the partner may withdraw it, which
    keeps the row and takes it from the pages.
    """

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="dissents")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="dissents")
    submission = models.PositiveSmallIntegerField()
    text = models.CharField(_("不同意見"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(_("主辦的回應"), max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DissentQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "at", "pk"]
        verbose_name = verbose_name_plural = _("協辦的不同意見")
        constraints = [
            models.UniqueConstraint(
                name="dissent_one_standing",
                fields=["report", "ministry"],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message=_("已經有一則不同意見；要改請先撤回。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.ministry}"
