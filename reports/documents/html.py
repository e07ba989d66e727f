"""The content as part of a page, for reading and printing: the same blocks in the same order."""

import base64

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from reports.documents import charts

_MARKS = {"del": "del", "ins": "ins"}
_STYLES = {"label": "small two", "note": "small two", "empty": "two"}


def html(plain: dict, place: str = "") -> SafeString:
    """Headings begin at h2: the page's own heading is the title. Contents are left to the page.

    `place` names what has no heading of its own, as part of a longer page.
    """
    made = []
    for block in plain["blocks"]:
        if block["kind"] == "heading":
            place = block["text"]
        # Tables of one caption stand in many chapters; by its name alone none could be told.
        made.append(
            _table(block, place) if block["kind"] == "table" else _MAKERS[block["kind"]](block)
        )
    return mark_safe("".join(made))


def _line(runs: list) -> str:
    found = []
    for text, to, mark in runs:
        told = escape(text).replace("\n", "<br>")
        if to:
            told = f'<a href="#{escape(to)}">{told}</a>'
        elif mark:
            told = f"<{_MARKS[mark]}>{told}</{_MARKS[mark]}>"
        found.append(told)
    return "".join(found)


def _heading(block: dict) -> str:
    level = min(block["level"] + 1, 6)
    anchor = f' id="{escape(block["anchor"])}"' if block["anchor"] else ""
    return f"<h{level}{anchor}>{escape(block['text'])}</h{level}>"


def _paragraph(block: dict) -> str:
    style = _STYLES.get(block["style"])
    opened = f'<p class="{style}">' if style else "<p>"
    return f"{opened}{_line(block['line'])}</p>"


def _table(block: dict, place: str) -> str:
    name = "　".join(filter(None, (place, block["caption"])))
    numeric = [' class="num"' if align == "right" else "" for _l, _w, align in block["columns"]]
    head = "".join(
        f'<th scope="col"{told}>{escape(label)}</th>'
        for (label, _width, _align), told in zip(block["columns"], numeric, strict=True)
    )
    rows = "".join(
        (f'<tr id="{escape(anchor)}">' if anchor else "<tr>")
        + "".join(f"<td{told}>{_line(cell)}</td>" for cell, told in zip(row, numeric, strict=True))
        + "</tr>"
        for row, anchor in zip(block["rows"], block["anchors"], strict=True)
    )
    return (
        '<div class="scroll" tabindex="0" role="region"'
        f' aria-label="{escape(name)}"><table class="t"><caption>'
        f"{escape(block['caption'])}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _pairs(block: dict) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{_line(runs)}</dd>" for name, runs in block["rows"])
    return f'<dl class="kv">{rows}</dl>'


def _figure(block: dict) -> str:
    drawn = base64.b64encode(charts.draw(block["figure"], block["data"], "svg")).decode()
    return (
        f"<figure><figcaption>{escape(block['caption'])}</figcaption>"
        f'<img src="data:image/svg+xml;base64,{drawn}" alt="{escape(block["words"])}"></figure>'
    )


def _contents(_block: dict) -> str:
    return ""


_MAKERS = {
    "heading": _heading,
    "paragraph": _paragraph,
    "pairs": _pairs,
    "figure": _figure,
    "contents": _contents,
}
