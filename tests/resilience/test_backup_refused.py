"""What backup and restore refuse, and that nothing is touched by it."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.kit.backup_archive import DATABASE, FILES, reading, verified, writing
from config.kit.backup_database import tables_now
from tests.resilience.drill import files_in


def refuses(sentence: str, *words: object) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command(*map(str, words))


def altered(whole: Path, name: str, *, keep: float = 1, **said: object) -> Path:
    """The backup beside itself with a manifest that says something else, or with a database of
    which only a part is left; its digests are right in either case.
    """
    manifest = verified(whole, "")
    path = whole.with_name(name)
    with reading(whole, "") as members, open(path, "wb") as raw, writing(raw, "") as writer:
        for member, content in members:
            if member == DATABASE or member.startswith(FILES):
                data = content.read()
                data = data[: int(len(data) * keep)] if member == DATABASE else data
                writer.add(member, BytesIO(data), len(data))
        writer.finish(manifest | said)
    return path


def test_nothing_is_touched_by_what_is_refused(filled, media, tmp_path, monkeypatch):
    file = tmp_path / "day.backup"
    call_command("backup", str(file))
    call_command("restore", str(file), "--check")
    before, stored = tables_now(), files_in(media)
    whole = file.read_bytes()
    (cut := tmp_path / "cut").write_bytes(whole[: len(whole) * 2 // 3])
    refuses("已經有資料", "restore", file)
    refuses("損壞", "restore", cut, "--yes")
    refuses("none", "restore", tmp_path / "none", "--yes")
    refuses("已經存在", "backup", file)
    refuses("BACKUP_PASSPHRASE", "backup", tmp_path / "sealed", "--encrypt")
    refuses("/no/", "backup", tmp_path / "no" / "file")
    if connection.vendor == "postgresql":
        with monkeypatch.context() as bare:
            bare.setenv("PATH", "")
            refuses("沒有 pg_dump", "backup", tmp_path / "other")
    assert (tables_now(), files_in(media)) == (before, stored)
    assert {path.name for path in tmp_path.iterdir()} == {"cut", "day.backup", "evidence"}


def test_a_backup_of_another_release_or_engine_is_refused(filled, tmp_path, media):
    file = tmp_path / "day.backup"
    call_command("backup", str(file))
    before = tables_now()
    leaves = verified(file, "")["migrations"]
    assert leaves["ministries"]
    newer = leaves | {"ministries": ["9999_of_next_year"]}
    unknown = leaves | {"an_app_to_come": ["0001_initial"]}
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    for sentence, said in (
        ("較新的系統（ministries 9999_of_next_year）", {"migrations": newer}),
        ("較新的系統（an_app_to_come 0001_initial）", {"migrations": unknown}),
        ("第 2 版", {"format": 2}),
        (f"來自 {other}，不能還原到 {connection.vendor}", {"engine": other}),
    ):
        changed = altered(file, "changed.backup", **said)
        refuses(sentence, "restore", changed, "--check")
        refuses(sentence, "restore", changed, "--yes")
    assert tables_now() == before


@pytest.mark.parametrize("keep", [0.2, 0.9])
def test_a_database_that_breaks_off_leaves_everything_as_it_was(filled, tmp_path, media, keep):
    """Its digest is right: whoever wrote the file had no more. PostgreSQL finds out half-way."""
    file = tmp_path / "day.backup"
    call_command("backup", str(file))
    before, stored = tables_now(), files_in(media)
    broken = altered(file, "broken.backup", keep=keep)
    refuses("沒有動任何資料|維持原狀", "restore", broken, "--yes")
    assert (tables_now(), files_in(media)) == (before, stored)


def test_a_file_that_is_gone_is_named_and_the_rest_is_kept(filled, media, tmp_path, capsys):
    gone = next(iter(files_in(media)))
    (media / gone).unlink()
    call_command("backup", str(tmp_path / "day.backup"))
    assert gone in capsys.readouterr().err
    manifest = verified(tmp_path / "day.backup", "")
    assert manifest["missing"] == [gone]
    assert sum(name.startswith("files/") for name in manifest["members"]) == 2
