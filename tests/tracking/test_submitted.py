"""A correction is a draft: until it is submitted, others read what was submitted before it."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.world import make_indicator
from tracking.actions import evidence, reports, years
from tracking.enums import Part, Status
from tracking.models import Evidence, ProgressReport, Submission
from tracking.queries.reports import previous_report

FILED = "辦理三場培訓，共一百二十人次。"
TYPED = "改寫到一半的句子"
EVERY_PART = {part: "請補充。" for part in Part if part != Part.LATENESS}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def returned(world):
    """乙部's part of 1.1.1.1, which 甲部 leads: filed, returned, half mended."""
    report = world.report("1.1.1.1", "beta")
    indicator = make_indicator(world.measures["1.1.1.1"], world.beta, world.officer_b)
    row = evidence.add_file(
        report,
        seen_version=report.version,
        by=world.officer_b,
        upload=SimpleUploadedFile("成果.pdf", b"%PDF-1.7\n1 0 obj\n"),
    )
    report.refresh_from_db()
    report = reports.save_draft(
        report,
        seen_version=report.version,
        by=world.officer_b,
        fields={},
        values={indicator.pk: {"actual": 7, "note": "七人次"}},
    )
    report = world.bring(report, Status.UNDER_REVIEW)
    report = reports.return_report(
        report, seen_version=report.version, by=world.reviewer, parts=EVERY_PART
    )
    report = reports.save_draft(
        report,
        seen_version=report.version,
        by=world.officer_b,
        fields={"work_done": TYPED, "light": "ahead", "completion": 41},
        values={indicator.pk: {"actual": 8, "note": "八人次"}},
        money=[{"source": "基金", "allocated_thousand": 5, "spent_thousand": 4, "note": ""}],
    )
    report = evidence.remove(row, seen_version=report.version, by=world.officer_b)
    evidence.add_link(
        report,
        seen_version=report.version,
        by=world.officer_b,
        url="https://new.test/half",
        title="補正的連結",
    )
    return ProgressReport.objects.get(pk=report.pk)


def read(user, report) -> dict:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/api/v1/reports/{report.pk}/")
    assert answer.status_code == 200
    return answer.json()


def page(user, name: str, *args) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def told(data: dict) -> tuple:
    return (
        data["work_done"],
        data["light"],
        data["completion"],
        [(row["actual"], row["note"]) for row in data["values"]],
        [line["source"] for line in data["money"]],
        [row["title"] for row in data["evidence"]],
    )


AS_FILED = (FILED, "on_track", 40, [("7.0000", "七人次")], ["公務預算"], ["成果.pdf"])
AS_TYPED = (TYPED, "ahead", 41, [("8.0000", "八人次")], ["基金"], ["補正的連結"])


def walk(world, report: ProgressReport, *verbs: str) -> ProgressReport:
    do = {
        "submit": lambda row: reports.submit(row, seen_version=row.version, by=world.officer_b),
        "send_back": lambda row: reports.send_back(
            row, seen_version=row.version, by=world.window_b, note="再看一次。"
        ),
        "sign_off": lambda row: reports.sign_off(row, seen_version=row.version, by=world.window_b),
        "withdraw": lambda row: reports.withdraw(row, seen_version=row.version, by=world.officer_b),
        "start": lambda row: reports.start_review(row, seen_version=row.version, by=world.reviewer),
        "accept": lambda row: reports.accept(row, seen_version=row.version, by=world.reviewer),
    }
    for verb in verbs:
        report = do[verb](report)
    return report


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        ((), "returned"),
        (("submit",), "signing"),
        (("submit", "send_back"), "draft"),
        (("submit", "sign_off", "withdraw"), "draft"),
    ],
)
def test_until_it_is_submitted_others_read_what_was(world, returned, verbs, status):
    report = walk(world, returned, *verbs)
    assert report.status == status
    for reader in (world.reviewer, world.collator, world.officer_a):
        data = read(reader, report)
        assert (data["status"], told(data)) == (status, AS_FILED)
    for own in (world.officer_b, world.viewer_b):
        assert told(read(own, report)) == AS_TYPED


@pytest.mark.parametrize("verbs", [("sign_off",), ("sign_off", "start", "accept")])
def test_what_is_submitted_is_read_by_those_who_may(world, returned, verbs):
    report = walk(world, returned, "submit", *verbs)
    assert told(read(world.reviewer, report)) == AS_TYPED
    assert told(read(world.officer_b, report)) == AS_TYPED


def test_pages_say_the_same_as_the_api(world, returned):
    for status in ("returned", "signing"):
        report = returned if status == "returned" else walk(world, returned, "submit")
        for user, text in (
            (world.reviewer, page(world.reviewer, "report", report.pk)),
            (world.reviewer, page(world.reviewer, "report-review", report.pk)),
            (world.officer_a, page(world.officer_a, "report", report.pk)),
        ):
            assert FILED in text and "成果.pdf" in text and "公務預算" in text, (status, user)
            assert "乙部正在補正" in text
            for secret in (TYPED, "補正的連結", "基金", "八人次"):
                assert secret not in text, (status, user, secret)
        mine = page(world.officer_b, "report", report.pk)
        assert TYPED in mine and "補正的連結" in mine and "乙部正在補正" not in mine
        measure = page(world.reviewer, "measure", "1.1.1.1")
        assert FILED in measure and TYPED not in measure


