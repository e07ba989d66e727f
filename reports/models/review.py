"""A review: which years of a plan are assessed, by which rules, and where it is on its road."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plan.models import Plan
from reports.calculation import default_criteria, default_rules
from reports.enums import ReviewKind, ReviewState, ReviewVerb
from reports.workflow import SHOWN_STATES


class ReviewQuerySet(models.QuerySet):
    """Reviews, scoped. Every page about a review starts from `visible_to`."""

    def visible_to(self, user) -> "ReviewQuerySet":
        """Everybody: what is published today. The science ministry's people: all. An expert: where
        a seat is held. Members of a ministry: from the day on which ministries are asked, or on
        which an opinion was sent to them. An administrator as such sees no more than the public.
        """
        seen = Q(pk__in=self.published().values("pk"))
        if not user.is_authenticated:
            return self.filter(seen)
        if user.is_science_staff:
            return self
        seats = self._related("seats")
        seen |= Exists(seats.filter(review=OuterRef("pk"), user=user, ended_at__isnull=True))
        if user.ministry_ids:
            opinions = seats.filter(review=OuterRef("pk"), opinions__sent_at__isnull=False)
            seen |= Q(state__in=SHOWN_STATES) | Exists(opinions)
        return self.filter(seen)

    def published(self) -> "ReviewQuerySet":
        """Those with a filing that stands and is public today (a day in Asia/Taipei)."""
        filings = self._related("filings").filter(
            review=OuterRef("pk"),
            withdrawn_at__isnull=True,
            published_on__lte=timezone.localdate(),
        )
        return self.filter(Exists(filings))

    def _related(self, name: str) -> models.QuerySet:
        """All rows that point here; their modules import this one."""
        return self.model._meta.get_field(name).related_model._base_manager.all()


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

    objects = ReviewQuerySet.as_manager()

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
