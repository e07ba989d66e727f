"""A goal's page: its measures, indicators, ministries and money together, as page, files and
charts.
"""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.kit.csv import csv_response
from config.kit.fragments import address_prefix, query, with_query
from config.kit.ods import ods_response
from plan.enums import NodeLevel
from reports.pages.goal import GoalPage
from reports.pages.goal_parts import PARTS, drawn, parts_of
from reports.pages.source import Source, source_of
from tracking.edition import find_edition
from tracking.views.resolutions import in_list

_FILES = {"csv": csv_response, "ods": ods_response}
# A table of more rows is folded; it stays in the page.
_FOLDED = 12


def goal_address(source: Source, code: str) -> str:
    """The page of a goal in this plan, version and year, from this source."""
    edition = source.edition
    which = source.parameters
    if edition.measure_query and source.live:
        which = {"plan": edition.plan.slug, "version": edition.version.number}
    year = edition.year.year if edition.year else None
    return with_query(f"{address_prefix('goal')}{code}/", year=year, **which)


def _find(request: HttpRequest, code: str) -> GoalPage:
    edition = find_edition(request)
    if edition is None:
        raise Http404
    return GoalPage(source_of(request, edition), code)


@require_safe
def goal(request: HttpRequest, code: str) -> HttpResponse:
    """The page; `?format=csv|ods&part=` gives the rows of one of its parts as a file."""
    page = _find(request, code)
    if form := request.GET.get("format"):
        return _file(request, page, form)
    edition = page.edition
    level = NodeLevel.STRATEGY if page.rows[0].sub_goal is None else NodeLevel.SUB_GOAL
    shown = drawn(page)
    context = {
        "page": page,
        "edition": edition,
        "source": page.source,
        "asked": edition.measure_query,
        "part_name": edition.version.level_name(level),
        "goal_links": [
            (node, ordinal, goal_address(page.source, node.code)) for node, ordinal in page.goals
        ],
        "charts": bool(shown),
        "parts": {name: _part(request, page, name, name in shown) for name in parts_of(page)},
        "tree_url": _tree(page),
        "without_url": _tree(page, indicator="none"),
        "worse_url": _tree(page, change="worse"),
        "measures": [
            {
                "row": row,
                "sums": page.money_by_measure.get(row.lineage),
                "indicators": page.indicators_by_measure[row.code],
            }
            if page.source.live
            else {"row": row}
            for row in page.rows
        ],
        "resolutions": in_list(page.resolutions, request.user) if page.source.live else [],
    }
    return render(request, "reports/goal.html", context)


@require_safe
def goal_figure(request: HttpRequest, code: str, name: str) -> JsonResponse:
    """One chart of the page as `{"data", "layout"}`; without anything to draw, 404."""
    page = _find(request, code)
    if name not in drawn(page):
        raise Http404
    return JsonResponse(PARTS[name].figure(page))


def _file(request: HttpRequest, page: GoalPage, form: str) -> HttpResponse:
    part = request.GET.get("part", "")
    if form not in _FILES or part not in parts_of(page):
        raise Http404
    table = PARTS[part].table(page)
    year = f"-{page.year.year}" if page.year else ""
    name = f"{page.edition.plan.slug}-goal-{page.ordinal}-{part}{year}.{form}"
    return _FILES[form](name, *table.file(page.goal.code, page.source.mark))


def _part(request: HttpRequest, page: GoalPage, name: str, with_chart: bool) -> dict:
    """What the template says of one part; `src` only where there is something to draw."""
    part = PARTS[name]
    table = part.table(page)
    figure = reverse("goal-figure", args=[page.goal.code, name])
    kept = request.GET.dict()
    return {
        "id": f"c-{name}",
        "title": part.title(page),
        "sub": part.sub(page),
        "src": with_query(figure, **kept) if with_chart else "",
        "csv": query(**kept | {"format": "csv", "part": name}),
        "ods": query(**kept | {"format": "ods", "part": name}),
        "table": table,
        "folded": len(table.rows) > _FOLDED,
    }


def _tree(page: GoalPage, **more: str) -> str:
    edition = page.edition
    return with_query(
        reverse("plan-tree"),
        plan=None if edition.default else edition.plan.slug,
        version=edition.version.number if edition.measure_query else None,
        year=page.year.year if page.year else None,
        goal=page.goal.code,
        **more,
    )
