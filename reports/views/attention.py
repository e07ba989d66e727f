"""The overview's section on what is to be looked into, from the numbers of `Attention`."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.fragments import address, address_prefix, code_and_name, with_query
from config.kit.templatetags import kit
from reports.pages.attention import SHOWN, Attention, Open, Paid
from reports.pages.overview import Overview
from reports.views.goal import goal_address
from tracking.enums import ResolutionState

_TEXT = 60


def context(page: Overview) -> dict:
    """What the template needs; rows are HTML already."""
    found = page.attention
    asked = page.edition.measure_query
    measures, ministries = address_prefix("measure"), address_prefix("ministry")
    return {
        "attention": found,
        "unspent_title": _unspent_title(page, found),
        "unspent_measures": _rows(
            _paid(row, code_and_name(row.code, row.name, f"{measures}{row.code}/{asked}", row.goal))
            for row in found.measures[:SHOWN]
        ),
        "unspent_ministries": _rows(
            _paid(row, _link(f"{ministries}{row.code}/", row.name))
            for row in found.ministries[:SHOWN]
        ),
        "without_url": _tree(page, indicator="none"),
        "without_goals": [
            (f"{goal_address(page.source, code)}#h-ind", ordinal, code, number)
            for ordinal, code, number in found.without_by_goal
        ],
        "open_resolutions": _rows(
            _resolution(row, row.overdue(page.today)) for row in found.resolutions[:SHOWN]
        ),
    }


def _tree(page: Overview, **more: str) -> str:
    edition = page.edition
    return with_query(
        address("plan-tree"),
        plan=None if edition.default else edition.plan.slug,
        version=edition.version.number if edition.measure_query else None,
        year=page.year.year if page.year else None,
        **more,
    )


def _unspent_title(page: Overview, found: Attention) -> str:
    if not found.measures:
        return _("還沒有可以看的支用數")
    values = {
        "year": page.year.year,
        "rate": kit.percent(found.spent.rate),
        "code": found.measures[0].code,
        "lowest": kit.percent(found.measures[0].sums.rate),
    }
    return _("%(year)s年度支用分配數的%(rate)s，最低的是%(code)s（%(lowest)s）") % values


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
