"""One set of rows for the table on a page and for its files."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from config.kit.templatetags.kit import thousands

# A column: stable name in files, words on the page ("": in files only), whether it holds numbers.
Column = tuple[str, str, bool]


class Table(NamedTuple):
    """Rows as values, in files; `shown` makes a value what a reader sees, by column name."""

    columns: list[Column]
    rows: list[list[object]]
    shown: Mapping[str, Callable[[object], object]] = MappingProxyType({})

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(words, numeric) for _name, words, numeric in self.columns if words]

    @property
    def lines(self) -> list[list[tuple[object, bool]]]:
        """Cells as they are printed, each with whether it is a number."""
        return [
            [
                (self._cell(name, value, numeric), numeric)
                for (name, words, numeric), value in zip(self.columns, row, strict=True)
                if words
            ]
            for row in self.rows
        ]

    def file(self, goal: str, source: str) -> tuple[list[str], list[list[object]]]:
        """Header and rows of a file: of which goal, and what the rows were read from."""
        names = [name for name, _words, _numeric in self.columns]
        return ["goal", *names, "source"], [[goal, *row, source] for row in self.rows]

    def _cell(self, name: str, value: object, numeric: bool) -> object:
        if name in self.shown:
            return self.shown[name](value)
        return thousands(value) if numeric else value
