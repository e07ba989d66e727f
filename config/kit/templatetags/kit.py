"""Template tags and filters of the design system: marks, numbers, dates, bars and cells.

They take named values and never query. What stands in long tables (134 measures, 416 cells) is
built from constants here, since an {% include %} for each row costs more than the row.
"""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from django import template
from django.forms import BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
)
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.kit import roc, textdiff

register = template.Library()
_ROC_DATE = re.compile(r"(?<!\d)\d{2,3}-\d{2}-\d{2}(?!\d)")

# code: (class suffix, word), worst first: this is the order of segments, columns and cells.
LIGHTS = {
    "far_behind": ("far", _("嚴重落後")),
    "behind": ("behind", _("落後")),
    "on_track": ("on", _("符合")),
    "ahead": ("ahead", _("超前")),
    "done": ("done", _("已完成")),
    "not_due": ("notdue", _("未到期")),
    "stopped": ("stopped", _("終止")),
    "incomplete": ("incomplete", _("未齊")),
    "unknown": ("unknown", _("未知")),
}
# Statuses of a report and the states that pages show for a duty, in the words of the workflow.
STATES = {
    "overdue": _("逾期未交"),
    "returned": _("退回補正"),
    "waiting": _("待審"),
    "not_due": _("未到期"),
    "draft": _("草稿"),
    "signing": _("待窗口核可"),
    "submitted": _("待審"),
    "under_review": _("審查中"),
    "accepted": _("已接受"),
    "nothing_to_report": _("無事項"),
    "not_applicable": _("不適用"),
    "not_opened": _("未開放"),
}
# States in which the ministry still owes something, so that they can be overdue.
OWED = {"not_due", "draft", "signing", "returned"}
# Matrix cells: class suffix and the one character that survives greyscale and print.
CELLS = {
    "overdue": "over",
    "returned": "ret",
    "waiting": "sub",
    "not_due": "due",
    "nothing_to_report": "none",
    "accepted": "acc",
}
_LIGHT_ORDER = {code: place for place, code in enumerate(LIGHTS)}
_DASH = '<span class="visually-hidden">0</span><span aria-hidden="true">–</span>'


def _safe(html: str) -> SafeString:
    return SafeString(html)


def _glyph(name: str) -> str:
    return f'<svg class="gl" aria-hidden="true" focusable="false"><use href="#{name}"/></svg>'


# --- marks --------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _light(language: str, code: str, incomplete: bool) -> SafeString:
    suffix, word = LIGHTS[code]
    missing = gettext("（未齊）")
    note = f'<small class="lt-n">{missing}</small>' if incomplete else ""
    return _safe(f'<span class="lt lt-{suffix}">{_glyph("g-" + suffix)}{word}{note}</span>')


@register.simple_tag
def light(value: str | None, incomplete: bool = False) -> SafeString:
    """A light as shape, word and colour. Empty means unknown.

    `incomplete` adds that a lead is still missing. An unknown code raises KeyError.
    """
    return _light(get_language() or "", str(value or "unknown"), bool(incomplete))


@register.filter
def light_class(value: str | None) -> str:
    """Class suffix of a light: far_behind → far, as in lt-far and u-far."""
    return LIGHTS[str(value or "unknown")][0]


@register.filter
def light_word(value: str | None) -> str:
    """The word alone, for sentences and labels."""
    return str(LIGHTS[str(value or "unknown")][1])


@lru_cache(maxsize=64)
def _state(language: str, code: str, overdue: bool) -> SafeString:
    if not overdue:
        return _safe(f'<span class="pm pm-{code}">{_glyph("s-" + code)}{STATES[code]}</span>')
    word = STATES["overdue"]
    if code != "not_due":
        word = gettext("%(overdue)s・%(state)s") % {"overdue": word, "state": STATES[code]}
    return _safe(f'<span class="pm pm-overdue">{_glyph("s-overdue")}{word}</span>')


@register.simple_tag
def state(value: str, overdue: bool = False) -> SafeString:
    """Where a report is on its road, as shape and word; only overdue and returned have a colour.

    `overdue` counts only while the ministry still owes the report. An unknown code: KeyError.
    """
    code = str(value)
    return _state(get_language() or "", code, bool(overdue) and code in OWED)


