"""What a ministry asks of the reviewer beside its reports: more time, and a correction of what was
accepted. Both are asked with a reason and decided once.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from tracking.enums import RequestState
from tracking.models.report import ProgressReport
from tracking.models.year import ReportingYear

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

_DECIDED = (RequestState.GRANTED, RequestState.REFUSED)


class RequestQuerySet(models.QuerySet):
    """Requests, scoped. `of` is the path to the ministry that asks."""

    of = "ministry"

    def visible_to(self, user: "User | AnonymousUser") -> "RequestQuerySet":
        """The ministry's own people, the science ministry's, and administrators."""
        if not user.is_authenticated:
            return self.none()
        if user.is_science_staff or user.is_administrator:
            return self
        return self.filter(**{f"{self.of}__in": user.ministry_ids})

    def waiting(self) -> "RequestQuerySet":
        """Asked and not yet decided, oldest first."""
        return self.filter(state=RequestState.ASKED).order_by("asked_at", "pk")


class CorrectionQuerySet(RequestQuerySet):
    of = "report__ministry"


class Request(models.Model):
    """Who asked and why; who decided, when and with which words. Where a deputy asked,
    `on_behalf_of` is the window.
    """

    reason = models.TextField(_("理由"), max_length=2000)
    state = models.CharField(
        _("狀態"),
        max_length=10,
        choices=RequestState,
        default=RequestState.ASKED,
        editable=False,
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("申請時間"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("決定時間"), null=True, blank=True)
    decision = models.TextField(_("決定的理由"), blank=True, max_length=2000)

    class Meta:
        abstract = True

    @property
    def waits(self) -> bool:
        return self.state == RequestState.ASKED

    @property
    def granted(self) -> bool:
        return self.state == RequestState.GRANTED


class ExtensionRequest(Request):
    """More time for one unit's filing of one year. `granted_until` is the last day in time, for all
    of the unit's reports of that year (`ProgressReport.extended_until`).
    """

    reporting_year = models.ForeignKey(
        ReportingYear, models.PROTECT, related_name="extension_requests"
    )
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="extension_requests")
    wanted_until = models.DateField(_("希望展延到"))
    granted_until = models.DateField(_("展延到"), null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = verbose_name_plural = _("展延申請")
        constraints = [
            models.UniqueConstraint(
                name="extension_one_waiting",
                fields=["reporting_year", "ministry"],
                condition=Q(state=RequestState.ASKED),
                violation_error_message=_("上一次的展延申請還在等審查人決定。"),
            ),
            models.CheckConstraint(
                name="extension_granted_has_day",
                condition=Q(state=RequestState.GRANTED, granted_until__isnull=False)
                | (~Q(state=RequestState.GRANTED) & Q(granted_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="extension_decided_by_somebody",
                condition=Q(state__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(state__in=_DECIDED) & Q(decided_by__isnull=True, decided_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporting_year} {self.ministry}"


class CorrectionRequest(Request):
    """A correction of an accepted report: which parts, by when.

    Once granted it is written in `copy`, a copy of the report (`ProgressReport.corrects`), until
    that is accepted or dropped (`ended_at`; `applied` tells which). Until then everybody reads and
    counts the accepted report.
    """

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="correction_requests")
    parts = models.JSONField(_("部分"), default=list)
    due_on = models.DateField(_("補正期限"), null=True, blank=True)
    copy = models.ForeignKey(
        ProgressReport,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="correction_of",
    )
    ended_at = models.DateTimeField(_("結束時間"), null=True, blank=True)
    applied = models.BooleanField(_("已更正"), default=False, editable=False)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = verbose_name_plural = _("更正申請")
        constraints = [
            models.UniqueConstraint(
                name="correction_one_open",
                fields=["report"],
                condition=Q(state=RequestState.ASKED)
                | Q(state=RequestState.GRANTED, ended_at__isnull=True),
                violation_error_message=_("這份報告的上一次更正還沒有結束。"),
            ),
            models.CheckConstraint(
                name="correction_granted_has_day",
                condition=Q(state=RequestState.GRANTED, due_on__isnull=False, copy__isnull=False)
                | (~Q(state=RequestState.GRANTED) & Q(due_on__isnull=True, copy__isnull=True)),
            ),
            models.CheckConstraint(
                name="correction_decided_by_somebody",
                condition=Q(state__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(state__in=_DECIDED) & Q(decided_by__isnull=True, decided_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.get_state_display()}"

    @property
    def running(self) -> bool:
        """Granted, and the copy is still on its road."""
        return self.granted and self.ended_at is None
