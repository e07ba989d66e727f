"""Coordination meetings of a review: agenda, who was asked and who came, minutes, resolutions."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from reports.enums import Level, MeetingState
from reports.models.edition import Edition
from reports.models.review import Review
from tracking.models import Resolution

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "MeetingQuerySet":
        """The science ministry's people: all. Members of a ministry: those that it was called to,
        and those that gave it a resolution. Everybody else: none.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff:
            return self
        own = user.ministry_ids
        asked = Attendance.objects.filter(ministry__in=own).values("meeting")
        given = MeetingResolution.objects.filter(resolution__owner__in=own).values("meeting")
        return self.filter(Q(pk__in=asked) | Q(pk__in=given))


class CoordinationMeeting(models.Model):
    """One meeting across ministries. `edition` is the one whose numbers are on its agenda."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="meetings")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="meetings")
    title = models.CharField(_("會議名稱"), max_length=120)
    on = models.DateField(_("日期"))
    place = models.CharField(_("地點"), max_length=120)
    chair = models.CharField(_("主席"), max_length=80)
    minutes = models.TextField(_("紀錄"), max_length=10_000, blank=True)
    state = models.CharField(
        _("狀態"),
        max_length=10,
        choices=MeetingState,
        default=MeetingState.PLANNED,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    called_at = models.DateTimeField(default=timezone.now)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["review", "on", "pk"]
        verbose_name = verbose_name_plural = _("協調會議")

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """A ministry that was called. `present` is None until it is recorded."""

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="attendances")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    present = models.BooleanField(_("出席"), null=True, blank=True)
    persons = models.CharField(_("出席人員"), max_length=500, blank=True)

    class Meta:
        ordering = ["meeting", "ministry__code"]
        verbose_name = verbose_name_plural = _("出席部會")
        constraints = [
            models.UniqueConstraint(name="attendance_once", fields=["meeting", "ministry"]),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.ministry}"


class AgendaItem(models.Model):
    """One thing to talk about: a node of the edition's tree, with its numbers copied as they stood.

    `attainment` and `threshold` are in per cent; `lineage` tells the node in later versions, None
    where no row of the plan bears the code any more.
    """

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="items")
    ordinal = models.PositiveSmallIntegerField()
    level = models.CharField(_("層次"), max_length=10, choices=Level)
    code = models.CharField(_("編號"), max_length=20)
    name = models.CharField(_("名稱"), max_length=200)
    lineage = models.UUIDField(null=True, blank=True)
    attainment = models.DecimalField(
        _("達成度"), max_digits=8, decimal_places=4, null=True, blank=True
    )
    threshold = models.DecimalField(_("門檻"), max_digits=8, decimal_places=4)
    finding = models.TextField(_("發現"), max_length=2000)
    discussion = models.TextField(_("討論"), max_length=4000, blank=True)

    class Meta:
        ordering = ["meeting", "ordinal"]
        verbose_name = verbose_name_plural = _("議程項目")
        constraints = [
            models.UniqueConstraint(name="agenda_ordinal_once", fields=["meeting", "ordinal"]),
            models.UniqueConstraint(name="agenda_code_once", fields=["meeting", "level", "code"]),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.code}"


class MeetingResolution(models.Model):
    """Which meeting resolved it, on which item of its agenda (None: on none), in which place."""

    meeting = models.ForeignKey(CoordinationMeeting, models.PROTECT, related_name="resolutions")
    item = models.ForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="resolutions"
    )
    ordinal = models.PositiveSmallIntegerField(_("案次"))
    resolution = models.OneToOneField(Resolution, models.PROTECT, related_name="given_by")

    class Meta:
        ordering = ["meeting", "ordinal"]
        verbose_name = verbose_name_plural = _("會議決議")
        constraints = [
            models.UniqueConstraint(
                name="meeting_resolution_ordinal_once", fields=["meeting", "ordinal"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.ordinal}"
