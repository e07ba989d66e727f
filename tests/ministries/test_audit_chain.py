"""The audit log's chain: whole as it is written, and broken by whatever goes round it."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ministries import audit, audit_checkpoints, audit_triggers
from ministries.audit_chain import hash_of
from ministries.models import AuditCheckpoint, AuditEvent, AuditHead, AuditSeal
from tests.ministries import tampering
from tests.ministries.tampering import kinds, run, tamper, verified

EVENT, SEAL, HEAD, CHECKPOINT = audit_triggers.TABLES
MANY = 9


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def log(db) -> list[int]:
    """Nine events, sealed; their keys in order."""
    tampering.put_guards()
    for place in range(MANY):
        told = {"place": place, "share": Decimal("1.50"), "text": "甲"}
        audit.record(f"test.act{place}", "app.thing:1", by="a@example.org", after=told)
    tampering.seal()
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


# --- as it is written -----------------------------------------------------------------------------
def test_every_event_has_its_place_in_the_chain(log):
    seals = list(AuditSeal.objects.order_by("number"))
    assert [seal.number for seal in seals] == list(range(1, MANY + 1))
    assert [seal.event for seal in seals] == log
    assert seals[0].previous == "0" * 64
    for one, before in zip(seals[1:], seals[:-1], strict=True):
        assert one.previous == before.hash
    last = seals[-1]
    text = f"{last.number} {last.event} {last.digest} {last.previous}"
    assert last.hash == hashlib.sha256(text.encode()).hexdigest()
    head = AuditHead.objects.get()
    assert (head.number, head.hash) == (last.number, last.hash)
    verdict = verified()
    assert verdict == (MANY, 1, MANY, 0, [])


def test_events_of_one_statement_are_sealed_in_their_order(log):
    audit.record_many(audit.entry("test.many", "x", by="y", after={"n": n}) for n in range(3))
    assert verified() == (MANY + 3, 1, MANY + 3, 0, [])
    last = AuditSeal.objects.order_by("-number").values_list("event", flat=True)[:3]
    told = [AuditEvent.objects.get(pk=pk).after["n"] for pk in last]
    assert told == [2, 1, 0]


def test_what_was_rolled_back_leaves_no_place(log):
    with transaction.atomic():
        audit.record("test.gone", "x", by="y")
        transaction.set_rollback(True)
    audit.record("test.stays", "x", by="y")
    assert verified() == (MANY + 1, 1, MANY + 1, 0, [])


def test_numbers_and_times_read_back_as_they_were_digested(log):
    zone = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
    for value in (
        0.1,
        1e22,
        1e-9,
        1.5e300,
        -0.0,
        10**30,
        3,
        True,
        None,
        "字\u2028",
        Decimal("1.10"),
    ):
        told = {"b": value, "a": [value, {"ü": value}]}
        audit.record("test.value", "x", by="y", before={}, after=told)
    audit.record_many([audit.entry("test.time", "x", by="y", at=zone)])
    assert verified().problems == []
    assert AuditEvent.objects.filter(after__b="1.10").count() == 1


# --- refused --------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", audit_triggers.TABLES)
def test_the_database_refuses_to_change_or_remove(log, table):
    audit_checkpoints.take_checkpoint()
    column = "number" if table in (SEAL, HEAD, CHECKPOINT) else "id"
    statements = [f"UPDATE {table} SET {column} = {column} + 1", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        statements.append(f"TRUNCATE {table}")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(statement)
    assert kinds() == []


def test_a_role_of_the_site_may_add_and_read_and_nothing_else(log):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no roles.")
    run("CREATE ROLE nstp_site_of_a_test")
    call_command("audit_grants", "nstp_site_of_a_test", apply=True, stdout=StringIO())
    event = AuditEvent.objects.first()
    assert (event.verb, event.after) == ("audit.grant", {"role": "nstp_site_of_a_test"})
    with pytest.raises(CommandError, match="does not exist"), transaction.atomic():
        call_command("audit_grants", "nobody_at_all", apply=True)
    run("SET LOCAL ROLE nstp_site_of_a_test")
    audit.record("test.act", "x", by="y")
    tampering.seal()
    assert AuditSeal.objects.count() == MANY + 2
    with pytest.raises(CommandError, match="就是這個角色"), transaction.atomic():
        call_command("audit_grants", "nstp_site_of_a_test", apply=True)
    for statement in (
        f"UPDATE {EVENT} SET actor = 'somebody'",
        f"DELETE FROM {EVENT}",
        f"TRUNCATE {EVENT}",
        f"INSERT INTO {SEAL} VALUES (99, 99, '', '', '')",
        f"UPDATE {HEAD} SET number = 1",
        f"DELETE FROM {CHECKPOINT}",
        f"ALTER TABLE {EVENT} DISABLE TRIGGER USER",
        "DROP FUNCTION audit_seal() CASCADE",
    ):
        with (
            pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
            transaction.atomic(),
        ):
            run(statement)
    run("RESET ROLE")
    assert verified() == (MANY + 2, 1, MANY + 2, 0, [])


# --- found ----------------------------------------------------------------------------------------
EDITS = (
    "verb = 'x.y'", "actor = 'b@example.org'", "ministry = 'moe'", "target = 'app.thing:2'",
    "before = '{}'", "after = NULL", "at = '2020-01-01 00:00:00+00:00'", "address = '10.0.0.1'",
    "digest = ''",
)  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_named(log, edit):
    tamper(f"UPDATE {EVENT} SET {edit} WHERE id = {log[3]}")
    assert kinds() == [("edited", 4)]
    assert str(log[3]) in verified().problems[0].text


def test_a_removed_row_is_named_with_its_seal_or_without(log):
    tamper(f"DELETE FROM {EVENT} WHERE id = {log[3]}")
    assert kinds() == [("removed", 4)]
    tamper(f"DELETE FROM {SEAL} WHERE number = 4")
    assert kinds() == [("removed", 4)]
    tamper(f"DELETE FROM {SEAL} WHERE number = 6")
    assert kinds() == [("removed", 4), ("removed", 6), ("added", None)]
    assert verified().problems[-1].event == log[5]


def test_rows_that_changed_places_are_named(log):
    first, second, free = log[2], log[6], log[-1] + 1000
    tamper(*(
        f"UPDATE {EVENT} SET id = {new} WHERE id = {old}"
        for old, new in ((first, free), (second, first), (free, second))
    ))  # fmt: skip
    assert kinds() == [("moved", 3), ("moved", 7)]
    assert "序號7的內容" in verified().problems[0].text


def test_seals_that_changed_places_are_named(log):
    tamper(*(
        f"UPDATE {SEAL} SET number = {new} WHERE number = {old}"
        for old, new in ((3, 100), (4, 3), (100, 4))
    ))  # fmt: skip
    assert set(kinds()) == {("order", 3), ("seal", 3), ("order", 4), ("seal", 4), ("order", 5)}


@pytest.mark.parametrize("number", [0, -1])
def test_an_event_sealed_before_the_beginning_is_found(log, number):
    """A row put in with a well-made seal of its own, where nobody would begin to read."""
    forged = audit.entry("test.forged", "x", by="b@example.org")
    forged.pk = log[-1] + 500
    forged.digest_content()
    made = hash_of(number, forged.pk, forged.digest, audit_triggers.START)
    with tampering.no_guards():
        AuditEvent.objects.bulk_create([forged])
        run(
            f"INSERT INTO {SEAL} (number, event, digest, previous, hash)"
            " VALUES (%s, %s, %s, %s, %s)",
            [number, forged.pk, forged.digest, audit_triggers.START, made],
        )
    assert [(one.kind, one.number, one.event) for one in verified().problems] == [
        ("added", number, forged.pk)
    ]


@pytest.mark.parametrize("also", [(), (SEAL,), (SEAL, HEAD)])
def test_a_cut_tail_is_found(log, also):
    """Of the events alone, with their seals, and with the head after a checkpoint."""
    if HEAD in also:
        audit_checkpoints.take_checkpoint()
    seventh = AuditSeal.objects.get(number=7)
    tamper(
        f"DELETE FROM {EVENT} WHERE id > {log[6]}",
        *([f"DELETE FROM {SEAL} WHERE number > 7"] if SEAL in also else []),
        *([f"UPDATE {HEAD} SET number = 7, hash = '{seventh.hash}'"] if HEAD in also else []),
    )
    assert kinds() == ([("cut", 8)] if also else [("removed", 8), ("removed", 9)])


def test_a_head_that_was_turned_back_or_taken_away_is_found(log):
    fifth = AuditSeal.objects.get(number=5)
    for stroke in (
        f"UPDATE {HEAD} SET number = 5, hash = '{fifth.hash}'",
        f"UPDATE {HEAD} SET number = {MANY}, hash = '{fifth.hash}'",
        f"DELETE FROM {HEAD}",
    ):
        tamper(stroke)
        assert kinds() == [("cut", MANY)]


def test_a_chain_written_anew_differs_from_what_was_signed(log):
    audit_checkpoints.take_checkpoint()
    tampering.write_anew(log[3])
    assert kinds() == [("checkpoint", MANY)]
    assert "重寫" in verified().problems[0].text


def test_without_its_row_a_checkpoint_speaks_from_the_file(log, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        audit_checkpoints.take_checkpoint()
    anchors = audit_checkpoints.read_anchors(audit_checkpoints.anchors_path())
    assert kinds(anchors) == []
    tampering.write_anew(log[3])
    tamper(f"DELETE FROM {CHECKPOINT}")
    assert kinds() == []  # whoever owns the database can do that much
    assert kinds(anchors) == [("checkpoint", None), ("checkpoint", MANY)]


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_no_tampering_goes_unseen(log, data):
    """Any few strokes at any rows: something is found, and nothing says so before them."""
    place = st.integers(0, MANY - 1)
    strokes = st.one_of(
        st.tuples(st.sampled_from(EDITS), place).map(
            lambda drawn: f"UPDATE {EVENT} SET {drawn[0]} WHERE id = {log[drawn[1]]}"
        ),
        place.map(lambda at: f"DELETE FROM {EVENT} WHERE id = {log[at]}"),
        place.map(lambda at: f"DELETE FROM {EVENT} WHERE id >= {log[at]}"),
        place.map(lambda at: f"DELETE FROM {SEAL} WHERE number = {at + 1}"),
        place.map(lambda at: f"DELETE FROM {SEAL} WHERE number > {at}"),
        place.map(lambda at: f"UPDATE {HEAD} SET number = {at}"),
        place.map(lambda at: f"UPDATE {EVENT} SET id = id + 5000 WHERE id = {log[at]}"),
        st.sampled_from(["digest", "previous", "hash"]).map(
            lambda name: f"UPDATE {SEAL} SET {name} = '' WHERE number = 5"
        ),
    )
    chosen = data.draw(st.lists(strokes, min_size=1, max_size=4))
    with transaction.atomic():
        tamper(*chosen)
        assert kinds() != []
        transaction.set_rollback(True)
    assert kinds() == []


# --- checkpoints ----------------------------------------------------------------------------------
def test_a_checkpoint_is_signed_and_taken_once_for_each_state(log, settings):
    settings.AUDIT_KEY = "a key of its own"
    point = audit_checkpoints.take_checkpoint()
    assert (point.number, point.count, point.kind) == (MANY, MANY, "regular")
    assert audit_checkpoints.take_checkpoint() is None
    audit.record("test.act", "x", by="y")
    tampering.seal()
    second = audit_checkpoints.take_checkpoint()
    assert second.previous == point.signature
    assert verified().signed == MANY + 1
    settings.AUDIT_KEY = "a newer key"
    assert kinds() == [("checkpoint", None)] * 2
    settings.AUDIT_KEY_FALLBACKS = ["a key of its own"]
    assert kinds() == []


def test_a_forged_a_changed_and_a_missing_checkpoint_are_found(log):
    for _each in "abc":
        audit.record("test.act", "x", by="y")
        tampering.seal()
        audit_checkpoints.take_checkpoint()
    first, second, third = AuditCheckpoint.objects.order_by("pk").values_list("pk", flat=True)
    tamper(f"UPDATE {CHECKPOINT} SET count = 1 WHERE id = {first}")
    assert kinds() == [("checkpoint", None)]
    tamper(f"DELETE FROM {CHECKPOINT} WHERE id = {second}")
    texts = [problem.text for problem in verified().problems]
    assert len(texts) == 2
    assert f"查核點{third}" in texts[1]
    assert "之前少了查核點" in texts[1]


def test_commits_at_the_same_moment_make_one_chain(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time.")

    def act(who: int) -> None:
        try:
            for _each in range(5):
                with transaction.atomic():
                    audit.record("test.one", f"x:{who}", by="y")
                    audit.record("test.two", f"x:{who}", by="y")
        finally:
            connection.close()

    threads = [Thread(target=act, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verified()
    assert verdict.rows == verdict.last == 80
    assert {problem.kind for problem in verdict.problems} == {"guard"}  # off for these tests


# --- the command ----------------------------------------------------------------------------------
def test_the_command_says_what_is_wrong_and_fails(log, capsys):
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert "完整" in said and "沒有另外保存的查核點" in said
    tampering.seal()
    assert AuditEvent.objects.first().verb == "audit.verify"
    tamper(f"DELETE FROM {EVENT} WHERE id = {log[2]}")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", format="json")
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["rows"], told["last"]) == (False, MANY, MANY + 1)
    assert told["problems"] == [
        {"kind": "removed", "number": 3, "event": log[2], "text": f"序號3的紀錄{log[2]}被刪除了。"}
    ]
