"""Figures of the plan's tables, exactly as printed; nothing is corrected on the way in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.models.plan import Plan


class PrintedFigure(models.Model):
    """One cell of a printed table, or one number of a figure's or a chapter's text.

    `table` is its number (`8`, `圖1`, `柒`), `page` the printed page number, `row` and `column` the
    printed headings, `year` the ROC year where the cell belongs to one, `printed` the characters,
    `value` the number they stand for in `unit` (null where nothing or no number is printed).
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="printed_figures")
    table = models.CharField(_("表"), max_length=10)
    page = models.PositiveSmallIntegerField(_("頁碼"), null=True, blank=True)
    row = models.CharField(_("列"), max_length=120)
    row_ordinal = models.PositiveSmallIntegerField(_("列序"))
    column = models.CharField(_("欄"), max_length=120)
    column_ordinal = models.PositiveSmallIntegerField(_("欄序"))
    year = models.PositiveSmallIntegerField(_("民國年"), null=True, blank=True)
    unit = models.CharField(_("單位"), max_length=20)
    printed = models.CharField(_("印刷"), max_length=40)
    value = models.DecimalField(_("數值"), max_digits=20, decimal_places=4, null=True, blank=True)
    ministry = models.ForeignKey(
        Ministry, models.PROTECT, null=True, blank=True, related_name="printed_figures"
    )

    class Meta:
        ordering = ["plan_id", "table", "row_ordinal", "column_ordinal"]
        verbose_name = verbose_name_plural = _("原文數字")
        constraints = [
            models.UniqueConstraint(
                name="printed_figure_once",
                fields=["plan", "table", "row_ordinal", "column_ordinal"],
            ),
        ]

    def __str__(self) -> str:
        return f"{place(self.table)} {self.row} {self.column}"


def place(table: str) -> str:
    """What a `table` is called in a sentence: 表8, 圖1, 表2內文, 第柒章."""
    if table[:1].isdigit():
        return f"表{table}"
    return f"第{table}章" if len(table) == 1 else table
