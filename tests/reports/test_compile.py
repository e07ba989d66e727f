"""Compiling: one edition for one content, whole or not at all, and free of every live row."""

import os
import signal
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from ministries.models import AuditEvent, Ministry
from plan.models import Assignment, Indicator, Measure, Strategy
from reports import attainment, freeze, jobs, tasks
from reports.actions.compile import STEPS, compile_review
from reports.canonical import canonical, digest, digest_of_lines
from reports.documents.blocks import content_digest
from reports.documents.render import finished
from reports.documents.sources import source_of, subject_of_edition
from reports.enums import JobState, ReviewKind
from reports.models import Edition, Job, Review, SnapshotLine
from tests.kept import kept
from tests.world import make_indicator
from tracking.enums import Light, Status
from tracking.models import (
    Evidence,
    IndicatorValue,
    MoneyLine,
    Notice,
    ProgressReport,
    Receipt,
    ReportAuthor,
    ReportEvent,
    Submission,
)


class Killed(BaseException):
    """What a worker's death looks like from inside: nothing after it runs."""


@kept
def review(world) -> Review:
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    report.values.create(indicator=indicator, actual=15)
    report.evidence.create(title="成果", url="https://a.test", added_by=world.officer_a)
    return Review.objects.create(
        plan=world.plan, kind=ReviewKind.MIDTERM, title="期中", first_year=110, last_year=111
    )


def text_of(edition: Edition) -> str:
    """All that an edition says, read from the database anew."""
    edition = Edition.objects.get(pk=edition.pk)
    lines = edition.lines.values_list("ordinal", "key", "kind", "content", "digest")
    return canonical([edition.head, edition.rules, edition.standing, [list(row) for row in lines]])


def documents_of(edition: Edition) -> dict[tuple[str, str], str]:
    """(kind, format) → digest of what each document of the edition says."""
    source = source_of(subject_of_edition(edition))
    return {
        (kind, form): content_digest(finished(source.content(kind, form))[0])
        for kind, (forms, _make) in source.kinds.items()
        for form in forms
    }


# --- one content, one edition ---------------------------------------------------------------------
@pytest.mark.django_db
def test_an_edition_holds_inputs_rules_and_standing(review, reviewer):
    edition = compile_review(review.pk, by=reviewer)
    frozen = freeze.gather(review)
    assert (edition.number, edition.created_by, edition.digest) == (1, reviewer, frozen.digest)
    assert edition.standing == attainment.standing(frozen.head, frozen.rules, frozen.lines)
    assert edition.standing["measures"]["1.1.1.1"]["attainment"] == "75.0000"
    lines = list(edition.lines.all())
    assert [line.ordinal for line in lines] == list(range(1, len(frozen.lines) + 1))
    assert [line.key for line in lines] == [line.key for line in frozen.lines]
    event = AuditEvent.objects.get(verb="review.compile")
    assert (event.actor, event.after["digest"]) == (reviewer.email, edition.digest)


@pytest.mark.django_db
def test_digests_can_be_checked_from_what_is_stored(review):
    edition = compile_review(review.pk)
    edition = Edition.objects.get(pk=edition.pk)
    for line in edition.lines.all():
        assert line.digest == digest(line.content)
    keys = digest_of_lines(edition.lines.values_list("key", "digest"))
    assert edition.digest == digest({"head": edition.head, "rules": edition.rules, "lines": keys})
    stored = list(edition.lines.all())
    assert edition.standing == attainment.standing(edition.head, edition.rules, stored)


@pytest.mark.django_db
def test_the_same_inputs_are_the_same_edition(review, reviewer, collator):
    edition = compile_review(review.pk, by=reviewer)
    assert compile_review(review.pk, by=collator) == edition
    assert Edition.objects.count() == 1
    assert AuditEvent.objects.filter(verb="review.compile").count() == 1


@pytest.mark.django_db
def test_another_input_is_another_edition_and_back_again_the_first(review):
    first = compile_review(review.pk)
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="更多人受惠。")
    second = compile_review(review.pk)
    assert (second.number, second.digest != first.digest) == (2, True)
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="受訓者在原校開課。")
    assert compile_review(review.pk) == first


@pytest.mark.django_db
def test_another_rule_is_another_edition(review):
    first = compile_review(review.pk)
    Review.objects.update(rules=review.rules | {"threshold": "80"})
    second = compile_review(review.pk)
    assert second.number == 2
    assert not first.standing["measures"]["1.1.1.1"]["below"]
    assert second.standing["measures"]["1.1.1.1"]["below"]
    assert Edition.objects.get(pk=first.pk).rules["threshold"] == "60"


# --- frozen means copied --------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_happens_to_live_rows_does_not_reach_the_snapshot(review, world):
    edition = compile_review(review.pk)
    before = text_of(edition), documents_of(edition)
    Measure.objects.update(name="改了名")
    Strategy.objects.update(name="也改了", cell="")
    Ministry.objects.update(short_name="新名", full_name="新的全名")
    ProgressReport.objects.update(work_done="改寫過的歷史", light=Light.FAR_BEHIND)
    Review.objects.update(rules={**review.rules, "threshold": "99"})
    world.year.closes_on = world.year.due_on
    world.year.save()
    assert (text_of(edition), documents_of(edition)) == before
    parts = (Submission, IndicatorValue, MoneyLine, Evidence, ReportAuthor, ReportEvent, Notice)
    # Receipts are never deleted by our own code; here somebody goes past it.
    Receipt.objects.all()._raw_delete("default")
    for model in parts:
        model.objects.all().delete()
    ProgressReport.assignments.through.objects.all().delete()
    ProgressReport.objects.all().delete()
    Indicator.objects.all().delete()
    Assignment.objects.all().delete()
    Measure.objects.all().delete()
    world.year.delete()
    assert (text_of(edition), documents_of(edition)) == before
    assert "辦理三場培訓" in before[0]


