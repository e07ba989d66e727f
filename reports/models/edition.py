"""An edition: the inputs of a review copied, so that no live row is needed to show it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.canonical import CanonicalEncoder
from reports.enums import Audience, LineKind
from reports.models.review import Review
from reports.workflow import SHOWN_STATES


class EditionQuerySet(models.QuerySet):
    """Editions, scoped as `rules.reviews.may_see_numbers` and the published filing say."""

    def visible_to(self, user) -> "EditionQuerySet":
        return self.for_audience(Audience.of(user), timezone.localdate())

    def for_audience(self, audience: Audience, today: date) -> "EditionQuerySet":
        """The science ministry's people: all. Members of a ministry: those of reviews on which
        ministries are asked. Everybody, experts and administrators too: what is published on this
        day, and not withdrawn.
        """
        if audience == Audience.STAFF:
            return self
        filings = self.model._meta.get_field("filings").related_model._base_manager
        published = Q(
            Exists(
                filings.filter(
                    edition=OuterRef("pk"), withdrawn_at__isnull=True, published_on__lte=today
                )
            )
        )
        if audience == Audience.MINISTRY:
            return self.filter(published | Q(review__state__in=SHOWN_STATES))
        return self.filter(published)


class Edition(models.Model):
    """One frozen set of inputs and rules. Equal inputs and rules have an equal digest, and then it
    is this edition again (house rule 5).

    `head` holds the plan, its tree with codes and names as they stood, printed figures used, and
    the form's layout; `rules` the rules; `standing` what they make of the lines
    (`reports.attainment`). `digest` is SHA-256 over the canonical form of head, rules and the
    lines' digests: never over time, number or row ids.

    `closing` is what people said of it (conclusions, opinions, replies, comments, meetings), copied
    when the review is approved; from then on documents of this edition read nothing else.

    `compiled_at` is the last time that the inputs were found to be these: where they went back to
    an older edition's, that one is the current one again.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("版次"))
    digest = models.CharField(_("摘要值"), max_length=64)
    head = models.JSONField(encoder=CanonicalEncoder)
    rules = models.JSONField(encoder=CanonicalEncoder)
    standing = models.JSONField(encoder=CanonicalEncoder)
    closing = models.JSONField(encoder=CanonicalEncoder, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    compiled_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["review", "-number"]
        verbose_name = verbose_name_plural = _("版次")
        constraints = [
            models.UniqueConstraint(name="edition_number_once", fields=["review", "number"]),
            models.UniqueConstraint(name="edition_digest_once", fields=["review", "digest"]),
        ]

    def __str__(self) -> str:
        return f"{self.review} {self.number}"


class SnapshotLine(models.Model):
    """One duty of one year: the accepted report whole, or the gap with its filing state.

    `key` is `year/measure code/ministry code`, the same in every edition. `content` needs no other
    row to be read (see `reports.freeze` for its shape); `digest` is SHA-256 over its canonical
    form.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="lines")
    ordinal = models.PositiveIntegerField()
    key = models.CharField(max_length=90)
    kind = models.CharField(_("種類"), max_length=6, choices=LineKind)
    year = models.PositiveSmallIntegerField(_("年度"))
    measure_code = models.CharField(_("措施編號"), max_length=20)
    ministry_code = models.CharField(_("部會代碼"), max_length=50)
    content = models.JSONField(encoder=CanonicalEncoder)
    digest = models.CharField(_("摘要值"), max_length=64)

    class Meta:
        ordering = ["edition", "ordinal"]
        verbose_name = verbose_name_plural = _("凍結的資料列")
        constraints = [
            models.UniqueConstraint(name="line_key_once", fields=["edition", "key"]),
            models.UniqueConstraint(name="line_ordinal_once", fields=["edition", "ordinal"]),
        ]
        indexes = [
            models.Index(fields=["edition", "measure_code"], name="line_measure"),
        ]

    def __str__(self) -> str:
        return self.key
