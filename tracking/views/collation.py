"""彙整: is the year complete? Strategies (or measures) × ministries, for the science ministry."""

from html import escape

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views import View

from config.kit.csv import csv_response
from config.kit.fragments import address_prefix, options, query, with_query
from config.kit.templatetags import kit
from plan.enums import AssignmentRole
from tracking.edition import Edition, find_edition
from tracking.enums import FilingState
from tracking.matrix import MEASURE, SHOWN, SORTS, STRATEGY, Body, Cell, Line, Matrix
from tracking.rules import pages as rules
from tracking.views.review import ReviewerMixin

# With fewer columns than this the table is as wide as its words, not as the page.
FEW = 12


class Collation(ReviewerMixin, View):
    """The matrix; `?format=csv` gives the same rows, filters applied."""

    def get(self, request: HttpRequest) -> HttpResponse:
        edition = find_edition(request)
        if edition is None or edition.year is None:
            return render(request, "tracking/collation_empty.html", {"edition": edition})
        matrix = read_matrix(request, edition)
        if request.GET.get("format") == "csv":
            name = f"{edition.plan.slug}-filing-{edition.year.year}.csv"
            return csv_response(name, *matrix.csv())
        return render(
            request, "tracking/collation.html", _Drawing(request, edition, matrix).context()
        )


def check_filters(asked: QueryDict) -> None:
    """Raises Http404 for a filter that does not exist."""
    known = {
        "level": ("", STRATEGY, MEASURE),
        "role": ("", *AssignmentRole.values),
        "sort": ("", *SORTS),
    }
    for name, values in known.items():
        if asked.get(name, "") not in values:
            raise Http404
    if not set(asked.getlist("state")) <= set(SHOWN):
        raise Http404


def read_matrix(request: HttpRequest, edition: Edition) -> Matrix:
    """The matrix under the filters of the address; a filter that does not exist answers 404."""
    asked = request.GET
    check_filters(asked)
    return Matrix(
        edition.year,
        request.user,
        timezone.localdate(),
        level=asked.get("level") or STRATEGY,
        goal=asked.get("goal", ""),
        code=asked.get("code", ""),
        ministry=asked.get("ministry", ""),
        role=asked.get("role", ""),
        states=asked.getlist("state") or SHOWN,
        sort=asked.get("sort") or SORTS[0],
    )


def finding(matrix: Matrix) -> str:
    """The h1: what is missing from the year, and of what kind."""
    totals, year = matrix.totals, matrix.year.year
    owed = sum(totals.values()) - totals[FilingState.NOT_APPLICABLE]
    words = {
        FilingState.OVERDUE: _("%(n)s件逾期"),
        FilingState.RETURNED: _("%(n)s件退回"),
        FilingState.NOT_DUE: _("%(n)s件未到期"),
        FilingState.WAITING: _("%(n)s件待審"),
    }
    parts = [word % {"n": totals[state]} for state, word in words.items() if totals[state]]
    missing = sum(totals[state] for state in words)
    if not missing:
        return _("%(year)s年度：應交的%(n)s件報告都收齊了") % {"year": year, "n": owed}
    return _("%(year)s年度還缺%(missing)s件：%(parts)s") % {
        "year": year,
        "missing": missing,
        "parts": _("、").join(parts),
    }


