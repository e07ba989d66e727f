"""A long form that is sent after its writer's session ended comes back to its writer alone."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from reports.actions import synthesis
from reports.enums import ReviewState
from reports.models import Job, Opinion
from reports.queries import reviews as queries
from tests.reports.experts import make_expert, make_seat
from tests.reports.synthesis_world import set_state
from tracking.enums import Status

pytestmark = pytest.mark.django_db
NOTE = "登入結束以前打的字放回來了，還沒有存。"


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def holder(page: str) -> str:
    return re.search(r'name="holder" value="([^"]+)"', page)[1]


def signed_out(client: Client) -> Client:
    del client.cookies[settings.SESSION_COOKIE_NAME]
    return client


@pytest.fixture
def form(client, seat):
    """The address of an expert's form, and what stands in it when the session ends."""
    client.force_login(seat.user)
    url = reverse("opinion", args=[seat.review_id, "1.1.1.1"])
    typed = {"text": "打了很久的意見 & 更多", "seen_version": "0", "edition": "1"}
    typed["holder"] = holder(read(client, url))
    signed_out(client)
    return url, typed


def test_what_is_sent_signed_out_is_back_after_the_sign_in(client, seat, form):
    url, typed = form
    answer = client.post(url, typed | {"do": "submit"})
    assert answer.headers["Location"] == f"{reverse('account_login')}?next={url}"
    client.force_login(seat.user)
    for _again in range(2):  # it stands until the form is sent
        page = read(client, url)
        assert NOTE in page
        assert "打了很久的意見 &amp; 更多</textarea>" in page
    assert not Opinion.objects.exists()
    client.post(url, typed | {"do": "save"})
    assert Opinion.objects.get().text == "打了很久的意見 & 更多"
    assert NOTE not in read(client, url)


def test_a_form_that_saves_itself_says_so_in_its_place(client, seat, form):
    url, typed = form
    answer = client.post(url, typed, headers={"HX-Request": "true"})
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "登入已經結束，打的字先留著。" in said
    assert f'<a href="{url}">' in said
    assert "<html" not in said
    client.force_login(seat.user)
    assert "打了很久的意見" in read(client, url)


def test_nobody_else_at_the_machine_reads_it(client, seat, form):
    url, typed = form
    client.post(url, typed)
    other = make_seat(seat.review, make_expert("another"), codes=["1.1.1.1"])
    client.force_login(other.user)
    page = read(client, url)
    assert NOTE not in page
    assert "打了很久的意見" not in page


def test_only_the_sites_own_form_is_kept(client, seat, form):
    url, typed = form
    for forged in ("", "x", typed["holder"][:-1] + "~"):
        client.post(url, typed | {"holder": forged})
    elsewhere = reverse("opinion", args=[seat.review_id, "1.1.1.2"])
    client.post(elsewhere, typed)
    client.post(url, typed | {"text": "長" * 30_000})
    client.force_login(seat.user)
    assert NOTE not in read(client, url)


def test_a_conclusion_and_a_review_are_kept_too(client, world, review):
    set_state(review, ReviewState.SYNTHESIS)
    synthesis.prefill(review, queries.current_edition(review), by=world.reviewer)
    filed = world.bring(world.report("1.1.1.2", "alpha"), Status.UNDER_REVIEW)
    pages = {
        reverse("conclusion-edit", args=[review.pk, "measure", "1.1.1.1"]): {
            "p": "1", "text-1": "改寫到一半", "seen_version": "1",
        },
        reverse("report-review", args=[filed.pk]): {
            "decision_progress": "return", "reason_progress": "改寫到一半",
            "message": "還有一句話", "seen_version": str(filed.version),
        },
    }  # fmt: skip
    for url, typed in pages.items():
        client.force_login(world.reviewer)
        typed["holder"] = holder(read(client, url))
        signed_out(client).post(url, typed)
        client.force_login(world.reviewer)
        page = read(client, url)
        assert NOTE in page
        assert "改寫到一半</textarea>" in page
        if "message" in typed:
            assert "還有一句話</textarea>" in page


def test_a_page_that_watches_a_job_is_read_anew(client, world):
    job = Job.objects.create(key="k", task="x", started_by=world.reviewer)
    url = reverse("job-status", args=[job.pk])
    answer = client.get(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")
    assert client.get(url).status_code == 302
