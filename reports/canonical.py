"""One text for one content: the canonical form over which every digest is taken.

Canonical JSON: keys sorted, no blanks, characters as themselves. Contents hold text, whole
numbers, true, false, null, lists and objects keyed by text. Decimals come as text of fixed scale
and dates as ISO text (`decimal_text`, `date_text`): a binary fraction has no one text.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

SCALE = Decimal("0.0001")


class CanonicalEncoder(json.JSONEncoder):
    """For JSON columns too: a third of the size of escaped text, and stored as it is digested."""

    def __init__(self, **options) -> None:
        options |= {"ensure_ascii": False, "sort_keys": True, "allow_nan": False}
        super().__init__(**options | {"separators": (",", ":")})


_encode = CanonicalEncoder().encode


def canonical(content: object) -> str:
    """The canonical text. TypeError for what JSON doesn't know, such as dates and decimals."""
    return _encode(content)


def digest(content: object) -> str:
    """SHA-256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(_encode(content).encode()).hexdigest()


def digest_of_lines(lines: Iterable[tuple[str, str]]) -> str:
    """Digest over (key, digest) of lines in their order."""
    return digest([list(line) for line in lines])


def decimal_text(value: Decimal | int | None) -> str | None:
    """A number with four decimals, the scale of the columns: Decimal("2") → "2.0000"."""
    return None if value is None else f"{Decimal(value).quantize(SCALE) + 0:f}"


def date_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
