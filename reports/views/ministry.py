"""The ministries' pages: the plan's units, and what one of them owes and has said."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kit.csv import csv_response
from config.kit.roc import gregorian_year
from ministries.models import Ministry, Succession
from ministries.queries import line_of_names
from plan.models import PlanVersion
from reports.pages import ministry as page
from tracking.enums import Timeliness
from tracking.models import ReportingYear
from tracking.standing import may_see_year


def newest_version() -> PlanVersion | None:
    """The version in force of the newest plan that has one."""
    rows = PlanVersion.objects.in_force().select_related("plan")
    return rows.order_by("-plan__start_year", "plan__slug").first()


@require_safe
def ministry_list(request: HttpRequest) -> HttpResponse:
    """All units of the plan in force, and how bodies changed since it was printed."""
    version = newest_version()
    rows = page.listed(version, timezone.localdate()) if version else []
    successions = Succession.objects.select_related("predecessor", "successor")
    return render(
        request,
        "reports/ministry_list.html",
        {
            "version": version,
            "rows": rows,
            "counted": sum(row.participant.counted for row in rows),
            "most": max((row.duties for row in rows), default=0),
            "total": sum(row.duties for row in rows),
            "successions": successions,
        },
    )


@require_safe
def ministry(request: HttpRequest, code: str) -> HttpResponse:
    """One body and its line: names, duties and filings, own objective, budgets."""
    row = get_object_or_404(Ministry, code=code)
    version = newest_version()
    context = {"ministry": row, "names": line_of_names(row), "version": version}
    if version:
        line = page.line_of(row)
        years = _years(version, request)
        duties = page.duties(version, line, years, request.user, timezone.localdate())
        states, timing = page.states_by_year(duties), page.timing_by_year(duties)
        context |= {
            "years": years,
            "duties": [
                {"duty": duty, "filed": [duty.filed.get(year.pk) for year in years]}
                for duty in duties
            ],
            "leads": sum(duty.role == "lead" for duty in duties),
            "partners": sum(duty.role == "partner" for duty in duties),
            "states": [
                {
                    "year": year,
                    "counts": dict(states[year.pk]),
                    "timing": [(one.label, timing[year.pk][one]) for one in Timeliness],
                }
                for year in years
            ],
            "objectives": page.objectives(version.plan, line),
            "budgets": page.budgets(version.plan, line),
        }
    return render(request, "reports/ministry.html", context)


@require_safe
def ministry_csv(request: HttpRequest, code: str) -> HttpResponse:
    """A row for each measure of the body and each year that this person may see."""
    row = get_object_or_404(Ministry, code=code)
    version = newest_version()
    if version is None:
        raise Http404
    years = _years(version, request)
    duties = page.duties(version, page.line_of(row), years, request.user, timezone.localdate())
    answer = csv_response(
        f"ministry-{row.code}.csv",
        (
            "measure", "name", "role", "coordinating", "roc_year", "year", "filing_state", "light",
            "filed",
        ),
        (
            (
                duty.code, duty.name, duty.role, int(duty.coordinating), year.year,
                gregorian_year(year.year), filed.state if filed else "",
                filed.light if filed else "", filed.timing if filed else "",
            )
            for duty in duties
            for year in years
            for filed in [duty.filed.get(year.pk)]
        ),
    )  # fmt: skip
    answer.ministry = row  # for the audit log
    return answer


def _years(version: PlanVersion, request: HttpRequest) -> list[ReportingYear]:
    """The reporting years that this person may see, oldest first."""
    years = ReportingYear.objects.filter(plan=version.plan).order_by("year")
    return [year for year in years if may_see_year(year.state, request.user)]
