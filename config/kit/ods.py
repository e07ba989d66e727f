"""ODS answers: the rows of a CSV file as a spreadsheet, numbers as numbers and dates as dates.

Written row by row as OpenDocument 1.3, so that a long list needs little memory; documents with
several sheets and paragraphs are made by `reports.documents.ods`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.http import HttpResponse

from config.kit.csv import neutral

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    )
)
_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<office:document-content {_SPACES} office:version="1.3"><office:automatic-styles>'
    '<number:date-style style:name="iso"><number:year number:style="long"/>'
    "<number:text>-</number:text>"
    '<number:month number:style="long"/><number:text>-</number:text>'
    '<number:day number:style="long"/></number:date-style>'
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="iso"/>'
    '<style:style style:name="head" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)
_END = "</table:table></office:spreadsheet></office:body></office:document-content>"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
# Signs that XML 1.0 cannot hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET = re.compile(r"[\[\]*?:/\\']")
# Equal rows make equal bytes: no part says when it was written.
_STAMP = (1980, 1, 1, 0, 0, 0)


def ods_response(
    filename: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """One sheet as attachment; takes what `csv_response` takes, `filename` ends in .ods."""
    target = BytesIO()
    write_ods(target, filename.removesuffix(".ods"), columns, rows)
    response = HttpResponse(target.getvalue(), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def write_ods(
    target: IO[bytes], sheet: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """A spreadsheet of one sheet into a binary file. None is an empty cell, never zero; text that
    would start a formula is neutralised as in CSV.
    """
    with ZipFile(target, "w") as packed:
        packed.writestr(ZipInfo("mimetype", _STAMP), MEDIA_TYPE, ZIP_STORED)
        packed.writestr(ZipInfo("META-INF/manifest.xml", _STAMP), _MANIFEST, ZIP_DEFLATED)
        info = ZipInfo("content.xml", _STAMP)
        info.compress_type = ZIP_DEFLATED
        with packed.open(info, "w", force_zip64=True) as content:
            name = quoteattr(_SHEET.sub("", _fit(sheet))[:31])
            head = "".join(_text_cell(str(column), "head") for column in columns)
            content.write(
                f"{_BEGIN}<table:table table:name={name}><table:table-column"
                f' table:number-columns-repeated="{max(1, len(columns))}"/>'
                f"<table:table-header-rows><table:table-row>{head}</table:table-row>"
                "</table:table-header-rows>".encode()
            )
            for row in rows:
                cells = "".join(map(_cell, row))
                content.write(f"<table:table-row>{cells}</table:table-row>".encode())
            content.write(_END.encode())


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, bool):
        word = str(value).lower()
        return _typed("boolean", f'office:boolean-value="{word}"', word)
    if isinstance(value, int | float | Decimal):
        number = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return _typed("float", f'office:value="{number}"', number)
    if isinstance(value, date) and not isinstance(value, datetime):
        day = value.isoformat()
        return _typed("date", f'office:date-value="{day}" table:style-name="day"', day)
    return _text_cell(str(neutral(str(value))))


def _typed(kind: str, attributes: str, shown: str) -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" {attributes}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def _text_cell(text: str, style: str = "") -> str:
    styled = f' table:style-name="{style}"' if style else ""
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in _fit(text).split("\n"))
    return f'<table:table-cell office:value-type="string"{styled}>{lines}</table:table-cell>'


def _fit(text: str) -> str:
    return _UNFIT.sub("", text)
