"""A measure's page: its text, who answers for it, indicators, yearly reports and money."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kit.csv import csv_response
from config.kit.fragments import query
from config.kit.roc import gregorian_year
from plan import queries
from plan.enums import AssignmentRole
from plan.models import Measure
from plan.queries import family
from reports.figures.indicator import target_and_actual
from reports.pages import measure as page
from reports.pages.measure_indicators import indicator_rows
from tracking.lights import NO_LIGHT
from tracking.queries.resolutions import of_lineages
from tracking.rules.pages import may_review
from tracking.standing import lights_of_years
from tracking.views.resolutions import in_list


def find_measure(request: HttpRequest, code: str) -> Measure:
    """The measure that the address names, with `?plan=` and `?version=`; else 404."""
    asked = request.GET
    measure = queries.find_measure(
        code, request.user, plan=asked.get("plan"), version=asked.get("version")
    )
    if measure is None:
        raise Http404
    return measure


@require_safe
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """The page. Public: what is not released or not this person's is left out of the rows."""
    row = find_measure(request, code)
    years = page.years_of(row.version.plan_id)
    line = family(row)
    lights = lights_of_years(years, request.user, lineage=row.lineage)
    reports = page.reports_by_year(line.lineages, years, request.user, timezone.localdate())
    filed = [
        {
            "year": year.year,
            "due_on": year.due_on,
            "light": lights[year.pk].get(row.lineage, NO_LIGHT),
            "reports": reports[year.pk],
        }
        for year in years
        if year.pk in reports
    ]
    items = page.items(row.pk)
    duties = page.duties(row, request.user)
    money = page.money_rows(one for year in filed for one in year["reports"])
    return render(
        request,
        "reports/measure.html",
        {
            "measure": row,
            "family": line,
            "asked": query(plan=request.GET.get("plan"), version=request.GET.get("version")),
            "strategy": row.strategy,
            "goal": row.strategy.sub_goal.goal,
            "introduction": page.introduction(row, items),
            "items": items,
            "duties": duties,
            "leads": page.short_names(duties, AssignmentRole.LEAD),
            "partners": [
                *page.short_names(duties, AssignmentRole.PARTNER),
                *filter(None, [row.strategy.note]),
            ],
            "filed": filed,
            "coming": [year.year for year in years if year.pk not in reports],
            "indicators": indicator_rows(line.lineages, row.version.plan.years, request.user),
            "money": money,
            "resolutions": in_list(of_lineages(line.lineages, request.user), request.user),
            "spent": page.spent_of(money, filed[0]["year"]) if filed else None,
            "may_set_light": may_review(request.user),
            "acts": page.waiting_for(filed, request.user),
        },
    )


@require_safe
def indicator_figure(request: HttpRequest, code: str, pk: int) -> JsonResponse:
    """The chart of one approved indicator, as `{"data", "layout"}`."""
    row = find_measure(request, code)
    rows = indicator_rows(family(row).lineages, row.version.plan.years, request.user)
    for found in rows:
        if found.indicator.pk == pk:
            indicator = found.indicator
            known = indicator.baseline_year is not None and indicator.baseline is not None
            baseline = (indicator.baseline_year, indicator.baseline) if known else None
            return JsonResponse(target_and_actual(found.points, indicator.unit, baseline))
    raise Http404


@require_safe
def indicators_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Targets and accepted actuals, a row for each indicator and year."""
    row = find_measure(request, code)
    return csv_response(
        f"indicators-{row.code}.csv",
        (
            "measure", "indicator", "ministry", "unit", "direction", "roc_year", "year",
            "target", "target_low", "target_high", "actual", "formula", "dimension", "parts",
        ),
        (
            (
                row.code, found.indicator.name, found.indicator.ministry.full_name,
                found.indicator.unit, found.indicator.direction, point.year,
                gregorian_year(point.year), point.target, point.low, point.high, point.actual,
                found.indicator.formula, found.indicator.dimension, found.by_part(place),
            )
            for found in indicator_rows(
                family(row).lineages, row.version.plan.years, request.user
            )
            for place, point in enumerate(found.points)
        ),
    )  # fmt: skip


@require_safe
def money_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Money of accepted reports, a row for each source, in 千元."""
    row = find_measure(request, code)
    reports = page.reports_by_year(
        family(row).lineages,
        page.years_of(row.version.plan_id),
        request.user,
        timezone.localdate(),
    )
    return csv_response(
        f"money-{row.code}.csv",
        (
            "measure", "roc_year", "year", "ministry", "source", "allocated_thousand_twd",
            "spent_thousand_twd", "note",
        ),
        (
            (
                row.code, found.year, gregorian_year(found.year), found.ministry,
                found.line.source, found.line.allocated_thousand, found.line.spent_thousand,
                found.line.note,
            )
            for found in page.money_rows(one for filed in reports.values() for one in filed)
        ),
    )  # fmt: skip
