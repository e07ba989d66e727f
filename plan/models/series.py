"""Series of figures: budgets, GDP, research spending. What each counts is said once, its values
year by year; a corrected value stays beside the one that replaced it.
"""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.enums import BudgetBasis, GdpStatus, SeriesSubject, Special
from plan.models.figure import PrintedFigure, place
from plan.models.plan import Plan


class SeriesQuerySet(models.QuerySet):
    def visible_to(self, user: object) -> Self:
        """All: what is counted here is public, each with its source."""
        return self


class Series(models.Model):
    """One thing counted in one way from one source. Other basis, vintage or scope: other series.

    `of` narrows it (a country, a sector; empty for Taiwan's whole), `ministry` is the body that it
    belongs to, under the name of that day. `vintage` is the release date of a GDP series and the
    date of a budget. `table` and `page` are where the plan prints it, empty for what was entered.
    """

    code = models.SlugField(_("代碼"), max_length=80, unique=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="series", verbose_name=_("計畫")
    )  # fmt: skip
    subject = models.CharField(_("主題"), max_length=20, choices=SeriesSubject.choices)
    name = models.CharField(_("名稱"), max_length=120)
    name_en = models.CharField(_("英文名稱"), max_length=200, blank=True)
    of = models.CharField(_("範圍"), max_length=120, blank=True)
    ministry = models.ForeignKey(
        Ministry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="series",
        verbose_name=_("部會"),
    )
    basis = models.CharField(_("基礎"), max_length=20, choices=BudgetBasis.choices, blank=True)
    status = models.CharField(_("狀態"), max_length=20, choices=GdpStatus.choices, blank=True)
    vintage = models.DateField(_("發布日期"), null=True, blank=True)
    special = models.CharField(
        _("前瞻特別預算"), max_length=20, choices=Special.choices, blank=True
    )
    unit = models.CharField(_("單位"), max_length=20)
    source = models.CharField(_("來源"), max_length=300)
    source_url = models.URLField(_("來源網址"), max_length=300, blank=True)
    table = models.CharField(_("表"), max_length=10, blank=True)
    page = models.PositiveSmallIntegerField(_("頁碼"), null=True, blank=True)
    note = models.CharField(_("附註"), max_length=300, blank=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["plan_id", "pk"]
        verbose_name = verbose_name_plural = _("數列")

    def __str__(self) -> str:
        return f"{self.name}（{self.of}）" if self.of else self.name

    @property
    def place(self) -> str:
        """Where the plan prints it, as a sentence says it; empty for what was entered."""
        return place(self.table) if self.table else ""


class SeriesValueQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Those that nothing has replaced: at most one for a series and year."""
        return self.filter(replaced_at__isnull=True)


class SeriesValue(models.Model):
    """A series' amount in one ROC year, in the series' unit; written by `plan.actions.figures`.

    `printed` is the cell that it was loaded from; null for what a person entered or corrected,
    which loading then leaves alone. `reason` says why it replaced the one before it.
    """

    series = models.ForeignKey(
        Series, models.PROTECT, related_name="values", verbose_name=_("數列")
    )
    year = models.PositiveSmallIntegerField(_("民國年"))
    amount = models.DecimalField(_("數值"), max_digits=20, decimal_places=4)
    dated = models.DateField(_("日期"), null=True, blank=True)
    source = models.CharField(_("來源"), max_length=300, blank=True)
    note = models.CharField(_("附註"), max_length=300, blank=True)
    reason = models.CharField(_("更正理由"), max_length=500, blank=True)
    printed = models.ForeignKey(
        PrintedFigure,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="series_values",
        verbose_name=_("原文數字"),
    )
    entered_by = models.CharField(_("登錄者"), max_length=254)
    entered_at = models.DateTimeField(_("登錄時間"), default=timezone.now)
    replaced_at = models.DateTimeField(_("被取代時間"), null=True, blank=True)

    objects = SeriesValueQuerySet.as_manager()

    class Meta:
        ordering = ["series_id", "year", "pk"]
        verbose_name = verbose_name_plural = _("數列的數值")
        constraints = [
            models.UniqueConstraint(
                name="series_value_current_once",
                fields=["series", "year"],
                condition=models.Q(replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.year}: {self.amount}"
