"""查找: one question to the plan in force, to reports and to resolutions, by words or by code."""

from collections.abc import Mapping

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.kit.fragments import address, options, with_query
from config.kit.search import LOOKED_THROUGH, Words
from plan.enums import NodeLevel
from reports.pages.search import KINDS, MOST, PLAN, REPORTS, RESOLUTIONS, Filters, Search

FIRST = 10
PAGE_SIZE = 50


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Ten hits of each kind, or fifty a page of the kind that the address names."""
    filters = Filters.read(request.GET)
    found = Search(Words.read(request.GET.get("q", "")), filters, request.user)
    context = {
        "search": found,
        "words": found.words,
        "filters": filters,
        "finding": finding(found),
        "looked_through": f"{LOOKED_THROUGH:,}" if found.cut else "",
        "sections": _sections(found, request.GET.get("page")),
        "all_url": with_query(address("search"), q=found.words.asked),
        "kind_options": _options(_kinds(), filters.kind),
        "plan_options": _options(found.plan_choices(), filters.plan),
        "year_options": _options(found.year_choices(), filters.year),
        "ministry_options": _options(found.ministry_choices(), filters.ministry),
        "goal_options": _options(found.goal_choices(), filters.goal),
    }
    return render(request, "reports/search.html", context)


def _kinds() -> dict[str, str]:
    return {PLAN: _("計畫"), REPORTS: _("年度報告"), RESOLUTIONS: _("協調會議決議")}


def _options(choices: Mapping[str, str], chosen: str) -> SafeString:
    return options({"": _("全部"), **choices}, chosen)


def finding(search: Search) -> str:
    """The page's heading: where the words stand, and how often."""
    words = search.words
    if not words.asked:
        return _("查找計畫、報告與決議")
    given = {"words": words.asked}
    if not search.asks:
        return _("「%(words)s」只有一個字，請至少輸入兩個字") % given
    if places := _places(search):
        return _("「%(words)s」：在%(places)s裡") % {**given, "places": _("、").join(places)}
    return _("「%(words)s」：沒有找到") % given


def _places(search: Search) -> list[str]:
    measures = sum(one.level == NodeLevel.MEASURE for one in search.nodes)
    above = len(search.nodes) - measures
    if len(search.nodes) > MOST:
        counts = [(len(search.nodes), _("%(n)s項目標、策略與措施"))]
    else:
        counts = [(above, _("%(n)s項目標與策略")), (measures, _("%(n)s項措施"))]
    counts += [
        (len(search.reports), _("%(n)s件報告")),
        (len(search.resolutions), _("%(n)s件決議")),
    ]
    return [sentence % {"n": counted(n)} for n, sentence in counts if n]


def counted(n: int) -> str:
    """A count as far as it goes: nothing is counted past `MOST`."""
    return _("超過%(n)s") % {"n": f"{MOST:,}"} if n > MOST else f"{n:,}"


def _more(n: int) -> str:
    """Words of the link to all hits of a kind, past the first ones."""
    if n > MOST:
        return _("看最近的%(n)s件") % {"n": f"{MOST:,}"}
    return _("還有%(n)s件，看全部") % {"n": n - FIRST} if n > FIRST else ""


def _sections(search: Search, number: str | None) -> list[dict]:
    """One for each kind that has hits, as far as the address asks for it."""
    of_kind = {
        PLAN: (search.nodes, search.plan_hits),
        REPORTS: (search.reports, search.report_hits),
        RESOLUTIONS: (search.resolutions, search.resolution_hits),
    }
    found, names = [], _kinds()
    for kind in KINDS:
        rows, hits = of_kind[kind]
        asked = search.filters.kind
        if rows and asked in ("", kind):
            pages = Paginator(rows[:MOST], PAGE_SIZE if asked else FIRST)
            page = pages.get_page(number if asked else 1)
            found.append(
                {
                    "kind": kind,
                    "name": names[kind],
                    "count": counted(len(rows)),
                    "many": len(rows) > MOST,
                    "hits": hits(page.object_list),
                    "page": page if asked else None,
                    "more": "" if asked else _more(len(rows)),
                    "url": search.address(kind),
                }
            )
    return found
