"""A dataset as CSV, JSON or ODS, row by row: none of them holds more than a piece in memory.

CSV    UTF-8 with a mark (BOM), since the spreadsheets that ministries use take a file without one
       for Big5; lines end in CR LF (RFC 4180); text that would start a formula begins with '
JSON   {"dataset", "title", "licence", "columns": […], "rows": [{column: value}]}; decimals as text
ODS    one sheet, numbers as numbers and dates as dates (`config.kit.ods`)

Empty is a value that is not known or not there: an empty cell, null in JSON. Dates are ISO, of
Asia/Taipei.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from config.kit import ods
from config.kit.csv import neutral
from reports.opendata.dataset import LICENCE_URL, Cell, Dataset

BOM = "\ufeff"
IN_MEMORY = 2**20
_LINES = 500


class Format(NamedTuple):
    """`write` gives the file piece by piece."""

    name: str
    media_type: str
    write: Callable[[Dataset], Iterable[bytes]]


class _Echo:
    """A file for the csv module that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def _number(value: Decimal) -> str:
    """As short as it can be said: 1307 and not 1307.0000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _csv_cell(value: Cell) -> object:
    if value is None or isinstance(value, str):
        return neutral(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else value


def _csv(dataset: Dataset) -> Iterator[bytes]:
    line = csv.writer(_Echo()).writerow
    lines = chain(
        [BOM + line(dataset.header)], (line(map(_csv_cell, row)) for row in dataset.rows())
    )
    return _pieces(lines)


def _json_cell(value: Cell) -> object:
    if isinstance(value, Decimal):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else value


def _json(dataset: Dataset) -> Iterator[bytes]:
    head = {
        "dataset": dataset.key,
        "title": str(dataset.title),
        "licence": LICENCE_URL,
        "columns": described(dataset),
    }
    opening = json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['

    def lines() -> Iterator[str]:
        yield opening
        between = "\n"
        for row in dataset.rows():
            told = dict(zip(dataset.header, map(_json_cell, row), strict=True))
            yield between + json.dumps(told, ensure_ascii=False)
            between = ",\n"
        yield "\n]}\n"

    return _pieces(lines())


def described(dataset: Dataset) -> list[dict]:
    """Its columns with their definitions, in the reader's language."""
    return [
        {
            "name": column.name,
            "title": str(column.title),
            "type": column.kind.value,
            "unit": str(column.unit),
            "description": str(column.definition),
        }
        for column in dataset.columns
    ]


def _ods(dataset: Dataset) -> Iterator[bytes]:
    """Packed into a file first, which waits on the disk where it is long."""
    with SpooledTemporaryFile(IN_MEMORY) as file:
        ods.write_ods(file, dataset.key, dataset.header, dataset.rows())
        file.seek(0)
        while piece := file.read(IN_MEMORY // 8):
            yield piece


def _pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines together by the hundred: one write to the network each."""
    lines = iter(lines)
    while piece := "".join(islice(lines, _LINES)):
        yield piece.encode()


FORMATS = {
    "csv": Format("CSV", "text/csv; charset=utf-8", _csv),
    "ods": Format("ODS", ods.MEDIA_TYPE, _ods),
    "json": Format("JSON", "application/json", _json),
}