@register.filter
def state_word(value: str) -> str:
    """The word alone, for sentences and labels."""
    return str(STATES[str(value)])


@register.filter
def host(url: str) -> str:
    """Whose page a link leads to: the host in full, whatever else the address says."""
    return urlsplit(url).hostname or ""


# --- dates and numbers ----------------------------------------------------------------------------


@register.filter(expects_localtime=True)
def roc_date(value: dt.date | None) -> str:
    """112-02-28; nothing for None."""
    return roc.format_date(value) if value else ""


@register.filter
def whole_dates(text: str) -> SafeString:
    """A sentence in which no line breaks inside a date such as 112-02-28."""
    return _safe(_ROC_DATE.sub(r'<span class="nb">\g<0></span>', conditional_escape(text)))


@register.filter(expects_localtime=True)
def roc_datetime(value: dt.datetime | None) -> str:
    """112-03-15 09:30 in local time; nothing for None."""
    return f"{roc.format_date(value)} {value:%H:%M}" if value else ""


@register.filter(expects_localtime=True)
def roc_date_full(value: dt.date | None) -> str:
    """民國112年2月28日; nothing for None."""
    if not value:
        return ""
    return gettext("民國%(year)d年%(month)d月%(day)d日") % {
        "year": roc.roc_year(value),
        "month": value.month,
        "day": value.day,
    }


@register.filter
def roc_year(value: dt.date | int | None) -> int | str:
    """ROC year of a date, a Gregorian year or a ROC year; nothing for None."""
    return "" if value is None else roc.roc_year(value)


@register.filter
def days_until(value: dt.date) -> int:
    """Calendar days from today in Taipei; negative when the day has passed."""
    return (value - timezone.localdate()).days


def _absent() -> SafeString:
    word = gettext("沒有資料")
    return _safe(f'<span class="visually-hidden">{word}</span><span aria-hidden="true">—</span>')


@register.filter
def thousands(value: int | Decimal | float | None) -> str:
    """1,307; zero as a dash with a hidden 0; None as 沒有資料, since unknown is not zero."""
    if value is None or value == "":
        return _absent()
    if value == 0:
        return _safe(_DASH)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def percent(value: Decimal | float | None, digits: int = 1) -> str:
    """A number that already counts in per cent: 86.9%. Trailing zeros go; None as 沒有資料."""
    if value is None or value == "":
        return _absent()
    text = f"{value:.{int(digits)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


@register.filter
def nbsp_unit(value: object, unit: str) -> str:
    """Number and unit that no line break parts: a blank before Latin units, none before 漢字."""
    unit = str(unit)
    joint = "\N{NO-BREAK SPACE}" if unit[:1].isascii() and unit[:1].isalpha() else "\N{WORD JOINER}"
    return _safe(f"{conditional_escape(value)}{joint}{conditional_escape(unit)}")


# --- bars and cells -------------------------------------------------------------------------------


@register.simple_tag
def bar(segments: Iterable[tuple[str, float]], total: float, height: int = 12) -> SafeString:
    """A row of segments on one scale: [(class, value), …] out of `total`, in per cent of the cell.

    Classes: m-over m-ret m-sub m-due m-ok (filing), c-now (a plain amount). It is decoration:
    the numbers stand beside it. A total of zero draws nothing.
    """
    parts, start = [], 0.0
    for css, value in segments:
        if value and total:
            width = 100 * float(value) / float(total)
            parts.append(
                f'<rect class="{escape(css)}" x="{start:.3f}%" width="{width:.3f}%"'
                f' height="{int(height)}"/>'
            )
            start += width
    return _safe(
        f'<svg class="sb" width="100%" height="{int(height)}" aria-hidden="true"'
        f' focusable="false">{"".join(parts)}</svg>'
    )


@lru_cache(maxsize=8)
def _shapes(language: str) -> dict[str, tuple[str, str, str]]:
    """Class suffix, word and glyph of every light."""
    return {
        code: (suffix, str(word), _glyph("g-" + suffix)) for code, (suffix, word) in LIGHTS.items()
    }


