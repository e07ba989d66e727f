"""The file of a backup: what was written is read, and a file that is not what it was is refused."""

import secrets
from io import BytesIO

import pytest

from config.kit.backup_archive import BackupError, verified, writing
from config.kit.sealed import MARK, PIECE
from tests.resilience.drill import PASSPHRASE


def archive(passphrase: str = "", **members: bytes) -> bytes:
    """A backup's file with these members beside its database; `__` stands for a slash."""
    raw = BytesIO()
    with writing(raw, passphrase) as writer:
        for name, data in {"database": secrets.token_bytes(3 * PIECE), **members}.items():
            writer.add(name.replace("__", "/"), BytesIO(data), len(data))
        writer.finish({"format": 1, "missing": []})
    return raw.getvalue()


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_what_was_written_is_read(tmp_path, key):
    (file := tmp_path / "whole").write_bytes(archive(key, files__ab__abcd="檔案".encode()))
    assert set(verified(file, key)["members"]) == {"database", "files/ab/abcd"}
    assert file.read_bytes().startswith(MARK) == bool(key)
    if key:
        assert "檔案".encode() not in file.read_bytes()


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_cut_anywhere_it_is_refused(tmp_path, key):
    whole = archive(key, files__ab__abcd=b"file")
    file = tmp_path / "cut"
    # The last piece, whole pieces, the head, and in between.
    piece = PIECE + 16
    head = len(MARK) + 16 + 16
    lengths = {0, 5, head, head + piece, head + 2 * piece, len(whole) - 30, len(whole) // 2}
    for length in lengths:
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="損壞"):
            verified(file, key)


@pytest.mark.parametrize("key", ["", PASSPHRASE])
def test_a_flipped_bit_is_refused(tmp_path, key):
    whole = archive(key, files__ab__abcd=b"file")
    file = tmp_path / "flipped"
    for place in range(50, len(whole) - 40, len(whole) // 5):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(BackupError):
            verified(file, key)


def test_pieces_in_another_order_are_refused(tmp_path):
    whole = archive(PASSPHRASE)
    head, piece = len(MARK) + 16 + 16, PIECE + 16
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    (file := tmp_path / "swapped").write_bytes(
        whole[:head] + second + first + whole[head + 2 * piece :]
    )
    with pytest.raises(BackupError, match="損壞"):
        verified(file, PASSPHRASE)


def test_the_passphrase_is_asked_for_and_must_be_right(tmp_path):
    (file := tmp_path / "sealed").write_bytes(archive(PASSPHRASE))
    with pytest.raises(BackupError, match="BACKUP_PASSPHRASE"):
        verified(file, "")
    with pytest.raises(BackupError, match="密語不對"):
        verified(file, "another")


@pytest.mark.parametrize("name", ["files__..__..__escaped", "__etc__passwd", "settings.py"])
def test_a_member_that_we_never_write_is_refused(tmp_path, name):
    (file := tmp_path / "foreign").write_bytes(archive(**{name: b"x"}))
    with pytest.raises(BackupError, match="不該有"):
        verified(file, "")
