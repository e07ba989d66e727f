"""Indicators of a measure: proposed by the ministry, approved by the reviewer, targets with a past.

They live here and not in `plan`, since pages start in this room; rules and actions are the plan's.
"""

from decimal import Decimal

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from ministries.enums import MembershipRole
from ministries.models import Lineage, Ministry
from plan import queries, rules
from plan.actions import indicators as verbs
from plan.enums import Direction
from plan.models import Indicator, Measure
from plan.models.indicator import TargetChange as TargetChangeRow
from tracking.actions import indicators as actions
from tracking.forms.indicators import DecisionForm, IndicatorForm, TargetForm
from tracking.views.sections import number_text, target_text


def list_of(measure: Measure) -> str:
    """Address of the measure's indicators."""
    return reverse("indicator-list", args=[measure.code]) + measure.address_query


class IndicatorMixin(RefusalMixin, ScopedMixin):
    """Pages about indicators that this person may see."""

    model = Indicator

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("ministry", "measure__version__plan", "proposed_by")
            .prefetch_related(
                "targets",
                "replaced_by",
                Prefetch("target_changes", TargetChangeRow.objects.select_related("by")),
            )
        )

    def refused_url(self) -> str:
        if "code" in self.kwargs:
            return self.request.get_full_path()
        return list_of(self.get_row().measure)

    def find_measure(self) -> Measure:
        """The measure that the address names, with `?plan=` and `?version=`."""
        asked = self.request.GET
        measure = queries.find_measure(
            self.kwargs["code"],
            self.request.user,
            plan=asked.get("plan"),
            version=asked.get("version"),
        )
        if measure is None:
            raise Http404
        return measure

    def list_page(self, measure: Measure, form: IndicatorForm | None = None) -> HttpResponse:
        """The list with the form to propose; 422 where a proposal was refused."""
        user, years = self.request.user, measure.version.plan.years
        rows = self.get_queryset().filter(measure__lineage=measure.lineage)
        ministries = own_ministries(measure, user)
        if form is None and ministries:
            form = IndicatorForm(
                years=years, ministries=ministries, initial={"ministry": ministries[0].pk}
            )
        context = {
            "measure": measure,
            "goal": measure.strategy.sub_goal.goal,
            "years": list(years),
            "rows": [self.row(indicator, years) for indicator in rows],
            "form": form,
        }
        status = 422 if form is not None and form.is_bound else 200
        return render(self.request, "tracking/indicators.html", context, status=status)

    def row(self, indicator: Indicator, years: range) -> dict:
        """One indicator with what this person can do with it."""
        user = self.request.user
        targets = {target.year: target for target in indicator.targets.all()}
        changed = {change.year for change in indicator.target_changes.all()}
        may_decide = rules.may_decide(indicator, user)
        return {
            "indicator": indicator,
            "baseline": number_text(indicator, indicator.baseline),
            "targets": [
                (year, target_text(indicator, targets.get(year)), year in changed) for year in years
            ],
            "changes": [
                {
                    "row": change,
                    "before": told(indicator, change.before),
                    "after": told(indicator, change.after),
                }
                for change in indicator.target_changes.all()
            ],
            "may_change": rules.may_change(indicator, user),
            "may_change_target": rules.may_change_target(indicator, user),
            "may_redefine": rules.may_redefine(indicator, user),
            "may_decide": may_decide,
            "decision": DecisionForm(
                initial={"seen_revision": indicator.revision},
                auto_id=f"id_{indicator.pk}_%s",
            )
            if may_decide
            else None,
        }


