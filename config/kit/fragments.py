"""Small pieces of HTML for long tables, built as text: a template per row costs more than the row.

Whatever is not a constant of ours is escaped here. Addresses are joined from a prefix that is
looked up once a page, not once a row. `html.escape` and `SafeString` do what Django's `escape`
and `mark_safe` do, without their detour for lazy text.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

NOTHING = '<span class="visually-hidden">0</span><span aria-hidden="true">–</span>'
_PLACE = "0"


@cache
def address(name: str) -> str:
    """Address of a page that is the same for everybody: `desk` → /desk/."""
    return reverse(name)


@cache
def address_prefix(name: str) -> str:
    """Address of a page of one thing without its code: `measure` → /plan/measures/."""
    return reverse(name, args=[_PLACE]).removesuffix(f"{_PLACE}/")


def query(**parameters: object) -> str:
    """`?a=1&b=2` with the empty ones left out, a list as `&c=1&c=2`; "" if none is left."""
    given = {key: value for key, value in parameters.items() if value not in (None, "", [])}
    return f"?{urlencode(given, doseq=True)}" if given else ""


def with_query(address: str, **parameters: object) -> str:
    return f"{address}{query(**parameters)}"


def number_cell(value: int, url: str = "", *, zero: str = "0", label: str = "") -> SafeString:
    """<td> with a count that leads to its rows; a zero is pale and leads nowhere.

    `label` is a trusted piece of HTML that narrow screens show before the number.
    """
    before = f'<span class="w">{label}</span>' if label else ""
    if not value:
        return SafeString(f'<td class="num z" role="cell">{before}{zero}</td>')
    inner = f'<a class="plain" href="{escape(url)}">{value:,}</a>' if url else f"{value:,}"
    return SafeString(f'<td class="num" role="cell">{before}{inner}</td>')


def code_and_name(code: str, name: str, url: str, goal: int, *, small: str = "") -> SafeString:
    """A measure's code in its goal's colour, and its name as a link."""
    note = f"<small>{escape(small)}</small>" if small else ""
    return SafeString(
        f'<span class="cm"><span class="code g{int(goal)}">{escape(code)}</span>'
        f'<span><a class="plain" href="{escape(url)}">{escape(name)}</a>{note}</span></span>'
    )


def options(choices: Mapping[str, object], chosen: str) -> SafeString:
    """<option>s of a <select> from value → label."""
    return SafeString(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(str(label))}</option>"
            for value, label in choices.items()
        )
    )
