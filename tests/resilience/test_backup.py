"""The drill: backup and restore, every row and every file comes back."""

import pytest
from django.core.management import call_command

from config.kit.backup_archive import verified
from ministries.models import AuditEvent
from tests.resilience.drill import (
    LOGGED,
    PASSPHRASE,
    Elsewhere,
    Writer,
    audited,
    files_in,
    rows_here,
    rows_of,
    same_as_here,
)

MEGABYTES = 300


def same(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """In every table the same; only the log goes on."""
    assert after.keys() == before.keys()
    for name in before:
        if not name.startswith(LOGGED):
            assert after[name] == before[name], name
        elif name != "ministries_audithead":  # where the log ends now
            assert set(before[name]) <= set(after[name]), name


def test_every_row_and_every_file_comes_back(
    filled, media, elsewhere, client, passphrase, tmp_path
):
    client.force_login(filled.officer_a)
    before, stored = rows_here(), files_in(media)
    assert len(stored) == 3
    assert before["tracking_evidence"] and before["ministries_auditevent"] and before["numbers"]
    (media / "nobodys").write_bytes(b"no row names it")
    file = tmp_path / "day.backup"
    call_command("backup", str(file), "--encrypt")
    assert file.stat().st_mode & 0o077 == 0

    with elsewhere.cursor() as cursor:
        cursor.execute("CREATE TABLE somebodys (word varchar(20))")
        cursor.execute("INSERT INTO somebodys VALUES ('mine')")
    refused = elsewhere.manage("restore", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
    assert refused.returncode == 1 and "--yes" in refused.stderr, refused
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT word FROM somebodys")
        assert cursor.fetchall() == [("mine",)]

    done = elsewhere.manage("restore", str(file), "--yes", BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    with elsewhere.cursor() as cursor:
        after = rows_of(cursor)
    same(before, after)
    [one] = set(after["ministries_auditevent"]) - set(before["ministries_auditevent"])
    assert "backup.restore" in one
    assert files_in(elsewhere.media) == stored
    assert AuditEvent.objects.get(verb="backup.make").after["files"] == 3
    # The chain is whole, what the restore added to it included.
    whole = len(before["ministries_auditevent"]) + 1
    assert audited(elsewhere) == {"rows": whole, "problems": []}


def test_a_backup_is_of_one_moment_while_others_write(elsewhere, tmp_path, world):
    """And it goes into an empty database without being asked twice."""
    busy = Elsewhere(tmp_path / "busy")
    try:
        same_as_here(busy)
        file = tmp_path / "busy.backup"
        with Writer(busy.url) as writer:
            while writer.written < 5:
                assert writer.is_alive()
            before = writer.written
            done = busy.manage("backup", str(file))
            after = writer.written
        assert done.returncode == 0, done.stderr
        done = elsewhere.manage("restore", str(file))
        assert done.returncode == 0, done.stderr
        with elsewhere.cursor() as cursor:
            found = rows_of(cursor)
        assert before <= len(found["left_hand"]) < after
        assert found["left_hand"] == found["right_hand"]
        assert verified(file, "")["tables"]["left_hand"]["rows"] == len(found["left_hand"])
    finally:
        busy.remove()


@pytest.mark.deep
def test_a_hundred_plans_come_back(elsewhere, tmp_path):
    """From one installation into another, 100 times the seed, within bounded memory."""
    source = Elsewhere(tmp_path / "first")
    try:
        for words in (
            ("migrate", "-v0"),
            ("load_plan",),
            ("seed_demo", "--years=110-113", "--plans=100"),
        ):
            done = source.manage(*words)
            assert done.returncode == 0, done.stderr
        file = tmp_path / "hundred.backup"
        assert source.measured("backup", str(file)) < MEGABYTES
        assert elsewhere.measured("restore", str(file)) < MEGABYTES
        with source.cursor() as cursor, elsewhere.cursor() as other:
            before, after = rows_of(cursor), rows_of(other)
        assert len(before["tracking_progressreport"]) > 100_000
        for name in before:
            if not name.startswith(LOGGED):
                assert after[name] == before[name], name
    finally:
        source.remove()
