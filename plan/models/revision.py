"""A rolling revision: who opened and approved it, what was changed and why, and which measures
became which.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plan.enums import ChangeKind, Ground, LineageKind, NodeLevel, RunningYearRule
from plan.models.plan import PlanVersion


class Revision(models.Model):
    """The file of one version: opened from a review (`review_key`, such as `review:3`) or alone,
    and approved under a document number.

    `outcome` tells what approval did to the drafts of running years: {"moved": number, "stayed":
    [{"year", "code", "ministry"}]}. It is copied text, so that later changes leave it alone.
    """

    version = models.OneToOneField(PlanVersion, models.CASCADE, related_name="revision")
    review_key = models.CharField(_("依據的評估"), max_length=60, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("開始時間"), default=timezone.now)
    document_number = models.CharField(_("核定文號"), max_length=60, blank=True)
    running_year_rule = models.CharField(
        _("進行中年度的草稿"), max_length=10, choices=RunningYearRule, blank=True
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("核定時間"), null=True, blank=True)
    outcome = models.JSONField(_("核定的影響"), default=dict, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = verbose_name_plural = _("滾動修正")

    def __str__(self) -> str:
        return str(self.version)


class Change(models.Model):
    """One change of a draft with its reason and basis.

    `before` and `after` list what it took and what it left: [{"level", "lineage", "code", "name",
    …what the verb is about}]; one side is empty where something is added or ended.
    """

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="changes")
    kind = models.CharField(_("動作"), max_length=10, choices=ChangeKind)
    level = models.CharField(_("層次"), max_length=10, choices=NodeLevel)
    ground = models.CharField(_("緣由"), max_length=15, choices=Ground)
    reason = models.CharField(_("理由"), max_length=1000)
    basis = models.CharField(_("依據"), max_length=200)
    before = models.JSONField(_("原為"), default=list)
    after = models.JSONField(_("改為"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("時間"), default=timezone.now)

    class Meta:
        ordering = ["version_id", "pk"]
        verbose_name = verbose_name_plural = _("修正內容")

    def __str__(self) -> str:
        return f"{self.version} {self.get_kind_display()}"

    @property
    def lineages(self) -> set[str]:
        """Lineages of everything that the change took or left."""
        return {node["lineage"] for node in (*self.before, *self.after)}


class LineageEdge(models.Model):
    """A measure became another: one row for each part of a split and each source of a merger.

    What is only reworded, moved, renumbered or reassigned keeps its lineage and has no edge.
    """

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="edges")
    predecessor = models.UUIDField(_("前身"))
    successor = models.UUIDField(_("後續"), db_index=True)
    kind = models.CharField(_("方式"), max_length=10, choices=LineageKind)

    class Meta:
        ordering = ["version_id", "pk"]
        verbose_name = verbose_name_plural = _("措施沿革")
        constraints = [
            models.UniqueConstraint(
                name="lineage_edge_once", fields=["version", "predecessor", "successor"]
            ),
            models.CheckConstraint(
                name="lineage_edge_leads_on",
                condition=~models.Q(predecessor=models.F("successor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
