"""計畫: what was promised and who answers for it, as one searchable list of all measures."""

import re
from dataclasses import replace
from html import escape

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.csv import csv_response
from config.kit.fragments import address_prefix, options, query, with_query
from config.kit.templatetags import kit
from reports.pages.measures import Filters, Row
from reports.pages.source import FrozenSource, source_of
from reports.pages.tree import GoalPart, Tree
from reports.views.goal import goal_address
from reports.views.overview import no_plan
from tracking import lights
from tracking.edition import find_edition
from tracking.enums import Cause
from tracking.lights import MeasureLight


@require_safe
def plan_tree(request: HttpRequest) -> HttpResponse:
    edition = find_edition(request)
    if edition is None:
        return no_plan(request)
    filters = Filters.read(request.GET)
    source = source_of(request, edition, offers=False)
    edition = source.edition
    if "pin" in request.GET:
        return _pin(request)
    picking = "pick" in request.GET
    # While measures are picked, those that are ticked stand among the others.
    tree = Tree(edition, request.user, replace(filters, code=()) if picking else filters, source)
    if request.GET.get("format") == "csv":
        of = f"-{source.key}" if source.key else ""
        return csv_response(f"{edition.plan.slug}-measures{of}.csv", *tree.csv())
    drawing = _Drawing(tree, frozenset(filters.code) if picking else None)
    kept = {name: getattr(filters, name) for name in filters.__slots__} | {
        "code": list(filters.code)
    }
    shown = {
        "plan": None if edition.default else edition.plan.slug,
        "year": edition.year.year if edition.year else None,
        "version": request.GET.get("version") if source.live else None,
        "source": source.key,
    }
    context = {
        "edition": edition,
        "source": source,
        "tree": tree,
        "filters": filters,
        "goals": [
            (part, drawing.rows(part), goal_address(source, part.goal.code)) for part in tree.goals
        ],
        "columns": len(edition.shown_years) + 3,
        "summary": [
            (kit.light(code), tree.counts[code], query(**(kept | shown | {"light": code})))
            for code in lights.SHOWN_ORDER
            if tree.counts[code]
        ],
        "year_links": [
            (year, seen, query(**(kept | shown | {"year": year})))
            for year, seen in edition.year_links
        ],
        "version_links": [
            (one, with_query(reverse("plan-tree"), plan=shown["plan"], version=one.number))
            for one in edition.versions
        ],
        "goal_options": options(tree.goal_choices(), filters.goal),
        "ministry_options": options(tree.ministry_choices(), filters.ministry),
        "light_options": options(tree.light_choices(), filters.light),
        "narrowed": narrowed(tree.filters),
        "csv_url": query(**(kept | shown | {"format": "csv"})),
        "all_url": with_query(reverse("plan-tree"), **shown),
        "pick_url": query(**(kept | shown | {"pick": 1})),
    }
    if picking:
        # Codes are a version's: after a revision one may be another measure's.
        asked = shown | ({"version": edition.version.number} if source.live else {})
        # Ticked ones that the filters leave out stay ticked.
        shown_here = {row.code for row in tree.hits}
        context |= {
            "picking": True,
            "picked_url": query(**(kept | shown)) or reverse("plan-tree"),
            "picked_hidden": [
                *((name, value) for name, value in asked.items() if value),
                *(("code", code) for code in filters.code if code not in shown_here),
            ],
        }
    return render(request, "reports/plan_tree.html", context)


def _pin(request: HttpRequest) -> HttpResponse:
    """Leads on to the form that keeps this page under a name, without what only led here."""
    kept = request.GET.copy()
    for name in ("pin", "pick"):
        kept.pop(name, None)
    here = f"{reverse('plan-tree')}?{kept.urlencode()}"
    return redirect(f"{reverse('view-create')}{query(address=here)}")


def narrowed(filters: Filters) -> str:
    """Words for the filters that come from other pages and have no field here."""
    words = {
        "worse": _("比去年變差"),
        "same": _("和去年相同"),
        "better": _("比去年變好"),
    }
    parts = []
    if filters.change:
        parts.append(words[filters.change])
    if filters.cause:
        cause = Cause(filters.cause).label if filters.cause in Cause.values else _("沒有填原因")
        parts.append(_("落後主因：%(cause)s") % {"cause": cause})
    if filters.code:
        parts.append(_("選取的%(n)s項") % {"n": len(filters.code)})
    if filters.indicator:
        parts.append(_("沒有核定指標"))
    return _("、").join(str(part) for part in parts)


