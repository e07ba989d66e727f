"""What an uploaded file is, told by its content and never by its name. Pure: bytes in."""

import csv
import io
import re
import zipfile
from typing import BinaryIO

import filetype

_TEXT_EXTENSIONS = {"text/plain": "txt", "text/csv": "csv"}
_IMAGES_AND_PDF = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_ODF = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
# Main part of the package → media type.
_OOXML = {
    "word/document.xml": _OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": _OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OFFICE + "presentationml.presentation",
}
EXTENSIONS = {
    **_IMAGES_AND_PDF,
    **_ODF,
    **dict(zip(_OOXML.values(), ("docx", "xlsx", "pptx"), strict=True)),
    **_TEXT_EXTENSIONS,
}
# What a browser or a shell would run, if it were handed to one.
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<?php", b"#!")
_ODF_MIMETYPE_LONGEST = 100
# Where packages keep macros: OOXML in one file of any folder, ODF in two folders.
_MACRO = re.compile(r"(.*/)?vbaproject\.bin$|(basic|scripts)/.", re.IGNORECASE)


def media_type(file: BinaryIO) -> str | None:
    """Media type of a file that is taken as evidence, else None. The position is reset to 0.

    Taken: PDF, PNG, JPEG, ODF and OOXML documents (without macros), UTF-8 text and CSV. Not:
    programs, markup such as HTML and SVG, other archives, and the old binary Office formats,
    which can carry macros that can't be told.
    """
    file.seek(0)
    head = file.read(8192)
    try:
        guessed = filetype.guess_mime(head)
        if guessed in _IMAGES_AND_PDF:
            return guessed
        if head.startswith(b"PK"):
            return _package(file)
        return None if guessed else _text(file)
    finally:
        file.seek(0)


def _package(file: BinaryIO) -> str | None:
    """ODF or OOXML, by the package's directory; nothing is unpacked but ODF's one-line type."""
    try:
        with zipfile.ZipFile(file) as package:
            names = {info.filename: info for info in package.infolist()}
            if any(_MACRO.match(name) for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _OOXML.items() if part in names), None)
            kind = names.get("mimetype")
            if kind is None or kind.file_size > _ODF_MIMETYPE_LONGEST:
                return None
            stated = package.read(kind).decode("ascii", "replace").strip()
            return stated if stated in _ODF else None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None


def _text(file: BinaryIO) -> str | None:
    file.seek(0)
    content = file.read()
    if not content or b"\0" in content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    start = text.lstrip()[:1024].lower().encode()
    if start.startswith(_MARKUP) or any(mark in start for mark in (b"<html", b"<script", b"<svg")):
        return None
    return "text/csv" if _looks_like_table(text) else "text/plain"


def _looks_like_table(text: str) -> bool:
    """The first rows all have the same number of cells, and more than one."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text[:65536]), strict=True) if row][:20]
    except csv.Error:
        return False
    if len(text) > 65536:
        rows = rows[:-1]
    return len(rows) > 1 and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
