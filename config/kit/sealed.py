"""A stream under a passphrase: written and read in pieces, refused when cut, changed or reordered.

After a head (mark and salt) comes a check value, by which a wrong passphrase is told from damage,
then pieces of `PIECE` bytes, each sealed by itself with AES-256-GCM. A piece's nonce is its number
and whether it is the last, so that no piece can be left out, moved or cut off. The key comes from
the passphrase by scrypt.
"""

import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MARK = b"nstp sealed 1\n"
PIECE = 1024 * 1024
_SALT = 16
_TAG = 16
# What the check value is sealed under: no piece ever has this number.
_CHECK = b"\xff" * 12


class WrongPassphrase(Exception):
    """The stream was sealed under another one."""


class Damaged(Exception):
    """Cut off, or not as it was written."""


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    # About 0.1 s and 32 MB for each guess.
    derive = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1)
    return AESGCM(derive.derive(passphrase.encode()))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class SealedWriter:
    """Takes bytes, writes them sealed into `raw`; `close` seals the last piece, not `raw`."""

    def __init__(self, raw: BinaryIO, passphrase: str) -> None:
        salt = secrets.token_bytes(_SALT)
        self._raw, self._head = raw, MARK + salt
        self._cipher = _cipher(passphrase, salt)
        self._rest, self._number = bytearray(), 0
        raw.write(self._head + self._cipher.encrypt(_CHECK, b"", self._head))

    def write(self, data: bytes) -> int:
        self._rest += data
        # One piece is held back: which is the last is known at the end only.
        while len(self._rest) > PIECE:
            self._seal(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]
        return len(data)

    def flush(self) -> None:
        """Nothing: a piece goes out when it is full."""

    def close(self) -> None:
        self._seal(bytes(self._rest), last=True)
        self._rest.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last)
        self._raw.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class SealedReader:
    """What was written, in order. Raises WrongPassphrase at once, Damaged where it is met."""

    def __init__(self, raw: BinaryIO, passphrase: str) -> None:
        self._raw = raw
        self._head = raw.read(len(MARK) + _SALT)
        check = raw.read(_TAG)
        if len(check) < _TAG or not self._head.startswith(MARK):
            raise Damaged
        self._cipher = _cipher(passphrase, self._head[len(MARK) :])
        try:
            self._cipher.decrypt(_CHECK, check, self._head)
        except InvalidTag:
            raise WrongPassphrase from None
        self._ahead = raw.read(PIECE + _TAG)
        self._open, self._number, self._over = b"", 0, False

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        parts, wanted = [], size
        while wanted != 0:
            if not self._open and not self._next():
                break
            part = self._open if wanted < 0 else self._open[:wanted]
            self._open = self._open[len(part) :]
            parts.append(part)
            wanted = -1 if size < 0 else wanted - len(part)
        return b"".join(parts)

    def _next(self) -> bool:
        while not self._over and not self._open:
            sealed, self._ahead = self._ahead, self._raw.read(PIECE + _TAG)
            self._over = not self._ahead
            nonce = _nonce(self._number, self._over)
            try:
                self._open = self._cipher.decrypt(nonce, sealed, self._head)
            except InvalidTag:
                raise Damaged from None
            self._number += 1
        return bool(self._open)


def is_sealed(raw: BinaryIO) -> bool:
    """Looks at the first bytes and goes back to the start."""
    found = raw.read(len(MARK)) == MARK
    raw.seek(0)
    return found
