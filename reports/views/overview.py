"""總覽: where the plan stands, what got worse, who is late; each part leads to its rows."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from config.kit import roc
from config.kit.csv import csv_response
from config.kit.fragments import (
    NOTHING,
    address,
    address_prefix,
    code_and_name,
    number_cell,
    with_query,
)
from config.kit.ods import ods_response
from config.kit.templatetags import kit
from ministries.rules import may_administer
from reports import budget_path
from reports.pages.overview import WORST_SHOWN, GoalLine, Overview
from reports.pages.overview_tables import OF_EDITIONS, TABLES, table
from reports.pages.source import source_of
from reports.views import attention
from reports.views.goal import goal_address
from tracking.context import Work, work_of
from tracking.edition import find_edition
from tracking.enums import Cause, FilingState, Light, YearState
from tracking.rules import pages as rules
from tracking.standing import Filing

# Columns of the filing table: state, class of its segment, a short head.
_COLUMNS = (
    (FilingState.OVERDUE, "m-over", gettext_lazy("逾期")),
    (FilingState.RETURNED, "m-ret", gettext_lazy("退回")),
    (FilingState.WAITING, "m-sub", gettext_lazy("待審")),
    (FilingState.NOT_DUE, "m-due", gettext_lazy("未到期")),
    (FilingState.ACCEPTED, "m-ok", pgettext_lazy("state", "接受")),
    (FilingState.NOTHING_TO_REPORT, "m-ok", gettext_lazy("無事項")),
    (FilingState.NOT_APPLICABLE, "m-due", gettext_lazy("不適用")),
)
_FILES = {"csv": csv_response, "ods": ods_response}
_PUBLIC_STATES = {FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    edition = find_edition(request)
    if edition is None:
        return no_plan(request)
    page = Overview(source_of(request, edition, offers=False))
    if (form := request.GET.get("format")) in _FILES:
        return _file(request, page, form)
    return render(request, "reports/overview.html", _Drawing(request, page).context())


def no_plan(request: HttpRequest) -> HttpResponse:
    """What stands in the place of every page while no plan is loaded."""
    may_load = may_administer(request.user).ok
    return render(request, "reports/overview_empty.html", {"may_load": may_load})


def _file(request: HttpRequest, page: Overview, form: str) -> HttpResponse:
    part = request.GET.get("part", "goals")
    if part not in (TABLES if page.source.live else OF_EDITIONS):
        raise Http404
    year = f"-{page.year.year}" if page.year and part != "path" else ""
    of = f"-{page.source.key}" if page.source.key else ""
    return _FILES[form](f"{page.edition.plan.slug}-{part}{year}{of}.{form}", *table(page, part))


class _Drawing:
    """The page's parts as HTML, from the numbers of `Overview`."""

    def __init__(self, request: HttpRequest, page: Overview) -> None:
        self.request = request
        self.page = page
        self.year = page.year.year if page.year else None
        self.tree = address("plan-tree")
        self.desk = address("desk")
        live = page.source.live
        # Desk and matrix are live: an edition leads to neither.
        self.collates = live and rules.may_see_collation(request.user)
        self.matrix = address("collation") if self.collates else ""
        self.matrix_of_year = with_query(self.matrix, year=self.year)
        self.tree_of_year = with_query(self.tree, year=self.year, **page.source.parameters)
        # A measure's page is live, so a measure of an edition is shown in the edition's tree.
        self.measures = address_prefix("measure") if live else f"{self.tree_of_year}&q="
        self.asked = f"/{page.edition.measure_query}" if live else ""
        self.ministries = address_prefix("ministry")

    def context(self) -> dict:
        page = self.page
        edition = page.edition
        return {
            "edition": edition,
            "source": page.source,
            "page": page,
            "finding": page.finding(),
            "goal": page.most_late_goal(),
            "tree_url": self.tree_of_year,
            "tree": self.tree,
            "matrix": self.matrix,
            "todo": list(self.todo(work_of(self.request))) if page.source.live else [],
            "light_heads": self.light_heads(),
            "goal_lines": _join(self.goal_line(goal) for goal in page.goals),
            "total_cells": self.light_cells(page.counts, goal=None),
            "worst_shown": min(WORST_SHOWN, len(page.worse)),
            "worse_rows": _join(self.worse_row(row) for row in page.worse[:WORST_SHOWN]),
            "filing_heads": self.filing_heads(),
            "filing_rows": _join(self.filing_row(one) for one in page.filing.values()),
            "filing_totals": self.filing_totals(),
            "sees_all": page.source.whole,
            "overdue": page.filing_totals[FilingState.OVERDUE],
            "cause_rows": _join(self.cause_row(*line) for line in page.causes),
            "main_cause": next((w for c, w, n, _b in page.causes if c and n), ""),
            "attention": attention.lines(page) if page.source.live and page.year else "",
            "budget": with_query(address("budget"), plan=edition.plan.slug),
            "path_title": budget_path.describe(page.path),
            "path_wide": budget_path.draw(page.path, 944, "only-wide"),
            "path_narrow": budget_path.draw(page.path, 328, "only-narrow"),
            "path_rows": _join(self.path_row(row) for row in page.path),
        }

    # --- what waits for the reader --------------------------------------------------------

    def todo(self, work: Work) -> Iterator[tuple[str, int, str]]:
        """(address, number, words) of what waits for this person, most pressing first."""
        today = self.page.today
        if work.waiting:
            days = (today - timezone.localdate(work.oldest)).days if work.oldest else 0
            words = _("件待審，最早的等了%(days)s天") % {"days": days} if days else _("件待審")
            yield address("review-queue"), work.waiting, words
        if work.proposed:
            yield f"{address('review-queue')}#h-proposed", work.proposed, _("個指標待核定")
        if work.returned:
            yield self.desk, work.returned, _("件被退回，等你補正")
        if work.signing:
            yield self.desk, work.signing, _("件等你核可")
        if work.drafts:
            year = self.page.year
            words = _("件還沒有送出")
            if year and year.state == YearState.OPEN:
                words = _("件還沒有送出，%(day)s截止") % {"day": roc.format_date(year.due_on)}
            yield self.desk, work.drafts, words
        if not self.collates or self.page.year is None:
            return
        overdue = self.page.filing_totals[FilingState.OVERDUE]
        if overdue:
            url = f"{self.matrix_of_year}&state={FilingState.OVERDUE.value}"
            yield url, overdue, _("件逾期未交")
        far = self.page.counts[Light.FAR_BEHIND]
        if far:
            url = f"{self.tree_of_year}&light={Light.FAR_BEHIND.value}"
            yield url, far, _("項嚴重落後")

    # --- goals --------------------------------------------------------

    def light_heads(self) -> SafeString:
        if self.year is None:
            return SafeString("")
        return _join(
            f'<th scope="col" role="columnheader" class="num">{light}</th>'
            for _code, light in self.columns
        )

    def light_cells(self, counts: dict[str, int], goal: str | None) -> SafeString:
        if self.year is None:
            return SafeString("")
        base = with_query(self.tree, year=self.year, goal=goal, **self.page.source.parameters)
        return _join(
            number_cell(counts[code], f"{base}&light={code}", label=light)
            for code, light in self.columns
        )

    @cached_property
    def columns(self) -> list[tuple[str, SafeString]]:
        """Lights with a column, and how each is drawn."""
        return [(code, kit.light(code)) for code in self.page.columns]

    def goal_line(self, goal: GoalLine) -> str:
        """A row of counts, and beneath it one cell a measure with last year's late ones."""
        rows = with_query(self.tree, year=self.year, goal=goal.code, **self.page.source.parameters)
        url = escape(goal_address(self.page.source, goal.code))
        below, measures = "", escape(pgettext("count", "措施"))
        if self.year is not None:
            units = kit.units(
                ((row.code, row.name, row.now.shown) for row in goal.rows),
                self.measures,
                self.asked,
            )
            if self.page.comparable:
                bracket = kit.bracket(goal.late_before) if goal.late_before else ""
                compared = escape(self.compared(goal.late_before, goal.late))
                units += f'<p class="ud">{bracket}{compared}</p>'
            span = len(self.page.columns) + 2
            below = f'<tr class="ub" role="row"><td role="cell" colspan="{span}">{units}</td></tr>'
        return (
            f'<tbody class="g{goal.ordinal}" role="rowgroup"><tr role="row">'
            f'<th scope="row" role="rowheader"><a class="plain" href="{url}">'
            f'<span class="gno">{escape(goal.code)}</span>{escape(goal.name)}</a></th>'
            f"{self.light_cells(goal.counts, goal.code)}"
            f'<td class="num tot" role="cell"><span class="w">{measures}</span>'
            f'<a class="plain" href="{escape(rows)}">{len(goal.rows)}</a></td></tr>{below}</tbody>'
        )

    @staticmethod
    def compared(before: int, now: int) -> str:
        values = {"before": before, "now": now, "more": abs(now - before)}
        if now == before:
            return _("去年落後%(before)s項，今年%(now)s項，相同") % values
        if now > before:
            return _("去年落後%(before)s項，今年%(now)s項，多%(more)s項") % values
        return _("去年落後%(before)s項，今年%(now)s項，少%(more)s項") % values

    # --- worse than last year --------------------------------------------------------

    def worse_row(self, row) -> SafeString:
        url = f"{self.measures}{row.code}{self.asked}"
        ministry = self.page.filing.get(row.now.decided_by)
        cause = Cause(row.now.cause).label if row.now.cause else ""
        return SafeString(
            '<tr role="row"><th scope="row" role="rowheader">'
            f"{code_and_name(row.code, row.name, url, row.goal)}</th>"
            f'<td role="cell" class="nb">{escape(ministry.name) if ministry else ""}</td>'
            f'<td role="cell" class="nb">{kit.light(row.before.shown)}</td>'
            '<td role="cell" class="ar"><span aria-hidden="true">→</span></td>'
            f'<td role="cell" class="nb">{kit.light(row.now.shown)}</td>'
            f'<td role="cell" class="two"><span class="cz">{escape(cause)}</span>'
            f"{escape(row.now.sub_cause)}</td></tr>"
        )

    # --- filing --------------------------------------------------------

    @staticmethod
    def filing_heads() -> SafeString:
        return _join(
            f'<th scope="col" class="num"><i class="k {css}"></i>{escape(str(word))}</th>'
            for _state, css, word in _COLUMNS
        )

    def filing_row(self, filing: Filing) -> SafeString:
        segments = [(css, filing.states.get(state, 0)) for state, css, _word in _COLUMNS]
        url, by_state = self.filing_url(filing)
        cells = []
        for state, _css, _word in _COLUMNS:
            if not filing.whole and state not in _PUBLIC_STATES:
                cells.append(self.not_told)
                continue
            rows = f"{url}&state={state.value}" if by_state else url
            cells.append(number_cell(filing.states.get(state, 0), rows, zero=NOTHING))
        return SafeString(
            f'<tr><th scope="row"><a class="plain" href="{self.ministries}{escape(filing.code)}/">'
            f"{escape(filing.name)}</a></th>"
            f'<td class="bc">{kit.bar(segments, self.largest)}</td>'
            f'<td class="num">{filing.duties}</td>{"".join(cells)}</tr>'
        )

    @cached_property
    def largest(self) -> int:
        return max(filing.duties for filing in self.page.filing.values())

    def filing_url(self, filing: Filing) -> tuple[str, bool]:
        """Where the rows behind a number are, and whether the state can be asked for there: in
        the matrix for those who may see it, else on the desk for one's own ministry, else in the
        tree, where accepted lights stand.
        """
        if self.collates:
            return f"{self.matrix_of_year}&ministry={filing.code}", True
        if filing.whole and self.page.source.live:
            return self.desk, False
        return f"{self.tree_of_year}&ministry={filing.code}", False

    @cached_property
    def not_told(self) -> SafeString:
        words = _("不公開")
        return SafeString(
            f'<td class="num z"><span class="visually-hidden">{words}</span>'
            '<span aria-hidden="true">·</span></td>'
        )

    def filing_totals(self) -> SafeString:
        told = self.page.source.whole
        cells = [
            number_cell(self.page.filing_totals[state], zero=NOTHING)
            if told or state in _PUBLIC_STATES
            else self.not_told
            for state, _css, _word in _COLUMNS
        ]
        return SafeString(f'<td class="num">{self.page.duties:,}</td>{"".join(cells)}')

    # --- causes --------------------------------------------------------

    def cause_row(self, code: str, word: str, now: int, before: int) -> SafeString:
        largest = max(max(line[2:]) for line in self.page.causes)
        url = f"{self.tree_of_year}&light=late&cause={code or 'none'}"
        was = f"{100 * before / largest:.1f}%"
        mark = (
            f'<line class="c-was" x1="{was}" x2="{was}" y1="1" y2="21"/>' if self.page.last else ""
        )
        last = f'<td class="num two">{before}</td>' if self.page.last else ""
        return SafeString(
            f'<tr><th scope="row"><a class="plain" href="{escape(url)}">{escape(word)}</a></th>'
            '<td class="bc"><svg class="sb" width="100%" height="22" aria-hidden="true"'
            f' focusable="false"><rect class="c-now" y="5" width="{100 * now / largest:.1f}%"'
            f' height="12"/>{mark}</svg></td><td class="num">{now}</td>{last}</tr>'
        )

    @staticmethod
    def path_row(row: budget_path.PathRow) -> str:
        basis = _("規劃（表8）") if row.basis == "planned" else _("法定（內文）")
        ratio = kit.thousands(None) if row.ratio is None else f"{row.ratio:.2f}"
        return (
            f'<tr><th scope="row">{row.year}</th><td>{escape(basis)}</td>'
            f'<td class="num">{kit.thousands(row.budget)}</td>'
            f'<td class="num">{kit.thousands(row.gdp)}</td><td class="num">{ratio}</td></tr>'
        )


def _join(parts: Iterable[str]) -> SafeString:
    """Pieces that are HTML already, as one."""
    return SafeString("".join(parts))