class _Drawing:
    """Rows of the tree as HTML: 134 of them, so they are joined as text."""

    def __init__(self, tree: Tree, ticked: frozenset[str] | None = None) -> None:
        """`ticked`: codes whose boxes are ticked; None where there are no boxes."""
        self.tree, self.ticked = tree, ticked
        self.measures = address_prefix("measure")
        self.asked = escape(tree.edition.measure_query)
        self.frozen = tree.source if isinstance(tree.source, FrozenSource) else None
        self.leads = escape(_("主辦"))
        self.partners = escape(_("協辦"))
        self.years = [
            (escape(_("%(year)s年") % {"year": year.year}), year == tree.last)
            for year in tree.edition.shown_years
        ]
        self.columns = len(self.years) + 3
        words = tree.filters.q.strip()
        self.words = re.compile(re.escape(escape(words)), re.IGNORECASE) if words else None

    def text(self, name: str) -> str:
        """The name, escaped, with what was searched for marked."""
        written = escape(name)
        if self.words is None:
            return written
        return self.words.sub(lambda found: f"<mark>{found[0]}</mark>", written)

    def rows(self, part: GoalPart) -> SafeString:
        html, sub_goal, strategy = [], None, None
        for row in part.rows:
            if row.sub_goal and row.sub_goal != sub_goal:
                sub_goal = row.sub_goal
                html.append(
                    f'<tr class="sub" role="row"><th colspan="{self.columns}" scope="rowgroup"'
                    f' role="rowheader"><span class="cm"><span>{escape(sub_goal.code)}</span>'
                    f"<span>{self.text(sub_goal.name)}</span></span></th></tr>"
                )
            if row.strategy != strategy:
                strategy = row.strategy
                notes = "".join(f"<small>{escape(note)}</small>" for note in strategy.notes)
                html.append(
                    f'<tr class="str" role="row"><th colspan="{self.columns}" scope="rowgroup"'
                    f' role="rowheader"><span class="cm"><b>{escape(strategy.code)}</b>'
                    f"<span>{self.text(strategy.name)}{notes}</span></span></th></tr>"
                )
            html.append(self.row(row))
        return SafeString("".join(html))

    def code(self, code: str) -> str:
        if self.ticked is None:
            return f'<span class="code">{escape(code)}</span>'
        label = escape(_("選取%(code)s") % {"code": code})
        checked = " checked" if code in self.ticked else ""
        return (
            f'<label class="code"><input type="checkbox" name="code" value="{escape(code)}"'
            f' aria-label="{label}"{checked}> {escape(code)}</label>'
        )

    def name(self, row: Row) -> str:
        """Leads to the measure's page; in an edition to the frozen line, for those who may see it.
        A measure that a revision ended has no page of its own.
        """
        url = self.frozen.line_url(row.code) if self.frozen else ""
        if not url and self.frozen and "@" in row.code:
            return f"<span>{self.text(row.name)}</span>"
        url = url or f"{self.measures}{escape(row.code)}/{self.asked}"
        return f'<a class="plain" href="{url}">{self.text(row.name)}</a>'

    def row(self, row: Row) -> str:
        leads = "、".join(escape(body.short_name) for body in row.leads)
        partners = "、".join(escape(body.short_name) for body in row.partners)
        lit = "".join(
            f'<td role="cell" data-l="{word}" class="nb">'
            f"{shown_light(row.before if is_last else row.now)}</td>"
            for word, is_last in self.years
        )
        return (
            '<tr role="row"><th scope="row" role="rowheader"><span class="cm">'
            f"{self.code(row.code)}{self.name(row)}"
            f'</span></th><td role="cell" data-l="{self.leads}" class="ld">{leads}</td>'
            f'<td role="cell" data-l="{self.partners}">{partners}</td>{lit}</tr>'
        )


def shown_light(light: MeasureLight) -> SafeString:
    """The light that counts; an incomplete one as the worst so far, with its mark."""
    if light.incomplete:
        return kit.light(light.so_far, True)
    if light.set_to:
        note = escape(_("審定"))
        return SafeString(f"{kit.light(light.set_to)}<small> {note}</small>")
    return kit.light(light.computed)
