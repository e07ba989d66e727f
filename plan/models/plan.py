"""A plan over some years, and its versions: a draft is approved, and later superseded."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plan.enums import NodeLevel, VersionState


class Plan(models.Model):
    """One plan, such as `nstp-110-113`. Years are ROC years, both included.

    `claim` is what the document says of itself (counts per level and of ministries); loading
    checks the tree against it. `imported_*` tell from which document the prose came.
    """

    slug = models.SlugField(_("代碼"), unique=True)
    name = models.CharField(_("名稱"), max_length=120)
    name_en = models.CharField(_("英文名稱"), max_length=200, blank=True)
    start_year = models.PositiveSmallIntegerField(_("起始年（民國）"))
    end_year = models.PositiveSmallIntegerField(_("結束年（民國）"))
    claim = models.JSONField(_("計畫自述的數目"), default=dict, blank=True)
    imported_name = models.CharField(_("匯入的文件"), max_length=200, blank=True)
    imported_sha256 = models.CharField(_("文件摘要值"), max_length=64, blank=True)
    imported_at = models.DateTimeField(_("匯入時間"), null=True, blank=True)

    class Meta:
        ordering = ["-start_year", "slug"]
        verbose_name = verbose_name_plural = _("計畫")
        constraints = [
            models.CheckConstraint(
                name="plan_years_in_order", condition=Q(start_year__lte=F("end_year"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> range:
        """ROC years of the plan."""
        return range(self.start_year, self.end_year + 1)


class PlanVersionQuerySet(models.QuerySet):
    def in_force(self) -> "PlanVersionQuerySet":
        return self.filter(state=VersionState.APPROVED)

    def first_drafts(self) -> "PlanVersionQuerySet":
        """Drafts of plans that never had a version in force: they may be filed against already."""
        others = self.model._default_manager.exclude(state=VersionState.DRAFT)
        return self.filter(~Exists(others.filter(plan=OuterRef("plan"))), state=VersionState.DRAFT)

    def to_file_against(self) -> "PlanVersionQuerySet":
        """The version in force of each plan; of a plan that never had one, its draft."""
        return self.in_force() | self.first_drafts()

    def visible_to(self, user) -> "PlanVersionQuerySet":
        """Approved and superseded versions are public. A plan's first draft is for signed-in
        people, who may have to file against it; a revision's is for those who work on it.
        """
        if user.is_authenticated and (user.is_science_staff or user.is_administrator):
            return self
        public = self.exclude(state=VersionState.DRAFT)
        return public | self.first_drafts() if user.is_authenticated else public


class PlanVersion(models.Model):
    """One edition of a plan's tree. The names of its levels belong to it, so that a plan of
    another shape fits: `level_names` holds goal, sub_goal, strategy and measure.

    `edits` counts the changes of a draft, for the optimistic lock. `effective_on` is the day from
    which an approved revision counts; a plan's first version counts from the plan's beginning.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版次"))
    title = models.CharField(_("版本名稱"), max_length=120)
    state = models.CharField(
        _("狀態"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    level_names = models.JSONField(_("各層名稱"), default=dict)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="revisions"
    )
    approved_on = models.DateField(_("核定日"), null=True, blank=True)
    effective_on = models.DateField(_("生效日"), null=True, blank=True)
    edits = models.PositiveIntegerField(default=1, editable=False)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "-number"]
        verbose_name = verbose_name_plural = _("計畫版本")
        constraints = [
            models.UniqueConstraint(name="version_number_once", fields=["plan", "number"]),
            models.UniqueConstraint(
                name="version_one_approved",
                fields=["plan"],
                condition=Q(state=VersionState.APPROVED),
                violation_error_message=_("這個計畫已經有核定的版本。"),
            ),
            models.UniqueConstraint(
                name="version_one_draft",
                fields=["plan"],
                condition=Q(state=VersionState.DRAFT),
                violation_error_message=_("這個計畫已經有一份草案。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.name} {self.title}"

    def level_name(self, level: str) -> str:
        """What this version calls a level: goal, sub_goal, strategy or measure."""
        name = self.level_names.get(level)
        return gettext(name) if name else str(NodeLevel(level).label)
