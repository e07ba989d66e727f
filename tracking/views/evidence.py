"""Evidence is served through the permission check, always as an attachment."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from config.kit.files import private_file
from config.kit.views import ScopedMixin
from tracking.media import EXTENSIONS
from tracking.models import Evidence


class EvidenceDownload(ScopedMixin, View):
    """The file, streamed under its title, or the link's address. Out of sight answers 404."""

    model = Evidence
    public = True

    def get_queryset(self):
        return self.model.objects.visible_to(self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = self.get_row()
        if evidence.url:
            return HttpResponseRedirect(evidence.url)
        media_type = evidence.media_type or "application/octet-stream"
        return private_file(evidence.file, file_name(evidence), media_type)


def file_name(evidence: Evidence) -> str:
    """The title as one line without path marks, ending as its content says."""
    kept = "".join(
        "_" if char in '/\\:*?"<>|' or not char.isprintable() else char for char in evidence.title
    )
    stem = kept.strip(" .") or "evidence"
    extension = EXTENSIONS.get(evidence.media_type)
    if not extension or stem.lower().endswith(f".{extension}"):
        return stem
    return f"{stem}.{extension}"
