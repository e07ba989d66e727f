"""Spreadsheet answers: typed cells, nothing that runs, equal bytes for equal rows."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from odf.namespaces import OFFICENS
from odf.opendocument import load
from odf.table import Table, TableCell, TableRow
from odf.teletype import extractText

from config.kit.ods import MEDIA_TYPE, ods_response

HEADER = ["measure", "name", "day", "spent"]
ROWS = [
    ["1.1.1.1", "=SUM(A1)", date(2022, 2, 7), Decimal("1234.50")],
    ["1.1.1.2", "兩行\n<文字>\x00", None, -3],
]


def cells(answer) -> list[list[tuple[str | None, str]]]:
    """(type, text) of every cell, as odfpy reads the file."""
    sheet = load(BytesIO(answer.content)).spreadsheet.getElementsByType(Table)[0]
    return [
        [
            (cell.attributes.get((OFFICENS, "value-type")), extractText(cell))
            for cell in row.getElementsByType(TableCell)
        ]
        for row in sheet.getElementsByType(TableRow)
    ]


def test_cells_are_typed_and_unknown_is_empty():
    found = cells(ods_response("a.ods", HEADER, ROWS))
    assert found == [
        [("string", name) for name in HEADER],
        [
            ("string", "1.1.1.1"),
            ("string", "'=SUM(A1)"),
            ("date", "2022-02-07"),
            ("float", "1234.50"),
        ],
        [("string", "1.1.1.2"), ("string", "兩行<文字>"), (None, ""), ("float", "-3")],
    ]


def test_the_answer_is_a_download_with_equal_bytes():
    answer = ods_response("a.ods", HEADER, ROWS)
    assert answer["Content-Type"] == MEDIA_TYPE
    assert answer["Content-Disposition"] == 'attachment; filename="a.ods"'
    assert answer.content == ods_response("a.ods", HEADER, ROWS).content
