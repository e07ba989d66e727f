"""The overview's parts as files: header and rows of each, with stable English names."""

from collections.abc import Callable, Iterable

from config.kit.roc import gregorian_year
from config.kit.templatetags.kit import light_word
from reports.pages import attention
from reports.pages.attention import Attention
from reports.pages.overview import Overview
from tracking import lights
from tracking.enums import Cause, FilingState

Table = tuple[list[str], Iterable[list[object]]]


def table(overview: Overview, part: str) -> Table:
    """Header and rows of one part; the parts are those of `TABLES`. Unknown, or not to be had
    of an edition: KeyError. The last column says what they were read from.
    """
    source = overview.source
    if not source.live and part not in OF_EDITIONS:
        raise KeyError(part)
    header, rows = TABLES[part](overview)
    if part not in OF_EDITIONS:
        return header, rows
    return [*header, "source"], [[*row, source.mark] for row in rows]


def _years(overview: Overview) -> list[object]:
    year = overview.year
    return [year.year, gregorian_year(year.year)] if year else ["", ""]


def _goals_table(overview: Overview) -> tuple[list[str], list[list[object]]]:
    header = ["roc_year", "year", "goal", "goal_name", "light", "light_name", "measures"]
    return [*header, "measures_last_year"], [
        [
            *_years(overview),
            goal.code,
            goal.name,
            code,
            light_word(code),
            goal.counts[code],
            before[code] if overview.last else None,
        ]
        for goal in overview.goals
        for before in [lights.count(row.before for row in goal.rows)]
        for code in lights.SHOWN_ORDER
    ]


def _worse_table(overview: Overview) -> tuple[list[str], list[list[object]]]:
    header = ["roc_year", "year", "measure", "name", "ministry", "light_last_year", "light"]
    return [*header, "cause", "cause_name", "sub_cause"], [
        [
            *_years(overview),
            row.code,
            row.name,
            ministry.name if ministry else "",
            row.before.shown,
            row.now.shown,
            row.now.cause,
            Cause(row.now.cause).label if row.now.cause else "",
            row.now.sub_cause,
        ]
        for row in overview.worse
        for ministry in [overview.filing.get(row.now.decided_by)]
    ]


def _filing_table(overview: Overview) -> tuple[list[str], list[list[object]]]:
    """Empty cells are states that this person may not know, not zeros."""
    always = {FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT}
    return [
        *("roc_year", "year", "ministry", "ministry_name", "reports"),
        *(state.value for state in FilingState),
    ], [
        [
            *_years(overview),
            filing.code,
            filing.name,
            filing.duties,
            *(
                filing.states.get(state, 0) if filing.whole or state in always else None
                for state in FilingState
            ),
        ]
        for filing in overview.filing.values()
    ]


def _causes_table(overview: Overview) -> tuple[list[str], list[list[object]]]:
    return ["roc_year", "year", "cause", "cause_name", "measures", "measures_last_year"], [
        [*_years(overview), code, word, now, before if overview.last else None]
        for code, word, now, before in overview.causes
    ]


def _with_years(make: Callable[[Attention], Table]) -> Callable[[Overview], Table]:
    def table(overview: Overview) -> Table:
        header, rows = make(overview.attention)
        return ["roc_year", "year", *header], [[*_years(overview), *row] for row in rows]

    return table


def _path_table(overview: Overview) -> tuple[list[str], list[list[object]]]:
    header = ["roc_year", "year", "basis", "budget_100_million", "gdp_100_million", "percent"]
    return header, [
        [row.year, gregorian_year(row.year), row.basis, row.budget, row.gdp, row.ratio]
        for row in overview.path
    ]


TABLES = {
    "goals": _goals_table,
    "worse": _worse_table,
    "filing": _filing_table,
    "causes": _causes_table,
    "money": _with_years(attention.money_table),
    "money-ministries": _with_years(attention.ministries_table),
    "indicators": _with_years(attention.indicators_table),
    "resolutions": _with_years(attention.resolutions_table),
    "path": _path_table,
}
# Parts that an edition answers as well; the budget path is no part of what a review freezes.
OF_EDITIONS = frozenset({"goals", "worse", "filing", "causes"})