class IndicatorList(IndicatorMixin, View):
    """GET: the measure's indicators. POST: propose one."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.list_page(self.find_measure())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        measure = self.find_measure()
        ministries = own_ministries(measure, request.user)
        form = IndicatorForm(request.POST, years=measure.version.plan.years, ministries=ministries)
        if not ministries:
            rules.may_propose(measure, Ministry(), request.user).enforce()
        if not form.is_valid():
            return self.list_page(measure, form)
        ministry = next(row for row in ministries if row.pk == form.cleaned_data["ministry"])
        try:
            row = verbs.propose(
                measure, ministry, by=request.user, targets=form.targets(), **form.description()
            )
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.list_page(measure, form)
        messages.success(request, _("已提出「%(name)s」，等審查人核定。") % {"name": row.name})
        return redirect(list_of(measure))


class IndicatorEdit(IndicatorMixin, View):
    """Mend an indicator that is not approved: it is proposed anew."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        rules.may_change(indicator, request.user).enforce()
        return self.page(indicator, self.form(indicator))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        form = self.form(indicator, request.POST)
        if not form.is_valid():
            return self.page(indicator, form)
        try:
            actions.change(
                indicator,
                from_year=form.cleaned_data.get("from_year"),
                seen_revision=form.cleaned_data["seen_revision"] or 0,
                by=request.user,
                targets=form.targets(),
                **form.description(),
            )
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(indicator, form)
        messages.success(
            request, _("已修改「%(name)s」，等審查人核定。") % {"name": indicator.name}
        )
        return redirect(list_of(indicator.measure))

    def form(self, indicator: Indicator, data=None) -> IndicatorForm:
        plan = indicator.measure.version.plan
        return IndicatorForm(
            data,
            years=plan.years,
            ministries=[indicator.ministry],
            free=actions.free_years(plan) if indicator.replaces_id else (),
            initial=IndicatorForm.initial_of(indicator),
        )

    def page(self, indicator: Indicator, form: IndicatorForm) -> HttpResponse:
        context = {"indicator": indicator, "measure": indicator.measure, "form": form}
        status = 422 if form.is_bound else 200
        return render(self.request, "tracking/indicator_form.html", context, status=status)


class IndicatorDecision(IndicatorMixin, View):
    """POST only: the reviewer approves or declines."""

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in ("approve", "decline"):
            raise Http404
        indicator = self.get_row()
        form = DecisionForm(request.POST)
        if not form.is_valid():
            raise Http404
        seen = form.cleaned_data["seen_revision"]
        try:
            if verb == "approve":
                actions.approve(indicator, by=request.user, seen_revision=seen)
                messages.success(request, _("已核定「%(name)s」。") % {"name": indicator.name})
            else:
                note = form.cleaned_data["note"]
                actions.decline(indicator, by=request.user, note=note, seen_revision=seen)
                messages.success(request, _("不核定「%(name)s」。") % {"name": indicator.name})
        except Invalid as refusal:
            messages.error(request, str(refusal))
        return redirect(list_of(indicator.measure))


class TargetChange(IndicatorMixin, View):
    """Another target for one year; the old one and the reason stay in view."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        rules.may_change_target(indicator, request.user).enforce()
        return self.page(indicator, self.form(indicator))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        indicator = self.get_row()
        form = self.form(indicator, request.POST)
        if not form.is_valid():
            return self.page(indicator, form)
        given = form.cleaned_data
        try:
            verbs.change_target(
                indicator,
                year=given["year"],
                reason=given["reason"],
                by=request.user,
                value=given.get("value"),
                low=given.get("low"),
                high=given.get("high"),
                seen_revision=given["seen_revision"],
            )
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(indicator, form)
        messages.success(
            request,
            _("「%(name)s」%(year)d年的目標已變更，原目標與理由都留著。")
            % {"name": indicator.name, "year": given["year"]},
        )
        return redirect(list_of(indicator.measure))

    def form(self, indicator: Indicator, data=None) -> TargetForm:
        return TargetForm(
            data,
            years=indicator.measure.version.plan.years,
            within=indicator.direction == Direction.WITHIN,
            initial={"seen_revision": indicator.revision},
        )

    def page(self, indicator: Indicator, form: TargetForm) -> HttpResponse:
        context = {
            **self.row(indicator, indicator.measure.version.plan.years),
            "measure": indicator.measure,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return render(self.request, "tracking/target_form.html", context, status=status)


def own_ministries(measure: Measure, user) -> list[Ministry]:
    """Bodies for which this person may propose: those that answer for the measure today."""
    lineage, today = Lineage(), timezone.localdate()
    duties = measure.assignments.on(today).values_list("ministry_id", flat=True)
    holders = {lineage.holder(pk, today) for pk in duties}
    mine = holders & user.ministries_as(MembershipRole.OFFICER)
    return [
        ministry
        for ministry in Ministry.objects.filter(pk__in=mine)
        if rules.may_propose(measure, ministry, user)
    ]


def told(indicator: Indicator, target: dict | None) -> str:
    """A kept target as text: a value, or a range; — where there was none."""
    if not target:
        return "—"
    if target.get("value") is not None:
        return number_text(indicator, Decimal(target["value"]))
    return f"{target.get('low')}–{target.get('high')}"
