"""What documents there are of a subject, making one, downloading one, and the sign-off number."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.errors import Invalid
from config.kit.files import private_file
from config.kit.roc import format_date, parse_date
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from reports import jobs
from reports.actions.documents import record_sign_off, sign_off_verdict
from reports.actions.requests import job_key, request_document
from reports.documents.html import html
from reports.documents.render import TYPES, finished
from reports.documents.sources import (
    NoSource,
    Source,
    filing_of,
    review_of,
    source_of,
    subject_of_edition,
)
from reports.enums import DocumentFormat, DocumentKind, JobState
from reports.models import Document, Review, SignOff
from reports.queries.reviews import current_edition
from reports.rules import reviews as rules

# An annex of thousands of reports is no page, and a spreadsheet none either.
READABLE = frozenset(DocumentKind) - {DocumentKind.ANNEX, DocumentKind.FIGURES}


class SignOffForm(forms.Form):
    document_number = forms.CharField(label=gettext_lazy("發文字號"), max_length=60)
    on = forms.CharField(
        label=gettext_lazy("發文日期"),
        max_length=20,
        help_text=gettext_lazy("民國年，例如112-03-15"),
    )

    def clean_on(self) -> date:
        try:
            return parse_date(self.cleaned_data["on"])
        except ValueError:
            raise forms.ValidationError(_("日期寫成112-03-15的樣子。")) from None


class SourceMixin(RefusalMixin, SignedInMixin):
    """The subject that the address names, for those who may; for others it is not there."""

    def get_source(self) -> Source:
        try:
            source = source_of(self.kwargs["subject"])
        except NoSource:
            raise Http404 from None
        if not source.verdict(self.request.user):
            raise Http404
        return source

    def refused_url(self) -> str:
        return reverse("documents", args=[self.kwargs["subject"]])


class Documents(SourceMixin, View):
    """Every kind and format of a subject: the last one made, the job under way, a button."""

    def get(self, request: HttpRequest, subject: str) -> HttpResponse:
        return self.page(self.get_source())

    def post(self, request: HttpRequest, subject: str) -> HttpResponse:
        source = self.get_source()
        kind, form = request.POST.get("kind", ""), request.POST.get("format", "")
        request_document(source.subject, kind, form, by=request.user)
        return HttpResponseRedirect(self.refused_url())

    def page(self, source: Source, form: SignOffForm | None = None) -> HttpResponse:
        user = self.request.user
        made = _newest(Document.objects.visible_to(user).filter(subject=source.subject))
        context = {
            "source": source,
            "rows": [
                {
                    "kind": DocumentKind(kind),
                    "readable": kind in READABLE,
                    "cells": [
                        _cell(source, kind, form, made.get((kind, form))) for form in formats
                    ],
                }
                for kind, (formats, _make) in source.kinds.items()
            ],
        }
        if review := review_of(source):
            rooms = rules.rooms(review, user)
            context |= {"review": review, "rooms": rooms, "room": "review-documents"}
        if filing := filing_of(source):
            ministry, year = filing
            known = SignOff.objects.filter(ministry=ministry, reporting_year=year).first()
            context |= {
                "sign_off": known,
                "changed": bool(known) and _changed(known, made),
                "may_sign_off": sign_off_verdict(ministry, user),
                "form": form or SignOffForm(initial=_initial(known)),
            }
        status = 422 if form and form.errors else 200
        return render(self.request, "reports/documents.html", context, status=status)


class DocumentPage(SourceMixin, View):
    """A document as a page, to read and to print: made anew from what it is made of now."""

    def get(self, request: HttpRequest, subject: str, kind: str) -> HttpResponse:
        source = self.get_source()
        if kind not in source.kinds or kind not in READABLE:
            raise Http404
        formats, _make = source.kinds[kind]
        plain, _missing = finished(source.content(kind, formats[0]))
        context = {"source": source, "plain": plain, "body": html(plain)}
        return render(request, "reports/document_page.html", context)


class RecordSignOff(Documents):
    """The ministry's number and date of its paper. A fault shows on the same page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, subject: str) -> HttpResponse:
        source = self.get_source()
        filing = filing_of(source)
        if filing is None:
            raise Http404
        ministry, year = filing
        sign_off_verdict(ministry, request.user).enforce()
        form = SignOffForm(request.POST)
        if form.is_valid():
            try:
                record_sign_off(ministry, year, by=request.user, **form.cleaned_data)
            except Invalid as refusal:
                for name, sentences in refusal.errors.items():
                    for sentence in sentences:
                        form.add_error(name, sentence)
            else:
                messages.success(request, _("已登錄發文字號。"))
                return HttpResponseRedirect(self.refused_url())
        return self.page(source, form)


class DocumentDownload(ScopedMixin, View):
    """The file, as an attachment under a name of ours. Out of sight answers 404."""

    model = Document
    public = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.get_row()
        response = private_file(document.file, document.name, TYPES[document.format])
        response.ministry = document.owner  # for the audit log
        return response


class ReviewDocuments(SignedInMixin, View):
    """The documents of a review are those of its current edition."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.is_science_staff:
            raise Http404
        edition = current_edition(get_object_or_404(Review, pk=pk))
        if edition is None:
            raise Http404
        return HttpResponseRedirect(reverse("documents", args=[subject_of_edition(edition)]))


def _newest(rows) -> dict[tuple[str, str], Document]:
    found: dict[tuple[str, str], Document] = {}
    for row in rows.order_by("-created_at", "-pk"):
        found.setdefault((row.kind, row.format), row)
    return found


def _cell(source: Source, kind: str, form: str, document: Document | None) -> dict:
    job = jobs.last(job_key(source.subject, kind, form))
    # A job that ended well needs no words: the document stands there.
    shown = job if job and job.state != JobState.DONE else None
    return {"format": DocumentFormat(form), "document": document, "job": shown}


def _changed(sign_off: SignOff, made: dict) -> bool:
    """Whether a paper was made since of which the content is another."""
    later = [row for row in made.values() if row.kind == DocumentKind.FILING]
    return any(row.digest != sign_off.digest and row.created_at > sign_off.at for row in later)


def _initial(known: SignOff | None) -> dict:
    if known is None:
        return {}
    return {"document_number": known.document_number, "on": format_date(known.on)}
