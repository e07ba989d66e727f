"""A content in a format: which there are, and what characters it could not draw."""

import mimetypes
from collections.abc import Callable

from config.kit import glyphs
from reports.documents import blocks
from reports.documents.blocks import Column, Content, Heading, Paragraph, Table
from reports.documents.ods import ods
from reports.documents.office import docx, odt
from reports.documents.pdf import pdf
from reports.enums import DocumentFormat

MAKERS: dict[str, Callable[[dict], bytes]] = {
    DocumentFormat.ODT: odt,
    DocumentFormat.DOCX: docx,
    DocumentFormat.PDF: pdf,
    DocumentFormat.ODS: ods,
}
TYPES = {
    DocumentFormat.ODT: "application/vnd.oasis.opendocument.text",
    DocumentFormat.DOCX: mimetypes.types_map.get(
        ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}


def finished(content: Content) -> tuple[dict, str]:
    """The content as data, and the characters that no font of ours draws; where there are any, a
    last page lists them.
    """
    plain = content.plain()
    missing = glyphs.missing_glyphs(blocks.characters(plain))
    if missing:
        last = (
            Heading(1, "缺字"),
            Paragraph(
                "下列字元沒有可用的字型。PDF以〔U+碼位〕表示；其他格式保留原字元，能否顯示視讀者的字型而定。"
            ),
            Table(
                "缺字",
                (Column("字元", 1), Column("碼位", 2)),
                tuple((char, f"U+{ord(char):04X}") for char in missing),
                name="缺字",
            ),
        )
        ended = Content(
            content.title, content.subtitle, content.cover, content.day, (*content.blocks, *last)
        )
        plain = ended.plain()
    return plain, missing


def render(plain: dict, form: str) -> bytes:
    """The file's bytes. KeyError for a format that there is not."""
    return MAKERS[form](plain)
