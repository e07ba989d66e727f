"""The synthesis: conclusions whose every paragraph cites what it rests on, and comments on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from reports.enums import Level
from reports.models.edition import Edition, SnapshotLine
from reports.models.expert import Opinion
from reports.models.review import Review


class Conclusion(models.Model):
    """The review's word on one node of the tree, or on the whole plan (the summary, code "")."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="conclusions")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="conclusions")
    level = models.CharField(_("層次"), max_length=10, choices=Level)
    code = models.CharField(_("編號"), max_length=20, blank=True)
    ordinal = models.PositiveIntegerField()
    ready = models.BooleanField(_("寫定"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["review", "ordinal"]
        verbose_name = verbose_name_plural = _("結論")
        constraints = [
            models.UniqueConstraint(name="conclusion_once", fields=["review", "level", "code"]),
        ]

    def __str__(self) -> str:
        return f"{self.review} {self.code or self.get_level_display()}"


class Paragraph(models.Model):
    conclusion = models.ForeignKey(Conclusion, models.CASCADE, related_name="paragraphs")
    ordinal = models.PositiveSmallIntegerField()
    text = models.TextField(_("內容"), max_length=4000)

    class Meta:
        ordering = ["conclusion", "ordinal"]
        verbose_name = verbose_name_plural = _("段落")
        constraints = [
            models.UniqueConstraint(
                name="paragraph_ordinal_once", fields=["conclusion", "ordinal"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conclusion} §{self.ordinal}"


class Citation(models.Model):
    """What a paragraph rests on: a snapshot line or an opinion, never both."""

    paragraph = models.ForeignKey(Paragraph, models.CASCADE, related_name="citations")
    line = models.ForeignKey(
        SnapshotLine, models.PROTECT, null=True, blank=True, related_name="citations"
    )
    opinion = models.ForeignKey(
        Opinion, models.PROTECT, null=True, blank=True, related_name="citations"
    )

    class Meta:
        ordering = ["paragraph", "pk"]
        verbose_name = verbose_name_plural = _("引用")
        constraints = [
            models.CheckConstraint(
                name="citation_line_or_opinion",
                condition=Q(line__isnull=False, opinion__isnull=True)
                | Q(line__isnull=True, opinion__isnull=False),
            ),
            models.UniqueConstraint(name="citation_line_once", fields=["paragraph", "line"]),
            models.UniqueConstraint(name="citation_opinion_once", fields=["paragraph", "opinion"]),
        ]

    def __str__(self) -> str:
        return str(self.line or self.opinion)


class Comment(models.Model):
    """A ministry's word on a conclusion, and the reviewer's answer to it."""

    conclusion = models.ForeignKey(Conclusion, models.PROTECT, related_name="comments")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    text = models.TextField(_("意見"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(_("處理情形"), blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["conclusion", "at"]
        verbose_name = verbose_name_plural = _("部會意見")

    def __str__(self) -> str:
        return f"{self.conclusion} {self.ministry}"
