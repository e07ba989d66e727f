"""All reviews, and a new one."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from plan.models import Plan
from reports.actions.reviews import create_review
from reports.enums import ReviewKind
from reports.forms.reviews import CreateForm
from reports.models import Review
from reports.pages.numbers import Numbers
from reports.queries import reviews as queries
from reports.rules import reviews as rules


class ReviewList(ScopedMixin, View):
    """All reviews that this person may see; the public sees what is published."""

    model = Review
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = list(
            self.get_queryset().select_related("plan").order_by("-plan__start_year", "last_year")
        )
        context = {
            "rows": _listed(rows, request.user),
            "creating": rules.may_create(request.user) if _works(request.user) else None,
        }
        return render(request, "reports/review_list.html", context)


def _works(user) -> bool:
    return user.is_authenticated and user.is_science_staff


def _listed(reviews: list[Review], user) -> list[dict]:
    """Each with the edition whose figures this person may see, if any."""
    filings = queries.published_filings(reviews)
    shown = [review for review in reviews if rules.may_see_numbers(review, user)]
    editions = {pk: filing.edition for pk, filing in filings.items()}
    editions |= queries.current_editions(shown)
    found = []
    for review in reviews:
        edition = editions.get(review.pk)
        numbers = Numbers(edition) if edition else None
        found.append(
            {
                "review": review,
                "filing": filings.get(review.pk),
                "edition": edition,
                "plan": numbers.plan if numbers else None,
                "below": numbers.below() if numbers else 0,
            }
        )
    return found


class ReviewCreate(RefusalMixin, ScopedMixin, View):
    model = Review

    def get(self, request: HttpRequest) -> HttpResponse:
        rules.may_create(request.user).enforce()
        plan = Plan.objects.order_by("-start_year", "slug").first()
        initial = {}
        if plan is not None:
            initial = {"plan": plan, "kind": ReviewKind.MIDTERM}
        return self.show(CreateForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        rules.may_create(request.user).enforce()
        form = CreateForm(request.POST)
        if form.is_valid():
            given = dict(form.cleaned_data)
            try:
                review = create_review(given.pop("plan"), **given, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已開始「%(title)s」。") % {"title": review.title})
                return redirect("review", review.pk)
        return self.show(form, status=422)

    def show(self, form: CreateForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "usual": json.dumps(form.usual())}
        return render(self.request, "reports/review_create.html", context, status=status)

    def refused_url(self) -> str:
        return reverse("review-list")
