"""The parts of a goal's page: each with its finding, its chart, and one set of rows for the table
beneath it and for the files.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.kit.roc import gregorian_year
from config.kit.templatetags.kit import light_word, percent, state_word
from reports.figures import attainment, causes, filing, lights, money
from reports.pages.goal import DRAWN, GoalPage, as_spent
from reports.pages.table import Column, Table
from tracking.enums import FilingState
from tracking.lights import SHOWN_ORDER
from tracking.money import NONE, Sums, four_decimals

_TOLD = (FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT)


class PartOfPage(NamedTuple):
    """What one chart of the page is made of."""

    title: Callable[[GoalPage], str]
    sub: Callable[[GoalPage], str]
    figure: Callable[[GoalPage], dict]
    table: Callable[[GoalPage], Table]


# --- lights ---------------------------------------------------------------------------------------
def _parts_title(page: GoalPage) -> str:
    values = {"year": page.year.year if page.year else "", "n": len(page.rows), "late": page.late}
    if not page.known:
        return _("%(year)s年度還沒有已接受的主辦報告") % values
    if not page.late:
        return _("%(year)s年度%(n)s項措施都沒有落後") % values
    late = {
        part.code: sum(part.counts.get(code, 0) for code in ("far_behind", "behind"))
        for part in page.parts
    }
    most = max(late.values())
    ranked = [code for code, number in late.items() if number == most]
    if len(ranked) > 1 or len(late) == 1:
        return _("%(year)s年度%(n)s項措施有%(late)s項落後") % values
    values |= {"code": ranked[0], "most": most}
    return _("%(year)s年度%(n)s項措施有%(late)s項落後，最多在%(code)s（%(most)s項）") % values


def _parts_table(page: GoalPage) -> Table:
    columns = [
        ("part", _("編號"), False),
        ("part_name", _("名稱"), False),
        *((code, light_word(code), True) for code in page.columns),
        ("measures", pgettext("count", "措施"), True),
    ]
    return Table(
        columns,
        [
            [
                part.code,
                part.name,
                *(part.counts.get(code, 0) for code in page.columns),
                sum(part.counts.values()),
            ]
            for part in page.parts
        ],
    )


def _years_title(page: GoalPage) -> str:
    if not page.comparable or page.last is None:
        return _("各年度有多少項措施落後？")
    values = {
        "last": page.last.year,
        "before": page.late_before,
        "year": page.year.year,
        "late": page.late,
    }
    if page.late == page.late_before:
        return _("落後%(last)s年%(before)s項，%(year)s年%(late)s項，一樣多") % values
    return _("落後由%(last)s年%(before)s項變成%(year)s年%(late)s項") % values


def _years_table(page: GoalPage) -> Table:
    every = page.counts_by_year
    borne = [
        code for code in SHOWN_ORDER if any((counts or {}).get(code) for counts in every.values())
    ]
    return Table(
        [
            ("roc_year", _("年度"), False),
            ("year", "", False),
            *((code, light_word(code), True) for code in borne),
        ],
        [
            [
                year,
                gregorian_year(year),
                *(counts.get(code, 0) if counts else None for code in borne),
            ]
            for year, counts in every.items()
        ],
    )


def _key_of_years(page: GoalPage) -> str:
    total: dict[str, int] = {}
    for counts in page.counts_by_year.values():
        for code, number in (counts or {}).items():
            total[code] = total.get(code, 0) + number
    return lights.key(total)


# --- causes ---------------------------------------------------------------------------------------
def _causes_title(page: GoalPage) -> str:
    code, words, now, _before = page.causes[0] if page.causes else ("", "", 0, None)
    if not now:
        return _("這一年沒有落後的措施")
    if not code:
        return _("落後的措施多半沒有填原因")
    return _("最多的主因：%(cause)s（%(n)s項）") % {"cause": words, "n": now}


def _causes_table(page: GoalPage) -> Table:
    columns = [
        ("cause", "", False),
        ("cause_name", _("主因"), False),
        ("measures", _("今年（項）"), True),
    ]
    if page.last:
        columns.append(("measures_last_year", _("去年（項）"), True))
    return Table(columns, [list(row[: len(columns)]) for row in page.causes])


# --- indicators -----------------------------------------------------------------------------------
def _indicators_title(page: GoalPage) -> str:
    if not page.indicators:
        return _("這些措施還沒有核定的指標")
    if not page.attained:
        return _("%(n)s個指標還算不出達成率") % {"n": len(page.indicators)}
    return _("算得出達成率的%(n)s個指標，%(reached)s個達到目標") % {
        "n": len(page.attained),
        "reached": page.reached,
    }


def _indicators_sub(page: GoalPage) -> str:
    said = []
    if len(page.attained) > DRAWN:
        said.append(_("圖上是達成率最低的%(n)s個") % {"n": DRAWN})
    unknown = len(page.indicators) - len(page.attained)
    if unknown:
        said.append(_("%(n)s個不明，不當作零，也不畫") % {"n": unknown})
    if any(one.rate > attainment.END for one in page.attained[:DRAWN]):
        said.append(_("長條畫到200%為止"))
    return _("；").join(said)


def _indicators_figure(page: GoalPage) -> dict:
    return attainment.of_indicators(
        [attainment.Reached(one.measure, one.name, one.rate) for one in page.attained[:DRAWN]]
    )


def _indicators_table(page: GoalPage) -> Table:
    return Table(
        [
            ("measure", _("措施"), False),
            ("indicator", _("指標"), False),
            ("ministry", _("部會"), False),
            ("unit", _("單位"), False),
            ("target", pgettext("indicator", "目標"), True),
            ("target_low", _("下限"), True),
            ("target_high", _("上限"), True),
            ("actual", _("實績"), True),
            ("attainment_percent", _("達成率"), True),
        ],
        [
            [
                one.measure, one.name, one.ministry, one.unit, one.target, one.low, one.high,
                one.actual, four_decimals(one.rate),
            ]
            for one in page.indicators
        ],
        {"attainment_percent": percent},
    )  # fmt: skip


# --- filing ---------------------------------------------------------------------------------------
def _filing_title(page: GoalPage) -> str:
    if not page.filed:
        return _("這個年度還沒有報告")
    values = {"duties": page.duties, "accepted": page.accepted}
    return _("%(duties)s件報告，已接受%(accepted)s件") % values


def _filed(page: GoalPage) -> list[filing.Filed]:
    return [
        filing.Filed(one.name, one.duties, {str(state): n for state, n in one.states.items()})
        for one in page.filed
    ]


def _filing_table(page: GoalPage) -> Table:
    roles = {line.code: line for line in page.ministries}
    return Table(
        [
            ("ministry", "", False),
            ("ministry_name", _("部會"), False),
            ("leads", _("主辦"), True),
            ("partners", _("協辦"), True),
            ("reports", _("件數"), True),
            *((state.value, state_word(state.value), True) for state in FilingState),
        ],
        [
            [
                one.code,
                one.name,
                roles[one.code].leads,
                roles[one.code].partners,
                one.duties,
                *(
                    one.states.get(state, 0) if one.whole or state in _TOLD else None
                    for state in FilingState
                ),
            ]
            for one in page.filed
        ],
    )


# --- money ----------------------------------------------------------------------------------------
_MONEY = (
    "allocated_thousand_twd",
    "allocated_with_known_spending_thousand_twd",
    "spent_thousand_twd",
    "lines_with_unknown_spending",
    "spent_percent",
)


def _money_columns() -> list[Column]:
    words = (
        _("分配數（千元）"),
        _("其中知道支用數的（千元）"),
        _("支用數（千元）"),
        _("支用數不明（筆）"),
        _("執行率"),
    )
    return [(name, said, True) for name, said in zip(_MONEY, words, strict=True)]


def money_cells(sums: Sums | None) -> list[object]:
    """Cells of `_MONEY`; None where nothing is told, or not known."""
    if sums is None or not (sums.allocated or sums.unknown):
        return [None] * len(_MONEY)
    spent = sums.spent if sums.known else None
    return [sums.allocated, sums.known, spent, sums.unknown, four_decimals(sums.rate)]


def _money_title(page: GoalPage) -> str:
    sums = page.this_years_money
    if sums is None or sums.rate is None:
        return _("經費用了多少？")
    return _("%(year)s年度支用分配數的%(rate)s") % {
        "year": page.year.year,
        "rate": percent(sums.rate),
    }


def _money_sub(page: GoalPage) -> str:
    said = [_("已接受報告的經費，不是科技預算")]
    sums = page.this_years_money
    if sums and sums.unknown:
        said.append(_("%(n)s筆支用數不明，不算進執行率") % {"n": sums.unknown})
    return _("；").join(said)


def _money_table(page: GoalPage) -> Table:
    return Table(
        [("roc_year", _("年度"), False), ("year", "", False), *_money_columns()],
        [
            [year, gregorian_year(year), *money_cells(sums)]
            for year, sums in page.money_by_year.items()
        ],
        {"spent_percent": percent},
    )


def _ministries_title(page: GoalPage) -> str:
    if not page.spenders:
        return _("哪個部會的經費沒有用完？")
    lowest = page.spenders[0]
    values = {"name": lowest.name, "rate": percent(lowest.sums.rate)}
    return _("執行率最低的是%(name)s：%(rate)s") % values


def _ministries_table(page: GoalPage) -> Table:
    paid = [line for line in page.ministries if line.sums != NONE]
    paid.sort(key=lambda line: (line.sums.rate is None, line.sums.rate or 0, line.code))
    return Table(
        [("ministry", "", False), ("ministry_name", _("部會"), False), *_money_columns()],
        [[line.code, line.name, *money_cells(line.sums)] for line in paid],
        {"spent_percent": percent},
    )


# In the order in which the page shows them.
PARTS = {
    "parts": PartOfPage(
        _parts_title,
        lambda page: lights.key(page.counts),
        lambda page: lights.by_part(page.parts),
        _parts_table,
    ),
    "years": PartOfPage(
        _years_title,
        _key_of_years,
        lambda page: lights.by_year(page.counts_by_year),
        _years_table,
    ),
    "causes": PartOfPage(
        _causes_title,
        lambda page: _("直線是去年") if page.last else "",
        lambda page: causes.two_years(
            [causes.Cause(words, now, before) for _code, words, now, before in page.causes],
            page.year.year,
        ),
        _causes_table,
    ),
    "indicators": PartOfPage(
        _indicators_title, _indicators_sub, _indicators_figure, _indicators_table
    ),
    "filing": PartOfPage(
        _filing_title,
        lambda page: filing.key(_filed(page)),
        lambda page: filing.by_ministry(_filed(page)),
        _filing_table,
    ),
    "money": PartOfPage(
        _money_title,
        _money_sub,
        lambda page: money.by_year(
            [(year, as_spent(sums)) for year, sums in page.money_by_year.items()]
        ),
        _money_table,
    ),
    "ministries": PartOfPage(
        _ministries_title,
        lambda page: _("外框是分配數，裡面是支用數；只畫兩者都知道的"),
        lambda page: money.by_ministry(
            [(line.name, as_spent(line.sums)) for line in page.spenders]
        ),
        _ministries_table,
    ),
}


# What a review freezes tells as much; money and attainment it counts in its own way.
OF_EDITIONS = ("parts", "years", "causes", "filing")


def parts_of(page: GoalPage) -> Sequence[str]:
    """Parts that the page has, of live rows or of an edition."""
    return list(PARTS) if page.source.live else OF_EDITIONS


def drawn(page: GoalPage) -> Sequence[str]:
    """Parts of which there is something to draw in this year, for this person."""
    if page.year is None:
        return []
    has = {
        "parts": lambda: page.known,
        "years": lambda: any(page.counts_by_year.values()),
        "causes": lambda: bool(page.causes),
        "indicators": lambda: bool(page.attained),
        "filing": lambda: bool(page.filed),
        "money": lambda: any(sums and sums.allocated for sums in page.money_by_year.values()),
        "ministries": lambda: bool(page.spenders),
    }
    return [name for name in parts_of(page) if has[name]()]
