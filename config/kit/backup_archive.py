"""The file of a backup: a compressed tar, sealed or not, whose last member says what the rest is.

    database          the dump, as the engine makes it
    files/NAME        each stored file that a row of the dump names
    manifest.json     what is in it (`config.kit.backup`), with size and SHA-256 of each member
    manifest.sha256   the digest of manifest.json

Written and read in one go from front to back, so that nothing is held in memory; a file that was
cut off has no manifest and is refused.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from config.kit.sealed import Damaged, SealedReader, SealedWriter, WrongPassphrase, is_sealed

DATABASE = "database"
FILES = "files/"
MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.sha256"
BLOCK = 1024 * 1024
# A manifest names every table and file; what claims to be longer is none of ours.
_LONGEST_MANIFEST = 256 * BLOCK


class BackupError(Exception):
    """A sentence for whoever runs the command: why it was refused, and what was left as it was."""


class Writer:
    """Adds members and remembers their digests. Use `writing`."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, dict[str, object]] = {}

    def add(self, name: str, source: BinaryIO, size: int) -> None:
        """The next `size` bytes of `source`; raises BackupError where there are fewer."""
        counted = _Counted(source)
        try:
            self._tar.addfile(_info(name, size), counted)
        except OSError as error:
            raise BackupError(f"「{name}」讀取中斷，備份沒有完成：{error}") from error
        self.members[name] = {"bytes": size, "sha256": counted.digest.hexdigest()}

    def finish(self, manifest: dict[str, object]) -> None:
        text = json.dumps(manifest | {"members": self.members}, ensure_ascii=False, indent=1)
        for name, data in (
            (MANIFEST, text.encode()),
            (MANIFEST_DIGEST, hashlib.sha256(text.encode()).hexdigest().encode()),
        ):
            self._tar.addfile(_info(name, len(data)), io.BytesIO(data))


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


class _Counted:
    """Reads through, and keeps the digest of what went by."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing(raw: BinaryIO, passphrase: str) -> Iterator[Writer]:
    """A writer into `raw`, sealed where a passphrase is given."""
    out = SealedWriter(raw, passphrase) if passphrase else raw
    # Dumps and evidence are compressed already, most of them: the quickest level.
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        yield Writer(tar)
    if passphrase:
        out.close()


@contextmanager
def reading(path: Path, passphrase: str) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Name and content of each member in turn, as they lie in the file.

    Raises BackupError, also while they are read: no backup, cut off, damaged, or sealed under
    another passphrase.
    """
    try:
        with open(path, "rb") as raw:
            source: BinaryIO | SealedReader = raw
            if is_sealed(raw):
                if not passphrase:
                    raise BackupError("備份檔加密過：請以 BACKUP_PASSPHRASE 提供密語。")
                source = SealedReader(raw, passphrase)
            with (
                gzip.GzipFile(fileobj=source, mode="rb") as packed,
                tarfile.open(fileobj=packed, mode="r|") as tar,
            ):
                yield _members(tar)
    except WrongPassphrase:
        raise BackupError("密語不對，備份檔打不開。") from None
    except (Damaged, EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile) as error:
        raise BackupError("備份檔不完整或已損壞，沒有動任何資料。") from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, BinaryIO]]:
    for info in tar:
        content = tar.extractfile(info)
        if content is None or not _is_ours(info.name):
            raise BackupError(f"備份檔裡有不該有的東西（{info.name}），沒有動任何資料。")
        yield info.name, content


def _is_ours(name: str) -> bool:
    if name in (DATABASE, MANIFEST, MANIFEST_DIGEST):
        return True
    path = PurePosixPath(name)
    return name.startswith(FILES) and not path.is_absolute() and ".." not in path.parts


def verified(path: Path, passphrase: str) -> dict[str, object]:
    """The manifest, after every member was read through and found to be as it says."""
    found, texts = {}, {}
    with reading(path, passphrase) as members:
        for name, content in members:
            if name in (MANIFEST, MANIFEST_DIGEST):
                texts[name] = content.read(_LONGEST_MANIFEST)
                continue
            digest, size = hashlib.sha256(), 0
            while block := content.read(BLOCK):
                digest.update(block)
                size += len(block)
            found[name] = {"bytes": size, "sha256": digest.hexdigest()}
    told = texts.get(MANIFEST, b"")
    if hashlib.sha256(told).hexdigest().encode() != texts.get(MANIFEST_DIGEST):
        raise BackupError("備份檔不完整或已損壞（清單對不上），沒有動任何資料。")
    manifest = json.loads(told)
    if manifest["members"] != found:
        told = manifest["members"]
        name = next(one for one in [*told, *found] if told.get(one) != found.get(one))
        raise BackupError(f"備份檔的內容與清單不符（{name}），沒有動任何資料。")
    return manifest
