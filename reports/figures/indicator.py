"""One indicator through the years: target against actual, gaps as gaps."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


class Point(NamedTuple):
    """One ROC year. None is unknown, and is never drawn as zero."""

    year: int
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None
    actual: Decimal | None


def target_and_actual(
    points: Sequence[Point], unit: str, baseline: tuple[int, Decimal] | None = None
) -> dict:
    """`{"data", "layout"}`: targets in second ink, actuals in the accent, each named at its line.

    A range is drawn as two lines. `baseline` is (ROC year, value), a point of its own: it was
    measured before the plan and is not joined to what came after.
    """
    years = [point.year for point in points]
    data = []
    if any(point.low is not None for point in points):
        highs = [point.high for point in points]
        lows = [point.low for point in points]
        data.append(_line(_("上限"), years, highs, "--ink-2", dash="dot"))
        data.append(_line(_("下限"), years, lows, "--ink-2", dash="dot"))
    else:
        targets = [point.target for point in points]
        data.append(_line(pgettext("indicator", "目標"), years, targets, "--ink-2"))
    data.append(_line(_("實績"), years, [point.actual for point in points], "--accent", width=3))
    if baseline is not None:
        data.append(_line(_("基期"), [baseline[0]], [baseline[1]], "--ink-3"))
    annotations = [
        {
            "x": trace["x"][last],
            "y": trace["y"][last],
            "text": trace["name"],
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            # Both lines may end at one value: their names must not.
            "yshift": 14 if trace["line"]["color"] == "--accent" else 0,
            "font": {"color": trace["line"]["color"]},
        }
        for trace in data
        if (last := _last_known(trace["y"])) is not None
    ]
    return {
        "data": data,
        "layout": {"yaxis": {"title": {"text": unit}}, "annotations": annotations},
    }


def _line(
    name: str,
    years: Sequence[int],
    values: Sequence[Decimal | None],
    color: str,
    *,
    width: int = 2,
    dash: str = "solid",
) -> dict:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(years),
        "y": [None if value is None else float(value) for value in values],
        "line": {"color": color, "width": width, "dash": dash},
        "marker": {"color": color, "size": 8},
    }


def _last_known(values: Sequence[float | None]) -> int | None:
    return max((place for place, value in enumerate(values) if value is not None), default=None)
