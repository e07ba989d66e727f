"""What befell a report: its moves, who had a hand in it, and what was returned and why."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.enums import Part, Status, Verb
from tracking.models.report import ProgressReport


class ReportEvent(models.Model):
    """One move on the road. Where a deputy acted, `on_behalf_of` is the window; both are kept."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="events")
    verb = models.CharField(_("動作"), max_length=10, choices=Verb)
    from_status = models.CharField(max_length=15, choices=Status)
    to_status = models.CharField(max_length=15, choices=Status)
    version = models.PositiveIntegerField()
    note = models.TextField(_("說明"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["report_id", "at", "pk"]
        verbose_name = verbose_name_plural = _("報告歷程")

    def __str__(self) -> str:
        return f"{self.report} {self.get_verb_display()}"


class ReportAuthor(models.Model):
    """A person who wrote or signed a report, and so may never decide on it."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["report", "pk"]
        verbose_name = verbose_name_plural = _("報告的經手人")
        constraints = [
            models.UniqueConstraint(name="report_author_once", fields=["report", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.user}"


class ReturnedPart(models.Model):
    """One part returned at one submission, with the reviewer's reason."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="returns")
    submission = models.PositiveSmallIntegerField()
    part = models.CharField(_("部分"), max_length=10, choices=Part)
    reason = models.TextField(_("退回理由"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["report_id", "submission", "pk"]
        verbose_name = verbose_name_plural = _("退回的部分")
        constraints = [
            models.UniqueConstraint(
                name="returned_part_once", fields=["report", "submission", "part"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.get_part_display()}"
