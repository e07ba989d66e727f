"""Indicators: what a ministry lets itself be measured by, with yearly targets that keep history."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan import formula
from plan.attainment import ADDITIVE
from plan.enums import Accumulation, Direction, IndicatorKind, IndicatorState
from plan.models.tree import Measure

VALUE = {"max_digits": 20, "decimal_places": 4}


class IndicatorQuerySet(models.QuerySet):
    def in_force(self, year: int) -> "IndicatorQuerySet":
        """Those whose definition holds for this ROC year."""
        return self.filter(
            Q(from_year=None) | Q(from_year__lte=year), Q(until_year=None) | Q(until_year__gte=year)
        )

    def visible_to(self, user) -> "IndicatorQuerySet":
        """Approved ones: everybody. Proposals and what was declined: own ministry, reviewers."""
        approved = Q(state=IndicatorState.APPROVED)
        if not user.is_authenticated:
            return self.filter(approved)
        if user.is_science_staff or user.is_administrator:
            return self
        return self.filter(approved | Q(ministry__in=user.ministry_ids))


class Indicator(models.Model):
    """One indicator of a ministry for a measure; proposed by it, approved by the reviewer.

    Yes/no indicators hold 1 and 0. `revision` counts changes, for the optimistic lock.

    An indicator with a `formula` is calculated from others of the measure, named by their letter.
    One with a `dimension` (sex, region) is told by `parts`, names in order. Both are part of the
    definition, which nobody changes once it is approved: another indicator `replaces` it from
    `from_year` on, and it holds until the year before (`until_year`); None is without end.
    """

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="indicators")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="indicators")
    ordinal = models.PositiveSmallIntegerField(_("順序"))
    name = models.CharField(_("指標名稱"), max_length=120)
    unit = models.CharField(_("單位"), max_length=20)
    kind = models.CharField(_("類型"), max_length=10, choices=IndicatorKind)
    accumulation = models.CharField(_("計算方式"), max_length=10, choices=Accumulation)
    direction = models.CharField(_("方向"), max_length=10, choices=Direction)
    baseline = models.DecimalField(_("基期值"), null=True, blank=True, **VALUE)
    baseline_year = models.PositiveSmallIntegerField(_("基期年（民國）"), null=True, blank=True)
    formula = models.CharField(_("算式"), max_length=formula.LONGEST, blank=True, default="")
    dimension = models.CharField(_("分項依據"), max_length=40, blank=True, default="")
    parts = models.JSONField(_("分項"), default=list, blank=True)
    from_year = models.PositiveSmallIntegerField(_("起用年度"), null=True, blank=True)
    until_year = models.PositiveSmallIntegerField(_("最後年度"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    source = models.CharField(_("資料來源"), max_length=200, blank=True)
    note = models.CharField(_("說明"), max_length=500, blank=True)
    state = models.CharField(
        _("狀態"), max_length=10, choices=IndicatorState, default=IndicatorState.PROPOSED
    )
    decision_note = models.CharField(_("核定意見"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["measure__position", "ministry__code", "ordinal"]
        verbose_name = verbose_name_plural = _("指標")
        constraints = [
            models.UniqueConstraint(
                name="indicator_name_once",
                fields=["measure", "ministry", "name"],
                violation_error_message=_("這項措施已經有同名的指標。"),
            ),
        ]
        indexes = [
            # Counted on every page of a reviewer; most indicators were decided on long ago.
            models.Index(
                fields=["measure"],
                name="indicator_proposed",
                condition=Q(state=IndicatorState.PROPOSED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} {self.name}"

    @property
    def letter(self) -> str:
        """What formulas call it: A for the first of its ministry's for the measure."""
        return formula.letter(self.ordinal)

    @property
    def adds_up(self) -> bool:
        """Whether its parts have to add up to the whole; those of a ratio don't."""
        return bool(self.parts) and self.kind in ADDITIVE


class IndicatorTarget(models.Model):
    """The target of one ROC year: a value, or a range where the direction is "within"."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets")
    year = models.PositiveSmallIntegerField(_("年度"))
    value = models.DecimalField(_("目標值"), null=True, blank=True, **VALUE)
    low = models.DecimalField(_("下限"), null=True, blank=True, **VALUE)
    high = models.DecimalField(_("上限"), null=True, blank=True, **VALUE)

    class Meta:
        ordering = ["indicator_id", "year"]
        verbose_name = verbose_name_plural = _("年度目標")
        constraints = [
            models.UniqueConstraint(name="target_once_a_year", fields=["indicator", "year"]),
            models.CheckConstraint(
                name="target_value_or_range",
                condition=Q(value__isnull=False, low__isnull=True, high__isnull=True)
                | Q(value__isnull=True, low__isnull=False, high__isnull=False),
                violation_error_message=_("填一個目標值，或填下限與上限。"),
            ),
            models.CheckConstraint(
                name="target_range_in_order",
                condition=Q(low__isnull=True) | Q(low__lte=models.F("high")),
                violation_error_message=_("下限不能大於上限。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"


class TargetChange(models.Model):
    """A target changed after approval: what it was, what it became, why and by whom."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="target_changes")
    year = models.PositiveSmallIntegerField(_("年度"))
    before = models.JSONField(_("原目標"))
    after = models.JSONField(_("新目標"))
    reason = models.CharField(_("理由"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("時間"), default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = verbose_name_plural = _("目標變更")

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"
