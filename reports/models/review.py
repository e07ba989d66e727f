"""A review: which years of a plan are assessed, by which rules, and where it is on its road."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plan.models import Plan
from reports.enums import ReviewKind, ReviewState, ReviewVerb
from reports.rules_of_review import default_criteria, default_rules


class Review(models.Model):
    """Mid-term, final or any other span of ROC years, both included.

    `rules` are its bands, thresholds, points of lights and weights (see `reports.attainment`);
    they are frozen with every edition. `criteria` are the experts' questions, `[{"key", "name"}]`.
    `opinions_open_before` says whether experts see each other's opinions before their own is in.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reviews")
    kind = models.CharField(_("種類"), max_length=10, choices=ReviewKind)
    title = models.CharField(_("名稱"), max_length=120)
    first_year = models.PositiveSmallIntegerField(_("起始年度（民國）"))
    last_year = models.PositiveSmallIntegerField(_("結束年度（民國）"))
    state = models.CharField(
        _("狀態"), max_length=12, choices=ReviewState, default=ReviewState.DRAFT, editable=False
    )
    rules = models.JSONField(_("計算規則"), default=default_rules)
    criteria = models.JSONField(_("評估準則"), default=default_criteria)
    opinions_open_before = models.BooleanField(_("送出前可看他人意見"), default=False)
    opinions_due_on = models.DateField(_("專家意見期限"), null=True, blank=True)
    comments_due_on = models.DateField(_("部會意見期限"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["plan", "last_year", "pk"]
        verbose_name = verbose_name_plural = _("成果評估")
        constraints = [
            models.CheckConstraint(
                name="review_years_in_order",
                condition=Q(first_year__lte=F("last_year")),
                violation_error_message=_("結束年度不能早於起始年度。"),
            ),
            models.UniqueConstraint(
                name="review_one_of_a_kind",
                fields=["plan", "kind"],
                condition=~Q(kind=ReviewKind.OTHER),
                violation_error_message=_("這個計畫已經有這一種評估。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def years(self) -> range:
        """ROC years that are assessed."""
        return range(self.first_year, self.last_year + 1)


class ReviewEvent(models.Model):
    """One move of a review on its road, and with which edition."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="events")
    verb = models.CharField(_("動作"), max_length=12, choices=ReviewVerb)
    from_state = models.CharField(max_length=12, choices=ReviewState)
    to_state = models.CharField(max_length=12, choices=ReviewState)
    edition = models.ForeignKey(
        "reports.Edition", models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("說明"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["review", "at", "pk"]
        verbose_name = verbose_name_plural = _("評估歷程")

    def __str__(self) -> str:
        return f"{self.review} {self.get_verb_display()}"


class RuleChange(models.Model):
    """Rules of a review changed: what they were, what they became, why and by whom."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="rule_changes")
    before = models.JSONField(_("原規則"))
    after = models.JSONField(_("新規則"))
    reason = models.CharField(_("理由"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = verbose_name_plural = _("規則變更")

    def __str__(self) -> str:
        return f"{self.review} {self.at:%Y-%m-%d}"
