"""One officer's open work went to another: who is told of it from then on."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry


class Handover(models.Model):
    """Papers keep the names of those who wrote them; mails about these go to `taker` instead.

    `items` is what was open that day, as it was shown: a list of {"what", "state"}.
    """

    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="handed_over",
        verbose_name=_("移交人"),
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="taken_over",
        verbose_name=_("接辦人"),
    )
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    note = models.TextField(_("交接說明"), max_length=2000)
    items = models.JSONField(_("未結事項"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("交接時間"), default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = verbose_name_plural = _("承辦交接")
        constraints = [
            models.CheckConstraint(
                name="handover_to_another",
                condition=~Q(leaver=F("taker")),
                violation_error_message=_("要交給另一個人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaver} → {self.taker}"
