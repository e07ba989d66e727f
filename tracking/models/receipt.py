"""Receipts: what a ministry holds in its hand once a report went to the science ministry."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.canonical import CanonicalEncoder
from ministries.models import Ministry
from ministries.models.audit import AppendOnlyQuerySet
from tracking.models.report import ProgressReport
from tracking.models.year import ReportingYear

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


class ReceiptQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "ReceiptQuerySet":
        """Receipts of one's own ministries; the science ministry's people see all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff:
            return self
        return self.filter(ministry__in=user.ministry_ids)


class Receipt(models.Model):
    """One sign-off, dated and numbered: of one report, or of all that were signed at once.

    Self-contained and never changed: `content` is what is printed and downloaded, `digest` the
    SHA-256 of the canonical form of what was sent (`tracking.receipts.sent`), of a bulk receipt
    that of its lines. `submission` is the number of the sign-off; that submission may be withdrawn
    later, the receipt stays. Of a bulk receipt `report` and `submission` are empty, and the
    receipts of its reports point to it.
    """

    number = models.CharField(_("收據號碼"), max_length=20, unique=True)
    reporting_year = models.ForeignKey(ReportingYear, models.PROTECT, related_name="receipts")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="receipts")
    report = models.ForeignKey(
        ProgressReport, models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    submission = models.PositiveSmallIntegerField(null=True, blank=True)
    bulk = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="lines")
    digest = models.CharField(_("摘要值"), max_length=64)
    content = models.JSONField(_("內容"), encoder=CanonicalEncoder)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("時間"), default=timezone.now)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        base_manager_name = "objects"
        verbose_name = verbose_name_plural = _("送件收據")
        constraints = [
            models.CheckConstraint(
                name="receipt_of_report_or_bulk",
                condition=Q(report__isnull=False, submission__isnull=False)
                | Q(report__isnull=True, submission__isnull=True, bulk__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("A receipt is never changed.")
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs):
        raise TypeError("A receipt is never deleted.")
