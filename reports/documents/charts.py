"""Charts for print, in the colours and shapes of the screen: what `Figure` blocks ask for.

Drawn without a display and with our own font only. The rows that a chart shows stand as a table
in the same document.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from config.kit.glyphs import SANS
from reports.documents.content import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

# The light theme's tokens (`static/css/theme.css`): cell, and shape on the cell.
INK, INK_2, RULE, ACCENT = "#17191c", "#454b52", "#dcdcd7", "#0b4f8f"
LIGHTS = {
    "far_behind": ("#a01d1d", "#ffffff", "D"),
    "behind": ("#e7a33e", "#2b1a00", "v"),
    "on_track": ("#dae7e4", "#2b6a66", "o"),
    "ahead": ("#93c2bb", "#0c3b38", "^"),
    "done": ("#22645f", "#ffffff", "$\u2713$"),
    "not_due": ("#ffffff", "#666d75", "o"),
    "stopped": ("#c9cbcc", "#33383d", "s"),
    "incomplete": ("#f4f4f1", "#666d75", "x"),
    "unknown": ("#f4f4f1", "#666d75", "$?$"),
}
WIDTH = 6.6  # inches: the width of the text


def draw(kind: str, data: Mapping, form: str) -> bytes:
    """One chart as `svg` (text as outlines, for PDF) or `png` (for word processors)."""
    matplotlib, family = _drawing()
    style = {"font.family": family, "font.size": 9, "svg.hashsalt": "chart", "axes.linewidth": 0.6}
    with matplotlib.rc_context(style):
        canvas = KINDS[kind](data)
        file = io.BytesIO()
        # No date inside: equal data, equal bytes.
        told = {"Date": None} if form == "svg" else {"Software": None}
        canvas.savefig(file, format=form, dpi=200, metadata=told)
    return file.getvalue()


@cache
def _drawing() -> tuple:
    """Matplotlib with our font. Half a second and 60 MB, which only a process that draws spends."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.font_manager import FontProperties, fontManager

    fontManager.addfont(str(SANS))
    return matplotlib, FontProperties(fname=str(SANS)).get_name()


def _attainment(data: Mapping) -> "Canvas":
    rows: Sequence[tuple[str, str | None]] = data["rows"]
    canvas, axes = _empty(0.42 * max(len(rows), 2) + 0.7)
    places = range(len(rows), 0, -1)
    for place, (_name, value) in zip(places, rows, strict=True):
        if value is None:
            axes.text(1, place, "未知", va="center", color=INK_2)
            continue
        axes.barh(place, float(value), height=0.5, color=ACCENT)
        axes.text(float(value) + 1, place, f"{float(value):.1f}%", va="center", color=INK)
    threshold = float(data["threshold"])
    ends = [0.4, len(rows) + 0.5]
    axes.plot([threshold] * 2, ends, color=INK_2, linewidth=1, linestyle=(0, (4, 3)))
    axes.text(threshold, len(rows) + 0.62, f"門檻{threshold:g}%", ha="center", color=INK_2)
    axes.set_yticks(list(places), [_short(name) for name, _value in rows])
    axes.set_xlim(0, 112)
    axes.set_ylim(0.4, len(rows) + 0.95)
    axes.set_xticks([0, 20, 40, 60, 80, 100])
    axes.set_xlabel("達成度（%）")
    return canvas


def _lights(data: Mapping) -> "Canvas":
    codes, rows = data["codes"], data["rows"]
    canvas, axes = _empty(0.5 * max(len(rows), 1) + 0.9)
    most = max((sum(counts) for _name, counts in rows), default=1) or 1
    for place, (_name, counts) in zip(range(len(rows), 0, -1), rows, strict=True):
        left = 0
        for code, count in zip(codes, counts, strict=True):
            if not count:
                continue
            cell, shape, marker = LIGHTS[code]
            axes.barh(
                place, count, left=left, height=0.62, color=cell, edgecolor=INK_2, linewidth=0.5
            )
            # The shape needs room; a narrow cell shows its number in the table only.
            if count / most > 0.055:
                middle = left + count / 2
                axes.plot(middle - 0.014 * most, place, marker=marker, color=shape, markersize=6)
                axes.text(middle + 0.006 * most, place, str(count), va="center", color=shape)
            left += count
    axes.set_yticks(range(len(rows), 0, -1), [name for name, _counts in rows])
    axes.set_xlim(0, most)
    axes.set_xticks([])
    _key(axes, codes)
    return canvas


def _key(axes: "Axes", codes: Sequence[str]) -> None:
    handles = [
        axes.plot(
            [], [], linestyle="", marker=LIGHTS[code][2], markersize=7, markeredgecolor=INK_2,
            color=LIGHTS[code][0], markeredgewidth=0.5,
        )[0]
        for code in codes
    ]  # fmt: skip
    axes.legend(
        handles, [words.LIGHTS[code][1] for code in codes], loc="upper center", frameon=False,
        bbox_to_anchor=(0.5, 0), ncol=max(len(codes), 1), handletextpad=0.2, columnspacing=1.2,
    )  # fmt: skip


def _budget(data: Mapping) -> "Canvas":
    """Planned and statutory are two bases: two marks, and no line between them."""
    canvas, axes = _empty(2.6)
    planned = [(year, float(value)) for year, value in data["planned"]]
    statutory = [(year, float(value)) for year, value in data["statutory"]]
    if planned:
        axes.plot(*zip(*planned, strict=True), color=INK_2, marker="o", markersize=5)
        axes.annotate(
            "規劃", planned[len(planned) // 2], (0, -14), textcoords="offset points", ha="center"
        )
    if statutory:
        axes.plot(*zip(*statutory, strict=True), color=ACCENT, marker="s", linestyle="")
    for points, word in ((planned, ""), (statutory, "法定")):
        for point in points:
            axes.annotate(
                f"{word}{point[1]:,.0f}", point, (0, 7), textcoords="offset points", ha="center"
            )
    years = sorted({year for year, _value in planned + statutory})
    axes.set_xticks(years, [f"{year}年" for year in years])
    axes.set_ylabel("億元")
    axes.margins(0.08, 0.2)
    axes.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    return canvas


KINDS: dict[str, Callable[[Mapping], "Canvas"]] = {
    "attainment": _attainment,
    "lights": _lights,
    "budget": _budget,
}


def _empty(height: float) -> tuple["Canvas", "Axes"]:
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = canvas.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(colors=INK_2, length=0)
    return canvas, axes


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
