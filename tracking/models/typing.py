"""What is being typed: who has the form of a report open, and texts that are not in it yet."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.models.report import ProgressReport

# An open form says every 20 seconds that it is; a hidden window once a minute.
PRESENT_FOR = timedelta(seconds=75)


class PresenceQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PresenceQuerySet":
        """Whoever may read the report as its own ministry does; others have no form of it."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(report__ministry__in=user.ministry_ids)

    def now(self) -> "PresenceQuerySet":
        return self.filter(seen_at__gte=timezone.now() - PRESENT_FOR)


class Presence(models.Model):
    """One person has, or had, the form of one report open: since when, and seen last when."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField(_("打開時間"), default=timezone.now)
    seen_at = models.DateTimeField(_("最後看到"), default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "since", "pk"]
        verbose_name = verbose_name_plural = _("正在填報的人")
        constraints = [
            models.UniqueConstraint(name="presence_once", fields=["report", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.user}"


class TypedCopyQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TypedCopyQuerySet":
        """Nobody but who typed it."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class TypedCopy(models.Model):
    """What a person typed into the form of a report and the report does not hold (yet), as typed.

    `data` are the form's inputs by name, readable or not, with the version and the common start
    that the person saw; `token` is the open form from which they came. Gone once all of it is in
    the report, or the person does without it.
    """

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="typed_copies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token = models.CharField(max_length=32)
    data = models.JSONField()
    at = models.DateTimeField(_("打字時間"), default=timezone.now)

    objects = TypedCopyQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "-at", "-pk"]
        verbose_name = verbose_name_plural = _("還沒存進報告的文字")
        constraints = [
            models.UniqueConstraint(name="typed_copy_once", fields=["report", "user", "token"]),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.user}"
