"""How much two texts have in common: pure functions, for the flags of a review."""

import re
from collections import Counter
from decimal import Decimal

from config.kit.textdiff import runs

_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
# A text shorter than this says too little to be a copy of anything.
LEAST = 12
# How much of a text stands beside a flag; all of it is at the flag's place.
CROP = 48


def bare(text: str) -> str:
    """The text without blanks and line breaks: what is only set anew is the same."""
    return "".join(text.split())


def crop(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= CROP else line[:CROP].rstrip() + "…"


def nearly_same(new: str, old: str, limit: int) -> Decimal | None:
    """The share that two texts have in common, in per cent, where it reaches the limit.

    None below it, and for texts too short to be a copy. What is out of reach by the mere number of
    characters is not compared: a queue compares hundreds.
    """
    new, old = bare(new), bare(old)
    if min(len(new), len(old)) < LEAST:
        return None
    total = len(new) + len(old)
    most = 2 * sum((Counter(new) & Counter(old)).values())
    if most * 100 < limit * total:
        return None
    share = same_share(new, old)
    return share if share >= limit else None


def same_share(new: str, old: str) -> Decimal:
    """Characters of both texts that a comparison leaves unmarked, of all their characters: 0–100.

    Two empty texts are the same.
    """
    total = len(new) + len(old)
    if not total:
        return Decimal(100)
    kept = sum(len(text) for side in runs(old, new) for text, changed in side if not changed)
    return Decimal(100 * kept) / total


def repeated(new: str, old: str) -> list[str]:
    """Sentences of `new` that stand word for word in `old`."""
    before = {text.strip() for text in _SENTENCE.findall(old)}
    sentences = (text.strip() for text in _SENTENCE.findall(new))
    return [text for text in sentences if len(text) >= LEAST and text in before]
