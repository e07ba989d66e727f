"""Reading what stood at one moment."""

from threading import Thread

import pytest
from django.db import DatabaseError, connection

from config.kit.moment import one_moment
from ministries import audit
from ministries.models import AuditEvent

pytestmark = pytest.mark.postgres


def act_elsewhere() -> None:
    def act() -> None:
        try:
            audit.record("test.act", "x", by="y")
        finally:
            connection.close()

    other = Thread(target=act)
    other.start()
    other.join()


def test_what_others_write_meanwhile_is_not_seen(transactional_db):
    with one_moment():
        assert AuditEvent.objects.count() == 0
        act_elsewhere()
        assert AuditEvent.objects.count() == 0
    assert AuditEvent.objects.count() == 1


def test_nothing_is_written_in_it(transactional_db):
    with pytest.raises(DatabaseError, match="read-only"), one_moment():
        audit.record("test.act", "x", by="y")


def test_inside_of_a_transaction_it_is_that_ones_view(db):
    audit.record("test.act", "x", by="y")
    with one_moment():
        assert AuditEvent.objects.count() == 1
