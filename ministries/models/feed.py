"""The address under which a person's own dates are read by a calendar program."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CalendarFeed(models.Model):
    """Whoever knows the secret part of the address reads the dates, and nothing else.

    Only a SHA-256 digest of it is kept. A person has one that counts; renewing ends the one before.
    `last_used_at` is right to the hour.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_feeds"
    )
    digest = models.CharField(_("摘要值"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("建立時間"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("撤銷時間"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = verbose_name_plural = _("行事曆網址")
        constraints = [
            models.UniqueConstraint(
                name="calendar_feed_one_alive",
                fields=["owner"],
                condition=Q(revoked_at__isnull=True),
                violation_error_message=_("已經有一個有效的行事曆網址。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.created_at:%Y-%m-%d}"
