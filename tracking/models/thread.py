"""What a ministry and the reviewers say to each other about a report, and reasons kept ready."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracking.enums import Part
from tracking.models.report import ProgressReport

if TYPE_CHECKING:
    from ministries.models import User


class Side(models.TextChoices):
    """For whom the author of a message spoke, on the day of it."""

    MINISTRY = "ministry", _("填報部會")
    SCIENCE = "science", _("國科會")


class MessageQuerySet(models.QuerySet):
    """Messages are added and read, nothing else; the same is refused on a single row below."""

    def visible_to(self, user: "User | AnonymousUser") -> "MessageQuerySet":
        """Both sides of the talk: the report's own ministry and the science ministry's people."""
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff:
            return self
        return self.filter(Q(report__ministry__in=user.ministry_ids))

    def update(self, **kwargs):
        raise TypeError("A message is never changed.")

    def delete(self):
        raise TypeError("A message is never deleted.")


class Message(models.Model):
    """One message about a report. There are no internal ones: both sides read every word.

    Immutable. `side` is for whom the author spoke then, whatever becomes of them later.
    """

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="thread")
    side = models.CharField(_("發言方"), max_length=10, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("內容"), max_length=2000)
    at = models.DateTimeField(_("時間"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "at", "pk"]
        base_manager_name = "objects"
        verbose_name = verbose_name_plural = _("報告的留言")

    def __str__(self) -> str:
        return f"{self.report} {self.author}"

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("A message is never changed.")
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs):
        raise TypeError("A message is never deleted.")


class CannedReason(models.Model):
    """A reason kept ready for returning a part, or any part where it names none.

    Administrators keep the list. A return copies the words, so that changing them here changes no
    return of the past; what is no longer wanted is made inactive.
    """

    part = models.CharField(
        _("部分"), max_length=10, choices=Part, blank=True, help_text=_("不選就是每個部分都可用。")
    )
    text = models.CharField(_("退回理由"), max_length=300)
    ordinal = models.PositiveSmallIntegerField(_("順序"), default=0)
    active = models.BooleanField(_("使用中"), default=True)

    class Meta:
        ordering = ["ordinal", "pk"]
        verbose_name = verbose_name_plural = _("常用退回理由")
        constraints = [
            models.UniqueConstraint(
                name="canned_reason_once",
                fields=["part", "text"],
                violation_error_message=_("這個部分已經有同樣的理由。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text
