"""What the bar charts share: rows with their name above the bar, and heights that fit.

Colours are tokens of theme.css. Numbers of rows that can't be known are None: no bar, not zero.
"""

from collections.abc import Sequence

# Pixels. A named row has its name above the bar; a short one beside it.
NAMED_ROW, SHORT_ROW, AROUND = 58, 34, 56
_NAME_LENGTH = 26


def bar(
    name: str,
    rows: Sequence[str],
    values: Sequence[float | None],
    color: str,
    *,
    words: Sequence[str] | None = None,
    ink: str = "--ink",
    edge: str = "--ground",
    pattern: str = "",
    width: float | None = None,
    unit: str = "",
) -> dict:
    """A trace of horizontal bars, one a row; `words` are written in or beside each.

    `pattern` (such as "/") tells it from others where colours are not seen.
    """
    marker = {"color": color, "line": {"color": edge, "width": 1}}
    if pattern:
        marker["pattern"] = {"shape": pattern, "fgcolor": ink, "bgcolor": color, "size": 6}
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": list(rows),
        "x": list(values),
        "marker": marker,
        "hovertemplate": f"%{{y}}　{name} %{{x:,}}{unit}<extra></extra>",
    }
    if words is not None:
        trace |= {
            "text": list(words),
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "insidetextfont": {"color": ink, "size": 13},
        }
    if width is not None:
        trace["width"] = width
    return trace


def named_rows(rows: Sequence[str], names: Sequence[str], **more: object) -> dict:
    """Layout of horizontal bars of which each row's name stands above its bar."""
    return {
        "height": AROUND + NAMED_ROW * len(rows),
        "bargap": 0.5,
        "yaxis": {**_upside_down(rows), "showticklabels": False},
        "margin": {"l": 4, "r": 16, "t": 16, "b": 8},
        "annotations": [
            {
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                # A number on a category axis is a place; a code such as 3.1 would be taken for one.
                "y": place,
                "yanchor": "bottom",
                "yshift": 14,
                "text": _short(name),
                "showarrow": False,
                "align": "left",
            }
            for place, name in enumerate(names)
        ],
        "hovermode": "closest",
        **more,
    }


def short_rows(rows: Sequence[str], **more: object) -> dict:
    """Layout of horizontal bars with short names beside them."""
    return {
        "height": AROUND + SHORT_ROW * len(rows),
        "bargap": 0.28,
        "yaxis": _upside_down(rows),
        "margin": {"l": 8, "r": 56, "t": 16, "b": 8},
        "hovermode": "closest",
        **more,
    }


def counts_axis(unit: str) -> dict:
    """A horizontal axis of whole numbers."""
    return {
        "title": {"text": unit},
        "showgrid": True,
        "rangemode": "tozero",
        "tickformat": ",d",
        "nticks": 6,
    }


def years_axis(years: Sequence[int]) -> dict:
    """A year without numbers keeps its place."""
    return {"range": [min(years) - 0.6, max(years) + 0.6], "tickvals": list(years)}


def gaps(years: Sequence[int], word: str) -> list[dict]:
    """What stands where a year has nothing to draw."""
    return [
        {
            "x": year,
            "y": 0,
            "yanchor": "bottom",
            "text": word,
            "showarrow": False,
            "font": {"color": "--ink-2", "size": 13},
        }
        for year in years
    ]


def _upside_down(rows: Sequence[str]) -> dict:
    """The first row on top, each a category even where it looks like a number."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(rows),
        "range": [len(rows) - 0.4, -0.8],
        "showgrid": False,
    }


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
