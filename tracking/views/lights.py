"""The reviewer sets another light for a measure's year, or takes it back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, SignedInMixin
from plan import queries
from plan.models import Measure
from tracking.actions import lights as actions
from tracking.forms.lights import LightForm
from tracking.lights import NO_LIGHT
from tracking.models import ReportingYear
from tracking.rules import lights as rules
from tracking.standing import lights_of_years, may_see_year


class MeasureLight(RefusalMixin, SignedInMixin, View):
    """The form with the light that its leads gave beside it; `clear` takes the other one back."""

    def get(self, request: HttpRequest, code: str, year: int) -> HttpResponse:
        measure, reporting_year = self.find(code, year)
        rules.light_verdict(measure, reporting_year, request.user).enforce()
        return self.page(measure, reporting_year)

    def post(self, request: HttpRequest, code: str, year: int) -> HttpResponse:
        measure, reporting_year = self.find(code, year)
        if "clear" in request.POST:
            actions.clear_light(measure, reporting_year, by=request.user)
            messages.success(
                request, _("已取消%(year)d年度的審定燈號，改依主辦填報。") % {"year": year}
            )
            return redirect(address_of(measure))
        form = LightForm(request.POST)
        rules.light_verdict(measure, reporting_year, request.user).enforce()
        if not form.is_valid():
            return self.page(measure, reporting_year, form)
        try:
            actions.set_light(measure, reporting_year, by=request.user, **form.cleaned_data)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(measure, reporting_year, form)
        messages.success(
            request, _("已審定%(year)d年度的燈號，部會填報的燈號仍列在旁邊。") % {"year": year}
        )
        return redirect(address_of(measure))

    def find(self, code: str, year: int) -> tuple[Measure, ReportingYear]:
        """The measure that the address names, and its year if this person may see it; else 404."""
        asked, user = self.request.GET, self.request.user
        measure = queries.find_measure(
            code, user, plan=asked.get("plan"), version=asked.get("version")
        )
        if measure is None:
            raise Http404
        row = ReportingYear.objects.filter(plan=measure.version.plan_id, year=year).first()
        if row is None or not may_see_year(row.state, user):
            raise Http404
        return measure, row

    def refused_url(self) -> str:
        return address_of(self.find(self.kwargs["code"], self.kwargs["year"])[0])

    def page(
        self, measure: Measure, year: ReportingYear, form: LightForm | None = None
    ) -> HttpResponse:
        """422 where what was typed was refused; it is all still there."""
        lights = lights_of_years([year], self.request.user, lineage=measure.lineage)
        now = lights[year.pk].get(measure.lineage, NO_LIGHT)
        context = {
            "measure": measure,
            "year": year.year,
            "light": now,
            "form": form or LightForm(initial={"light": now.set_to, "reason": now.reason}),
        }
        status = 422 if form is not None else 200
        return render(self.request, "tracking/light_form.html", context, status=status)


def address_of(measure: Measure) -> str:
    return reverse("measure", args=[measure.code]) + measure.address_query
