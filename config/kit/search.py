"""Finding a few characters anywhere in Chinese text: folding, condition and marked excerpt.

Chinese has no blanks between words, so what is looked for is a run of characters. A text holds it
only if it holds each pair of neighbouring characters of it: on PostgreSQL an index of these pairs
(`search_bigrams`, made by `plan.migrations.0005_search`) finds the few texts that can hold it. What
is two characters long is then found; longer runs are looked up in these texts. SQLite reads all.

The condition takes nothing but texts as parameters, so that `config.kit.prepared` can keep its SQL.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from string import ascii_uppercase
from typing import NamedTuple

from django.db import connection
from django.db.models import BooleanField, Func, TextField
from django.utils.safestring import SafeString

from config.kit.prepared import Argument

LONGEST = 100
KEPT_RUNS = 4
# Characters that are written in two ways and mean the same. `search_fold` of the database has the
# same pairs: change both, by a migration that makes the indexes anew.
_VARIANTS = "台裏着羣峯衆温污佈佔周綫", "臺裡著群峰眾溫汙布占週線"
_SAME = dict(zip(*_VARIANTS, strict=True)) | {one: one.lower() for one in ascii_uppercase}
# Few characters of a text are among these: to look for them is quicker than str.translate.
_OTHERS = re.compile(f"[{''.join(_SAME)}]")
_BEYOND = 0xFFFF  # stands for every character past the first plane: pairs are 2 × 16 bits


def fold(text: str) -> str:
    """Full width as half width, capital Latin letters as small ones, variants as one character."""
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
    def left_over(self) -> list[str]:
        """Runs that their pairs alone do not prove."""
        return [run for run in self.runs if len(run) != 2 or max(map(ord, run)) >= _BEYOND]

    @cached_property
    def sought(self) -> "Sought":
        """As this database takes them."""
        if connection.vendor != "postgresql":
            return Sought((), self.runs, ())
        typed = {fold(one): one for one in self.asked.split()}
        runs = tuple(self.left_over)
        return Sought((id_list(self.bigrams),), runs, tuple(typed.get(run, run) for run in runs))


class Sought(NamedTuple):
    """Words as parameters of `Holds`: the list of their pairs, the runs that are looked for in the
    texts, and the same runs as they were typed. Only PostgreSQL is given pairs and what was typed.
    """

    pairs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()


# --- the condition --------------------------------------------------------------------------------
class Together(Func):
    """Several texts as one, a line each. No run goes over the end of a line."""

    template = "(%(expressions)s)"
    arg_joiner = " || '\n' || "
    output_field = TextField()


class Holds(Func):
    """Whether a text holds all of these words. The text is to be written exactly as in an index."""

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
        conditions = [f"search_bigrams(search_fold({text})) @> (SELECT %s::integer[])"]
        parameters = [*given, *self.sought.pairs]
        # Folding a text takes eighty times as long as looking for a run in it, so that comes last.
        found = (
            f"(strpos({text}, %s) > 0 OR strpos({text}, %s) > 0"
            f" OR strpos(search_fold({text}), %s) > 0)"
        )
        for typed, run in zip(self.sought.typed, self.sought.runs, strict=True):
            conditions.append(found)
            parameters += [*given, typed, *given, run, *given, run]
        return " AND ".join(conditions), parameters


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


def rows_holding(statement: Callable[..., list], sought: Sought, *arguments: Argument) -> list:
    """The rows of a function made by `prepared`, which takes the parts of `sought` first. As each
    number of runs has SQL of its own, it is kept for a few of them only.
    """
    if len(sought.runs) > KEPT_RUNS:
        return list(statement.__wrapped__(*sought, *arguments))
    return statement(*sought, *arguments)


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
