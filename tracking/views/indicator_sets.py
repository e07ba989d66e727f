"""Another definition of an approved indicator; a ministry's indicators copied to the next plan."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.fragments import with_query
from ministries.enums import MembershipRole
from ministries.models import Ministry
from plan import rules
from plan.actions import indicator_sets as sets
from plan.enums import VersionState
from plan.models import Indicator, PlanVersion
from tracking.actions import indicators as actions
from tracking.forms.indicator_sets import CopyForm, PlansForm
from tracking.forms.indicators import IndicatorForm
from tracking.queries.indicators import calculated_from
from tracking.views.indicators import IndicatorMixin, list_of


class IndicatorRedefine(IndicatorMixin, View):
    """Propose another definition from a year on that has not opened; the old one is prefilled."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        rules.may_redefine(indicator, request.user).enforce()
        return self.page(indicator, self.form(indicator))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        rules.may_redefine(indicator, request.user).enforce()
        form = self.form(indicator, request.POST)
        if not form.is_valid() or "from_year" not in form.fields:
            return self.page(indicator, form)
        try:
            row = actions.redefine(
                indicator,
                from_year=form.cleaned_data["from_year"],
                seen_revision=form.cleaned_data["seen_revision"] or 0,
                by=request.user,
                targets=form.targets(),
                **form.description(),
            )
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(indicator, form)
        messages.success(
            request,
            _("已提出「%(name)s」，自%(year)d年起；核定以前，原來的定義不變。")
            % {"name": row.name, "year": row.from_year},
        )
        return redirect(list_of(indicator.measure))

    def form(self, indicator: Indicator, data=None) -> IndicatorForm:
        free = actions.free_years(indicator.measure.version.plan)
        initial = IndicatorForm.initial_of(indicator)
        if free:
            initial |= {
                "name": _("%(name)s（%(year)d年起）") % {"name": indicator.name, "year": free[0]},
                "from_year": free[0],
            }
        return IndicatorForm(
            data, years=free, ministries=[indicator.ministry], free=free, initial=initial
        )

    def page(self, indicator: Indicator, form: IndicatorForm) -> HttpResponse:
        context = {
            "indicator": indicator,
            "measure": indicator.measure,
            "form": form,
            "free": "from_year" in form.fields,
            "users": calculated_from(indicator),
        }
        status = 422 if form.is_bound else 200
        return render(self.request, "tracking/indicator_redefine.html", context, status=status)


class IndicatorCopy(IndicatorMixin, View):
    """GET: choose plans, then see what has a counterpart. POST: propose the copies.

    `?ministry=&source=&target=` (ids of a ministry and of two versions).
    """

    def refused_url(self) -> str:
        return reverse("desk")

    def get(self, request: HttpRequest) -> HttpResponse:
        plans = self.plans(request.GET or None)
        if not plans.is_bound or not plans.is_valid():
            return self.page(plans, None, [])
        return self.page(plans, *self.copy_form(plans))

    def post(self, request: HttpRequest) -> HttpResponse:
        plans = self.plans(request.GET)
        if not plans.is_valid():
            return self.page(plans, None, [])
        form, _listed = self.copy_form(plans, request.POST)
        if not form.is_valid():
            return self.page(plans, form, self.listed(plans, form), status=422)
        ministry, source, target = self.parties(plans)
        if "preview" in request.POST:
            return self.page(plans, form, self.listed(plans, form))
        try:
            made = sets.copy_set(ministry, source, target, chosen=form.chosen(), by=request.user)
        except Invalid as refusal:
            messages.error(request, str(refusal))
            return self.page(plans, form, self.listed(plans, form), status=422)
        messages.success(
            request,
            _("已在「%(plan)s」提出%(count)d個指標；填了年度目標，審查人才能核定。")
            % {"plan": target.plan.name, "count": len(made)},
        )
        return redirect(self.address(plans))

    # --- parts ------------------------------------------------------------------------------------
    def plans(self, data) -> PlansForm:
        user = self.request.user
        self.ministries = list(
            Ministry.objects.filter(pk__in=user.ministries_as(MembershipRole.OFFICER))
        )
        if not self.ministries:
            rules.may_copy_set(None, user).enforce()
        newest: dict[int, PlanVersion] = {}
        seen = PlanVersion.objects.visible_to(user).exclude(state=VersionState.SUPERSEDED)
        for version in seen.select_related("plan").order_by("plan__start_year", "number"):
            # The draft of a plan's first version counts; that of a revision doesn't.
            if version.state == VersionState.APPROVED or version.plan_id not in newest:
                newest[version.plan_id] = version
        self.versions = list(newest.values())
        return PlansForm(data, ministries=self.ministries, versions=self.versions)

    def parties(self, plans: PlansForm) -> tuple[Ministry, PlanVersion, PlanVersion]:
        given = plans.cleaned_data
        versions = {row.pk: row for row in self.versions}
        ministry = next(row for row in self.ministries if row.pk == given["ministry"])
        return ministry, versions[given["source"]], versions[given["target"]]

    def copy_form(self, plans: PlansForm, data=None) -> tuple[CopyForm, list[sets.Copied]]:
        ministry, source, target = self.parties(plans)
        form = CopyForm(
            data,
            steps=sets.steps(ministry, source, target),
            counterparts=sets.counterparts(ministry, target),
        )
        return form, [] if form.is_bound else self.listed(plans, form)

    def listed(self, plans: PlansForm, form: CopyForm) -> list[sets.Copied]:
        ministry, _source, target = self.parties(plans)
        if form.is_bound and not form.is_valid():
            return []
        measures = {row.pk: row for row in sets.counterparts(ministry, target)}
        chosen = {old: measures.get(new) for old, new in form.chosen().items()}
        return sets.preview(ministry, form.steps, chosen)

    def address(self, plans: PlansForm) -> str:
        given = plans.cleaned_data
        return with_query(
            reverse("indicator-copy"),
            ministry=given["ministry"],
            source=given["source"],
            target=given["target"],
        )

    def page(self, plans, form, listed, status: int = 200) -> HttpResponse:
        by_measure: dict[int, list] = {}
        for one in listed:
            by_measure.setdefault(one.indicator.measure.lineage, []).append(one)
        rows = [
            {
                "step": step,
                "box": form[f"to_{step.measure.pk}"],
                "copies": by_measure.get(step.measure.lineage, []),
            }
            for step in (form.steps if form else [])
        ]
        going = sum(one.measure is not None and not one.problem for one in listed)
        context = {
            "plans": plans,
            "form": form,
            "rows": rows,
            "going": going,
            "without": sum(one.measure is None for one in listed),
            "there": sum(bool(one.problem) for one in listed),
        }
        if plans.is_bound and not plans.is_valid():
            status = 422
        return render(self.request, "tracking/indicator_copy.html", context, status=status)
