"""A piece of background work that a page can watch, leave, find again and cancel."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.enums import JobState


class JobQuerySet(models.QuerySet):
    def visible_to(self, user) -> "JobQuerySet":
        """One's own; the science ministry's people and administrators watch all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff or user.is_administrator:
            return self
        return self.filter(started_by=user)


class Job(models.Model):
    """`key` names the work (`compile:3`, `document:17`); only one of a key is alive at a time, so
    that two started at once are one. `doing` is a sentence for the progress bar, `result` names
    what was made (`edition:12`). `task` and `args` are what is queued, and queued again where a
    worker died: `beat_at` is its last sign of life, `attempts` counts its starts.
    """

    key = models.CharField(max_length=120)
    task = models.CharField(max_length=120)
    args = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    doing = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=200, blank=True)
    cancel_asked = models.BooleanField(default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("背景工作")
        constraints = [
            models.UniqueConstraint(
                name="job_one_alive",
                fields=["key"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.get_state_display()}"

    @property
    def alive(self) -> bool:
        """Queued or running."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def per_cent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
