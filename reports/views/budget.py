"""經費: the budget path, scenarios that are saved, shared and compared, and figures as files."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from config.kit.csv import csv_response
from config.kit.errors import Invalid
from config.kit.fragments import query
from config.kit.ods import ods_response
from config.kit.views import RefusalMixin, SignedInMixin
from plan import rules
from plan.actions import scenarios
from plan.budget_path import TARGET
from plan.models import Plan, Scenario
from plan.models.scenario import PARAMETERS
from reports.figures.budget import gerd_figure, path_figure, target_words
from reports.forms.budget import SaveForm
from reports.pages import budget as page
from reports.pages import budget_words as words
from reports.pages.budget_compare import Comparison
from reports.pages.budget_tables import TABLES
from reports.views.overview import no_plan

_FORMATS = {"csv": csv_response, "ods": ods_response}


def find_plan(request: HttpRequest) -> Plan | None:
    """The plan that the address names; 404 where this person may see none of that name."""
    slug = request.GET.get("plan") or request.POST.get("plan")
    plan = page.find_plan(slug, request.user)
    if plan is None and slug:
        raise Http404
    return plan


@require_safe
def budget(request: HttpRequest) -> HttpResponse:
    """The page; its address holds the assumptions, so that it can be passed on."""
    plan = find_plan(request)
    if plan is None:
        return no_plan(request)
    return show(request, page.Budget(plan, request.GET))


@require_safe
def scenario(request: HttpRequest, address: UUID) -> HttpResponse:
    """A saved scenario, worked out on today's figures; for whoever has its address."""
    row = _saved(address)
    return show(request, page.Budget(row.plan, row.parameters), saved=row)


def show(
    request: HttpRequest,
    shown: page.Budget,
    *,
    saved: Scenario | None = None,
    form: SaveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if not shown.ready:
        return render(request, "reports/budget_empty.html", {"plan": shown.plan}, status=status)
    user = request.user
    mine = (
        list(shown.plan.scenarios.filter(owner=user).order_by("-saved_at", "pk"))
        if user.is_authenticated
        else []
    )
    asked = query(plan=shown.plan.slug, **shown.form.parameters)
    title, sub = words.chart_words(shown)
    context = {
        "page": shown,
        "path": shown.path,
        "finding": words.finding(shown),
        "chart_title": title,
        "chart_sub": sub,
        "back": words.back_words(shown),
        "gerd_title": words.gerd_words(shown),
        **(_results(shown) if shown.path else {}),
        "saved": saved,
        "asked": asked,
        "mine": mine,
        "may_save": rules.may_save_scenario(user),
        "may_delete": saved is not None and rules.may_delete_scenario(saved, user),
        "save_form": form or SaveForm(),
        "address": request.build_absolute_uri(
            reverse("budget-scenario", args=[saved.address]) if saved else reverse("budget") + asked
        ),
    }
    return render(request, "reports/budget.html", context, status=status)


def _results(shown: page.Budget) -> dict:
    """What follows from the scenario, as the page writes it."""
    path = shown.path
    years = words.year_rows(path)
    growth = path.required_growth
    return {
        "lede": words.lede(shown),
        "reached": words.reached_words(shown),
        "years": years,
        "end": next(one for one in years if one.is_target),
        "target": target_words(path.scenario.target),
        "growth": "—" if growth is None else f"{words.growth_words(growth)}%",
    }


@require_safe
def figure(request: HttpRequest) -> JsonResponse:
    """The chart of the path for the assumptions in the address."""
    shown = _shown(request)
    scenario = shown.path.scenario if shown.path else None
    target = scenario.target if scenario else TARGET
    return JsonResponse(
        path_figure(shown.drawn(), shown.fan, target, scenario.target_year if scenario else None)
    )


@require_safe
def research_figure(request: HttpRequest) -> JsonResponse:
    """National R&D ÷ GDP by country: never together with the path."""
    shown = _shown(request)
    return JsonResponse(gerd_figure(shown.gerd, home=shown.gerd[0][0] if shown.gerd else ""))


@require_safe
def table(request: HttpRequest, part: str, form: str) -> HttpResponse:
    """The rows under a chart as a file."""
    header, rows = TABLES[part](_shown(request))
    return _FORMATS[form](f"budget-{part}.{form}", header, rows)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four saved scenarios side by side: `?s=` for each address."""
    shown = _comparison(request)
    asked = query(s=[str(row.address) for row in shown.saved])
    return render(request, "reports/budget_compare.html", {"page": shown, "asked": asked})


@require_safe
def compare_figure(request: HttpRequest) -> JsonResponse:
    """Their shares in one chart, each line named by its scenario."""
    return JsonResponse(_comparison(request).figure())


@require_safe
def compare_table(request: HttpRequest, form: str) -> HttpResponse:
    """Their years in one file."""
    return _FORMATS[form](f"budget-compare.{form}", *_comparison(request).table())


class Save(RefusalMixin, SignedInMixin, View):
    """Keeps the assumptions that the page was showing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        rules.may_save_scenario(request.user).enforce()
        plan = find_plan(request)
        if plan is None:
            raise Http404
        shown, form = page.Budget(plan, request.POST), SaveForm(request.POST)
        if not shown.ready:
            raise Http404
        if form.is_valid() and shown.form.is_valid():
            chosen = {name: shown.form.cleaned_data[name] for name in PARAMETERS}
            try:
                row = scenarios.save(plan, **form.cleaned_data, **chosen, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已儲存「%(name)s」。") % {"name": row.name})
                return redirect("budget-scenario", row.address)
        return show(request, shown, form=form, status=422)

    def refused_url(self) -> str:
        return reverse("budget")


class Delete(RefusalMixin, SignedInMixin, View):
    """Removes a scenario of one's own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, address: UUID) -> HttpResponse:
        row = _saved(address)
        scenarios.delete(row, by=request.user)
        messages.success(request, _("已刪除「%(name)s」。") % {"name": row.name})
        return redirect("budget")

    def refused_url(self) -> str:
        return reverse("budget-scenario", args=[self.kwargs["address"]])


def _saved(address: UUID) -> Scenario:
    return get_object_or_404(Scenario.objects.select_related("plan", "owner"), address=address)


def _shown(request: HttpRequest) -> page.Budget:
    plan = find_plan(request)
    given: Mapping = request.GET
    shown = page.Budget(plan, given) if plan else None
    if shown is None or not shown.ready:
        raise Http404
    return shown


def _comparison(request: HttpRequest) -> Comparison:
    addresses = []
    for text in request.GET.getlist("s"):
        try:
            addresses.append(UUID(text))
        except ValueError:
            raise Http404 from None
    found = {row.address: row for row in Scenario.objects.filter(address__in=addresses)
             .select_related("plan", "owner")}  # fmt: skip
    if set(addresses) - found.keys():
        raise Http404
    return Comparison([found[address] for address in dict.fromkeys(addresses)])
