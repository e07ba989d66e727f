"""Entering figures: a new series, a year's value, its correction."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.forms import format_number
from plan import rules
from plan.actions import figures
from plan.figure_forms import CorrectForm, EnterForm, SeriesForm
from plan.models import Plan, Series, SeriesValue
from plan.views.figures import SeriesMixin


class AddSeries(SeriesMixin, View):
    """A new series; its values are entered on its page."""

    public = False

    def get(self, request: HttpRequest) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        newest = Plan.objects.order_by("-start_year", "slug").first()
        return self.show(SeriesForm(initial={"plan": newest}))

    def post(self, request: HttpRequest) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        form = SeriesForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            row = figures.add_series(by=request.user, **form.cleaned_data)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(form, status=422)
        messages.success(request, _("數列「%(name)s」已登錄，接著填各年度的數值。") % {"name": row})
        return redirect("series", row.code)

    def show(self, form: SeriesForm, status: int = 200) -> HttpResponse:
        return render(self.request, "plan/figure_new.html", {"form": form}, status=status)


class EnterValue(SeriesMixin, View):
    """The value of a year that has none yet."""

    public = False

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        return self.show(self.get_row(), EnterForm())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        row, form = self.get_row(), EnterForm(request.POST)
        if not form.is_valid():
            return self.show(row, form, status=422)
        try:
            value = figures.enter(row, by=request.user, **form.cleaned_data)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(row, form, status=422)
        done = {"year": value.year, "amount": format_number(value.amount), "unit": row.unit}
        messages.success(request, _("%(year)s年的%(amount)s%(unit)s已登錄。") % done)
        return redirect("series", row.code)

    def show(self, row: Series, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"series": row, "form": form}
        return render(self.request, "plan/figure_enter.html", context, status=status)


class CorrectValue(SeriesMixin, View):
    """Another amount for a year that has one, with the reason; the old one is kept."""

    public = False

    def get(self, request: HttpRequest, code: str, year: int) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        value = self.get_value()
        said = {name: getattr(value, name) for name in ("amount", "dated", "source", "note")}
        return self.show(value, CorrectForm(initial={"seen": value.pk, **said}))

    def post(self, request: HttpRequest, code: str, year: int) -> HttpResponse:
        rules.may_keep_figures(request.user).enforce()
        value, form = self.get_value(), CorrectForm(request.POST)
        if not form.is_valid():
            return self.show(value, form, status=422)
        given = dict(form.cleaned_data)
        seen = SeriesValue.objects.filter(
            pk=given.pop("seen"), series=value.series, year=value.year
        ).first()
        if seen is None:
            raise Http404
        try:
            row = figures.correct(seen, by=request.user, **given)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(value, form, status=422)
        done = {
            "year": row.year,
            "old": format_number(seen.amount),
            "new": format_number(row.amount),
            "unit": value.series.unit,
        }
        messages.success(
            request, _("%(year)s年已由%(old)s更正為%(new)s%(unit)s；舊的值留著。") % done
        )
        return redirect("series", code)

    def get_value(self) -> SeriesValue:
        """The current value that the address names."""
        row = self.get_row()
        value = row.values.current().filter(year=self.kwargs["year"]).first()
        if value is None:
            raise Http404
        value.series = row
        return value

    def refused_url(self) -> str:
        return reverse("series", args=[self.kwargs["code"]])

    def show(self, value: SeriesValue, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"series": value.series, "value": value, "form": form}
        return render(self.request, "plan/figure_correct.html", context, status=status)