@register.simple_tag
def units(
    cells: Iterable[tuple[str, str, str | None]], before: str, after: str = "/"
) -> SafeString:
    """One cell a measure, worst light first: [(code, name, light), …]; the address of each is its
    code between `before` and `after`.

    For the eye and the mouse only (no tab stops, hidden from readers): the counts beside the
    strip are the links, and the same numbers stand in the table.
    """
    html = []
    shapes = _shapes(get_language() or "")
    before, after = escape(before), escape(after)
    for code, name, value in sorted(cells, key=lambda cell: _LIGHT_ORDER[cell[2] or "unknown"]):
        suffix, word, glyph = shapes[value or "unknown"]
        code = escape(code)
        html.append(
            f'<a class="u u-{suffix}" href="{before}{code}{after}" tabindex="-1" title="{code} '
            f'{escape(name)}：{word}">{glyph}</a>'
        )
    return _safe(f'<div class="units" aria-hidden="true">{"".join(html)}</div>')


@register.simple_tag
def bracket(value: int, total: int = 39) -> SafeString:
    """Last year's count as a bracket under a strip of `units` (39 cells fill the width)."""
    return _safe(
        f'<svg class="was" width="{100 * value / total:.2f}%" height="5" viewBox="0 0 100 5"'
        ' preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path d="M0 0v5h100V0"/></svg>'
    )


@lru_cache(maxsize=32)
def _cell_letter(language: str, kind: str) -> str:
    return {
        "overdue": pgettext("matrix cell", "逾"),
        "returned": pgettext("matrix cell", "退"),
        "waiting": pgettext("matrix cell", "審"),
        "not_due": pgettext("matrix cell", "未"),
        "nothing_to_report": pgettext("matrix cell", "無"),
        "accepted": "",
    }[kind]


@register.simple_tag
def matrix_cell(
    kind: str | None,
    count: int = 0,
    total: int = 0,
    lead: bool = False,
    also: bool = False,
    url: str = "",
    label: str = "",
) -> SafeString:
    """One <td> of the collation matrix; kind None is a dot: no duty here, or not applicable.

    kind    the worst state in the cell: overdue returned waiting not_due nothing_to_report
            accepted (the keys of CELLS)
    count   how many reports are in that state, out of `total`
    lead    bold; also = something waits for review behind a worse state (blue corner)
    label   what is read out: ministry, code, the states with their counts, role
    """
    if kind is None:
        return _safe(
            f'<td class="na"><span class="visually-hidden">{escape(label or gettext("不適用"))}'
            "</span></td>"
        )
    letter = _cell_letter(get_language() or "", kind)
    share = f"<small>/{total}</small>" if total != count else ""
    return _safe(
        f'<td class="c c-{CELLS[kind]} {"r-lead" if lead else "r-partner"}'
        f'{" also" if also else ""}"><a href="{escape(url)}">{letter}{count}{share}'
        f'<span class="visually-hidden">　{escape(label)}</span></a></td>'
    )


@register.simple_tag
def matrix_key(kind: str, count: int = 1) -> SafeString:
    """The swatch of a matrix cell for the key, which is also the filter."""
    letter = _cell_letter(get_language() or "", kind)
    return _safe(f'<span class="sw c-{CELLS[kind]}" aria-hidden="true">{letter}{count}</span>')


# --- text and forms -------------------------------------------------------------------------------


@register.simple_tag
def diff(old: str | None, new: str | None) -> dict[str, SafeString]:
    """{% diff last this as d %} then {{ d.old }} (with <del>) and {{ d.new }} (with <ins>)."""
    before, after = textdiff.mark_changes(old or "", new or "")
    return {"old": before, "new": after}


@register.filter
def control(field: BoundField, extra: str = "") -> SafeString:
    """The widget of a form field with the classes of the design system, `extra` ones added."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple | CheckboxInput):
        css = ""
    elif isinstance(widget, Select):
        css = "form-select"
    else:
        css = "form-control"
    classes = " ".join(filter(None, [widget.attrs.get("class", ""), css, str(extra)]))
    return field.as_widget(attrs={"class": classes} if classes else None)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether a field is drawn as <fieldset> with <legend>: radios, lists of boxes, date parts."""
    return field.use_fieldset


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether a field is a single box, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
