"""A value as a cell's canonical text and back. Pure.

Whatever a spreadsheet program makes of a cell (a number with seventeen digits, a day's serial
number, 是 or TRUE), the same content has the same canonical text; digests are made of it, and what
is compared are these texts. An empty text is an empty cell.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.forms import plain_number
from tracking.workbook.layout import CHOICES, NO, YES, Column

# Signs that XML 1.0 cannot hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet keeps of a number.
DIGITS = 15
_FIRST_SERIAL = dt.date(1899, 12, 30)
_YES = {YES, "1", "true", "yes", "y", "v", "✓"}
_NO = {NO, "0", "false", "no", "n"}
MARK = 10


# --- digests and ids ------------------------------------------------------------------------------
def digest(text: str) -> str:
    """A short mark of a cell's content: does it say what it said when the file was made?"""
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]


def row_id(report: int, child: str, version: int, values: Iterable[str]) -> str:
    """The hidden cell of a row: whose it is, of which version, and a digest of each field."""
    return f"{report}/{child}/{version}/{'-'.join(map(digest, values))}"


_ID = re.compile(
    r"(\d{1,18})/((?:[0-9a-f]+(?:\.\d+)?)?)/(\d{1,9})/"
    rf"([0-9a-f]{{{MARK}}}(?:-[0-9a-f]{{{MARK}}})*)"
)


def parse_id(text: str) -> tuple[int, str, list[str]] | None:
    """(report, child, digests) of a hidden cell; None where it was altered."""
    found = _ID.fullmatch(text.strip())
    return (int(found[1]), found[2], found[4].split("-")) if found else None


# --- out ------------------------------------------------------------------------------------------
def fit(text: str) -> str:
    """The text as a file can hold it: no control characters, one kind of line break."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shown(column: Column, value: object) -> str:
    """The canonical text of a stored value."""
    if value is None or value == "":
        return ""
    match column.kind:
        case "yes_no":
            return YES if value else ""
        case "choice":
            return str(CHOICES[column.key](value).label)
        case "date":
            return roc.format_date(value)
        case "whole" | "number":
            return plain(Decimal(value))
    return fit(str(value))


def plain(number: Decimal) -> str:
    """1200.5000 → "1200.5"."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def is_number(text: str) -> bool:
    """Whether a canonical text can be a number cell without a spreadsheet rounding it."""
    return (
        bool(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text))
        and sum(char.isdigit() for char in text) <= DIGITS
    )


def from_float(text: str) -> str:
    """The number in a number cell: 1.1000000000000001 → "1.1"."""
    try:
        number = Decimal(text)
        if not number.is_finite() or abs(number.adjusted()) > 30:
            return text
        return plain(Decimal(f"{number:.{DIGITS}g}"))
    except InvalidOperation:
        return text


# --- in -------------------------------------------------------------------------------------------
def canonical(column: Column, text: str, yes_no: bool = False) -> str:
    """The canonical text of what stands in a cell; what makes no sense stays as it is."""
    text = fit(text)
    if column.kind == "text":
        return text
    text = text.strip()
    if not text:
        return ""
    if column.kind == "yes_no" or (yes_no and column.kind == "number"):
        low = text.lower()
        if low in _YES:
            return YES
        if low in _NO:
            return NO if column.kind == "number" else ""
        return text
    try:
        match column.kind:
            case "choice":
                return str(_choice(column, text).label)
            case "whole" | "number":
                return plain(_number(text))
            case "date":
                return roc.format_date(_day(text))
    except (ValueError, InvalidOperation, OverflowError):
        return text
    return text


def parsed(column: Column, text: str, yes_no: bool = False) -> object:
    """The value of a canonical text, as the action takes it. ValueError says what is wrong."""
    if column.kind == "text":
        if len(text.strip()) > column.most:
            raise ValueError(
                _("最多%(limit)d個字，現在是%(count)d個字。")
                % {"limit": column.most, "count": len(text.strip())}
            )
        return text
    if column.kind == "yes_no":
        if text not in ("", YES):
            raise ValueError(_("填「是」或留空白。"))
        return text == YES
    if not text:
        return "" if column.kind == "choice" else None
    if yes_no:
        if text not in (YES, NO):
            raise ValueError(_("填「是」或「否」。"))
        return Decimal(text == YES)
    match column.kind:
        case "choice":
            try:
                return _choice(column, text).value
            except ValueError:
                raise ValueError(
                    _("從下拉選單選：%(choices)s。")
                    % {"choices": "、".join(map(str, CHOICES[column.key].labels))}
                ) from None
        case "date":
            try:
                return _day(text)
            except (ValueError, OverflowError):
                raise ValueError(_("日期寫成民國年，例如111-12-31。")) from None
    try:
        number = _number(text)
    except (InvalidOperation, ValueError):
        raise ValueError(_("填數字，不要單位。")) from None
    if column.kind == "number":
        return number
    if number != int(number) or number < 0:
        raise ValueError(_("填0或正整數，不要小數點和單位。"))
    if column.key == "completion" and number > 100:
        raise ValueError(_("完成度是0到100的整數。"))
    return int(number)


def _choice(column: Column, text: str):
    for choice in CHOICES[column.key]:
        if text in (str(choice.label), choice.value):
            return choice
    raise ValueError(text)


def _number(text: str) -> Decimal:
    number = Decimal(plain_number(text))
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(text)
    return number


def _day(text: str) -> dt.date:
    """A ROC day, a Gregorian one, or the serial number that a spreadsheet keeps of a day."""
    if re.fullmatch(r"\d{5}", text):
        return _FIRST_SERIAL + dt.timedelta(days=int(text))
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", text):
        return dt.date(*map(int, found.groups()))
    return roc.parse_date(text)
