"""The plan's budget path in small: planned budgets of table 8 and, apart, the statutory one of 110.

Pure drawing. Two bases (規劃, 法定) are two marks that no line joins.
"""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

TABLE = "8"
TEXT = "柒"
_BUDGET, _GDP, _RATIO = 1, 2, 3  # rows of table 8


class PathRow(NamedTuple):
    """One year of one basis; amounts in 億元, ratio in per cent, None where none is printed."""

    year: int
    basis: str  # planned, statutory
    budget: Decimal
    gdp: Decimal | None = None
    ratio: Decimal | None = None


def path_rows(figures: Sequence[tuple[str, int, int | None, Decimal | None]]) -> list[PathRow]:
    """Rows by year from printed figures: (table, row ordinal, ROC year, value)."""
    cells = {(table, row, year): value for table, row, year, value in figures}
    rows = []
    for (table, row, year), value in cells.items():
        if row != _BUDGET or year is None or value is None:
            continue
        if table == TABLE:
            gdp, ratio = cells.get((TABLE, _GDP, year)), cells.get((TABLE, _RATIO, year))
            rows.append(PathRow(year, "planned", value, gdp, ratio))
        elif table == TEXT:
            rows.append(PathRow(year, "statutory", value))
    return sorted(rows, key=lambda row: (row.year, row.basis))


def draw(rows: Sequence[PathRow], width: int, css: str) -> SafeString:
    """The rows as an SVG of `width` × 250: years across, 億元 upward, the axis not from zero."""
    if not rows:
        return SafeString("")
    height, left, right, top, bottom = 250, 52, 14, 26, 226
    years = [row.year for row in rows]
    first, last = min(years), max(years)
    step = 200
    low = int(min(row.budget for row in rows)) // step * step
    high = -(-int(max(row.budget for row in rows)) // step) * step
    span_x = max(last - first, 1)
    margin = (width - left - right) / (2 * (span_x + 1))

    def x(year: int) -> float:
        return left + margin + (year - first) * (width - left - right - 2 * margin) / span_x

    def y(value: Decimal | int) -> float:
        return bottom - float(value - low) * (bottom - top) / max(high - low, step)

    parts = [
        f'<svg class="ch {escape(css)}" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="{escape(describe(rows))}">'
    ]
    for value in range(low, high + 1, step):
        parts.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            f' class="gd"/><text x="0" y="{y(value) + 4.5:.1f}" class="tk">{value:,}</text>'
        )
    for year in range(first, last + 1):
        parts.append(
            f'<text x="{x(year):.1f}" y="{height - 4}" text-anchor="middle" class="tk">'
            f"{year}</text>"
        )
    planned = [row for row in rows if row.basis == "planned"]
    if planned:
        line = "L".join(f"{x(row.year):.1f} {y(row.budget):.1f}" for row in planned)
        parts.append(f'<path class="ln plan" d="M{line}"/>')
        end = planned[-1]
        middle = planned[len(planned) // 2]
        label = _("規劃")
        parts.append(
            f'<text x="{x(middle.year):.1f}" y="{y(middle.budget) + 26:.1f}" class="lb">'
            f"{escape(label)}</text>"
            f'<text x="{x(end.year):.1f}" y="{y(end.budget) - 10:.1f}" text-anchor="middle"'
            f' class="lb">{end.budget:,.0f}</text>'
            f'<text x="{x(planned[0].year):.1f}" y="{y(planned[0].budget) - 10:.1f}"'
            f' text-anchor="middle" class="lb">{planned[0].budget:,.0f}</text>'
        )
    for row in rows:
        kind = "plan" if row.basis == "planned" else "stat"
        parts.append(
            f'<circle cx="{x(row.year):.1f}" cy="{y(row.budget):.1f}" r="4.5" class="pt {kind}"/>'
        )
        if row.basis == "statutory":
            label = _("法定")
            parts.append(
                f'<text x="{x(row.year):.1f}" y="{y(row.budget) - 12:.1f}" text-anchor="middle"'
                f' class="lb statx">{escape(label)} {row.budget:,.0f}</text>'
            )
    return SafeString("".join([*parts, "</svg>"]))


def describe(rows: Sequence[PathRow]) -> str:
    """The finding as a sentence: title of the chart and its words for a screen reader."""
    planned = [row for row in rows if row.basis == "planned"]
    statutory = [row for row in rows if row.basis == "statutory"]
    sentences = []
    if planned:
        first, last = planned[0], planned[-1]
        sentences.append(
            _("規劃的科技預算由%(first)s年%(low)s億元升到%(last)s年%(high)s億元")
            % {
                "first": first.year,
                "low": f"{first.budget:,.0f}",
                "last": last.year,
                "high": f"{last.budget:,.0f}",
            }
        )
        if first.ratio and last.ratio:
            sentences.append(
                _("占GDP由%(low)s%%升到%(high)s%%")
                % {"low": f"{first.ratio.normalize():f}", "high": f"{last.ratio.normalize():f}"}
            )
    sentences += [
        _("%(year)s年法定預算%(budget)s億元是另一個基礎")
        % {"year": row.year, "budget": f"{row.budget:,.0f}"}
        for row in statutory
    ]
    return _("；").join(sentences)
