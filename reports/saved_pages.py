"""Which of our pages a saved view may lead to, and with which filters.

An address is taken apart and put together again from what is known here, so that nothing that was
typed reaches the browser: the page by its name, what stands in its path, and those parameters whose
values the page itself would accept.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import Http404, QueryDict
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.errors import Invalid
from config.kit.fragments import with_query
from plan.models.scenario import PARAMETERS as SCENARIO
from reports.models.saved_view import QUERY_MOST
from reports.pages import search
from reports.pages.measures import Filters
from tracking.views.collation import check_filters

_WORD = re.compile(r"[\w.@-]{1,60}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_SHAPES = {
    "year": re.compile(r"[1-9]\d{0,2}"),
    "version": re.compile(r"[1-9]\d{0,3}"),
    "source": re.compile(r"\d{1,9}-\d{1,6}"),
    "q": _TEXT,
    **dict.fromkeys(SCENARIO, re.compile(r"[^\x00-\x1f\x7f]{1,300}")),
}
_ABOUT = frozenset({"plan", "year", "version"})


class Page(NamedTuple):
    """`parameters` that are kept; `check` raises Http404 for values that the page refuses."""

    label: object
    parameters: frozenset[str]
    check: Callable[[QueryDict], object] | None = None


class Address(NamedTuple):
    """One of our pages with its filters. `query` is written as the page reads it, empty ones left
    out.
    """

    page: str
    arguments: Mapping[str, str]
    query: str

    @property
    def url(self) -> str | None:
        """The address; None where the page is no more."""
        if self.page not in PAGES:
            return None
        try:
            path = reverse(self.page, kwargs=dict(self.arguments))
        except NoReverseMatch:
            return None
        return f"{path}?{self.query}" if self.query else path

    @property
    def label(self) -> str:
        """What the page is called, with what it is about."""
        named = str(PAGES[self.page].label) if self.page in PAGES else self.page
        about = _("、").join(str(value) for value in self.arguments.values())
        return f"{named} {about}" if about else named


PAGES: dict[str, Page] = {
    "home": Page(gettext_lazy("總覽"), _ABOUT | {"source"}),
    "plan-tree": Page(gettext_lazy("計畫"), _ABOUT | {"source", *Filters.__slots__}, Filters.read),
    "goal": Page(gettext_lazy("目標"), _ABOUT | {"source"}),
    "measure": Page(gettext_lazy("措施"), frozenset({"plan", "version"})),
    "ministry-list": Page(gettext_lazy("部會"), frozenset()),
    "ministry": Page(gettext_lazy("部會"), frozenset()),
    "collation": Page(
        gettext_lazy("彙整"),
        _ABOUT | {"level", "role", "sort", "state", "goal", "code", "ministry"},
        check_filters,
    ),
    "review-trace": Page(gettext_lazy("追蹤表"), frozenset()),
    "budget": Page(gettext_lazy("經費"), frozenset({"plan", *SCENARIO})),
    "figures": Page(
        gettext_lazy("數字"), frozenset({"subject", "basis", "table", "ministry", "series"})
    ),
    "series": Page(gettext_lazy("數列"), frozenset()),
    "search": Page(
        gettext_lazy("查找"), frozenset({"q", *search.Filters.__slots__}), search.Filters.read
    ),
}


def parse(address: str) -> Address:
    """What an address of ours asks for; parameters that the page does not know are left out.

    Raises Invalid for an address elsewhere, for a page that can't be kept, and for a filter that
    the page would refuse.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not re.match(r"/(?![/\\])", parts.path):
        raise _refused(_("只能釘選這個網站的頁面。"))
    try:
        match = resolve(parts.path)
    except Resolver404:
        raise _refused(_("沒有這一頁。")) from None
    page = PAGES.get(match.view_name)
    if page is None:
        raise _refused(_("這一頁不能釘選。"))
    given = QueryDict(parts.query)
    kept = {
        name: values
        for name in sorted(page.parameters & given.keys())
        if (values := [value for value in map(str.strip, given.getlist(name)) if value])
    }
    if not all(
        _SHAPES.get(name, _WORD).fullmatch(value)
        for name, values in kept.items()
        for value in values
    ):
        raise _refused(_("網址裡有這一頁不認得的篩選。"))
    query = with_query("", **kept).removeprefix("?")
    if len(query) > QUERY_MOST:
        raise _refused(_("選取的項目太多，網址放不下。"))
    if page.check is not None:
        try:
            page.check(QueryDict(query))
        except Http404:
            raise _refused(_("網址裡有這一頁不認得的篩選。")) from None
    arguments = {name: str(value) for name, value in match.kwargs.items()}
    return Address(match.view_name, arguments, query)


def _refused(sentence: str) -> Invalid:
    return Invalid({"address": [sentence]})