def test_a_list_and_its_filter_tell_no_more_than_the_report(world, returned):
    def found(user, **query) -> list[str]:
        client = Client()
        client.force_login(user)
        return [
            row["work_done"]
            for row in client.get("/api/v1/reports/", query).json()["results"]
            if row["id"] == returned.pk
        ]

    assert found(world.reviewer) == [FILED]
    assert found(world.reviewer, light="on_track") == [FILED]
    assert found(world.reviewer, light="ahead") == []
    assert found(world.officer_b, light="on_track") == []
    assert found(world.officer_b, light="ahead") == [TYPED]


def test_files_are_served_to_those_who_read_of_them(world, returned):
    old = Evidence.objects.get(title="成果.pdf")
    new = Evidence.objects.get(title="補正的連結")

    def status(user, row) -> int:
        client = Client()
        if user:
            client.force_login(user)
        return client.get(reverse("evidence", args=[row.pk])).status_code

    assert (status(world.reviewer, old), status(world.reviewer, new)) == (200, 404)
    assert (status(world.officer_a, old), status(world.officer_a, new)) == (200, 404)
    assert (status(world.officer_b, old), status(world.officer_b, new)) == (404, 200)
    walk(world, returned, "submit", "sign_off", "start", "accept")
    assert (status(world.reviewer, old), status(world.reviewer, new)) == (404, 200)
    assert (status(world.officer_s, old), status(world.officer_s, new)) == (404, 200)
    assert (status(None, old), status(None, new)) == (404, 404)


def test_a_first_filing_that_was_withdrawn_was_never_submitted(world, partner_report):
    report = world.bring(partner_report, Status.SUBMITTED)
    assert Submission.objects.count() == 1
    report = walk(world, report, "withdraw")
    assert not Submission.objects.exists()
    visible = ProgressReport.objects.visible_to
    assert not visible(world.reviewer).filter(pk=report.pk).exists()
    assert not visible(world.officer_a).filter(pk=report.pk).exists()


def test_an_exempted_report_that_resumes_is_a_draft_of_its_own(world, returned):
    report = reports.exempt(
        returned, seen_version=returned.version, by=world.reviewer, note="不列管。"
    )
    report = reports.resume(report, seen_version=report.version, by=world.reviewer, note="恢復。")
    assert report.status == Status.DRAFT
    assert not ProgressReport.objects.visible_to(world.reviewer).filter(pk=report.pk).exists()


def test_every_submission_is_kept_by_its_number(world, returned):
    walk(world, returned, "submit", "sign_off")
    assert [
        (
            copy.number,
            copy.content["fields"]["work_done"],
            [row.title for row in Evidence.objects.filter(copies=copy)],
        )
        for copy in returned.copies.all()
    ] == [(1, FILED, ["成果.pdf"]), (2, TYPED, ["補正的連結"])]


def test_without_a_kept_submission_nothing_is_shown(world, returned):
    Submission.objects.all().delete()
    data = read(world.reviewer, returned)
    assert told(data) == ("", "", None, [], [], [])


def test_last_year_is_read_as_submitted_too(world, returned):
    today = world.year.due_on
    later = years.add_year(
        world.plan,
        year=112,
        opens_on=world.year.opens_on,
        due_on=today,
        closes_on=world.year.closes_on,
        by=world.collator,
    )
    years.open_year(later, by=world.collator)
    this = world.report("1.1.1.1", "beta", later)
    assert previous_report(this, world.reviewer).work_done == FILED
    assert previous_report(this, world.officer_b).work_done == TYPED


def test_the_migration_takes_the_present_text_where_no_copy_was_kept(world, returned):
    Submission.objects.all().delete()
    drafts = world.report("1.1.1.1", "alpha")
    world.bring(drafts, Status.SIGNING)
    module = import_module("tracking.migrations.0007_submission")
    module.keep_what_was_submitted(apps, None)
    (copy,) = Submission.objects.all()
    assert (copy.report_id, copy.number) == (returned.pk, 1)
    assert told(read(world.reviewer, returned)) == AS_TYPED


def test_other_ministries_and_the_public_wait_for_the_acceptance(world, returned):
    for client, user in ((Client(), None), (Client(), world.officer_s), (Client(), world.expert)):
        if user:
            client.force_login(user)
        assert client.get(f"/api/v1/reports/{returned.pk}/").status_code == 404
        for text in (FILED, TYPED):
            assert text not in client.get(reverse("measure", args=["1.1.1.1"])).content.decode()
