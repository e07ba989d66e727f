"""A reviewer's other light for a measure's year; the computed one stays visible beside it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plan.models import Measure
from tracking.enums import Light
from tracking.models.year import ReportingYear


class LightOverride(models.Model):
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="light_overrides")
    reporting_year = models.ForeignKey(
        ReportingYear, models.PROTECT, related_name="light_overrides"
    )
    light = models.CharField(_("燈號"), max_length=10, choices=Light)
    reason = models.CharField(_("理由"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["reporting_year_id", "measure__position"]
        verbose_name = verbose_name_plural = _("審定燈號")
        constraints = [
            models.UniqueConstraint(
                name="light_override_once", fields=["measure", "reporting_year"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} {self.get_light_display()}"
