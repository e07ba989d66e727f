"""Jobs that people watch: one alive per key, seen to move, stopped, found again after a death."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import NotNow
from reports import jobs, tasks
from reports.enums import JobState
from reports.models import Job

pytestmark = pytest.mark.django_db
TASK = tasks.restart_lost_jobs


class Killed(BaseException):
    """What a worker's death looks like from inside: nothing after it runs."""


@pytest.fixture
def job(reviewer) -> Job:
    return jobs.start("test:1", TASK, 7, by=reviewer)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def silent(job: Job) -> None:
    """As if nothing had been heard of it for longer than a worker may be quiet."""
    past = timezone.now() - jobs.LOST_AFTER - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(created_at=past)
    Job.objects.filter(pk=job.pk, beat_at__isnull=False).update(beat_at=past)


# --- start ----------------------------------------------------------------------------------------
def test_a_job_is_queued_after_the_commit_with_its_own_id(
    reviewer, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(TASK, "apply_async", lambda args, **options: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.start("test:1", TASK, 7, "odt", by=reviewer)
        assert sent == []
    assert sent == [(7, "odt", job.pk)]
    assert (job.state, job.task, job.args) == (JobState.QUEUED, TASK.name, [7, "odt"])


def test_two_started_at_once_are_one(job, collator):
    assert jobs.start("test:1", TASK, 7, by=collator) == job
    assert jobs.start("test:2", TASK, 7, by=collator) != job
    assert jobs.living("test:1") == job


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_after_the_end_it_can_be_started_again(job, reviewer, state):
    Job.objects.update(state=state)
    again = jobs.start("test:1", TASK, 7, by=reviewer)
    assert again != job
    assert jobs.last("test:1") == again


def test_one_whose_worker_died_does_not_stand_in_the_way(job, reviewer):
    silent(job)
    assert jobs.start("test:1", TASK, 7, by=reviewer) != job
    assert fresh(job).state == JobState.FAILED


# --- run ------------------------------------------------------------------------------------------
def test_a_job_keeps_what_it_made(job):
    def work() -> str:
        assert fresh(job).state == JobState.RUNNING
        jobs.progress(job.pk, 1, 4, "計算達成度")
        now = fresh(job)
        assert (now.done, now.total, now.doing, now.per_cent) == (1, 4, "計算達成度", 25)
        return "edition:1"

    jobs.run(job.pk, work)
    now = fresh(job)
    assert (now.state, now.result, now.done, now.attempts) == (JobState.DONE, "edition:1", 4, 1)
    assert not now.alive
    assert now.ended_at


def test_run_twice_it_works_once(job):
    runs = []
    for _ in range(2):
        jobs.run(job.pk, lambda: runs.append(1) or "x")
    assert len(runs) == 1


def test_a_job_whose_row_is_gone_returns_quietly():
    jobs.run(999, lambda: pytest.fail("worked"))


def test_a_refusal_ends_it_with_its_sentence(job):
    def work() -> str:
        raise NotNow("這個評估已經函送備查。")

    jobs.run(job.pk, work)
    assert (fresh(job).state, fresh(job).error) == (JobState.FAILED, "這個評估已經函送備查。")


def test_a_fault_ends_it_without_telling_its_inside(job):
    with pytest.raises(ZeroDivisionError):
        jobs.run(job.pk, lambda: str(1 / 0))
    assert fresh(job).state == JobState.FAILED
    assert "division" not in fresh(job).error


def test_a_database_away_leaves_it_to_the_next_attempt(job):
    def away() -> str:
        raise OperationalError

    with pytest.raises(OperationalError):
        jobs.run(job.pk, away)
    assert fresh(job).alive
    jobs.run(job.pk, lambda: "x")
    assert (fresh(job).state, fresh(job).attempts) == (JobState.DONE, 2)


# --- cancel ---------------------------------------------------------------------------------------
def test_cancelled_before_it_began_it_never_works(job):
    jobs.cancel(job)
    assert fresh(job).state == JobState.CANCELLED
    jobs.run(job.pk, lambda: pytest.fail("worked"))


def test_cancelled_between_two_steps_it_stops_there(job):
    def work() -> str:
        jobs.progress(job.pk, 1, 2, "一")
        jobs.cancel(job)
        jobs.progress(job.pk, 2, 2, "二")
        pytest.fail("went on")

    jobs.run(job.pk, work)
    now = fresh(job)
    assert (now.state, now.done) == (JobState.CANCELLED, 1)


def test_without_a_job_there_is_nothing_to_tell():
    jobs.progress(None, 1, 2, "一")


# --- death ----------------------------------------------------------------------------------------
@pytest.fixture
def sent(monkeypatch) -> list:
    found: list = []
    monkeypatch.setattr(TASK, "apply_async", lambda args, **options: found.append(args))
    return found


def killed(job: Job) -> None:
    def work() -> str:
        raise Killed

    with pytest.raises(Killed):
        jobs.run(job.pk, work)


def test_a_killed_job_is_queued_again(job, sent, django_capture_on_commit_callbacks):
    killed(job)
    assert fresh(job).state == JobState.RUNNING
    with django_capture_on_commit_callbacks(execute=True):
        jobs.restart_lost()
    assert sent == []  # it may still be at work
    silent(job)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.restart_lost_jobs()
        tasks.restart_lost_jobs()
    assert sent == [(7, job.pk)]
    jobs.run(job.pk, lambda: "x")
    assert fresh(job).state == JobState.DONE


def test_a_message_that_was_lost_is_sent_again(job, sent, django_capture_on_commit_callbacks):
    silent(job)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.restart_lost()
    assert sent == [(7, job.pk)]


def test_what_dies_again_and_again_is_given_up(job, sent):
    for _ in range(jobs.MOST_ATTEMPTS):
        killed(job)
    silent(job)
    jobs.restart_lost()
    assert (fresh(job).state, sent) == (JobState.FAILED, [])


def test_killed_after_it_was_cancelled_it_stays_so(job, sent):
    killed(job)
    jobs.cancel(job)
    silent(job)
    jobs.restart_lost()
    assert (fresh(job).state, sent) == (JobState.CANCELLED, [])


def test_a_task_that_no_longer_exists_fails(job):
    Job.objects.update(task="reports.tasks.gone")
    silent(job)
    jobs.restart_lost()
    assert fresh(job).state == JobState.FAILED


def test_lost_jobs_are_looked_for_every_minute():
    (entry,) = (
        entry for entry in current_app.conf.beat_schedule.values() if entry["task"] == TASK.name
    )
    assert entry["schedule"] == 60


def test_the_database_itself_keeps_two_from_living(job):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(key=job.key)


# --- pages ----------------------------------------------------------------------------------------
def test_the_page_shows_what_is_being_done(job, client, reviewer):
    client.force_login(reviewer)
    Job.objects.update(state=JobState.RUNNING, doing="計算達成度", done=2, total=4)
    url = reverse("job-status", args=[job.pk])
    page = client.get(url, {"back": "/reviews/"}).content.decode()
    assert "計算達成度" in page
    assert 'max="4" value="2"' in page
    assert '<meta http-equiv="refresh"' in page
    assert 'href="/reviews/"' in page
    piece = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert "hx-get" in piece.content.decode()
    assert "HX-Refresh" not in piece


def test_its_doing_is_told_in_the_readers_language(job, client, reviewer):
    client.force_login(reviewer)
    Job.objects.update(state=JobState.RUNNING, doing="計算達成度")
    client.cookies["django_language"] = "en"
    page = client.get(reverse("job-status", args=[job.pk])).content.decode()
    assert "job-bar" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [("done", "已完成"), ("failed", "沒有完成：工作中斷。"), ("cancelled", "沒有留下")],
)
def test_when_it_is_over_the_page_around_it_is_read_anew(job, client, reviewer, state, words):
    client.force_login(reviewer)
    Job.objects.update(state=state, error="工作中斷。", ended_at=timezone.now())
    piece = client.get(reverse("job-status", args=[job.pk]), headers={"HX-Request": "true"})
    assert piece["HX-Refresh"] == "true"
    assert words in piece.content.decode()
    assert "hx-get" not in piece.content.decode()


def test_stopping_leads_back(job, client, reviewer):
    client.force_login(reviewer)
    url = reverse("job-cancel", args=[job.pk])
    assert client.get(url).status_code == 405
    assert client.post(url, {"back": "/desk/"}).url == "/desk/"
    assert fresh(job).state == JobState.CANCELLED


@pytest.mark.parametrize("back", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:1"])
def test_nobody_is_led_elsewhere(job, client, reviewer, back):
    client.force_login(reviewer)
    assert client.post(reverse("job-cancel", args=[job.pk]), {"back": back}).url == reverse(
        "job-status", args=[job.pk]
    )


def test_a_job_is_seen_by_its_starter_and_the_science_ministry(
    client, reviewer, collator, officer_a, expert, administrator
):
    mine = jobs.start("test:9", TASK, by=officer_a)
    url = reverse("job-status", args=[mine.pk])
    assert client.get(url).status_code == 302
    for user, status in (
        (officer_a, 200), (reviewer, 200), (collator, 200), (administrator, 200), (expert, 404),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(url).status_code == status
        assert client.post(reverse("job-cancel", args=[mine.pk])).status_code == (
            302 if status == 200 else 404
        )
