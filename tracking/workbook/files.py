"""The two kinds of file: how each is written, called and served."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from config.kit import ods
from tracking.workbook import write_xlsx as xlsx
from tracking.workbook.layout import Book
from tracking.workbook.write_ods import write_ods


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    write: Callable[[IO[bytes], Book], None]


KINDS: Mapping[str, Kind] = {
    "ods": Kind(ods.MEDIA_TYPE, write_ods),
    "xlsx": Kind(xlsx.MEDIA_TYPE, xlsx.write_xlsx),
}


def file_name(book: Book, form: str) -> str:
    """ASCII, and it says whose and of which year: `filing-moe-110.ods`."""
    ministry = "".join(char if char.isalnum() else "-" for char in book.ministry)
    return f"filing-{ministry}-{book.year}.{form}"
