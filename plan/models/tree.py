"""Goal → sub-goal → strategy → measure → item: the tree of one version, as it was printed.

Every node of the first four levels carries its version, the official code, its place among its
siblings, the printed name, and `lineage`: the same thing in a later version keeps it.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kit.fragments import query
from plan.enums import VersionState
from plan.models.plan import PlanVersion


class Node(models.Model):
    """What the four levels share."""

    lineage = models.UUIDField(_("沿革"), default=uuid.uuid4, editable=False, db_index=True)
    code = models.CharField(_("編號"), max_length=20)
    ordinal = models.PositiveSmallIntegerField(_("順序"))
    name = models.CharField(_("名稱"), max_length=200)
    name_en = models.CharField(_("英文名稱"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Goal(Node):
    """目標. `text` is its paragraph of chapter 參, from the imported document."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="goals")
    text = models.TextField(_("說明"), blank=True)

    class Meta:
        ordering = ["version_id", "ordinal"]
        verbose_name = verbose_name_plural = _("目標")
        constraints = [
            models.UniqueConstraint(name="goal_code_once", fields=["version", "code"]),
            models.UniqueConstraint(name="goal_ordinal_once", fields=["version", "ordinal"]),
            models.UniqueConstraint(name="goal_lineage_once", fields=["version", "lineage"]),
        ]


class SubGoal(Node):
    """子目標. Implicit where a plan has no such level: it is then not shown."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="sub_goals")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="sub_goals")
    implicit = models.BooleanField(_("隱含"), default=False)
    text = models.TextField(_("說明"), blank=True)

    class Meta:
        ordering = ["version_id", "goal__ordinal", "ordinal"]
        verbose_name = verbose_name_plural = _("子目標")
        constraints = [
            models.UniqueConstraint(name="sub_goal_code_once", fields=["version", "code"]),
            models.UniqueConstraint(name="sub_goal_ordinal_once", fields=["goal", "ordinal"]),
            models.UniqueConstraint(name="sub_goal_lineage_once", fields=["version", "lineage"]),
        ]


class Strategy(Node):
    """策略, with what stands in its cell of table 7.

    `cell` is the printed form; `note` an open-ended partner that is no ministry; `uncertain` why
    the cell may mean something else than what is loaded. `text` is an introduction, if printed.
    """

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="strategies")
    sub_goal = models.ForeignKey(SubGoal, models.PROTECT, related_name="strategies")
    cell = models.CharField(_("參與部會（原文）"), max_length=300)
    note = models.CharField(_("附註"), max_length=200, blank=True)
    uncertain = models.CharField(_("存疑"), max_length=300, blank=True)
    text = models.TextField(_("說明"), blank=True)

    class Meta:
        ordering = ["version_id", "sub_goal__goal__ordinal", "sub_goal__ordinal", "ordinal"]
        verbose_name = verbose_name_plural = _("策略")
        constraints = [
            models.UniqueConstraint(name="strategy_code_once", fields=["version", "code"]),
            models.UniqueConstraint(name="strategy_ordinal_once", fields=["sub_goal", "ordinal"]),
            models.UniqueConstraint(name="strategy_lineage_once", fields=["version", "lineage"]),
        ]


class Measure(Node):
    """措施. `description` is its whole text in chapter 肆, from the imported document.

    `position` is its place in the whole version, for sorting without joins.
    """

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="measures")
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="measures")
    position = models.PositiveSmallIntegerField(_("全計畫順序"))
    description = models.TextField(_("內容"), blank=True)

    class Meta:
        ordering = ["version_id", "position"]
        verbose_name = verbose_name_plural = _("措施")
        constraints = [
            models.UniqueConstraint(name="measure_code_once", fields=["version", "code"]),
            models.UniqueConstraint(name="measure_ordinal_once", fields=["strategy", "ordinal"]),
            models.UniqueConstraint(name="measure_lineage_once", fields=["version", "lineage"]),
        ]
        # A code is looked for in whichever plan has it.
        indexes = [models.Index(fields=["code"], name="measure_code")]

    @property
    def address_query(self) -> str:
        """What follows the code in an address so that it leads to this very measure: nothing
        where it is in force and no other plan in force has the code. One query.
        """
        others = Measure.objects.filter(code=self.code, version__state=VersionState.APPROVED)
        if self.version.state == VersionState.APPROVED and not (
            others.exclude(version=self.version_id).exists()
        ):
            return ""
        return query(plan=self.version.plan.slug, version=self.version.number)


class MeasureItem(models.Model):
    """細項 under a measure: level 1 （1）, 2 I., 3 （I）; a title only where one stands alone."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="items")
    ordinal = models.PositiveSmallIntegerField(_("順序"))
    level = models.PositiveSmallIntegerField(_("層次"))
    marker = models.CharField(_("項次"), max_length=10)
    title = models.CharField(_("標題"), max_length=200, blank=True)
    text = models.TextField(_("內容"), blank=True)

    class Meta:
        ordering = ["measure_id", "ordinal"]
        verbose_name = verbose_name_plural = _("細項")
        constraints = [
            models.UniqueConstraint(name="item_ordinal_once", fields=["measure", "ordinal"]),
            models.CheckConstraint(name="item_level_known", condition=Q(level__in=[1, 2, 3])),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} {self.marker}"
