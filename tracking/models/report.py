"""The progress report: what one ministry says of one measure for one year, as one aggregate."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.enums import AssignmentRole
from plan.models import Assignment, Indicator, Measure
from plan.models.indicator import VALUE
from tracking.enums import Cause, Light, Status
from tracking.models.scope import ReportQuerySet
from tracking.models.year import ReportingYear


class ProgressReport(models.Model):
    """One report with one status. Money lines, values and evidence are parts of it: every change
    to them raises `version`, the integer that guards against two editors.

    `ministry` held the duty on the year's opening day and `ministry_name` is its full name as
    filed, which later renaming does not touch. `assignments` are all duties that this one report
    answers (usually one; lead and partner duties of one body make one report, as lead).
    `returned_parts` are the parts of the last return: only they, and what their checks touch,
    can be written until the next acceptance. `submissions` counts sign-offs.
    """

    reporting_year = models.ForeignKey(ReportingYear, models.PROTECT, related_name="reports")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="reports")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="reports")
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
    filed_at = models.DateTimeField(_("送出時間"), null=True, blank=True, editable=False)
    late = models.BooleanField(_("逾期送出"), default=False, editable=False)
    accepted_at = models.DateTimeField(_("接受時間"), null=True, blank=True, editable=False)
    saved_at = models.DateTimeField(_("儲存時間"), null=True, blank=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    exempt_reason = models.CharField(_("不適用理由"), max_length=500, blank=True)

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

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["reporting_year__year", "measure__position", "role", "ministry__code"]
        verbose_name = verbose_name_plural = _("年度執行情形")
        constraints = [
            models.UniqueConstraint(
                name="report_once", fields=["reporting_year", "measure", "ministry"]
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
                fields=["ministry", "status", "correction_due_on", "reporting_year"],
                name="report_of_ministry",
            ),
            models.Index(fields=["status", "filed_at"], name="report_status_filed"),
            models.Index(fields=["reporting_year", "ministry"], name="report_year_ministry"),
        ]

    def __str__(self) -> str:
        return f"{self.reporting_year} {self.measure.code} {self.ministry_name}"


class IndicatorValue(models.Model):
    """The actual of one indicator in one year's report. No number is not zero: it is unknown."""

    report = models.ForeignKey(ProgressReport, models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    actual = models.DecimalField(_("實績"), null=True, blank=True, **VALUE)
    note = models.CharField(_("說明"), max_length=500, blank=True)

    class Meta:
        ordering = ["report_id", "indicator__ordinal"]
        verbose_name = verbose_name_plural = _("指標實績")
        constraints = [
            models.UniqueConstraint(name="indicator_value_once", fields=["report", "indicator"]),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.actual}"


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
