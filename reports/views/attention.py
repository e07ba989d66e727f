"""還要追的: what is to be looked into, from the numbers of `Attention`: three lines on the
overview, and a page of its own with the rows.
"""

from collections.abc import Iterable
from html import escape

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit import roc
from config.kit.fragments import address, address_prefix, code_and_name, with_query
from config.kit.templatetags import kit
from reports.pages.attention import Attention, Open, Paid
from reports.pages.overview import Overview
from reports.pages.source import Source
from reports.views.goal import goal_address
from tracking.edition import find_edition
from tracking.enums import ResolutionState

_TEXT = 60


@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    """The rows, live, of the year that the address names; while there is none, the overview."""
    edition = find_edition(request)
    if edition is None or edition.year is None:
        return redirect("home")
    page = Overview(Source(request, edition))
    return render(request, "reports/attention.html", _context(page))


def lines(page: Overview) -> SafeString:
    """What the overview says of it: three lines, each leading to its rows."""
    found = page.attention
    url = with_query(address("attention"), **_of(page))
    said = [_unspent_title(page, found)]
    if found.without_indicator:
        of_goals = _("、").join(
            f"{page.edition.goal_name}{code}：{number}"
            for _ordinal, code, number in found.without_by_goal
        )
        said.append(f"{_without_title(found)}{_('（')}{of_goals}{_('）')}")
    else:
        said.append(_("每項措施都有核定的指標"))
    parts = ["h-unspent", "h-without"]
    if found.sees_resolutions:
        said.append(_resolutions_title(found))
        parts.append("h-open")
    return _rows(
        f'<li><a href="{escape(url)}#{part}">{escape(words)}</a></li>'
        for part, words in zip(parts, said, strict=True)
    )


def _of(page: Overview) -> dict[str, object]:
    """Parameters of an address about the same plan and year."""
    edition = page.edition
    return {
        "plan": None if edition.default else edition.plan.slug,
        "year": page.year.year if page.year else None,
    }


def _without_title(found: Attention) -> str:
    return _("%(n)s項措施沒有核定的指標") % {"n": len(found.without_indicator)}


def _resolutions_title(found: Attention) -> str:
    number, overdue = found.open_and_overdue
    if not number:
        return _("沒有未結的決議")
    if not overdue:
        return _("%(n)s項決議還沒結案") % {"n": number}
    return _("%(n)s項決議還沒結案，%(overdue)s項逾期") % {"n": number, "overdue": overdue}


def _context(page: Overview) -> dict:
    """What the template needs; rows are HTML already."""
    found = page.attention
    asked = page.edition.measure_query
    measures, ministries = address_prefix("measure"), address_prefix("ministry")
    return {
        "edition": page.edition,
        "source": page.source,
        "files": with_query(address("home"), **_of(page)),
        "attention": found,
        "without_title": _without_title(found),
        "resolutions_title": _resolutions_title(found),
        "unspent_title": _unspent_title(page, found),
        "unspent_measures": _rows(
            _paid(row, code_and_name(row.code, row.name, f"{measures}{row.code}/{asked}", row.goal))
            for row in found.measures
        ),
        "unspent_ministries": _rows(
            _paid(row, _link(f"{ministries}{row.code}/", row.name)) for row in found.ministries
        ),
        "without_url": _tree(page, indicator="none"),
        "without_goals": [
            (f"{goal_address(page.source, code)}#h-ind", ordinal, code, number)
            for ordinal, code, number in found.without_by_goal
        ],
        "open_resolutions": _rows(
            _resolution(row, row.overdue(page.today)) for row in found.resolutions
        ),
    }


def _tree(page: Overview, **more: str) -> str:
    version = page.edition.version.number if page.edition.measure_query else None
    return with_query(address("plan-tree"), **_of(page), version=version, **more)


def _unspent_title(page: Overview, found: Attention) -> str:
    if not found.ministries:
        return _("還沒有可以看的支用數")
    lowest = found.ministries[0]
    values = {
        "year": page.year.year,
        "rate": kit.percent(found.spent.rate),
        "name": lowest.name,
        "lowest": kit.percent(lowest.sums.rate),
    }
    return _("%(year)s年度支用分配數的%(rate)s，最低的是%(name)s（%(lowest)s）") % values


def _paid(row: Paid, name: str) -> str:
    sums = row.sums
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{name}</th>'
        f'<td role="cell" class="num" data-l="{escape(_("分配數"))}">{sums.known:,}</td>'
        f'<td role="cell" class="num" data-l="{escape(_("支用數"))}">{sums.spent:,}</td>'
        f'<td role="cell" class="num" data-l="{escape(_("執行率"))}">{kit.percent(sums.rate)}</td>'
        "</tr>"
    )


def _resolution(row: Open, overdue: bool) -> str:
    about = escape(row.code) or escape(_("全計畫"))
    day = roc.format_date(row.due_on)
    text = row.text if len(row.text) <= _TEXT else f"{row.text[:_TEXT]}…"
    state = escape(_("逾期")) if overdue else escape(ResolutionState(row.state).label)
    mark = f'<b class="late">{state}</b>' if overdue else state
    url = f"{address_prefix('resolution')}{row.pk}/"
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{_link(url, text)}</th>'
        f'<td role="cell" data-l="{escape(_("對象"))}">{about}</td>'
        f'<td role="cell" data-l="{escape(_("主辦部會"))}">{escape(row.owner)}</td>'
        f'<td role="cell" class="nb" data-l="{escape(_("期限"))}">{day}</td>'
        f'<td role="cell" data-l="{escape(_("狀態"))}">{mark}</td></tr>'
    )


def _link(url: str, words: str) -> str:
    return f'<a class="plain" href="{escape(url)}">{escape(words)}</a>'


def _rows(rows: Iterable[str]) -> SafeString:
    return SafeString("".join(rows))
