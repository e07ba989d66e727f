"""Two at the same moment, on two connections: one wins, the other is told; one mail goes out."""

import threading
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection

from config.kit.errors import NotNow, Refused, StaleVersion
from ministries.models import AuditEvent
from tracking import outbox
from tracking.actions import evidence, reports, years
from tracking.enums import Status
from tracking.models import Evidence, Notice, ProgressReport, ReportEvent

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run each on a thread with a connection of its own; what they returned or were refused."""
    start = threading.Barrier(len(acts))
    found: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            found[place] = act()
        except Refused as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


def test_two_officers_save(world):
    report = world.report("1.1.1.1", "alpha")
    by = world.people["officer_a"]

    def save(text: str):
        return reports.save_draft(report, seen_version=1, by=by, fields={"work_done": text})

    found = at_once(lambda: save("甲"), lambda: save("乙"))
    kept = ProgressReport.objects.get(pk=report.pk)
    assert kept.version == 2
    assert sorted(type(one).__name__ for one in found) == ["ProgressReport", "StaleVersion"]
    loser = next(one for one in found if isinstance(one, StaleVersion))
    assert loser.current.work_done == kept.work_done
    assert AuditEvent.objects.filter(verb="report.save").count() == 1


def test_accepting_and_withdrawing(world):
    row = world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    found = at_once(
        lambda: reports.start_review(row, seen_version=row.version, by=world.people["reviewer"]),
        lambda: reports.withdraw(row, seen_version=row.version, by=world.people["officer_a"]),
    )
    assert sum(isinstance(one, ProgressReport) for one in found) == 1
    assert sum(isinstance(one, NotNow) for one in found) == 1
    assert ReportEvent.objects.filter(report=row).count() == 3


def test_opening_twice_makes_every_report_once(world):
    ProgressReport.objects.all().delete()
    collator = world.people["collator"]
    found = at_once(*[lambda: years.open_year(world.year, by=collator)] * 2)
    assert sorted(one.made for one in found) == [0, 8]
    assert ProgressReport.objects.count() == 8


def test_removing_evidence_twice(world):
    report = world.report("1.1.1.1", "alpha")
    by = world.people["officer_a"]
    link = evidence.add_link(report, seen_version=1, by=by, url="https://a.test/")
    found = at_once(*[lambda: evidence.remove(link, seen_version=2, by=by)] * 2)
    assert sum(isinstance(one, StaleVersion) for one in found) == 1
    assert not Evidence.objects.exists()


def test_two_workers_with_one_notice(world, monkeypatch):
    monkeypatch.setattr("tracking.tasks.deliver_notice.apply_async", lambda *args, **kwargs: None)
    world.bring(world.report("1.1.1.1", "alpha"), Status.SIGNING)
    notice = Notice.objects.get()
    found = at_once(*[lambda: outbox.deliver(notice.pk)] * 2)
    assert sorted(found) == [False, True]
    assert len(mail.outbox) == 1
