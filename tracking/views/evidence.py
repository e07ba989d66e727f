"""Evidence is served through the permission check, always as an attachment."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from config.kit.views import ScopedMixin
from tracking.media import EXTENSIONS
from tracking.models import Evidence


class EvidenceDownload(ScopedMixin, View):
    """The file, streamed under its title, or the link's address. Out of sight answers 404."""

    model = Evidence
    public = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = self.get_row()
        if evidence.url:
            return HttpResponseRedirect(evidence.url)
        try:
            stored = evidence.file.open("rb")
        except FileNotFoundError:
            raise Http404 from None
        # FileResponse quotes the name (RFC 6266), so no title can break out of the header.
        response = FileResponse(
            stored,
            as_attachment=True,
            filename=file_name(evidence),
            content_type=evidence.media_type or "application/octet-stream",
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


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
