"""Numbers, dates, lights and states as documents write them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from config.kit import roc

# Shape and word, as on screen: readable without colour.
LIGHTS = {
    "far_behind": ("◆", "嚴重落後"),
    "behind": ("▼", "落後"),
    "on_track": ("●", "符合"),
    "ahead": ("▲", "超前"),
    "done": ("✓", "已完成"),
    "not_due": ("◌", "未到期"),
    "stopped": ("■", "終止"),
    "incomplete": ("◐", "未齊"),
    "unknown": ("？", "未知"),
}
STATES = {
    "overdue": "逾期未交",
    "returned": "退回補正",
    "waiting": "待審",
    "not_due": "未到期",
    "accepted": "已接受",
    "nothing_to_report": "無事項",
    "not_applicable": "不適用",
}
STEPS = {"for_reference": "備查", "for_approval": "核定"}
ROLES = {"lead": "主辦", "partner": "協辦"}
DIRECTIONS = {"higher": "越高越好", "lower": "越低越好", "within": "範圍內"}
UNKNOWN = "未知"
NONE = "—"
# Characters of one report's own words in a conclusion; the whole of it stands in the annex volume.
QUOTED = 100
_ENDS = "。！？；"
_INNER = str.maketrans("「」", "『』")


def light(code: str | None) -> str:
    """▲ 超前; nothing told is 未知."""
    shape, word = LIGHTS[code or "unknown"]
    return f"{shape} {word}"


def number(text: str | int | None) -> str:
    """1,307 or 87.5 from a number or its text of fixed scale; — for unknown, which is not zero."""
    if text is None or text == "":
        return NONE
    value = Decimal(text)
    told = f"{value:,f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def percent(text: str | None) -> str:
    """87.5%; one decimal, 未知 for None."""
    return UNKNOWN if text is None else f"{one_decimal(text)}%"


def one_decimal(text: str | None) -> str:
    """88.0; — for unknown."""
    return NONE if text is None else f"{Decimal(text):.1f}"


def day(text: str | None) -> str:
    """112-02-28 from ISO text; — for none."""
    return roc.format_date(date.fromisoformat(text)) if text else NONE


def full_day(text: str) -> str:
    """民國112年2月28日 from ISO text."""
    when = date.fromisoformat(text)
    return f"民國{roc.roc_year(when)}年{when.month}月{when.day}日"


def band(rules: Mapping, key: str | None) -> str:
    """Name of a grade; — where there is none."""
    return next((band["name"] for band in rules["bands"] if band["key"] == key), NONE)


def years(found: list[int]) -> str:
    """110–113, or the one year."""
    return str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"


def target(row: Mapping) -> str:
    """The target of an indicator: a number, or its range."""
    if row["direction"] == "within":
        return f"{number(row['low'])}–{number(row['high'])}"
    return number(row["target"])


def anchor(*parts: str | int) -> str:
    """A name within the document: letters, digits, dots and hyphens."""
    return "-".join(str(part) for part in parts).replace("/", "-").replace("@", "-")


def reported(content: Mapping) -> bool:
    """Whether the line is a report, not a gap."""
    return "state" not in content


def opening(text: str, most: int) -> str:
    """The text's first sentences on one line, without the last full stop; …… where more follows.

    Where the first sentence alone is longer, it is cut within.
    """
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat.rstrip("。")
    end = max((flat.rfind(mark, 0, most) for mark in _ENDS), default=-1)
    return f"{flat[:end] if end > 0 else flat[: most - 1]}……"


def quotation(text: str) -> str:
    """「…」: a report's words as a conclusion quotes them, with 『』 for 「」 within."""
    return f"「{opening(text, QUOTED).translate(_INNER)}」"
