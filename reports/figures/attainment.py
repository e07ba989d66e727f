"""How far indicators reached their targets in one year, against the line of 100 per cent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.templatetags.kit import percent
from reports.figures.bars import bar, named_rows

# Bars end here: one indicator at ten times its target must not press the others flat.
END = 200


class Reached(NamedTuple):
    """An indicator with its attainment in per cent, not capped."""

    code: str
    name: str
    rate: Decimal


def of_indicators(rows: Sequence[Reached]) -> dict:
    """`{"data", "layout"}`: a bar each, in the order given; reached and not reached differ in
    pattern too, and the true number stands at the bar.
    """
    keys = [f"{place} {row.code}" for place, row in enumerate(rows, start=1)]
    data = []
    for name, reached, color, edge, pattern in (
        (_("沒有達到目標"), False, "--behind-f", "--behind-t", "/"),
        (_("達到目標"), True, "--ahead-f", "--ahead-t", ""),
    ):
        chosen = [(row.rate >= 100) is reached for row in rows]
        if not any(chosen):
            continue
        values = [
            min(float(row.rate), END) if this else None
            for row, this in zip(rows, chosen, strict=True)
        ]
        words = [percent(row.rate) if this else "" for row, this in zip(rows, chosen, strict=True)]
        trace = bar(name, keys, values, color, ink=edge, edge=edge, pattern=pattern)
        trace |= {"text": words, "textposition": "outside", "constraintext": "none"}
        data.append(trace | {"hovertemplate": "%{y}　%{text}<extra></extra>"})
    names = [f"{row.code}　{row.name}" for row in rows]
    layout = named_rows(
        keys,
        names,
        barmode="overlay",
        xaxis={
            "title": {"text": _("達成率（%）")},
            "range": [0, END + 24],
            "tickvals": [0, 50, 100, 150, 200],
            "showgrid": True,
        },
        shapes=[
            {
                "type": "line",
                "x0": 100,
                "x1": 100,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": "--ink", "width": 1},
            }
        ],
    )
    return {"data": data, "layout": layout}
