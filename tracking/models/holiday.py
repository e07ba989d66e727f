"""Days on which Taiwan's public service does otherwise than the week says, as imported."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Holiday(models.Model):
    """A free weekday (`off`) or a weekend day that is worked, from the official list.

    A year of which one day is here is taken from here as a whole; other years come with the
    calendar package (`tracking.reminders.working_days`).
    """

    day = models.DateField(_("日期"), unique=True)
    name = models.CharField(_("名稱"), max_length=80, blank=True)
    off = models.BooleanField(_("放假"), default=True)

    class Meta:
        ordering = ["day"]
        verbose_name = verbose_name_plural = _("辦公日曆")

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()
