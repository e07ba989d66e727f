"""Lights of measures as bars: of the parts of a goal in one year, and of a goal through the years.

A light is a shape, a number and a colour together, so that a bar reads in greyscale.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.templatetags.kit import light_word
from reports.figures.bars import bar, counts_axis, gaps, named_rows, years_axis
from tracking.lights import SHOWN_ORDER

# Light → shape, colour of the bar, colour of what is written on it.
_LOOKS = {
    "far_behind": ("◆", "--far-f", "--far-g"),
    "behind": ("▼", "--behind-f", "--behind-g"),
    "on_track": ("●", "--on-f", "--on-g"),
    "ahead": ("▲", "--ahead-f", "--ahead-g"),
    "done": ("✓", "--done-f", "--done-g"),
    "not_due": ("◌", "--ground", "--ink-2"),
    "stopped": ("■", "--stopped-f", "--stopped-g"),
    "incomplete": ("◐", "--ground", "--ink-2"),
    "unknown": ("?", "--ground", "--ink-2"),
}


class Part(NamedTuple):
    """A part of a goal, and how many of its measures bear each light; absent means none."""

    code: str
    name: str
    counts: Mapping[str, int]


def key(counts: Mapping[str, int]) -> str:
    """What the shapes mean, of the lights that occur: ◆嚴重落後　▼落後 …"""
    return "　".join(
        f"{_LOOKS[code][0]}{light_word(code)}" for code in SHOWN_ORDER if counts.get(code)
    )


def by_part(parts: Sequence[Part]) -> dict:
    """`{"data", "layout"}`: a stacked bar for each part, worst light first; one unit a measure."""
    rows = [part.code for part in parts]
    data = []
    for code in SHOWN_ORDER:
        numbers = [part.counts.get(code) or None for part in parts]
        if any(numbers):
            shape, color, ink = _LOOKS[code]
            data.append(
                bar(
                    light_word(code),
                    rows,
                    numbers,
                    color,
                    words=[f"{shape}{number}" if number else "" for number in numbers],
                    ink=ink,
                    edge=_edge(color),
                    unit=_("項"),
                )
            )
    names = [f"{part.code}　{part.name}" for part in parts]
    return {
        "data": data,
        "layout": named_rows(
            rows,
            names,
            barmode="stack",
            xaxis=counts_axis(_("項")),
            uniformtext={"mode": "hide", "minsize": 10},
        ),
    }


def by_year(years: Mapping[int, Mapping[str, int] | None]) -> dict:
    """`{"data", "layout"}`: a stacked column for each ROC year, best light at the foot. None: there
    is nothing that the reader may see of that year, and a gap stands there.
    """
    every = list(years)
    data = []
    for code in reversed(SHOWN_ORDER):
        numbers = [(counts or {}).get(code) or None for counts in years.values()]
        if any(numbers):
            shape, color, ink = _LOOKS[code]
            data.append(
                {
                    "type": "bar",
                    "name": light_word(code),
                    "x": every,
                    "y": numbers,
                    "marker": {"color": color, "line": {"color": _edge(color), "width": 1}},
                    "text": [f"{shape} {number}" if number else "" for number in numbers],
                    "textposition": "inside",
                    "insidetextanchor": "middle",
                    "textangle": 0,
                    "insidetextfont": {"color": ink, "size": 13},
                }
            )
    empty = [year for year, counts in years.items() if not any((counts or {}).values())]
    return {
        "data": data,
        "layout": {
            "height": 420,
            "barmode": "stack",
            "bargap": 0.45,
            "xaxis": years_axis(every),
            "yaxis": {"title": {"text": _("項")}, "tickformat": ",d", "nticks": 6},
            "uniformtext": {"mode": "hide", "minsize": 11},
            "margin": {"l": 8, "r": 16, "t": 16, "b": 8},
            "annotations": gaps(empty, _("沒有資料")),
        },
    }


def _edge(color: str) -> str:
    """A bar in the colour of the ground needs a line of its own."""
    return "--ink-3" if color == "--ground" else "--ground"
