"""Money allocated and spent, by year and by ministry; what is not known is a gap, never zero."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.templatetags.kit import percent
from reports.figures.bars import bar, gaps, short_rows, years_axis

HUNDRED_MILLION = 100_000


class Spent(NamedTuple):
    """One row, in 千元: `known` is allocated where the spending is known too. None is unknown."""

    allocated: int | None
    known: int | None
    spent: int | None

    @property
    def rate(self) -> Decimal | None:
        if not self.known or self.spent is None:
            return None
        return Decimal(self.spent) * 100 / self.known


def unit_of(rows: Sequence[Spent]) -> tuple[int, str]:
    """What 千元 are divided by, and the name: 億元 from one 億元 on."""
    largest = max((row.allocated or 0 for row in rows), default=0)
    return (HUNDRED_MILLION, _("億元")) if largest >= HUNDRED_MILLION else (1, _("千元"))


def by_year(years: Sequence[tuple[int, Spent]]) -> dict:
    """`{"data", "layout"}`: two columns a ROC year, each with its name and number at its head."""
    divisor, unit = unit_of([row for _year, row in years])
    every = [year for year, _row in years]
    allocated = [_amount(row.allocated, divisor) for _year, row in years]
    spent = [_amount(row.spent, divisor) for _year, row in years]
    empty = [year for year, row in years if row.allocated is None]
    return {
        "data": [
            _column(_("分配"), every, allocated, "--wash-2", "--ink-2", "/"),
            _column(_("支用"), every, spent, "--accent", "--accent", ""),
        ],
        "layout": {
            "barmode": "group",
            "bargap": 0.35,
            "xaxis": years_axis(every),
            "yaxis": {"title": {"text": unit}, "nticks": 6},
            "margin": {"l": 8, "r": 16, "t": 44, "b": 8},
            "annotations": gaps(empty, _("沒有資料")),
        },
    }


def by_ministry(rows: Sequence[tuple[str, Spent]]) -> dict:
    """`{"data", "layout"}`: what was spent inside what was allocated, the rate at the end; only
    where both are known.
    """
    divisor, unit = unit_of([row for _name, row in rows])
    names = [name for name, _row in rows]
    known = [_amount(row.known, divisor) for _name, row in rows]
    spent = [_amount(row.spent, divisor) if row.known else None for _name, row in rows]
    outline = bar(_("分配"), names, known, "--wash-2", edge="--ink-2", width=0.7, unit=unit) | {
        "text": [percent(row.rate) if row.rate is not None else "" for _name, row in rows],
        "textposition": "outside",
        "cliponaxis": False,
    }
    return {
        "data": [
            outline,
            bar(_("支用"), names, spent, "--accent", edge="--accent", width=0.34, unit=unit),
        ],
        "layout": short_rows(
            names,
            barmode="overlay",
            xaxis={"title": {"text": unit}, "showgrid": True, "rangemode": "tozero", "nticks": 6},
        ),
    }


def _column(
    name: str, years: list[int], values: list[float | None], color: str, edge: str, pattern: str
) -> dict:
    marker = {"color": color, "line": {"color": edge, "width": 1}}
    if pattern:
        marker["pattern"] = {"shape": pattern, "fgcolor": edge, "bgcolor": color, "size": 6}
    return {
        "type": "bar",
        "name": name,
        "x": years,
        "y": values,
        "marker": marker,
        "text": ["" if value is None else f"{name}<br>{_short(value)}" for value in values],
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "outsidetextfont": {"size": 13},
    }


def _amount(thousand: int | None, divisor: int) -> float | None:
    return None if thousand is None else thousand / divisor


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