# --- half-way -------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2])
def test_killed_half_way_nothing_is_left_and_it_starts_over(review, reviewer, monkeypatch, batch):
    monkeypatch.setattr("reports.actions.compile.BATCH", 4)
    job = jobs.start("compile:1", tasks.compile_review_task, review.pk, by=reviewer)
    written = []
    real = SnapshotLine.objects.bulk_create

    def dying(rows):
        written.append(len(rows))
        if len(written) == batch:
            raise Killed
        return real(rows)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(SnapshotLine.objects, "bulk_create", dying)
        tasks.compile_review_task(review.pk, job.pk)
    assert (Edition.objects.count(), SnapshotLine.objects.count()) == (0, 0)
    assert not AuditEvent.objects.filter(verb="review.compile").exists()
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING

    tasks.compile_review_task(review.pk, job.pk)
    edition = Edition.objects.get()
    assert edition.number == 1
    assert edition.digest == freeze.gather(review).digest
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.result, done.attempts) == (JobState.DONE, f"edition:{edition.pk}", 2)
    assert edition.created_by == reviewer


DYING = """
import os, signal, django
django.setup()
from reports import tasks
from reports.actions import compile
from reports.models import SnapshotLine
compile.BATCH = 4
write, written = SnapshotLine.objects.bulk_create, []
def dying(rows):
    if written:
        os.kill(os.getpid(), signal.SIGKILL)
    written.append(write(rows))
SnapshotLine.objects.bulk_create = dying
tasks.compile_review_task({review}, {job})
"""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_while_it_writes_leaves_nothing(review, reviewer, monkeypatch):
    """A real process and SIGKILL: the server sees the connection break."""
    if connection.vendor != "postgresql":
        pytest.skip("The database in memory belongs to this process.")
    monkeypatch.setattr(tasks.compile_review_task, "apply_async", lambda *args, **options: None)
    job = tasks.start_compiling(review, by=reviewer)
    database = urlsplit(os.environ["DATABASE_URL"])
    url = database._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    child = subprocess.run(
        [sys.executable, "-c", DYING.format(review=review.pk, job=job.pk)],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert (Edition.objects.count(), SnapshotLine.objects.count()) == (0, 0)
    left = Job.objects.get(pk=job.pk)
    assert (left.state, left.done, left.doing) == (JobState.RUNNING, 3, STEPS[3])
    tasks.compile_review_task(review.pk, job.pk)
    assert Edition.objects.get().lines.count() > 4
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


@pytest.mark.django_db
def test_the_task_run_twice_makes_one_edition(review, reviewer):
    job = tasks.start_compiling(review, by=reviewer)
    for _ in range(2):
        tasks.compile_review_task(review.pk, job.pk)
    again = tasks.start_compiling(review, by=reviewer)
    assert again != job
    tasks.compile_review_task(review.pk, again.pk)
    assert Edition.objects.count() == 1


@pytest.mark.django_db
def test_started_twice_it_is_one_job(review, reviewer, collator):
    assert tasks.start_compiling(review, by=reviewer) == tasks.start_compiling(review, by=collator)


@pytest.mark.django_db
def test_every_step_is_told_and_stopping_before_the_last_leaves_nothing(
    review, reviewer, monkeypatch
):
    told = []
    real = jobs.progress

    def stopping(job_id, done, total, doing):
        told.append((done, total, doing))
        if done == 3:
            jobs.cancel(Job.objects.get(pk=job_id))
        real(job_id, done, total, doing)

    monkeypatch.setattr(jobs, "progress", stopping)
    job = tasks.start_compiling(review, by=reviewer)
    tasks.compile_review_task(review.pk, job.pk)
    assert told == [(number, 4, STEPS[number]) for number in range(4)]
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_a_review_that_is_gone_fails_with_a_word(reviewer):
    job = jobs.start("compile:0", tasks.compile_review_task, 0, by=reviewer)
    with pytest.raises(Review.DoesNotExist):
        tasks.compile_review_task(0, job.pk)
    assert Job.objects.get(pk=job.pk).state == JobState.FAILED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_compiled_at_the_same_moment_are_one(review):
    """Both have read everything before either writes."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: the second begins after the first.")
    ready = threading.Barrier(2, timeout=20)
    found, faults = [], []
    real = attainment.standing

    def run() -> None:
        try:
            found.append(compile_review(review.pk).pk)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    def waiting(*args):
        ready.wait()
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attainment, "standing", waiting)
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert not faults
    assert len(set(found)) == len(found) - 1 == 1
    assert Edition.objects.count() == 1


# --- cost -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_few_queries(review):
    with CaptureQueriesContext(connection) as queries:
        compile_review(review.pk)
    assert len(queries) <= 31
