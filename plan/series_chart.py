"""A series through its years as a chart, in plotly's terms. Pure: plain values in, plain data out.

Colours are tokens of theme.css. A year without a value is a gap that no line crosses.
"""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from config.kit.forms import format_number


def figure(values: Mapping[int, Decimal], unit: str, *, rank: bool = False) -> dict:
    """`{"data", "layout"}` from amounts by ROC year; of a rank, the first stands on top.

    Amounts are written at their points, so that none is read off an axis.
    """
    years = list(range(min(values), max(values) + 1)) if values else []
    amounts = [float(values[year]) if year in values else None for year in years]
    words = [format_number(values[year]) if year in values else "" for year in years]
    trace = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": years,
        "y": amounts,
        "text": words,
        "textposition": "top center",
        "line": {"color": "--accent", "width": 3},
        "marker": {"color": "--accent", "size": 8},
        "hovertemplate": f"%{{text}}{unit}<extra></extra>",
    }
    axis: dict = {"title": {"text": unit}}
    if rank:
        axis |= {"autorange": "reversed", "rangemode": "normal"}
    elif any(amount < 0 for amount in values.values()):
        axis |= {"rangemode": "normal"}
    layout = {
        "yaxis": axis,
        "xaxis": {"range": [years[0] - 0.6, years[-1] + 0.6]} if years else {},
        "margin": {"l": 8, "r": 16, "t": 32, "b": 8},
    }
    return {"data": [trace], "layout": layout}


def finding(name: str, values: Mapping[int, Decimal], unit: str) -> str:
    """Title of the chart: where it began and where it stands."""
    first, last = min(values), max(values)
    return _("%(name)s：%(first)s年%(from)s%(unit)s，%(last)s年%(to)s%(unit)s") % {
        "name": name,
        "first": first,
        "from": format_number(values[first]),
        "last": last,
        "to": format_number(values[last]),
        "unit": unit,
    }
