"""Every job runs twice, and is killed in the middle; the contract is in `config.kit.tasks`."""

import pytest
from celery import current_app
from django.core import mail
from django.db import OperationalError, transaction

from config.kit.tasks import job, queue_on_commit
from tracking import tasks
from tracking.enums import Status
from tracking.models import Notice


class Killed(BaseException):
    """What a worker's death looks like from inside: nothing after it runs."""


@pytest.fixture
def notice(world, report) -> Notice:
    world.bring(report, Status.SIGNING)
    return Notice.objects.get()


def test_every_job_of_the_room_is_known_to_be_tested_here():
    names = {name for name in current_app.tasks if name.startswith("tracking.")}
    # Those without a test here run twice in test_succession, test_autosave and test_reminders.
    assert names == {
        "tracking.tasks.deliver_notice",
        "tracking.tasks.deliver_waiting_notices",
        "tracking.tasks.follow_successions",
        "tracking.tasks.log_idle_autosaves",
        "tracking.tasks.send_reminders",
    }


def test_the_scheduled_job_exists():
    current_app.loader.import_default_modules()  # as worker and beat do
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in current_app.tasks


@pytest.mark.parametrize(
    "run",
    [
        lambda notice: tasks.deliver_notice.delay(notice.pk),
        lambda notice: tasks.deliver_waiting_notices.delay(),
    ],
)
def test_a_job_that_runs_twice_mails_once(notice, run):
    run(notice)
    sent_at = Notice.objects.get().sent_at
    run(notice)
    assert len(mail.outbox) == 1
    assert Notice.objects.get().sent_at == sent_at


def test_a_job_whose_row_is_gone_returns_quietly(notice):
    pk = notice.pk
    notice.delete()
    tasks.deliver_notice.delay(pk)
    assert mail.outbox == []


@pytest.mark.parametrize("run", [tasks.deliver_notice, tasks.deliver_waiting_notices])
def test_killed_before_the_mail_went_it_goes_the_next_time(notice, monkeypatch, run):
    args = (notice.pk,) if run is tasks.deliver_notice else ()

    def die(self, *args, **kwargs):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("django.core.mail.EmailMessage.send", die)
        with pytest.raises(Killed):
            run(*args)
    assert mail.outbox == [] and Notice.objects.get().sent_at is None
    run(*args)
    assert len(mail.outbox) == 1


def test_killed_between_mail_and_mark_it_mails_again_as_the_same_mail(notice, monkeypatch):
    def die(self, *args, **kwargs):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Notice, "save", die)
        with pytest.raises(Killed):
            tasks.deliver_notice(notice.pk)
    tasks.deliver_waiting_notices()
    tasks.deliver_waiting_notices()
    assert len(mail.outbox) == 2  # the smaller of two errors, by decision
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1


# --- the contract itself ---
@pytest.fixture
def ran(request):
    """A job that notes what it ran with; it leaves no trace in the list of tasks."""
    seen: list = []

    @job
    def note(*ids) -> None:
        seen.append(ids)

    note.seen = seen
    yield note
    current_app.tasks.pop(note.name, None)


def test_a_job_takes_ids_and_no_rows(ran, notice):
    with pytest.raises(TypeError, match="Notice"):
        ran(notice)
    ran(notice.pk)
    assert ran.seen == [(notice.pk,)]


def test_a_job_is_queued_by_the_commit(ran, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue_on_commit(ran, 1)
        assert ran.seen == []
    assert ran.seen == [(1,)]


def test_what_is_rolled_back_queues_nothing(ran, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue_on_commit(ran, 1)
        transaction.set_rollback(True)
    assert ran.seen == []


def test_a_database_that_is_away_for_a_moment_is_tried_again(monkeypatch):
    tried: list[int] = []

    def deliver(pk: int) -> None:
        tried.append(pk)
        if len(tried) < 3:
            raise OperationalError("away")

    monkeypatch.setattr("tracking.outbox.deliver", deliver)
    monkeypatch.setattr(current_app.conf, "task_eager_propagates", False)
    tasks.deliver_notice.delay(7)
    assert tried == [7, 7, 7]
    assert tasks.deliver_notice.acks_late  # a worker's death hands the job to another
