"""What a coordination meeting resolved: who owes what by when, and what its owner says was done."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.models import Measure, Plan
from tracking.enums import ResolutionState
from tracking.models.evidence import evidence_path

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User


class ResolutionQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "ResolutionQuerySet":
        """The science ministry's people: all. Members of a ministry: those that it owes, those of
        the bodies that it came from included. Everybody else: none.
        """
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff:
            return self
        return self.filter(owner__in=user.ministry_ids)

    def unsettled(self) -> "ResolutionQuerySet":
        """Not yet closed."""
        return self.exclude(state=ResolutionState.CLOSED)


class Resolution(models.Model):
    """One thing that one ministry owes by a day (inclusive), until a reviewer agrees that it was
    done (`tracking.workflow.RESOLUTION_ROAD`).

    `code`, `name` and `lineage` say what it is about as it stood when it was resolved: a measure, a
    node above one, or nothing of the tree ("" and None). `measure` is the row of that day; the
    same thing in a later version is found by lineage. `source` is the meeting in words,
    `source_key` (such as `meeting:5`) in the room that keeps meetings.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="resolutions")
    code = models.CharField(_("編號"), max_length=20, blank=True)
    name = models.CharField(_("名稱"), max_length=200, blank=True)
    lineage = models.UUIDField(_("沿革"), null=True, blank=True, db_index=True)
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, related_name="resolutions"
    )
    owner = models.ForeignKey(Ministry, models.PROTECT, related_name="resolutions")
    text = models.TextField(_("決議"), max_length=2000)
    decided_on = models.DateField(_("決議日期"))
    due_on = models.DateField(_("期限"))
    source = models.CharField(_("來源"), max_length=200)
    source_key = models.CharField(max_length=60, blank=True)
    state = models.CharField(
        _("狀態"),
        max_length=10,
        choices=ResolutionState,
        default=ResolutionState.OPEN,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(_("結案時間"), null=True, blank=True)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = verbose_name_plural = _("決議")
        constraints = [
            models.CheckConstraint(
                name="resolution_due_after_decided",
                condition=Q(due_on__gte=F("decided_on")),
                violation_error_message=_("期限不能早於決議日期。"),
            ),
            models.CheckConstraint(
                name="resolution_closed_has_time",
                condition=Q(state=ResolutionState.CLOSED, closed_at__isnull=False)
                | (~Q(state=ResolutionState.CLOSED) & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["owner", "state"], name="resolution_owner_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.owner} {self.due_on}".strip()

    @property
    def overdue(self) -> bool:
        """Past its day with nothing shown; what waits for the reviewer is not the owner's delay."""
        return self.state == ResolutionState.OPEN and self.due_on < timezone.localdate()

    @property
    def days_over(self) -> int:
        return (timezone.localdate() - self.due_on).days


class Answer(models.TextChoices):
    """What the reviewer said of a report."""

    AGREED = "agreed", _("同意結案")
    SENT_BACK = "sent_back", _("退回補充")


class ResolutionReportQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "ResolutionReportQuerySet":
        """Whoever sees the resolution."""
        return self.filter(resolution__in=Resolution.objects.visible_to(user))


class ResolutionReport(models.Model):
    """What the owner says was done, with a file or a link as evidence, and the reviewer's answer.

    The columns of the evidence are those of `tracking.models.Evidence`, and it is examined, stored
    and served the same way.
    """

    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="reports")
    text = models.TextField(_("辦理情形"), max_length=2000)
    title = models.CharField(_("佐證名稱"), max_length=200)
    url = models.URLField(_("網址"), max_length=500, blank=True)
    file = models.FileField(_("檔案"), upload_to=evidence_path, max_length=80, blank=True)
    media_type = models.CharField(_("類型"), max_length=100, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("大小"), null=True, editable=False)
    sha256 = models.CharField(_("摘要值"), max_length=64, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("回報時間"), default=timezone.now)
    answer = models.CharField(_("審查意見"), max_length=10, choices=Answer, blank=True)
    reason = models.TextField(_("理由"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ResolutionReportQuerySet.as_manager()

    class Meta:
        ordering = ["resolution", "-pk"]
        verbose_name = verbose_name_plural = _("決議辦理情形")
        constraints = [
            models.UniqueConstraint(
                name="resolution_report_one_waiting",
                fields=["resolution"],
                condition=Q(answer=""),
                violation_error_message=_("上一次回報還在等審查人確認。"),
            ),
            models.CheckConstraint(
                name="resolution_report_file_or_link",
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                violation_error_message=_("選一個檔案或填一個網址。"),
            ),
            models.CheckConstraint(
                name="resolution_report_answered",
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resolution} {self.at:%Y-%m-%d}"
