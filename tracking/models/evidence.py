"""Evidence: files and links that a report rests on."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.models.report import ProgressReport
from tracking.models.scope import BEING_CORRECTED


def evidence_path(evidence: "Evidence", filename: str) -> str:
    """An unguessable name; what the uploader called it is kept in the row only."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, user) -> "EvidenceQuerySet":
        """Evidence of readable reports; for the public only what is marked public.

        While a correction is written, others than its ministry see what was submitted: nothing
        that was added since, and what was removed since is still there for them.
        """
        rows = self.filter(report__in=ProgressReport.working.visible_to(user))
        held = Q(removed_at__isnull=True)
        if not user.is_authenticated:
            return rows.filter(held, public=True)
        own = Q(report__ministry__in=user.ministry_ids)
        foreign = Q(report__status__in=BEING_CORRECTED) & ~own
        latest = self.model.copies.rel.related_model.objects.latest()
        submitted = self.model.copies.through.objects.filter(submission__in=latest)
        return rows.filter(held & ~foreign | foreign & Q(pk__in=submitted.values("evidence")))


class HeldManager(models.Manager.from_queryset(EvidenceQuerySet)):
    """What the reports themselves hold: without what a correction removed."""

    def get_queryset(self) -> EvidenceQuerySet:
        return super().get_queryset().filter(removed_at__isnull=True)


class Evidence(models.Model):
    """A file (stored name, digest, type told by its content) or a link, never both.

    What a correction removes goes from its report (`removed_at`); what was submitted with it stays
    with the submission, for those who read that.
    """

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="evidence")
    title = models.CharField(_("名稱"), max_length=200)
    url = models.URLField(_("網址"), max_length=500, blank=True)
    file = models.FileField(_("檔案"), upload_to=evidence_path, max_length=80, blank=True)
    media_type = models.CharField(_("類型"), max_length=100, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("大小"), null=True, editable=False)
    sha256 = models.CharField(_("摘要值"), max_length=64, blank=True, editable=False)
    public = models.BooleanField(_("可公開"), default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("加入時間"), default=timezone.now)

    removed_at = models.DateTimeField(_("移除時間"), null=True, editable=False)

    held = HeldManager()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "pk"]
        verbose_name = verbose_name_plural = _("佐證資料")
        constraints = [
            models.CheckConstraint(
                name="evidence_file_or_link",
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                violation_error_message=_("選一個檔案或填一個網址。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title
