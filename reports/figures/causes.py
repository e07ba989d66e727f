"""Main causes of lateness: this year as bars, last year as a stroke on each."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from reports.figures.bars import bar, counts_axis, short_rows


class Cause(NamedTuple):
    """How many late measures name this cause; `before` is None where there is no last year."""

    name: str
    now: int
    before: int | None


def two_years(rows: Sequence[Cause], year: int) -> dict:
    """`{"data", "layout"}` in the order given."""
    names = [row.name for row in rows]
    now = bar(
        _("%(year)s年") % {"year": year},
        names,
        [row.now for row in rows],
        "--wash-2",
        edge="--ink-2",
    )
    now |= {
        "text": [str(row.now) for row in rows],
        "textposition": "inside",
        "insidetextanchor": "start",
        "textangle": 0,
        "insidetextfont": {"color": "--ink"},
    }
    data = [now]
    if any(row.before is not None for row in rows):
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "orientation": "h",
                "name": _("%(year)s年") % {"year": year - 1},
                "x": [row.before for row in rows],
                "y": names,
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 22,
                    "color": "--ink",
                    "line": {"width": 3},
                },
            }
        )
    return {"data": data, "layout": short_rows(names, xaxis=counts_axis(_("項")))}
