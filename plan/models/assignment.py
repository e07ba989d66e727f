"""Who answers for what: a plan's participants, a strategy's cell, a measure's assignments."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.enums import AssignmentRole
from plan.models.plan import Plan, PlanVersion
from plan.models.tree import Measure, Strategy


class Participant(models.Model):
    """A unit named in the plan. `counted` is whether the plan counts it among its ministries."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="participants")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="participations")
    ordinal = models.PositiveSmallIntegerField(_("順序"))
    counted = models.BooleanField(_("計入部會數"), default=True)
    note = models.CharField(_("附註"), max_length=200, blank=True)

    class Meta:
        ordering = ["plan_id", "ordinal"]
        verbose_name = verbose_name_plural = _("參與部會")
        constraints = [
            models.UniqueConstraint(name="participant_once", fields=["plan", "ministry"]),
        ]

    def __str__(self) -> str:
        return str(self.ministry)


class Objective(models.Model):
    """A body's own S&T objective (chapter 陸): carried out and assessed elsewhere, shown here."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="objectives")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="objectives")
    ordinal = models.PositiveSmallIntegerField(_("順序"))
    printed_name = models.CharField(_("原文名稱"), max_length=80)
    text = models.TextField(_("目標"), blank=True)

    class Meta:
        ordering = ["plan_id", "ordinal"]
        verbose_name = verbose_name_plural = _("科技發展目標")
        constraints = [
            models.UniqueConstraint(name="objective_once", fields=["plan", "ministry"]),
            models.UniqueConstraint(name="objective_ordinal_once", fields=["plan", "ordinal"]),
        ]

    def __str__(self) -> str:
        return self.printed_name


class CellEntry(models.Model):
    """One name in a strategy's cell of table 7, in printed order (1 is first in its role)."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="entries")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    role = models.CharField(_("角色"), max_length=10, choices=AssignmentRole)
    order = models.PositiveSmallIntegerField(_("順序"))

    class Meta:
        ordering = ["strategy_id", "role", "order"]
        verbose_name = verbose_name_plural = _("表7參與部會")
        constraints = [
            models.UniqueConstraint(name="cell_ministry_once", fields=["strategy", "ministry"]),
            models.UniqueConstraint(name="cell_order_once", fields=["strategy", "role", "order"]),
        ]

    def __str__(self) -> str:
        return f"{self.strategy.code} {self.ministry}"


class AssignmentQuerySet(models.QuerySet):
    def on(self, day: date) -> "AssignmentQuerySet":
        """Assignments in force on that day; a null `since` means from the plan's beginning."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=day), Q(until__isnull=True) | Q(until__gt=day)
        )

    def as_written_in(self, version: PlanVersion) -> "AssignmentQuerySet":
        """The duties that the version itself lays down, without those that moved later."""
        rows = self.filter(measure__version=version)
        if version.effective_on:
            return rows.on(version.effective_on)
        if version.based_on_id:  # a revision's draft copies duties with the dates that they bear
            return rows.filter(until__isnull=True)
        return rows.filter(since__isnull=True)


class Assignment(models.Model):
    """A ministry's duty for a measure, as lead or partner, between two dates.

    The first lead (order 1) coordinates. Duties move by decree, so an assignment lives outside
    the freeze of its version and carries its own legal basis.
    """

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="assignments")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="assignments")
    role = models.CharField(_("角色"), max_length=10, choices=AssignmentRole)
    order = models.PositiveSmallIntegerField(_("順序"))
    since = models.DateField(_("自"), null=True, blank=True)
    until = models.DateField(_("至"), null=True, blank=True)
    basis = models.CharField(_("依據"), max_length=200)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["measure_id", "role", "order"]
        verbose_name = verbose_name_plural = _("分工")
        constraints = [
            models.UniqueConstraint(
                name="assignment_ministry_once",
                fields=["measure", "ministry"],
                condition=Q(until__isnull=True),
                violation_error_message=_("這個部會已經在這項措施的分工裡。"),
            ),
            models.UniqueConstraint(
                name="assignment_order_once",
                fields=["measure", "role", "order"],
                condition=Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="assignment_since_until",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lt=F("until")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} {self.ministry} {self.get_role_display()}"
