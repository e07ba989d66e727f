"""Evidence behind the permission check: a file as attachment, a link by a page between."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from config.kit.files import private_file
from config.kit.views import ScopedMixin
from ministries.models import Ministry
from tracking.media import EXTENSIONS
from tracking.models import Evidence


class EvidenceDownload(ScopedMixin, View):
    """The file, streamed under its title; or a page that says where the link leads, and goes there
    by a click only. Out of sight answers 404.
    """

    model = Evidence
    public = True
    # The way to the body whose file it is.
    body = "report__ministry"

    def get_queryset(self):
        rows = self.model.objects.visible_to(self.request.user)
        return rows.select_related(self.body)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = self.get_row()
        if evidence.url:
            context = {"evidence": evidence, "host": host_of(evidence.url)}
            return render(request, "tracking/leaving.html", context)
        media_type = evidence.media_type or "application/octet-stream"
        response = private_file(evidence.file, file_name(evidence), media_type)
        response.ministry = self.body_of(evidence)  # for the audit log
        return response

    def body_of(self, evidence: Evidence) -> Ministry:
        return evidence.report.ministry


def host_of(url: str) -> str:
    """As the network knows it (`xn--…`): no letter of another script passes for one of ours."""
    name = urlsplit(url).hostname or ""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


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
