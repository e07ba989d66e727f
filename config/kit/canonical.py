"""One text for one content: the canonical form over which every digest is taken.

Canonical JSON: keys sorted, no blanks, characters as themselves. Contents hold text, whole
numbers, true, false, null, lists and objects keyed by text.
"""

import hashlib
import json


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
