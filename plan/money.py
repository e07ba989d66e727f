"""Budgets, GDP and national R&D of a plan as lines of plain values, read from its series."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from plan.budget_path import BudgetLine, GdpLine, Line
from plan.enums import BudgetBasis, SeriesSubject
from plan.models import Plan, Series, SeriesValue

# Growth on which the source of a GDP series itself builds, in per cent: the note under table 8
# says 2 % a year from 111 on.
ASSUMED = {"gdp-table-8": Decimal(2)}
_IN_100_MILLION = {"億元": Decimal(1), "千元": Decimal(1) / 100_000}
_SUBJECTS = (SeriesSubject.BUDGET, SeriesSubject.GDP, SeriesSubject.GERD_RATIO)


class Money(NamedTuple):
    """Lines by subject, in the order in which they came. `gerd` is in per cent and one line a
    country, Taiwan's first; `planned` is the plan's own path and `own_gdp` the GDP beside it.
    """

    budgets: list[BudgetLine]
    gdp: list[GdpLine]
    gerd: list[Line]

    @property
    def planned(self) -> BudgetLine | None:
        return next((one for one in self.budgets if one.basis == BudgetBasis.PLANNED), None)

    @property
    def own_gdp(self) -> GdpLine | None:
        """The vintage printed beside the planned path; else the first that has its first year."""
        planned = self.planned
        if planned is None:
            return None
        first = planned.years[0]
        known = [one for one in self.gdp if first in one.amounts]
        beside = (one for one in known if one.place and one.place == planned.place)
        return next(beside, next(iter(known), None))


def read(plan: Plan) -> Money:
    """Current values of the whole country's series; one query. Bodies' own budgets stay out."""
    values = (
        SeriesValue.objects.current()
        .filter(series__plan=plan, series__ministry=None, series__subject__in=_SUBJECTS)
        .select_related("series")
        .order_by("series_id", "year")
    )
    budgets, gdp, gerd = [], [], []
    by_series: dict[Series, list[SeriesValue]] = {}
    for value in values:
        by_series.setdefault(value.series, []).append(value)
    for series, rows in by_series.items():
        if series.subject == SeriesSubject.GERD_RATIO:
            gerd.append(_line(Line, series, rows, name=series.of))
        elif series.of or _unit(series.unit) is None:
            continue
        elif series.subject == SeriesSubject.BUDGET:
            budgets.append(
                _line(BudgetLine, series, rows, basis=series.basis, special=series.special)
            )
        else:
            gdp.append(
                _line(
                    GdpLine,
                    series,
                    rows,
                    status=series.status,
                    vintage=series.vintage,
                    assumed=ASSUMED.get(series.code),
                )
            )
    return Money(budgets, gdp, sorted(gerd, key=lambda one: one.name != ""))


def budget_lines(plan: Plan) -> list[BudgetLine]:
    """Every line of government S&T budgets, 億元."""
    return read(plan).budgets


def gdp_lines(plan: Plan) -> list[GdpLine]:
    """Every vintage of GDP, 億元."""
    return read(plan).gdp


def _line(kind: type[Line], series: Series, rows: Iterable[SeriesValue], **more: object) -> Line:
    unit = _unit(series.unit) or Decimal(1)
    return kind(
        **{
            "code": series.code,
            "name": series.name,
            "amounts": {row.year: _bare(row.amount * unit) for row in rows},
            "source": series.source,
            "source_url": series.source_url,
            "place": series.place,
            "page": series.page,
            "note": series.note,
            "sources": {row.year: row.source for row in rows if row.source},
            **more,
        }
    )


def _unit(unit: str) -> Decimal | None:
    """A unit in 億元 (新臺幣億元, 千元); None for what is no money."""
    return next((size for name, size in _IN_100_MILLION.items() if unit.endswith(name)), None)


def _bare(value: Decimal) -> Decimal:
    """Without the zeros that the database keeps behind the point, and without an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()
