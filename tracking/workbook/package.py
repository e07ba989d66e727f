"""A file that somebody brought, opened with care: what it is, how big, what it must not hold."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO
from xml.etree import ElementTree

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 60 * 2**20
MOST_FILES = 500
MOST_ROWS = 5000
MOST_EMPTY = 20000
MOST_COLUMNS = 100
LONGEST_CELL = 40000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, OSError, EOFError, ValueError,
    NotImplementedError, RuntimeError, MemoryError,
)  # fmt: skip


class FileRefused(ValueError):
    """The file as a whole cannot be read; says why, and where, and what to do."""

    def __init__(self, message: str, sheet: str = "", cell: str = "") -> None:
        super().__init__(message)
        self.sheet, self.cell = sheet, cell


class Package:
    """The parts of an .ods or .xlsx by name, of which no more than the limit is ever unpacked."""

    def __init__(self, content: bytes) -> None:
        if not content:
            raise FileRefused(_("檔案是空的。"))
        if len(content) > MOST_BYTES:
            raise FileRefused(_("檔案超過%(limit)d MB。") % {"limit": MOST_BYTES // 2**20})
        if content.startswith(_OLD_OFFICE):
            raise FileRefused(_("檔案有密碼，或是舊的.xls；請取消密碼，存成.ods或.xlsx。"))
        if not content.startswith(b"PK"):
            raise FileRefused(_("這不是.ods或.xlsx檔。"))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            infos = self._zip.infolist()
        except _BROKEN as error:
            raise broken() from error
        self.names = {info.filename for info in infos}
        if len(infos) > MOST_FILES or len(self.names) < len(infos):
            raise FileRefused(_("檔案裡包的東西太多，不像是試算表。"))
        if any(info.flag_bits & 1 for info in infos):
            raise FileRefused(_("檔案有密碼；請取消密碼再存檔。"))
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise FileRefused(_too_big())
        self._left = MOST_UNPACKED

    def text(self, name: str) -> str:
        """A small part as text; "" where there is none."""
        if name not in self.names:
            return ""
        with self.open(name) as part:
            return part.read().decode("utf-8", "replace")

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A part as a stream that stops at the limit, whatever the package says of its size."""
        try:
            with self._zip.open(name) as part:
                yield _Bounded(part, self._take)
        except FileRefused:
            raise
        except (*_BROKEN, zipfile.zlib.error) as error:
            raise broken() from error

    def events(self, name: str, *tags: str) -> Iterator[tuple[str, ElementTree.Element]]:
        """("start" or "end", element) of these tags in the order of the part, each emptied after
        its end; no document type is taken, and so no entity.
        """
        with self.open(name) as part:
            parser = ElementTree.XMLPullParser(("start", "end"))
            head = b""
            try:
                while block := part.read(2**16):
                    if len(head) < 2**16:
                        head += block
                        # Where a document type stands at all, it stands before the first element.
                        if b"<!DOCTYPE" in head or b"\0" in head[:4]:
                            raise broken()
                    parser.feed(block)
                    for event, element in parser.read_events():
                        if element.tag in tags:
                            yield event, element
                            if event == "end":
                                element.clear()
            except ElementTree.ParseError as error:
                raise broken() from error

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise FileRefused(_too_big())


class _Bounded(io.RawIOBase):
    def __init__(self, part: IO[bytes], take: Callable[[int], None]) -> None:
        self._part, self._take = part, take

    def read(self, size: int = -1) -> bytes:
        limit = MOST_UNPACKED + 1 if size is None or size < 0 else size
        block = self._part.read(limit)
        self._take(len(block))
        return block


def broken() -> FileRefused:
    return FileRefused(_("檔案讀不下去，請用試算表程式打開，另存成.ods或.xlsx再試一次。"))


def _too_big() -> str:
    return _("檔案展開後超過%(limit)d MB，不像是下載的那個檔案。") % {
        "limit": MOST_UNPACKED // 2**20
    }
