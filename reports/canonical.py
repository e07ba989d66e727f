"""What reviews digest, in the canonical form of `config.kit.canonical`: decimals as text of fixed
scale and dates as ISO text, since a binary fraction has no one text.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from config.kit.canonical import CanonicalEncoder, canonical, digest

__all__ = [
    "CanonicalEncoder",
    "canonical",
    "date_text",
    "decimal_text",
    "digest",
    "digest_of_lines",
]

SCALE = Decimal("0.0001")


def digest_of_lines(lines: Iterable[tuple[str, str]]) -> str:
    """Digest over (key, digest) of lines in their order."""
    return digest([list(line) for line in lines])


def decimal_text(value: Decimal | int | None) -> str | None:
    """A number with four decimals, the scale of the columns: Decimal("2") → "2.0000"."""
    return None if value is None else f"{Decimal(value).quantize(SCALE) + 0:f}"


def date_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
