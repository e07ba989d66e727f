"""ROC (民國) calendar: pure conversions between Gregorian dates and the years that people write.

ROC year 1 is 1912. Everything here works on dates, integers and text; nothing reads a clock.
"""

import datetime as dt
import re

OFFSET = 1911
# Years 1 to 999: what pages can show and three digits can say.
FIRST_DAY = dt.date(OFFSET + 1, 1, 1)
LAST_DAY = dt.date(OFFSET + 999, 12, 31)
_SEPARATED = re.compile(
    r"(?:民國)?\s*(\d{1,3})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*日?"
)
_COMPACT = re.compile(r"(\d{2,3})(\d{2})(\d{2})")


def roc_year(value: dt.date | int) -> int:
    """ROC year of a date, of a Gregorian year (1912 and later), or of a ROC year (unchanged)."""
    year = value.year if isinstance(value, dt.date) else int(value)
    return year - OFFSET if year > OFFSET else year


def gregorian_year(year: int) -> int:
    """Gregorian year of a ROC year: 110 → 2021."""
    return year + OFFSET


def format_date(value: dt.date) -> str:
    """Short form used on pages and in documents: 112-02-28."""
    return f"{value.year - OFFSET}-{value.month:02}-{value.day:02}"


def parse_date(text: str) -> dt.date:
    """Read 112-02-28, 112/2/28, 112.2.28, 1120228 or 民國112年2月28日.

    Raises ValueError where the text has another form or names no real day.
    """
    text = text.strip()
    match = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a ROC date: {text!r}")
    year, month, day = map(int, match.groups())
    return dt.date(gregorian_year(year), month, day)
