"""The filing of a review: send it, record the answer, publish it, take it back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from reports import closing
from reports.actions import filing as actions
from reports.actions.requests import request_document
from reports.documents.sources import subject_of_edition
from reports.enums import DocumentFormat, DocumentKind, FilingStep, ReviewVerb
from reports.forms.reviews import (
    AcknowledgeForm,
    FileForm,
    MarkedForm,
    PublishForm,
    WithdrawForm,
)
from reports.models import Filing
from reports.queries import reviews as queries
from reports.rules import reviews as rules
from reports.views.base import ReviewView

FORMS = {
    ReviewVerb.FILE: FileForm,
    ReviewVerb.PUBLISH: PublishForm,
    ReviewVerb.WITHDRAW: WithdrawForm,
}
# What everybody can download once the result is public.
PUBLIC = (
    (DocumentKind.MAIN, DocumentFormat.PDF),
    (DocumentKind.MAIN, DocumentFormat.ODT),
    (DocumentKind.FIGURES, DocumentFormat.ODS),
)


class FilingPage(ReviewView):
    """What was sent, with its number; the moves of the collator, each with its own form."""

    room = "review-filing"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        verb = request.POST.get("verb", "")
        if verb not in FORMS:
            raise Http404
        rules.verdict(verb, self.review, request.user).enforce()
        form = FORMS[verb](request.POST, auto_id=f"id_{verb}_%s")
        if form.is_valid():
            told = dict(form.cleaned_data)
            try:
                said = self._moves[verb](told)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, said)
                return redirect("review-filing", pk)
        return self.show({verb: form})

    @property
    def _moves(self) -> dict[str, Callable[[dict], str]]:
        return {
            ReviewVerb.FILE: self._file,
            ReviewVerb.PUBLISH: self._publish,
            ReviewVerb.WITHDRAW: self._withdraw,
        }

    def _file(self, told: dict) -> str:
        # The edition that the page showed; the action refuses any other than the approved one.
        seen = self.edition_named(self.request.POST.get("edition"))
        row = actions.file_for_reference(self.review, edition=seen, by=self.request.user, **told)
        return _("已登錄%(number)s。") % {"number": row.document_number}

    def _publish(self, told: dict) -> str:
        row = actions.publish(self.review, by=self.request.user, **told)
        for kind, form in PUBLIC:
            request_document(subject_of_edition(row.edition), kind, form, by=self.request.user)
        return _("已定公布日期；公布的文件正在製作。")

    def _withdraw(self, told: dict) -> str:
        edition = actions.withdraw(self.review, by=self.request.user, **told)
        return _("已撤回；現在的是第%(n)d版。") % {"n": edition.number}

    def show(self, forms: dict[str, MarkedForm] | None = None) -> HttpResponse:
        review, user, edition = self.review, self.request.user, self.edition
        known = forms or {}
        seen = {"seen_version": review.version, "on": timezone.localdate()}
        initial = {
            ReviewVerb.FILE: seen | {"step": FilingStep.FOR_REFERENCE, "addressee": _("行政院")},
            ReviewVerb.PUBLISH: seen,
            ReviewVerb.WITHDRAW: {"seen_version": review.version},
        }
        moves = {move.verb: move for move in rules.moves(review, user)}
        standing = queries.standing_filing(review)
        context = self.context(
            moves=moves.keys() & FORMS.keys(),
            file=_step(moves, ReviewVerb.FILE, known, initial),
            publish=_step(moves, ReviewVerb.PUBLISH, known, initial),
            withdraw=_step(moves, ReviewVerb.WITHDRAW, known, initial),
            standing=standing,
            acknowledging=rules.may_acknowledge(standing, user) if standing else None,
            acknowledge=known.get("acknowledge")
            or AcknowledgeForm(
                initial={
                    "number": standing.acknowledged_number,
                    "on": standing.acknowledged_on or timezone.localdate(),
                }
                if standing
                else {},
                auto_id="id_acknowledge_%s",
            ),
            filings=[
                (row, _same(row) and (row != standing or closing.is_intact(row.edition)))
                for row in review.filings.select_related("edition", "by").order_by("-pk")
            ],
            content_digest=closing.content_digest(edition)
            if edition and edition.closing is not None
            else "",
        )
        status = 422 if known else 200
        return render(self.request, "reports/review_filing.html", context, status=status)


def _same(row: Filing) -> bool:
    """Whether what was sent still is what is stored."""
    return closing.content_digest(row.edition) == row.content_digest


def _step(moves: dict, verb: str, known: dict, initial: dict) -> dict | None:
    """A move with its form; None where the review's state doesn't know it."""
    move = moves.get(verb)
    if move is None:
        return None
    form = known.get(verb) or FORMS[verb](initial=initial[verb], auto_id=f"id_{verb}_%s")
    return {"move": move, "form": form}


class Acknowledge(FilingPage):
    """The superior's answer to one filing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, filing: int) -> HttpResponse:
        row = Filing.objects.filter(review=self.review, pk=filing).first()
        if row is None:
            raise Http404
        rules.may_acknowledge(row, request.user).enforce()
        form = AcknowledgeForm(request.POST, auto_id="id_acknowledge_%s")
        if form.is_valid():
            try:
                actions.acknowledge(row, by=request.user, **form.cleaned_data)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已登錄復文。"))
                return redirect("review-filing", pk)
        return self.show({"acknowledge": form})
