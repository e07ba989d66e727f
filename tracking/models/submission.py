"""What a ministry submitted: kept word for word at each sign-off, since a correction writes on."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.models.evidence import Evidence
from tracking.models.report import ProgressReport


class SubmissionQuerySet(models.QuerySet):
    def latest(self) -> "SubmissionQuerySet":
        """Of each report the last one: what stands until the correction is submitted."""
        later = self.model.objects.filter(
            report=models.OuterRef("report"), number__gt=models.OuterRef("number")
        )
        return self.filter(~models.Exists(later))


class Submission(models.Model):
    """One sign-off of a report, with all that it said; `number` is the report's `submissions` then.

    `content` is {"fields": {name: value}, "values": [{"indicator", "actual", "note"}], "money":
    [{"source", "allocated_thousand", "spent_thousand", "note"}]}, dates and decimals as text; a
    value that is told by parts also has "parts" {name: number}. A submission that the ministry
    withdrew before its review is gone.
    """

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="copies")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(encoder=DjangoJSONEncoder)
    evidence = models.ManyToManyField(Evidence, related_name="copies")
    at = models.DateTimeField(default=timezone.now)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "number"]
        verbose_name = verbose_name_plural = _("送出的內容")
        constraints = [
            models.UniqueConstraint(name="submission_once", fields=["report", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.number}"
