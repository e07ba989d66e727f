"""Shares of GDP through the years: the planned path, later bases, scenarios, and research apart.

Each line is one basis on one vintage; a year without a figure is a gap that nothing bridges.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

HEIGHT = 460
_INNER = 400  # px of it between the axes
_APART = 18  # px between two labels at one place
_SYMBOLS = {
    "planned": "circle-open",
    "statutory": "circle",
    "draft": "diamond",
    "approved": "square",
    "supplementary": "triangle-up",
    "settled": "x",
}

Shares = Mapping[int, Decimal | None]


class Drawn(NamedTuple):
    """One line of shares in per cent by ROC year. `basis` decides the mark; `scenario` and `again`
    (the planned budgets on another vintage) are dashed and dotted.
    """

    label: str
    shares: Shares
    basis: str = ""
    kind: str = "later"  # planned, again, later, scenario


class Fan(NamedTuple):
    """The span of a scenario's shares where both ends are known."""

    low: Shares
    high: Shares


def path_figure(
    lines: Sequence[Drawn], fan: Fan | None, target: Decimal, target_year: int | None
) -> dict:
    """`{"data", "layout"}`: share of GDP by year, with the target as a line across."""
    known = [share for line in lines for share in line.shares.values() if share is not None]
    ends = [*known, target]
    years = sorted({year for line in lines for year in line.shares})
    if fan:
        years = sorted({*years, *fan.low})
        ends += [share for side in fan for share in side.values() if share is not None]
    if not years:
        return {"data": [], "layout": {}}
    span = range(years[0], years[-1] + 1)
    low, high = _range(ends)
    data = [*(_fan(fan) if fan else []), *(_line(line, span) for line in lines)]
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": _("目標"),
            "x": [span[0] - 0.4, span[-1]],
            "y": [float(target)] * 2,
            "line": {"color": "--ink", "width": 1},
            "hoverinfo": "skip",
        }
    )
    word = _("%(year)s年目標 %(target)s%%") if target_year else _("目標 %(target)s%%")
    annotations = [
        {
            "x": span[0] - 0.4,
            "y": float(target),
            "text": word % {"year": target_year, "target": target_words(target)},
            "showarrow": False,
            "xanchor": "left",
            "yshift": 11,
            "font": {"color": "--ink"},
        },
        *_labels(lines, low, high),
    ]
    return {"data": data, "layout": _layout(span, low, high, annotations)}


def gerd_figure(lines: Sequence[tuple[str, Shares]], home: str) -> dict:
    """National R&D expenditure ÷ GDP by country, in per cent; `home` is drawn in the accent.

    Never in one picture with the government's S&T budget: it is another ratio.
    """
    drawn = [
        Drawn(name, shares, kind="planned" if name != home else "later") for name, shares in lines
    ]
    known = [share for line in drawn for share in line.shares.values() if share is not None]
    years = sorted({year for line in drawn for year in line.shares})
    if not known:
        return {"data": [], "layout": {}}
    span = range(years[0], years[-1] + 1)
    low, high = _range(known)
    data = [_line(line, span) for line in drawn]
    labels = _labels(drawn, low, high, values=False)
    return {"data": data, "layout": _layout(span, low, high, labels)}


def target_words(target: Decimal) -> str:
    """0.70; more places where it was given with more."""
    return f"{target:.2f}" if target == round(target, 2) else f"{target.normalize():f}"


# --- parts ----------------------------------------------------------------------------------------
def _line(line: Drawn, span: range) -> dict:
    color = {"later": "--accent", "scenario": "--ink"}.get(line.kind, "--ink-2")
    dash = {"scenario": "dash", "again": "dot"}.get(line.kind, "solid")
    shares = [line.shares.get(year) for year in span]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.label,
        "x": list(span),
        "y": [None if share is None else float(share) for share in shares],
        "line": {"color": color, "width": 3 if line.kind == "later" else 2, "dash": dash},
        "marker": {
            "color": color,
            "size": 6 if line.kind == "scenario" else 9,
            "symbol": _SYMBOLS.get(line.basis, "circle"),
        },
        "hovertemplate": "%{y:.4f}%",
    }


def _fan(fan: Fan) -> list[dict]:
    """Two bare lines, the space between them filled."""
    years = [
        year for year in sorted(fan.low)
        if fan.low[year] is not None and fan.high.get(year) is not None
    ]  # fmt: skip
    common = {
        "type": "scatter",
        "mode": "lines",
        "x": years,
        "line": {"color": "--wash-2", "width": 0},
        "hoverinfo": "skip",
    }
    return [
        {**common, "name": _("扇形下緣"), "y": [float(fan.low[year]) for year in years]},
        {
            **common,
            "name": _("扇形上緣"),
            "y": [float(fan.high[year]) for year in years],
            "fill": "tonexty",
            "fillcolor": "--wash-2",
        },
    ]


def _labels(lines: Sequence[Drawn], low: float, high: float, *, values: bool = True) -> list[dict]:
    """Each line's name (and share) where it ends or breaks off; those at one year pushed apart."""
    at: dict[int, list[tuple[float, Drawn]]] = {}
    for line in lines:
        for year in _ends(line.shares):
            at.setdefault(year, []).append((float(line.shares[year]), line))
    found = []
    for year, ends in sorted(at.items()):
        place = None
        for share, line in sorted(ends, key=lambda end: -end[0]):
            wanted = (high - share) / (high - low) * _INNER
            place = wanted if place is None else max(wanted, place + _APART)
            color = {"later": "--accent", "scenario": "--ink"}.get(line.kind, "--ink-2")
            found.append(
                {
                    "x": year,
                    "y": share,
                    "text": f"{line.label} {share:.2f}" if values else line.label,
                    "showarrow": False,
                    "xanchor": "left",
                    "xshift": 9,
                    "yshift": round(wanted - place),
                    "font": {"color": color},
                }
            )
    return found


def _ends(shares: Shares) -> list[int]:
    """The last year of each unbroken run."""
    known = {year for year, share in shares.items() if share is not None}
    return sorted(year for year in known if year + 1 not in known)


def _range(shares: Sequence[Decimal]) -> tuple[float, float]:
    """Not from zero: the whole path lies within a few tenths of a per cent."""
    low, high = float(min(shares)), float(max(shares))
    air = max((high - low) * 0.12, 0.01)
    return round(low - air, 4), round(high + air, 4)


def _room(span: range, annotations: list[dict]) -> float:
    """Behind the last year for the names of the lines that end there, as a share of the years; on a
    telephone too, where it is tightest.
    """
    ends = [one["text"] for one in annotations if one["x"] == span[-1]]
    ems = [sum(0.55 if char.isascii() else 1 for char in text) for text in ends]
    return max(0.42, 0.085 * max(ems, default=0))


def _layout(span: range, low: float, high: float, annotations: list[dict]) -> dict:
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
        "xaxis": {
            "range": [span[0] - 0.5, span[-1] + _room(span, annotations) * len(span)],
            "tickvals": list(span),
        },
        "yaxis": {"title": {"text": _("占GDP（%）")}, "range": [low, high]},
        "annotations": annotations,
    }