class _Drawing:
    """The table as HTML: some thousand cells, so they are joined as text."""

    def __init__(self, request: HttpRequest, edition: Edition, matrix: Matrix) -> None:
        self.request = request
        self.edition = edition
        self.matrix = matrix
        self.here = reverse("collation")
        self.measures = address_prefix("measure")
        self.asked = edition.measure_query
        self.ministries = address_prefix("ministry")
        self.reviews = rules.may_review(request.user)
        # The subject of the year's documents, for those who may have them.
        staff = self.reviews or rules.may_keep_years(request.user)
        self.documents = f"collation:{edition.plan.slug}:{matrix.year.year}" if staff else ""
        self.kept = {
            "year": matrix.year.year,
            "level": matrix.level if matrix.level != STRATEGY else "",
            "goal": matrix.goal,
            "code": matrix.code,
            "ministry": matrix.ministry,
            "role": matrix.role,
            "sort": matrix.sort if matrix.sort != SORTS[0] else "",
        }
        none = escape(_("沒有分工"))
        self.no_duty = f'<td class="na"><span class="visually-hidden">{none}</span></td>'
        others = escape(_("其他狀態"))
        self.aside = f'<td><span class="visually-hidden">{others}</span></td>'

    def context(self) -> dict:
        matrix, totals = self.matrix, self.matrix.totals
        goals = {
            line.goal_code: f"{line.goal_code} {line.goal_name}"
            for line in matrix.every_line.values()
        }
        everything = {"": _("全部")}
        states = [] if not matrix.narrowed else [str(state) for state in matrix.states]
        return {
            "edition": self.edition,
            "matrix": matrix,
            "now": timezone.now(),
            "finding": finding(matrix),
            "owed": sum(totals.values()) - totals[FilingState.NOT_APPLICABLE],
            "not_applicable": totals[FilingState.NOT_APPLICABLE],
            "waiting": totals[FilingState.WAITING],
            "reviews": self.reviews,
            "documents": self.documents,
            "key": [
                (
                    state,
                    kit.matrix_key(state, 1),
                    state.label,
                    totals[state],
                    state in matrix.states,
                )
                for state in reversed(SHOWN)
            ],
            "na_letter": pgettext("matrix cell", "不"),
            "year_links": [
                (year, seen, query(**self.kept | {"year": year}, state=states))
                for year, seen in self.edition.year_links
            ],
            "goal_options": options(everything | goals, matrix.goal),
            "ministry_options": options(
                everything | {body.code: body.name for body in matrix.all_bodies}, matrix.ministry
            ),
            "role_options": options(
                {"": _("主辦與協辦"), "lead": _("只看主辦"), "partner": _("只看協辦")}, matrix.role
            ),
            "sort_options": options(
                {
                    "duties": _("應交多的在前"),
                    "overdue": _("逾期多的在前"),
                    "code": _("依部會代碼"),
                },
                matrix.sort,
            ),
            "few": len(matrix.bodies) < FEW,
            "by_measure": matrix.level == MEASURE,
            "other_level": query(
                **self.kept | {"level": "" if matrix.level == MEASURE else MEASURE}, state=states
            ),
            "csv_url": query(**self.kept, state=states, format="csv"),
            "all_url": query(year=matrix.year.year),
            "head": self.head(),
            "body": self.body(),
        }

    # --- head -------------------------------------------------------------------------------------

    def head(self) -> SafeString:
        names, taken, overdue = [], [], []
        total = self.matrix.sum_of(self.matrix.cells)
        for body in self.matrix.bodies:
            cell = self.matrix.columns[body.pk]
            names.append(
                f'<th scope="col" class="vh"><a class="plain" href="{self.ministries}'
                f'{escape(body.code)}/">{escape(body.name)}</a></th>'
            )
            taken.append(self.share(cell))
            overdue.append(self.overdue(cell))
        first = escape(self.edition.version.level_name(self.matrix.level))
        marks = escape(_("粗體主辦，細體協辦；藍角另有待審"))
        share = escape(_("接受/應交"))
        return SafeString(
            f'<tr class="h1r"><th scope="col" class="fc"><span class="small">{first}</span>'
            f'<span class="micro two">{marks}</span></th>'
            f'{"".join(names)}<th scope="col" class="sum">{escape(_("合計"))}</th></tr>'
            f'<tr class="h2r"><th scope="row" class="fc">{share}</th>'
            f"{''.join(taken)}{self.share(total)}</tr>"
            f'<tr class="h3r"><th scope="row" class="fc">{escape(_("逾期"))}</th>'
            f"{''.join(overdue)}{self.overdue(total)}</tr>"
        )

    @staticmethod
    def share(cell: Cell, css: str = "num") -> str:
        return f'<td class="{css}">{cell.accepted}<small>/{cell.owed}</small></td>'

    @staticmethod
    def overdue(cell: Cell) -> str:
        number = cell.states[FilingState.OVERDUE]
        if not number:
            return '<td class="num"></td>'
        return f'<td class="num al">{pgettext("matrix cell", "逾")}{number}</td>'

    # --- body -------------------------------------------------------------------------------------

    def body(self) -> SafeString:
        matrix, html, goal = self.matrix, [], None
        for line in matrix.lines:
            if line.goal_code != goal:
                html.append(self.goal_row(line, closing=goal is not None))
                goal = line.goal_code
            cells = "".join(self.cell(line, body) for body in matrix.bodies)
            html.append(
                f'<tr><th scope="row" class="fc"><a class="plain" href="{self.line_url(line)}">'
                f"<b>{escape(line.code)}</b><span>{escape(line.name)}</span></a></th>"
                f"{cells}{self.share(matrix.rows[line.pk], 'num tt')}</tr>"
            )
        return SafeString("".join([*html, "</tbody>"] if html else html))

    def goal_row(self, line: Line, *, closing: bool) -> str:
        goals = {other.pk for other in self.matrix.lines if other.goal_code == line.goal_code}
        total = self.matrix.sum_of(key for key in self.matrix.cells if key[0] in goals)
        return (
            f'{"</tbody>" if closing else ""}<tbody class="g{line.goal_ordinal}"><tr class="gr">'
            f'<th scope="rowgroup" class="fc"><span class="sq"></span>{escape(line.goal_code)}　'
            f'{escape(line.goal_name)}</th><td colspan="{len(self.matrix.bodies)}"></td>'
            f"{self.share(total)}</tr>"
        )

    def line_url(self, line: Line) -> str:
        if self.matrix.level == MEASURE:
            return escape(f"{self.measures}{line.code}/{self.asked}")
        return escape(
            with_query(self.here, year=self.matrix.year.year, level=MEASURE, code=line.code)
        )

    def cell(self, line: Line, body: Body) -> str:
        cell = self.matrix.cells.get((line.pk, body.pk))
        if cell is None:
            return self.no_duty
        state = self.matrix.state_of(cell)
        label = self.label(line, body, cell)
        url = self.cell_url(line, body, cell, state)
        if state is not None:
            waits = bool(cell.states[FilingState.WAITING]) and state != FilingState.WAITING
            return kit.matrix_cell(
                state,
                cell.states[state],
                cell.owed,
                lead=cell.lead,
                also=waits,
                url=url,
                label=label,
            )
        if cell.owed:
            return self.aside
        number = cell.states[FilingState.NOT_APPLICABLE]
        return (
            f'<td class="c {"r-lead" if cell.lead else "r-partner"}"><a href="{escape(url)}">'
            f"{pgettext('matrix cell', '不')}{number}"
            f'<span class="visually-hidden">　{escape(label)}</span></a></td>'
        )

    def cell_url(self, line: Line, body: Body, cell: Cell, state: FilingState | None) -> str:
        """A strategy's cell leads to its measures, a measure's to its page, or to the review."""
        if self.matrix.level == STRATEGY:
            return with_query(
                self.here,
                year=self.matrix.year.year,
                level=MEASURE,
                code=line.code,
                ministry=body.code,
            )
        if state == FilingState.WAITING and self.reviews:
            return reverse("report-review", args=[cell.report])
        return f"{self.measures}{line.code}/{self.asked}"

    @staticmethod
    def label(line: Line, body: Body, cell: Cell) -> str:
        states = _("、").join(
            _("%(state)s%(n)s件") % {"state": state.label, "n": cell.states[state]}
            for state in FilingState
            if cell.states[state]
        )
        role = AssignmentRole.LEAD if cell.lead else AssignmentRole.PARTNER
        return _("%(ministry)s %(code)s：%(states)s，%(role)s") % {
            "ministry": body.name,
            "code": line.code,
            "states": states,
            "role": role.label,
        }
