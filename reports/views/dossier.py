"""An expert's own page: interests first, then the measures to judge, each with its state."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import SignedInMixin
from reports.actions.experts import declare_interest
from reports.documents.sources import subject_of_seat
from reports.enums import ReviewState
from reports.forms.experts import DeclareForm
from reports.models import Seat
from reports.pages import dossier
from reports.rules import experts as rules_of_experts
from reports.views.base import ReviewView


class MyDossier(SignedInMixin, View):
    """Where an expert arrives: the dossier of the review that is being assessed, else the newest;
    without a seat the overview."""

    def get(self, request: HttpRequest) -> HttpResponse:
        seats = Seat.objects.living().filter(user=request.user).select_related("review")
        first = sorted(
            seats, key=lambda seat: (seat.review.state != ReviewState.ASSESSING, -seat.pk)
        )
        return redirect("review-dossier", first[0].review_id) if first else redirect("home")


class SeatedView(ReviewView):
    """Pages of one's own seat: for an expert of this review, whose seat lasts."""

    room = "review-dossier"

    @cached_property
    def seat(self) -> Seat:
        rows = Seat.objects.living().filter(review=self.review, user=self.request.user)
        row = rows.select_related("review", "user", "ministry").first()
        if row is None:
            raise Http404
        return row


class Dossier(SeatedView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.seat.declared_at is None:
            return self.declaration()
        items = dossier.items_of(self.seat, self.edition)
        context = self.context(
            seat=self.seat,
            items=dossier.to_do_first(items),
            left=sum(item.left for item in items),
            submitted=sum(item.state == dossier.SUBMITTED for item in items),
            excused=sum(item.state == dossier.RECUSED for item in items),
            subject=subject_of_seat(self.seat),
            declaring=rules_of_experts.may_declare(self.seat, request.user),
        )
        return render(request, "reports/dossier.html", context)

    def declaration(self, form: DeclareForm | None = None) -> HttpResponse:
        seat = self.seat
        shown = form or DeclareForm(
            initial={
                "affiliation": seat.affiliation,
                "ministry": seat.ministry,
                "no_interest": seat.no_interest,
                "interests": seat.interests,
            }
        )
        context = self.context(seat=seat, form=shown)
        return render(self.request, "reports/declare.html", context, status=422 if form else 200)


class Declare(Dossier):
    """State interests, for the first time or anew."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules_of_experts.may_declare(self.seat, request.user).enforce()
        return self.declaration()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seat, form = self.seat, DeclareForm(request.POST)
        if not form.is_valid():
            return self.declaration(form)
        try:
            declare_interest(seat, **form.cleaned_data, by=request.user)
        except Invalid as refusal:
            form.take(refusal)
            return self.declaration(form)
        messages.success(request, _("已收到您的聲明，卷宗已經打開。"))
        return redirect("review-dossier", pk)
