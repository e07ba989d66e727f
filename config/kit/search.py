"""Finding a few characters anywhere in Chinese text: folding, condition and marked excerpt.

Chinese has no blanks between words, so what is looked for is a run of characters. A text holds it
only if it holds each pair of neighbouring characters of it: on PostgreSQL an index of these pairs
(`search_bigrams`, made by `plan.migrations.0005_search`) finds the few texts that can hold it. What
is two characters long is then found; for longer runs these texts are read (`look_through`), as many
as `LOOKED_THROUGH` of them. SQLite reads all.

The condition takes nothing but texts as parameters, so that `config.kit.prepared` can keep its SQL.
"""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from string import ascii_uppercase
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import BooleanField, Func, TextField
from django.utils.safestring import SafeString

LONGEST = 100
# Of the texts that have all pairs of a long run, but maybe not the run, no more are read.
LOOKED_THROUGH = 1000
# Characters that are written in two ways and mean the same. `search_fold` of the database has the
# same pairs: change both, by a migration that makes the indexes anew.
_VARIANTS = "台裏着羣峯衆温污佈佔周綫", "臺裡著群峰眾溫汙布占週線"
_SAME = dict(zip(*_VARIANTS, strict=True)) | {one: one.lower() for one in ascii_uppercase}
# Few characters of a text are among these: to look for them is quicker than str.translate.
_OTHERS = re.compile(f"[{''.join(_SAME)}]")
# What NFKC makes of the signs that Chinese texts are full of. Without them nearly every text is in
# that form already, which is seen in a tenth of the time that making it takes.
_WIDE = dict(zip("，：；（）％！？", ",:;()%!?", strict=True)) | {"…": "..."}
_BEYOND = 0xFFFF  # stands for every character past the first plane: pairs are 2 × 16 bits


def fold(text: str) -> str:
    """Full width as half width, capital Latin letters as small ones, variants as one character."""
    for wide, narrow in _WIDE.items():
        text = text.replace(wide, narrow)
    return _OTHERS.sub(lambda found: _SAME[found[0]], unicodedata.normalize("NFKC", text))


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
    def proven(self) -> bool:
        """Whether a text that has all pairs holds the words."""
        return all(len(run) == 2 and max(map(ord, run)) < _BEYOND for run in self.runs)

    @cached_property
    def sought(self) -> "Sought":
        """As this database takes them."""
        if connection.vendor != "postgresql":
            return Sought((), self.runs)
        return Sought((id_list(self.bigrams),), ())


class Sought(NamedTuple):
    """Words as parameters of `Holds`: a list of pairs for PostgreSQL, the runs for others."""

    pairs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


# --- the condition --------------------------------------------------------------------------------
class Together(Func):
    """Several texts as one, a line each. No run goes over the end of a line."""

    template = "(%(expressions)s)"
    arg_joiner = " || '\n' || "
    output_field = TextField()


class Holds(Func):
    """Whether a text holds all of these words; on PostgreSQL, all their pairs. The text is to be
    written exactly as in an index.
    """

    output_field = BooleanField()

    def __init__(self, text, sought: Sought) -> None:
        super().__init__(text)
        self.sought = sought

    def as_sqlite(self, compiler, connection, **_context) -> tuple[str, list]:
        text, given = compiler.compile(self.source_expressions[0])
        found = f"instr(search_fold({text}), %s) > 0"
        runs = self.sought.runs
        return " AND ".join([found] * len(runs)), [one for run in runs for one in (*given, run)]

    def as_postgresql(self, compiler, connection, **_context) -> tuple[str, list]:
        text, given = compiler.compile(self.source_expressions[0])
        # Asked for in a SELECT of its own, the pairs are unknown when the plan is made: each word
        # is then taken for rare and found by the index, and no text is folded where it needn't be.
        has_all = f"search_bigrams(search_fold({text})) @> (SELECT %s::integer[])"
        return has_all, [*given, *self.sought.pairs]


class Among(Func):
    """Whether an id is one of a list (`id_list`), which is one parameter however long it is."""

    output_field = BooleanField()

    def __init__(self, expression: str, ids: str) -> None:
        super().__init__(expression)
        self.ids = ids

    def as_sqlite(self, compiler, connection, **_context) -> tuple[str, list]:
        sql, given = compiler.compile(self.source_expressions[0])
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*given, self.ids]

    def as_postgresql(self, compiler, connection, **_context) -> tuple[str, list]:
        sql, given = compiler.compile(self.source_expressions[0])
        return f"{sql} = ANY(%s::bigint[])", [*given, self.ids]


def id_list(ids: Iterable[int]) -> str:
    """A list as the database writes it."""
    told = ",".join(map(str, ids))
    return f"{{{told}}}" if connection.vendor == "postgresql" else f"[{told}]"


def teach_sqlite(connection, **_signal) -> None:
    """SQLite folds by our own function; for the signal `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("search_fold", 1, fold, deterministic=True)


# --- looking through what was found ---------------------------------------------------------------
Row = TypeVar("Row", bound=Hashable)


class Found(NamedTuple):
    """Rows that hold the words, in the order in which they were found; `cut` is whether others may
    hold them too that were not looked through.
    """

    rows: list
    cut: bool = False


def to_ask_for(words: Words, limit: int) -> int:
    """How many rows the database is to be asked for, to find `limit` that hold the words."""
    return limit if words.proven else max(limit, LOOKED_THROUGH + 1)


def look_through(
    rows: Sequence[Row],
    words: Words,
    texts: Callable[[Sequence[Row]], Mapping[Row, Iterable[str]]],
    limit: int,
) -> Found:
    """At most `limit` of the rows, `to_ask_for` of which have all pairs: those of which one of the
    texts holds all words. Asks for texts twice at most, and not where the pairs prove it.
    """
    if words.proven:
        return Found(list(rows[:limit]))
    found: list[Row] = []
    for part in (rows[:limit], rows[limit:LOOKED_THROUGH]):
        if part and len(found) < limit:
            told = texts(part)
            found += [row for row in part if any(holds_all(text, words) for text in told[row])]
    return Found(found[:limit], len(found) < limit and len(rows) > LOOKED_THROUGH)


# --- what is shown --------------------------------------------------------------------------------
_BEFORE, _AFTER = 24, 76


def holds_all(text: str, words: Words) -> bool:
    # As it is written first: that takes no time, and most texts write it so.
    if all(run in text for run in words.runs):
        return True
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
