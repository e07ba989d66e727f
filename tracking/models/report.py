"""The progress report: what one ministry says of one measure for one year, as one aggregate."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ministries.models import Lineage, Ministry
from plan.enums import AssignmentRole
from plan.models import Assignment, Indicator, Measure
from plan.models.indicator import VALUE
from tracking.enums import Cause, Light, Status
from tracking.models.scope import STANDING, ReportQuerySet, StandingReports
from tracking.models.year import ReportingYear


class ProgressReport(models.Model):
    """One report with one status. Money lines, values and evidence are parts of it: every change
    to them raises `version`, the integer that guards against two editors.

    `ministry` held the duty on the year's opening day and `ministry_name` is its full name as
    filed, which later renaming does not touch. `assignments` are all duties that this one report
    answers (usually one; lead and partner duties of one body make one report, as lead).
    `returned_parts` are the parts of the last return: only they, and what their checks touch,
    can be written until the next acceptance. `submissions` counts what was submitted or kept.

    `opened_for` is the body that held the duty that day, where a succession has moved the draft to
    another since; its earlier papers and indicators are the report's own (`bodies`).
    `extended_until` is the unit's own last day in time, where a reviewer granted one; it takes the
    place of the year's `due_on`. `corrects` marks the copy in which a correction of an accepted
    report is written (`objects` leaves it out, `working` doesn't); once it is accepted or dropped
    the copy keeps its history and says nothing of its own.
    """

    reporting_year = models.ForeignKey(ReportingYear, models.PROTECT, related_name="reports")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="reports")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="reports")
    opened_for = models.ForeignKey(
        Ministry, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("原承辦部會"),
    )  # fmt: skip
    ministry_name = models.CharField(_("填報時名稱"), max_length=80)
    role = models.CharField(_("角色"), max_length=10, choices=AssignmentRole)
    coordinating = models.BooleanField(_("統籌主辦"), default=False)
    assignments = models.ManyToManyField(Assignment, related_name="reports")

    status = models.CharField(
        _("狀態"), max_length=15, choices=Status, default=Status.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    submissions = models.PositiveSmallIntegerField(default=0, editable=False)
    returned_parts = models.JSONField(default=list, blank=True, editable=False)
    correction_due_on = models.DateField(_("補正期限"), null=True, blank=True)
    extended_until = models.DateField(_("展延到"), null=True, blank=True, editable=False)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrections",
        verbose_name=_("更正的報告"),
    )
    filed_at = models.DateTimeField(_("送出時間"), null=True, blank=True, editable=False)
    late = models.BooleanField(_("逾期送出"), default=False, editable=False)
    accepted_at = models.DateTimeField(_("接受時間"), null=True, blank=True, editable=False)
    saved_at = models.DateTimeField(_("儲存時間"), null=True, blank=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    exempt_reason = models.CharField(_("不適用理由"), max_length=500, blank=True)
    # Fields that hold last year's text, brought over and not touched since.
    carried = models.JSONField(default=list, blank=True, editable=False)
    # What autosave changed since the audit log's last entry: {"by", "since", "version", "before",
    # "after"}; `tracking.actions.door` writes it down with the next move or after a while.
    unlogged = models.JSONField(null=True, blank=True, editable=False, encoder=DjangoJSONEncoder)

    # progress
    nothing_to_report = models.BooleanField(_("本年度無事項"), default=False)
    nothing_reason = models.CharField(_("無事項理由"), max_length=500, blank=True)
    light = models.CharField(_("燈號"), max_length=10, choices=Light, blank=True)
    completion = models.PositiveSmallIntegerField(_("累計完成度"), null=True, blank=True)
    completed_on = models.DateField(_("完成日期"), null=True, blank=True)
    work_done = models.TextField(_("執行情形"), blank=True, max_length=2000)
    benefit = models.TextField(_("效益"), blank=True, max_length=2000)
    # lateness
    cause = models.CharField(_("落後主因"), max_length=15, choices=Cause, blank=True)
    sub_cause = models.CharField(_("細因"), max_length=60, blank=True)
    obstacle = models.TextField(_("落後原因"), blank=True, max_length=2000)
    response = models.TextField(_("因應對策"), blank=True, max_length=2000)
    others_must_act = models.CharField(_("需要配合的機關"), max_length=200, blank=True)
    catch_up_on = models.DateField(_("預計趕上日期"), null=True, blank=True)
    # next year
    next_steps = models.TextField(_("後續精進策略"), blank=True, max_length=2000)

    objects = StandingReports()
    working = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["reporting_year__year", "measure__position", "role", "ministry__code"]
        verbose_name = verbose_name_plural = _("年度執行情形")
        constraints = [
            models.UniqueConstraint(
                name="report_once",
                fields=["reporting_year", "measure", "ministry"],
                condition=Q(corrects__isnull=True),
            ),
            models.UniqueConstraint(
                name="report_one_correction",
                fields=["corrects"],
                condition=Q(corrects__isnull=False) & ~Q(status=Status.ACCEPTED),
            ),
            models.CheckConstraint(
                name="report_completion_per_cent",
                condition=Q(completion__isnull=True) | Q(completion__lte=100),
                violation_error_message=_("完成度是0到100的整數。"),
            ),
            models.CheckConstraint(
                name="report_coordinating_is_lead",
                condition=Q(coordinating=False) | Q(role=AssignmentRole.LEAD),
            ),
        ]
        indexes = [
            models.Index(
                fields=[
                    "ministry",
                    "status",
                    "correction_due_on",
                    "reporting_year",
                    "extended_until",
                ],
                name="report_of_ministry",
            ),
            models.Index(fields=["status", "filed_at"], name="report_status_filed"),
            models.Index(
                fields=["saved_at"],
                name="report_unlogged",
                condition=Q(unlogged__isnull=False),
            ),
            models.Index(fields=["reporting_year", "ministry"], name="report_year_ministry"),
            # For the search, which finds the drafts of a year for nobody but their ministry.
            models.Index(
                fields=["reporting_year"],
                name="report_standing",
                condition=Q(status__in=STANDING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporting_year} {self.measure.code} {self.ministry_name}"

    @property
    def carried_labels(self) -> list[str]:
        """Names of the fields that still hold last year's text."""
        return [str(self._meta.get_field(name).verbose_name) for name in self.carried]

    def bodies(self, lineage: Lineage) -> list[int]:
        """Ids of the bodies whose earlier papers and indicators are this report's own, the one
        that answers for it first.
        """
        opened = self.opened_for_id or self.ministry_id
        line = lineage.line(opened, self.reporting_year.opens_on)
        return line if opened == self.ministry_id else [self.ministry_id, *line]

    @property
    def due_on(self) -> date:
        """The last day on which a filing is in time: the unit's own, or the year's."""
        return self.extended_until or self.reporting_year.due_on

    @property
    def by_extension(self) -> bool:
        """Filed in time, after the year's due date, because more time was granted."""
        return bool(
            self.filed_at
            and not self.late
            and self.extended_until
            and localdate(self.filed_at) > self.reporting_year.due_on
        )


class IndicatorValue(models.Model):
    """The actual of one indicator in one year's report. No number is not zero: it is unknown.

    `parts` is {name: number as text, or null} where the indicator is told by a dimension; names
    are those of its definition. The actual of a calculated indicator is worked out by the door
    that writes the others (`tracking.calculated`), and nobody types it.
    """

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    actual = models.DecimalField(_("實績"), null=True, blank=True, **VALUE)
    parts = models.JSONField(_("分項實績"), default=dict, blank=True)
    note = models.CharField(_("說明"), max_length=500, blank=True)

    class Meta:
        ordering = ["report_id", "indicator__ordinal"]
        verbose_name = verbose_name_plural = _("指標實績")
        constraints = [
            models.UniqueConstraint(name="indicator_value_once", fields=["report", "indicator"]),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.actual}"

    @property
    def by_part(self) -> list[tuple[str, Decimal | None]]:
        """(name, number) for each part of the definition, in its order; None is unknown."""
        given = self.parts or {}
        return [
            (name, None if given.get(name) is None else Decimal(given[name]))
            for name in self.indicator.parts
        ]


class MoneyLine(models.Model):
    """Money of one source in one year's report, in 千元 (NT$ 1,000)."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="money_lines")
    ordinal = models.PositiveSmallIntegerField()
    source = models.CharField(_("經費來源"), max_length=80)
    allocated_thousand = models.PositiveBigIntegerField(_("分配數（千元）"))
    spent_thousand = models.PositiveBigIntegerField(_("支用數（千元）"), null=True, blank=True)
    note = models.CharField(_("說明"), max_length=200, blank=True)

    class Meta:
        ordering = ["report_id", "ordinal"]
        verbose_name = verbose_name_plural = _("經費")
        constraints = [
            models.UniqueConstraint(
                name="money_source_once",
                fields=["report", "source"],
                violation_error_message=_("同一個經費來源只填一列。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.source}"
