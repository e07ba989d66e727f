"""Documents made in the background, once for each content, kind and format."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.enums import DocumentFormat, DocumentKind


def document_path(document: "Document", filename: str) -> str:
    """An unguessable name, with the ending of its format."""
    return f"documents/{uuid.uuid4().hex}.{document.format}"


class Document(models.Model):
    """`subject` names what it shows (`edition:3`, `collation:nstp-110-113:111`, `filing:moe:111`),
    `digest` the SHA-256 of its content before typesetting: the same content in the same format is
    made once. `missing_glyphs` are characters that no font of ours could draw.
    """

    subject = models.CharField(max_length=120)
    kind = models.CharField(_("種類"), max_length=10, choices=DocumentKind)
    format = models.CharField(_("格式"), max_length=4, choices=DocumentFormat)
    digest = models.CharField(_("內容摘要值"), max_length=64)
    file = models.FileField(upload_to=document_path, max_length=80)
    name = models.CharField(_("檔名"), max_length=120)
    size = models.PositiveBigIntegerField(_("大小"))
    sha256 = models.CharField(_("檔案摘要值"), max_length=64)
    missing_glyphs = models.CharField(_("缺字"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

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
