"""Finding a few characters anywhere in Chinese text: folding, condition and marked excerpt.

Chinese has no blanks between words, so what is looked for is a run of characters. A text holds it
only if it holds each pair of neighbouring characters of it: on PostgreSQL an index of these pairs
(`search_bigrams`, made by `plan.migrations.0005_search`) finds the few texts that can hold it. What
is two characters long is then found; longer runs are looked up in these texts. SQLite reads all.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise

from django.db.models import BooleanField, Func, TextField
from django.utils.safestring import SafeString

LONGEST = 100
# Characters that are written in two ways and mean the same. `search_fold` of the database has the
# same pairs: change both, by a migration that makes the indexes anew.
_VARIANTS = "台裏着羣峯衆温污佈佔周綫", "臺裡著群峰眾溫汙布占週線"
_SAME = str.maketrans(*_VARIANTS) | {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_BEYOND = 0xFFFF  # stands for every character past the first plane: pairs are 2 × 16 bits


def fold(text: str) -> str:
    """Full width as half width, capital Latin letters as small ones, variants as one character."""
    return unicodedata.normalize("NFKC", text).translate(_SAME)


def bigram(first: str, second: str) -> int:
    """Two neighbouring characters as PostgreSQL's integer of 32 bits, which has a sign."""
    return (min(ord(first), _BEYOND) - 0x8000) << 16 | min(ord(second), _BEYOND)


@dataclass(frozen=True)
class Words:
    """What somebody looks for: runs of characters, all of which a text must hold.

    `asked` as typed, `runs` folded. `several` is whether one of them is longer than one character:
    a single one stands in nearly every text.
    """

    asked: str
    runs: tuple[str, ...]

    @classmethod
    def read(cls, typed: str) -> "Words":
        asked = " ".join(typed.replace("\0", " ")[:LONGEST].split())
        return cls(asked, tuple(dict.fromkeys(fold(asked).split())))

    @property
    def several(self) -> bool:
        return any(len(run) > 1 for run in self.runs)

    @cached_property
    def bigrams(self) -> list[int]:
        """All pairs of neighbours, each once."""
        return sorted({bigram(*pair) for run in self.runs for pair in pairwise(run)})

    @cached_property
    def left_over(self) -> list[str]:
        """Runs that their pairs alone do not prove."""
        return [run for run in self.runs if len(run) != 2 or max(map(ord, run)) >= _BEYOND]


# --- the condition --------------------------------------------------------------------------------
class Together(Func):
    """Several texts as one, a line each. No run goes over the end of a line."""

    template = "(%(expressions)s)"
    arg_joiner = " || '\n' || "
    output_field = TextField()


class Holds(Func):
    """Whether a text holds all of these words. The text is to be written exactly as in an index."""

    output_field = BooleanField()

    def __init__(self, text, words: Words) -> None:
        super().__init__(text)
        self.words = words

    def as_sqlite(self, compiler, connection, **_context) -> tuple[str, list]:
        return self._all(compiler, "instr", self.words.runs)

    def as_postgresql(self, compiler, connection, **_context) -> tuple[str, list]:
        text, given = compiler.compile(self.source_expressions[0])
        # Asked for in a SELECT of its own, the pairs are unknown when the plan is made: each word
        # is then taken for rare and found by the index, and no text is folded where it needn't be.
        pairs = f"search_bigrams(search_fold({text})) @> (SELECT %s::integer[])"
        sql, more = self._all(compiler, "strpos", self.words.left_over)
        return " AND ".join(filter(None, (pairs, sql))), [*given, self.words.bigrams, *more]

    def _all(self, compiler, find: str, runs: Sequence[str]) -> tuple[str, list]:
        text, given = compiler.compile(self.source_expressions[0])
        found = f"{find}(search_fold({text}), %s) > 0"
        return " AND ".join([found] * len(runs)), [one for run in runs for one in (*given, run)]


def teach_sqlite(connection, **_signal) -> None:
    """SQLite folds by our own function; for the signal `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("search_fold", 1, fold, deterministic=True)


# --- what is shown --------------------------------------------------------------------------------
_BEFORE, _AFTER = 24, 76


def holds_all(text: str, words: Words) -> bool:
    folded = fold(text)
    return all(run in folded for run in words.runs)


def marked(text: str, words: Words) -> SafeString:
    """The whole text, escaped, with what was looked for in <mark>."""
    return _drawn(text, _found(text, words), 0, len(text))


def excerpt(text: str, words: Words) -> SafeString | None:
    """The text around the first run that it holds, marked and escaped; None where it holds none."""
    text = " ".join(text.split())
    found = _found(text, words)
    if not found:
        return None
    start = max(0, found[0][0] - _BEFORE)
    near = [span for span in found if span[0] < start + _BEFORE + _AFTER]
    end = min(len(text), max(near[-1][1], start + _BEFORE + _AFTER))
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return SafeString(f"{before}{_drawn(text, near, start, end)}{after}")


def _drawn(text: str, found: Iterable[tuple[int, int]], start: int, end: int) -> SafeString:
    parts, place = [], start
    for first, last in found:
        parts += [escape(text[place:first]), f"<mark>{escape(text[first:last])}</mark>"]
        place = last
    return SafeString("".join([*parts, escape(text[place:end])]))


def _found(text: str, words: Words) -> list[tuple[int, int]]:
    """From where to where the runs stand in the text as it is written, in order, none overlapping
    another.
    """
    folded, places = fold(text), range(len(text) + 1)
    if len(folded) != len(text):  # a character that folds to several, or several to one
        pieces = [fold(character) for character in text]
        folded = "".join(pieces)
        places = [at for at, piece in enumerate(pieces) for _character in piece] + [len(text)]
    spans: list[tuple[int, int]] = []
    for first, last in sorted(_places(folded, words.runs)):
        start, end = places[first], places[last - 1] + 1
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((start, end))
    return spans


def _places(folded: str, runs: Iterable[str]) -> Iterator[tuple[int, int]]:
    for run in runs:
        at = folded.find(run)
        while at >= 0:
            yield at, at + len(run)
            at = folded.find(run, at + len(run))
