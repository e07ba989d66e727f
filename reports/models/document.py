"""Documents made in the background, once for each content, kind and format."""

import uuid

from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.models import PlanVersion
from reports.enums import DocumentFormat, DocumentKind
from reports.models.expert import Seat
from reports.models.filing import Filing


def document_path(document: "Document", filename: str) -> str:
    """An unguessable name, with the ending of its format."""
    return f"documents/{uuid.uuid4().hex}.{document.format}"


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "DocumentQuerySet":
        """Main volume and figures of an edition are public from the day on which its filing is
        published, as they were made since it was filed: those of before tell of what was still
        being written. The redline and the vision of a version are seen by whoever sees the version,
        those of an approved one as they were made since; a vision as it was made since the last
        published review of the plan was withdrawn: it may tell of that one.

        The science ministry's people: all but the ministries' own papers, which hold drafts.
        Members of a ministry: its filings. An expert: the own dossier.
        """
        seen = _published()
        versions = PlanVersion.objects.visible_to(user)
        published = Q(plan__reviews__filings__published_on__isnull=False)
        withdrawn = Max("plan__reviews__filings__withdrawn_at", filter=published)
        rows = PlanVersion.objects.filter(pk__in=versions.values("pk")).annotate(last=withdrawn)
        for pk, at, last in rows.values_list("pk", "revision__approved_at", "last"):
            own = Q(subject=f"version:{pk}", **({"created_at__gte": at} if at else {}))
            if last:
                own &= ~Q(kind=DocumentKind.VISION) | Q(created_at__gte=last)
            seen |= own
        if not user.is_authenticated:
            return self.filter(seen)
        if user.is_science_staff:
            seen |= ~Q(kind=DocumentKind.FILING)
        seats = Seat.objects.living().filter(user=user, declared_at__isnull=False)
        seats = seats.values_list("pk", flat=True)
        seen |= Q(subject__in=[f"seat:{pk}" for pk in seats])
        if own := user.ministry_ids:
            codes = Ministry.objects.filter(pk__in=own).values_list("code", flat=True)
            seen |= Q(kind=DocumentKind.FILING, owner__in=list(codes))
        return self.filter(seen)


class Document(models.Model):
    """`subject` names what it shows (`edition:3`, `collation:nstp-110-113:111`,
    `filing:nstp-110-113:moe:111`, `seat:4`, `version:2`), `digest` the SHA-256 of its content
    before typesetting: the same content in the same format is made once. `owner` is the code of
    the ministry whose own paper it is, "" for all others. `missing_glyphs` are characters that no
    font of ours could draw. `created_at` is the last time that it was asked for and had this
    content: where the content went back to an older one, that one is the newest again.
    """

    subject = models.CharField(max_length=150)
    owner = models.CharField(max_length=50, blank=True)
    kind = models.CharField(_("種類"), max_length=10, choices=DocumentKind)
    format = models.CharField(_("格式"), max_length=4, choices=DocumentFormat)
    digest = models.CharField(_("內容摘要值"), max_length=64)
    file = models.FileField(upload_to=document_path, max_length=80)
    name = models.CharField(_("檔名"), max_length=120)
    size = models.PositiveBigIntegerField(_("大小"))
    sha256 = models.CharField(_("檔案摘要值"), max_length=64)
    missing_glyphs = models.CharField(_("缺字"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("文件")
        constraints = [
            models.UniqueConstraint(
                name="document_once", fields=["subject", "kind", "format", "digest"]
            ),
        ]

    def __str__(self) -> str:
        return self.name


def _published() -> Q:
    """What was made of editions since their filing, where that stands and is published today."""
    rows = Filing.objects.filter(withdrawn_at__isnull=True, published_on__lte=timezone.localdate())
    seen = Q(pk__in=[])
    for edition, at in rows.values_list("edition_id", "at"):
        seen |= Q(subject=f"edition:{edition}", created_at__gte=at)
    return seen & Q(kind__in=(DocumentKind.MAIN, DocumentKind.FIGURES))
