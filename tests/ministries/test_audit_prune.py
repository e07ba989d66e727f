"""Old audit events go behind a signed checkpoint, and not otherwise."""

import hashlib
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from config.checks import unsafe_settings
from config.kit.errors import Refused
from ministries import audit, audit_checkpoints, audit_triggers
from ministries.audit_prune import prune
from ministries.models import AuditCheckpoint, AuditEvent, AuditSeal
from ministries.tasks import checkpoint_audit
from tests.ministries import tampering
from tests.ministries.tampering import kinds, run, tamper, verified

EVENT, SEAL, HEAD, CHECKPOINT = audit_triggers.TABLES
OLD, YOUNG = 400, 100


@pytest.fixture(autouse=True)
def _key(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    settings.AUDIT_KEY = "the key of these tests"
    settings.AUDIT_KEEP_DAYS = 365


@pytest.fixture
def log(db) -> list[int]:
    """Five events of 400 days ago, one of 100, one older again, and one of today."""
    tampering.put_guards()
    now = timezone.now()
    for days in (OLD, OLD, OLD, OLD, OLD, YOUNG, OLD, 0):
        audit.record_many([audit.entry("test.act", "x", by="y", at=now - timedelta(days=days))])
        tampering.seal()
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def test_what_is_old_goes_and_the_rest_still_proves_itself(log):
    checkpoint_audit()
    export = StringIO()
    point = prune(365, by="system:test", export=export)
    # The seventh is old as well, but stands behind a younger one.
    assert (point.kind, point.number, point.count) == ("prune", 5, 5)
    assert set(log[:5]).isdisjoint(AuditEvent.objects.values_list("pk", flat=True))
    assert AuditSeal.objects.order_by("number").first().number == 6
    lines = export.getvalue()
    assert hashlib.sha256(lines.encode()).hexdigest() == point.digest
    told = [json.loads(line) for line in lines.splitlines()]
    assert [one["event"] for one in told] == log[:5]
    assert told[-1]["hash"] == point.hash
    tampering.seal()
    verdict = verified()
    assert verdict == (4, 6, 9, 8, [])  # three that stay, and the one that tells of it
    event = AuditEvent.objects.first()
    assert (event.verb, event.after["count"], event.after["until"]) == ("audit.prune", 5, 5)
    assert prune(365, by="system:test") is None


def test_more_than_was_signed_is_found_after_a_prune(log):
    prune(365, by="system:test")
    tampering.seal()
    tamper(f"DELETE FROM {EVENT} WHERE id = {log[5]}", f"DELETE FROM {SEAL} WHERE number = 6")
    assert kinds() == [("removed", 6)]


def test_without_its_signature_a_prune_is_a_removal(log):
    prune(365, by="system:test")
    tampering.seal()
    tamper(f"UPDATE {CHECKPOINT} SET number = 4")
    assert ("removed", 1) in kinds()
    tamper(f"DELETE FROM {CHECKPOINT}")
    assert kinds() == [("removed", 1)]


def test_everything_may_be_old(log, settings):
    tamper(f"DELETE FROM {EVENT}", f"DELETE FROM {SEAL}", f"DELETE FROM {HEAD}")
    old = timezone.now() - timedelta(days=OLD)
    audit.record_many([audit.entry("test.act", "x", by="y", at=old) for _each in "abc"])
    tampering.seal()
    assert prune(365, by="system:test").count == 3
    assert kinds() == []
    tampering.seal()
    assert verified().rows == 1


def test_a_broken_chain_too_short_a_time_and_no_key_are_refused(log, settings):
    with pytest.raises(Refused, match="180"):
        prune(179, by="system:test")
    settings.AUDIT_KEY = ""
    with pytest.raises(Refused, match="AUDIT_KEY"):
        prune(365, by="system:test")
    settings.AUDIT_KEY = "again"
    tamper(f"UPDATE {EVENT} SET actor = 'z' WHERE id = {log[1]}")
    with pytest.raises(Refused, match="不完整"):
        prune(365, by="system:test")
    assert not AuditCheckpoint.objects.exists()
    assert AuditEvent.objects.count() == len(log)


def test_a_chain_written_anew_is_not_signed_by_pruning(log, django_capture_on_commit_callbacks):
    """Its checkpoints were taken out of the database; the file still tells."""
    with django_capture_on_commit_callbacks(execute=True):
        checkpoint_audit()
    tampering.write_anew(log[1])
    tamper(f"DELETE FROM {CHECKPOINT}")
    assert kinds() == []
    with pytest.raises(Refused, match="不完整"):
        prune(365, by="system:test")
    audit_checkpoints.anchors_path().write_text("garbage\n", encoding="utf-8")
    with pytest.raises(Refused, match="第1行不是查核點"):
        prune(365, by="system:test")
    assert AuditEvent.objects.count() == len(log)


def test_production_keeps_the_log_for_half_a_year_at_least(settings):
    settings.DEPLOYMENT, settings.AUDIT_KEEP_DAYS = "production", 179
    assert "AUDIT_KEEP_DAYS is less than 180" in unsafe_settings()
    settings.AUDIT_KEEP_DAYS = 180
    assert not any("AUDIT" in clause for clause in unsafe_settings())


def test_the_database_lets_go_what_was_signed_and_nothing_else(log):
    audit_checkpoints.add("prune", 2, "", count=2)
    run(f"DELETE FROM {EVENT} WHERE id <= {log[1]}")
    for statement in (f"DELETE FROM {EVENT} WHERE id = {log[2]}", f"DELETE FROM {SEAL}"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)


def test_the_command_exports_prunes_and_never_overwrites(log, tmp_path, capsys):
    file = tmp_path / "pruned.jsonl"
    call_command("prune_audit", dry_run=True)
    assert "序號 5" in capsys.readouterr().out
    call_command("prune_audit", export=file)
    assert "清除了 5 筆" in capsys.readouterr().out
    assert len(file.read_text(encoding="utf-8").splitlines()) == 5
    call_command("prune_audit", export=tmp_path / "nothing.jsonl")
    assert not (tmp_path / "nothing.jsonl").exists()
    assert "沒有可以清除的" in capsys.readouterr().out
    with pytest.raises(CommandError, match="已經存在"):
        call_command("prune_audit", export=file)
    with pytest.raises(CommandError, match="寫不進"):
        call_command("prune_audit", export=tmp_path / "away" / "file")


def test_a_role_of_the_site_prunes_nothing(log):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no roles.")
    out = StringIO()
    call_command("audit_grants", "nstp_site_of_a_test", stdout=out)
    run("CREATE ROLE nstp_site_of_a_test")
    first, *statements, last = out.getvalue().splitlines()
    assert (first, last) == ("BEGIN;", "COMMIT;")
    run(" ".join(statements))
    run("SET LOCAL ROLE nstp_site_of_a_test")
    with pytest.raises(CommandError, match="擁有者"), transaction.atomic():
        call_command("prune_audit")
    run("RESET ROLE")
    assert AuditEvent.objects.count() == len(log)
