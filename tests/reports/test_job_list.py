"""The administrators' page of background work: what failed is named, and done again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import NotNow
from ministries.models import AuditEvent
from reports.actions.jobs import call_off
from reports.enums import JobState
from reports.models import Job
from tests.world import World
from tracking import outbox
from tracking.models import Notice

pytestmark = pytest.mark.django_db
LIST = reverse("job-list")


@pytest.fixture
def browser(world: World) -> Client:
    browser = Client()
    browser.force_login(world.administrator)
    return browser


def a_job(world: World, state: str, **more) -> Job:
    return Job.objects.create(
        key=f"document:{state}",
        task="reports.tasks.read_workbook_task",
        args=[0],
        state=state,
        started_by=world.officer_a,
        **more,
    )


def a_refused_notice(world: World) -> Notice:
    return Notice.objects.create(
        key="test", kind="message", recipient=world.officer_a, subject="主旨", body="內容",
        attempts=3, next_try_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip


VERBS = ("job.retry", "job.cancel", "notice.retry", "notice.cancel")


def verbs() -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(verb__in=VERBS)
    return list(found.order_by("pk").values_list("verb", "actor"))


def test_the_page_names_what_failed(world, browser):
    assert "沒有失敗的工作" in browser.get(LIST).content.decode()
    a_job(world, JobState.FAILED, error="工作中斷。")
    a_job(world, JobState.DONE)
    a_refused_notice(world)
    page = browser.get(LIST).content.decode()
    assert "1件工作失敗，1封通知寄不出去" in page
    assert "比對上傳的試算表" in page
    assert "工作中斷。" in page
    assert page.count("/as/retry/") == 1
    assert page.count("/retry/") == 2
    assert page.count("/cancel/") == 1
    only = browser.get(LIST, {"state": "done"}).content.decode()
    assert "工作中斷。" not in only


def test_only_administrators_see_and_move_it(world):
    job, notice = a_job(world, JobState.FAILED), a_refused_notice(world)
    for person in (world.officer_a, world.reviewer, world.collator):
        browser = Client()
        browser.force_login(person)
        assert browser.get(LIST).status_code == 403
        assert browser.post(reverse("job-move", args=[job.pk, "retry"])).status_code == 403
        for name in ("job-notice-retry", "job-notice-cancel"):
            assert browser.post(reverse(name, args=[notice.pk])).status_code == 403
    assert Client().get(LIST).status_code == 302
    assert Job.objects.count() == 1
    assert verbs() == []


def test_a_failed_job_is_done_again_for_the_same_person(
    world, browser, django_capture_on_commit_callbacks
):
    job = a_job(world, JobState.FAILED)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("job-move", args=[job.pk, "retry"]))
    again = Job.objects.exclude(pk=job.pk).get()
    assert (again.key, again.args, again.started_by) == (job.key, [0], world.officer_a)
    assert again.state == JobState.DONE
    assert verbs() == [("job.retry", world.administrator.email)]


def test_what_is_done_is_not_done_again_and_what_is_over_not_stopped(world, browser):
    job = a_job(world, JobState.DONE)
    for verb in ("retry", "cancel"):
        browser.post(reverse("job-move", args=[job.pk, verb]))
    assert browser.post(reverse("job-move", args=[job.pk, "other"])).status_code == 404
    assert list(Job.objects.values_list("state", flat=True)) == [JobState.DONE]
    assert verbs() == []


def test_a_job_whose_program_is_gone_is_refused_with_a_sentence(world, browser):
    job = a_job(world, JobState.FAILED)
    Job.objects.update(task="reports.tasks.of_an_older_release")
    answer = browser.post(reverse("job-move", args=[job.pk, "retry"]), follow=True)
    assert "沒有這種工作了" in answer.content.decode()
    assert Job.objects.count() == 1


def test_a_living_job_is_stopped(world, browser):
    queued, running = a_job(world, JobState.QUEUED), a_job(world, JobState.RUNNING)
    for job in (queued, running):
        browser.post(reverse("job-move", args=[job.pk, "cancel"]))
        job.refresh_from_db()
    assert queued.state == JobState.CANCELLED
    assert (running.state, running.cancel_asked) == (JobState.RUNNING, True)
    assert "正在停止" in browser.get(LIST).content.decode()
    assert [verb for verb, _by in verbs()] == ["job.cancel", "job.cancel"]


def test_a_refused_notice_goes_out_at_once(
    world, browser, mail_server, django_capture_on_commit_callbacks
):
    notice = a_refused_notice(world)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("job-notice-retry", args=[notice.pk]))
    mail_server.wait_for(1)
    notice.refresh_from_db()
    assert notice.sent_at is not None
    assert verbs() == [("notice.retry", world.administrator.email)]
    assert browser.post(reverse("job-notice-retry", args=[notice.pk])).status_code == 404


def test_a_refused_notice_is_called_off_and_stays(world, browser, mail_server):
    notice = a_refused_notice(world)
    url = reverse("job-notice-cancel", args=[notice.pk])
    assert "取消了，不再寄" in browser.post(url, follow=True).content.decode()
    notice.refresh_from_db()
    assert (notice.sent_at, notice.cancelled_at is None) == (None, False)
    Notice.objects.update(next_try_at=timezone.now())
    assert (outbox.deliver_waiting(), outbox.deliver(notice.pk), outbox.hurry(notice.pk)) == (
        0, False, False,
    )  # fmt: skip
    assert mail_server.messages == []
    assert "沒有寄不出去的通知" in browser.get(LIST).content.decode()
    assert verbs() == [("notice.cancel", world.administrator.email)]
    assert AuditEvent.objects.get(verb="notice.cancel").before == {
        "key": "test", "recipient": world.officer_a.email, "attempts": 3,
    }  # fmt: skip
    assert browser.post(url).status_code == 404


def test_what_was_mailed_meanwhile_is_not_called_off(world):
    notice = a_refused_notice(world)
    Notice.objects.update(sent_at=timezone.now())
    with pytest.raises(NotNow, match="已經寄出"):
        call_off(notice, by=world.administrator)
    assert verbs() == []


def test_who_stops_a_job_of_their_own_is_in_the_log(world):
    job = a_job(world, JobState.QUEUED)
    browser = Client()
    browser.force_login(world.officer_a)
    for _twice in "ab":
        assert browser.post(reverse("job-cancel", args=[job.pk])).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert verbs() == [("job.cancel", world.officer_a.email)]
