"""Who sees which page of the tracking room, and what of it."""

import pytest
from django.urls import reverse

from tests.world import make_user
from tracking.enums import Part, Status, Verb, YearState
from tracking.models import Evidence

# person: what the page of a report of 甲部 (lead of 1.1.1.1, 乙部 partner) answers at a status;
# "text" reads it, "state" sees only where it is, "" finds nothing.
SEEN = {
    Status.DRAFT: {
        "officer_a": "text", "window_a": "text", "viewer_a": "text", "officer_b": "",
        "reviewer": "state", "collator": "state", "administrator": "state", "expert": "",
        None: "",
    },
    Status.SUBMITTED: {
        "officer_a": "text", "window_a": "text", "viewer_a": "text", "officer_b": "",
        "reviewer": "text", "collator": "text", "administrator": "state", "expert": "",
        None: "",
    },
    Status.ACCEPTED: {
        "officer_a": "text", "window_a": "text", "viewer_a": "text", "officer_b": "text",
        "reviewer": "text", "collator": "text", "administrator": "text", "expert": "text",
        None: "",
    },
}  # fmt: skip
SECRET = "只有看得到的人才讀得到這一句。"


@pytest.mark.parametrize("status", SEEN)
def test_who_reads_a_report(world, report, as_user, status):
    world.bring(report, status, work_done=SECRET)
    url = reverse("report", args=[report.pk])
    for name, seen in SEEN[status].items():
        answer = as_user(name and world.people[name]).get(url)
        assert answer.status_code == (200 if seen else 404), name
        assert (SECRET in answer.content.decode()) == (seen == "text"), name


def test_the_public_reads_accepted_reports_of_released_years(world, report, as_user):
    world.bring(report, Status.ACCEPTED, work_done=SECRET)
    world.year.state = YearState.RELEASED
    world.year.save()
    answer = as_user(None).get(reverse("report", args=[report.pk]))
    page = answer.content.decode()
    assert SECRET in page
    for name in ("officer_a", "window_a", "reviewer"):
        assert name not in page, "names of people are not public"
    assert "移除" not in page


def test_a_lead_reads_its_partner_from_sign_off_on(world, partner_report, as_user):
    url = reverse("report", args=[partner_report.pk])
    lead = as_user(world.officer_a)
    assert lead.get(url).status_code == 404
    world.bring(partner_report, Status.SUBMITTED)
    assert lead.get(url).status_code == 200


def test_who_opens_the_form(world, report, as_user):
    url = reverse("report-edit", args=[report.pk])
    answers = {
        name: as_user(name and world.people[name]).get(url).status_code
        for name in ("officer_a", "window_a", "viewer_a", "officer_b", "reviewer", None)
    }
    assert answers == {
        "officer_a": 200, "window_a": 403, "viewer_a": 403, "officer_b": 404,
        "reviewer": 404, None: 302,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["viewer_a", "window_a"])
def test_who_may_not_write_changes_nothing(world, report, as_user, name):
    url = reverse("report-edit", args=[report.pk])
    answer = as_user(world.people[name]).post(
        url, {"seen_version": 1, "do": "save", "work_done": SECRET}
    )
    assert answer.status_code == 403
    report.refresh_from_db()
    assert report.work_done == ""


def test_a_move_of_another_ministry_is_refused(world, report, as_user):
    report = world.bring(report, Status.SIGNING)
    url = reverse("report-move", args=[report.pk, Verb.SIGN_OFF])
    given = {"seen_version": report.version}
    assert as_user(world.window_b).post(url, given).status_code == 404
    assert as_user(world.officer_a).post(url, given).status_code == 403
    assert as_user(world.window_a).get(url).status_code == 405
    report.refresh_from_db()
    assert report.status == Status.SIGNING


def test_greyed_moves_say_why(world, report, as_user):
    page = as_user(world.window_a).get(reverse("report", args=[report.pk])).content.decode()
    assert 'aria-disabled="true"' in page
    assert "你不是甲部的承辦人" in page
    assert "disabled>" not in page


