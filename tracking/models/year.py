"""A reporting year: which ROC year is reported, and from when to when it takes filings."""

from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plan.models import Plan
from tracking.enums import YearState
from tracking.partners import asked_by

PARTNER_DAYS = 7
MOST_PARTNER_DAYS = 60


class ReportingYear(models.Model):
    """Dates are calendar dates in Asia/Taipei, each the last or first day that counts.

    `opens_on` also decides which ministry holds a duty. After `due_on` a filing is late, after
    `closes_on` there is none, save a correction that the reviewer asked for. Partners are asked to
    file `partner_days` before `due_on`, so that the lead can use their parts; nobody is late by it.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reporting_years")
    year = models.PositiveSmallIntegerField(_("年度（民國）"))
    opens_on = models.DateField(_("開放日"))
    due_on = models.DateField(_("截止日"))
    closes_on = models.DateField(_("關閉日"))
    partner_days = models.PositiveSmallIntegerField(
        _("協辦提前天數"), default=PARTNER_DAYS, validators=[MaxValueValidator(MOST_PARTNER_DAYS)]
    )
    state = models.CharField(_("狀態"), max_length=10, choices=YearState, default=YearState.PLANNED)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    released_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["plan_id", "year"]
        verbose_name = verbose_name_plural = _("填報年度")
        constraints = [
            models.UniqueConstraint(name="reporting_year_once", fields=["plan", "year"]),
            models.CheckConstraint(
                name="reporting_year_dates_in_order",
                condition=Q(opens_on__lte=F("due_on")) & Q(due_on__lte=F("closes_on")),
                violation_error_message=_("開放日、截止日、關閉日要依序。"),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(year)s年度") % {"year": self.year}

    @property
    def partner_due_on(self) -> date:
        """Until when partners are asked to file; never before the year opens."""
        return asked_by(self.due_on, self.opens_on, self.partner_days)
