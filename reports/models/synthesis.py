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
from reports.workflow import SHOWN_STATES


class ConclusionQuerySet(models.QuerySet):
    """Conclusions, scoped. Every page about them starts from `visible_to`."""

    def visible_to(self, user) -> "ConclusionQuerySet":
        """Everybody: those of a review that is published. The science ministry's people: all.
        Members of a ministry: from the day on which ministries are asked. An expert as such none:
        what is made of the opinions is not theirs to see before it is public.
        """
        if user.is_authenticated and user.is_science_staff:
            return self
        seen = Q(review__in=Review.objects.published())
        if user.is_authenticated and user.ministry_ids:
            seen |= Q(review__state__in=SHOWN_STATES)
        return self.filter(seen)


class Conclusion(models.Model):
    """The review's word on one node of the tree, or on the whole plan (the summary, code "").

    `edition` is the one on which it rests. `numbers_changed`: a newer edition's standing of the
    node differs from the one under which this was written, and the writer has not looked yet.
    `saved_by` is nobody while the text is still as it was proposed.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="conclusions")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="conclusions")
    level = models.CharField(_("層次"), max_length=10, choices=Level)
    code = models.CharField(_("編號"), max_length=20, blank=True)
    ordinal = models.PositiveIntegerField()
    ready = models.BooleanField(_("寫定"), default=False)
    ready_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    numbers_changed = models.BooleanField(_("數字已變"), default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now)

    objects = ConclusionQuerySet.as_manager()

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


class CitationFlag(models.TextChoices):
    """What a newer edition did to something that is cited; the writer looks and confirms."""

    NONE = "", _("未變")
    CHANGED = "changed", _("內容已變")
    GONE = "gone", _("已不存在")


class Citation(models.Model):
    """What a paragraph rests on: a snapshot line, an opinion, or the conclusion on a node beneath
    with its numbers; exactly one of them.
    """

    paragraph = models.ForeignKey(Paragraph, models.CASCADE, related_name="citations")
    line = models.ForeignKey(
        SnapshotLine, models.PROTECT, null=True, blank=True, related_name="citations"
    )
    opinion = models.ForeignKey(
        Opinion, models.PROTECT, null=True, blank=True, related_name="citations"
    )
    node = models.ForeignKey(
        Conclusion, models.PROTECT, null=True, blank=True, related_name="cited_by"
    )
    flag = models.CharField(
        max_length=7, choices=CitationFlag, default=CitationFlag.NONE, blank=True
    )

    class Meta:
        ordering = ["paragraph", "pk"]
        verbose_name = verbose_name_plural = _("引用")
        constraints = [
            models.CheckConstraint(
                name="citation_of_one_thing",
                condition=Q(line__isnull=False, opinion__isnull=True, node__isnull=True)
                | Q(line__isnull=True, opinion__isnull=False, node__isnull=True)
                | Q(line__isnull=True, opinion__isnull=True, node__isnull=False),
            ),
            models.UniqueConstraint(name="citation_line_once", fields=["paragraph", "line"]),
            models.UniqueConstraint(name="citation_opinion_once", fields=["paragraph", "opinion"]),
            models.UniqueConstraint(name="citation_node_once", fields=["paragraph", "node"]),
        ]

    def __str__(self) -> str:
        return str(self.line or self.opinion or self.node)


class CommentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CommentQuerySet":
        """The science ministry's people: all. A ministry: its own, and with everybody else those
        of a review that is published.
        """
        if user.is_authenticated and user.is_science_staff:
            return self
        seen = Q(conclusion__review__in=Review.objects.published())
        if user.is_authenticated and user.ministry_ids:
            seen |= Q(ministry__in=user.ministry_ids, conclusion__review__state__in=SHOWN_STATES)
        return self.filter(seen)


class Comment(models.Model):
    """A ministry's word on a conclusion, one each, and the reviewer's answer to it.

    The ministry may reword it until it is answered.
    """

    conclusion = models.ForeignKey(Conclusion, models.PROTECT, related_name="comments")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    text = models.TextField(_("意見"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    answer = models.TextField(_("處理情形"), blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["conclusion", "at"]
        verbose_name = verbose_name_plural = _("部會意見")
        constraints = [
            models.UniqueConstraint(
                name="comment_once",
                fields=["conclusion", "ministry"],
                violation_error_message=_("這個部會已經對這則結論表示過意見。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conclusion} {self.ministry}"


class CommentsDone(models.Model):
    """A ministry has said all that it wants to say, or that it has nothing to say (no comments).

    It counts for the round of comments in which it was said (`at`, after the last asking).
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="comments_done")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["review", "at"]
        verbose_name = verbose_name_plural = _("部會表示完畢")
        constraints = [
            models.UniqueConstraint(name="comments_done_once", fields=["review", "ministry"]),
        ]

    def __str__(self) -> str:
        return f"{self.review} {self.ministry}"