def test_who_reviews(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    urls = [reverse("review-queue"), reverse("report-review", args=[report.pk])]
    for name, expected in {
        "reviewer": 200, "collator": 200, "officer_a": 403, "expert": 403, None: 302,
    }.items():  # fmt: skip
        browser = as_user(name and world.people[name])
        assert {browser.get(url).status_code for url in urls} == {expected}, name
    assert "還沒決定" not in as_user(world.collator).get(urls[1]).content.decode()


def test_nobody_decides_on_a_report_of_their_own(world, as_user):
    """An officer of the science ministry who is a reviewer as well."""
    own = world.officer_s
    own.role_grants.create(role="reviewer", since="2021-01-01")
    report = world.bring(world.report("1.1.2.1", "science"), Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    page = as_user(own).get(url).content.decode()
    assert "自己寫的、簽的報告，由別的審查人決定" in page
    assert 'name="decision_progress"' not in page
    answer = as_user(own).post(url, {"seen_version": report.version, "do": "rest"})
    assert answer.status_code == 403
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW


def test_reviewers_desk_is_the_queue_and_others_are_told_what_to_do(world, as_user):
    assert as_user(world.reviewer).get(reverse("desk")).url == reverse("review-queue")
    for name in ("expert", "collator", "administrator"):
        page = as_user(world.people[name]).get(reverse("desk")).content.decode()
        assert "你不是任何部會的承辦人或窗口" in page
    assert as_user(None).get(reverse("desk")).status_code == 302


def test_evidence_of_released_reports_is_public_only_where_marked(world, report, as_user):
    kept = Evidence.objects.create(
        report=report, title="內部", url="https://example.test/a", added_by=world.officer_a
    )
    shown = Evidence.objects.create(
        report=report,
        title="公開",
        url="https://example.test/b",
        public=True,
        added_by=world.officer_a,
    )
    world.bring(report, Status.ACCEPTED)
    world.year.state = YearState.RELEASED
    world.year.save()
    public = as_user(None)
    assert public.get(reverse("evidence", args=[kept.pk])).status_code == 404
    between = public.get(reverse("evidence", args=[shown.pk]))
    assert between.status_code == 200  # nobody is sent elsewhere unasked
    assert '<a class="btn btn-do" href="https://example.test/b" rel="noopener' in (
        between.content.decode()
    )
    page = public.get(reverse("report", args=[report.pk])).content.decode()
    assert "公開" in page and "https://example.test/a" not in page


def test_mail_is_there_only_where_it_is_written_to_files(world, as_user, settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    from django.core.mail import send_mail

    send_mail("等你核可", "請看 http://localhost:8000/reports/7/ <b>。", "a@b.test", ["w@b.test"])
    url = reverse("mailbox")
    demo = make_user("demo", is_demo=True)
    assert as_user(world.officer_a).get(url).status_code == 404
    for user in (demo, world.administrator):
        page = as_user(user).get(url).content.decode()
        assert "等你核可" in page and "w@b.test" in page
        assert 'href="http://localhost:8000/reports/7/"' in page
        assert "&lt;b&gt;" in page
        assert url in as_user(user).get("/").content.decode()
    assert url not in as_user(world.officer_a).get("/").content.decode()
    settings.DEPLOYMENT = "production"
    assert as_user(demo).get(url).status_code == 404
    assert url not in as_user(demo).get("/").content.decode()
    settings.DEPLOYMENT = "trial"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert as_user(demo).get(url).status_code == 404


def test_the_reason_of_a_return_is_seen_by_its_ministry_only(world, report, as_user):
    world.bring(report, Status.RETURNED)
    url = reverse("report", args=[report.pk])
    assert "請寫出人次。" in as_user(world.officer_a).get(url).content.decode()
    assert as_user(world.officer_b).get(url).status_code == 404
    desk = as_user(world.officer_a).get(reverse("desk")).content.decode()
    assert str(Part.PROGRESS.label) in desk and "請寫出人次。" in desk
