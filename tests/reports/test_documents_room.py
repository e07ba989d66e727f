"""Documents of real rows: made once, unchanged by live edits, shown to those who may."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pypdf import PdfReader

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent, Ministry
from plan.actions import versions
from reports import jobs
from reports.actions.compile import compile_review
from reports.actions.documents import make_document, record_sign_off
from reports.actions.filing import publish, withdraw
from reports.actions.requests import job_key, request_document
from reports.documents.render import finished
from reports.documents.sources import (
    NoSource,
    source_of,
    subject_of_edition,
    subject_of_filing,
    subject_of_seat,
    subject_of_version,
    subject_of_year,
)
from reports.enums import (
    DocumentFormat,
    DocumentKind,
    JobState,
    RecusalState,
    ReviewKind,
    ReviewState,
)
from reports.models import Document, Filing, Review, Seat, SignOff
from reports.tasks import make_document_task
from tests.plan.test_revision_actions import Pen, approve
from tests.reports.experts import make_seat
from tests.reports.review_world import begun, bring_review
from tests.world import World
from tracking.enums import Status
from tracking.models import ProgressReport

MAIN, ODT, PDF, ODS = DocumentKind.MAIN, DocumentFormat.ODT, DocumentFormat.PDF, DocumentFormat.ODS


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def edition(world: World):
    for code, ministry in (("1.1.1.1", "alpha"), ("1.1.1.1", "beta"), ("1.1.2.1", "science")):
        world.bring(world.report(code, ministry), Status.ACCEPTED)
    review = Review.objects.create(
        plan=world.plan, kind=ReviewKind.FINAL, title="期末成果評估", first_year=111, last_year=111
    )
    return compile_review(review.pk, by=world.collator)


def text_of(document: Document) -> str:
    with document.file.open("rb") as file:
        reader = PdfReader(io.BytesIO(file.read()))
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


# --- editions -------------------------------------------------------------------------------------
def test_a_document_is_made_once_and_live_edits_change_nothing(world, edition):
    subject = subject_of_edition(edition)
    first = make_document(subject, MAIN, PDF, by=world.collator)
    assert make_document(subject, MAIN, PDF, by=world.reviewer) == first
    content = first.file.read()
    text = text_of(first)
    assert "辦理三場培訓" in text and edition.digest in text

    ProgressReport.objects.update(work_done="改寫過的文字", ministry_name="改名的部")
    Ministry.objects.update(short_name="改名", full_name="改名的部")
    world.measures["1.1.1.1"].__class__.objects.update(name="改名的措施")
    again = make_document(subject, MAIN, PDF, by=world.collator)
    assert again == first
    assert Document.objects.count() == 1
    # Made anew from the snapshot, it is the same to the byte.
    Document.objects.all().delete()
    new = make_document(subject, MAIN, PDF, by=world.collator)
    assert new.digest == first.digest
    assert new.file.read() == content
    assert new.sha256 == first.sha256
    events = AuditEvent.objects.filter(verb="document.make")
    assert events.count() == 2


def test_each_kind_and_format_of_an_edition_can_be_made(world, edition):
    source = source_of(subject_of_edition(edition))
    for kind, (formats, _make) in source.kinds.items():
        for form in formats:
            document = make_document(source.subject, kind, form, by=world.collator)
            assert document.name == f"small-final-1-{kind.value}.{form.value}"
            assert document.size == len(document.file.read()) > 1000
    with pytest.raises(NotNow):
        make_document(source.subject, MAIN, ODS, by=world.collator)


def test_only_those_who_may_make_documents(world, edition):
    for name in ("officer_a", "window_a", "viewer_a", "expert", "administrator"):
        with pytest.raises(NotAllowed):
            make_document(subject_of_edition(edition), MAIN, ODT, by=world.people[name])
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "subject", ["", "edition:0", "edition:x", "edition:1:2", "filing:small:alpha", "other:1"]
)
def test_a_subject_that_is_none_is_refused(world, subject):
    with pytest.raises(NoSource):
        source_of(subject)


def test_it_is_public_from_the_day_of_publication(world, edition, client):
    subject, today = subject_of_edition(edition), timezone.localdate()
    document = make_document(subject, MAIN, PDF, by=world.collator)
    annex = make_document(subject, DocumentKind.ANNEX, ODT, by=world.collator)
    address = reverse("document", args=[document.pk])
    assert client.get(address).status_code == 404
    filing = Filing.objects.create(
        review=edition.review, edition=edition, step="for_reference", document_number="科字第1號",
        on=today, content_digest=document.digest, by=world.collator,
        published_on=today + timedelta(days=1),
    )  # fmt: skip
    assert client.get(address).status_code == 404
    Filing.objects.filter(pk=filing.pk).update(published_on=today)
    # What was made before the filing is nobody's but the science ministry's …
    assert client.get(address).status_code == 404
    # … until it is made again, and says the same.
    assert make_document(subject, MAIN, PDF, by=world.collator) == document
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="small-final-1-main.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("document", args=[annex.pk])).status_code == 404
    Filing.objects.filter(pk=filing.pk).update(withdrawn_at=timezone.now())
    assert client.get(address).status_code == 404


# --- jobs -----------------------------------------------------------------------------------------
def test_a_job_makes_it_once_however_often_it_runs(
    world, edition, django_capture_on_commit_callbacks
):
    subject = subject_of_edition(edition)
    with django_capture_on_commit_callbacks():
        job = request_document(subject, MAIN, ODT, by=world.collator)
        assert request_document(subject, MAIN, ODT, by=world.reviewer) == job
    make_document_task(subject, MAIN.value, ODT.value, job.pk)
    make_document_task(subject, MAIN.value, ODT.value, job.pk)
    job.refresh_from_db()
    document = Document.objects.get()
    assert (job.state, job.result) == (JobState.DONE, f"document:{document.pk}")


def test_a_job_that_died_half_way_leaves_nothing_and_runs_again(world, edition, monkeypatch):
    subject = subject_of_edition(edition)
    job = jobs.start(
        job_key(subject, MAIN, ODT), make_document_task, subject, MAIN.value, ODT.value,
        by=world.collator,
    )  # fmt: skip

    class Killed(BaseException):
        pass

    def die(*_args, **_fields):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("reports.actions.documents.audit.record", die)
        with pytest.raises(Killed):
            make_document_task(subject, MAIN.value, ODT.value, job.pk)
    assert not Document.objects.exists()
    make_document_task(subject, MAIN.value, ODT.value, job.pk)
    assert Document.objects.count() == 1


# --- a ministry's filing --------------------------------------------------------------------------
def test_a_ministry_gets_its_whole_filing_drafts_included(world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT, work_done="草稿的文字。")
    subject = subject_of_filing(world.alpha, world.year)
    document = make_document(subject, DocumentKind.FILING, PDF, by=world.window_a)
    text = text_of(document)
    assert "草稿的文字。" in text and "發文字號" in text and "行政院甲部" in text
    assert "1.1.1.1" in text and "1.1.2.1" in text and "2.1.1.1" not in text
    again = make_document(subject, DocumentKind.FILING, PDF, by=world.officer_a)
    assert again == document
    world.bring(world.report("1.1.1.2", "alpha"), Status.SUBMITTED)
    assert make_document(subject, DocumentKind.FILING, PDF, by=world.window_a) != document


def test_a_filing_is_its_ministrys_alone(world):
    subject = subject_of_filing(world.alpha, world.year)
    document = make_document(subject, DocumentKind.FILING, ODT, by=world.window_a)
    page, file = reverse("documents", args=[subject]), reverse("document", args=[document.pk])
    for name, person in world.people.items():
        client = Client()
        client.force_login(person)
        expected = 200 if name.endswith("_a") else 404
        assert client.get(file).status_code == expected, name
        assert client.get(page).status_code == expected, name
        if expected == 404:
            with pytest.raises(NotAllowed):
                make_document(subject, DocumentKind.FILING, ODT, by=person)


def test_the_window_records_the_number_of_the_paper(world, client):
    subject = subject_of_filing(world.alpha, world.year)
    client.force_login(world.window_a)
    address = reverse("document-sign-off", args=[subject])
    answer = client.post(address, {"document_number": "", "on": "112-02-30"})
    assert answer.status_code == 422
    answer = client.post(address, {"document_number": "甲科字第1120001號", "on": "112-02-28"})
    assert answer.status_code == 302
    row = SignOff.objects.get()
    assert (row.document_number, row.on.isoformat()) == ("甲科字第1120001號", "2023-02-28")
    page = client.get(answer.url)
    assert "甲科字第1120001號" in page.content.decode()
    assert len(row.digest) == 64

    record_sign_off(
        world.alpha, world.year, document_number="甲科字第2號", on=row.on, by=world.window_a
    )
    assert SignOff.objects.get().document_number == "甲科字第2號"
    event = AuditEvent.objects.filter(verb="sign_off.record").order_by("-pk").first()
    assert event.before["document_number"] == "甲科字第1120001號"


def test_a_sign_off_is_refused_to_others_and_for_a_day_to_come(world):
    given = {"document_number": "號", "on": timezone.localdate()}
    for name in ("officer_a", "viewer_a", "window_b", "reviewer", "administrator"):
        with pytest.raises(NotAllowed):
            record_sign_off(world.alpha, world.year, by=world.people[name], **given)
    given["on"] += timedelta(days=1)
    with pytest.raises(Invalid):
        record_sign_off(world.alpha, world.year, by=world.window_a, **given)
    assert not SignOff.objects.exists()


def test_a_paper_changed_after_its_sign_off_says_so(world, client):
    subject = subject_of_filing(world.alpha, world.year)
    record_sign_off(
        world.alpha, world.year, document_number="號", on=timezone.localdate(), by=world.window_a
    )
    client.force_login(world.window_a)
    page = reverse("documents", args=[subject])
    warning = "登錄之後填報內容改過"
    make_document(subject, DocumentKind.FILING, ODT, by=world.window_a)
    assert warning not in client.get(page).content.decode()
    world.bring(world.report("1.1.1.1", "alpha"), Status.DRAFT)
    make_document(subject, DocumentKind.FILING, ODT, by=world.window_a)
    assert warning in client.get(page).content.decode()


# --- years, seats, versions -----------------------------------------------------------------------
def test_a_year_is_collated_from_accepted_reports(world, edition):
    draft = world.report("1.1.1.2", "alpha")
    world.bring(draft, Status.DRAFT, work_done="還沒送出的文字。")
    subject = subject_of_year(world.year)
    text = text_of(make_document(subject, DocumentKind.COLLATION, PDF, by=world.collator))
    assert "111年度執行情形彙整" in text and "辦理三場培訓" in text
    assert "還沒送出的文字" not in text
    assert make_document(subject, DocumentKind.FIGURES, ODS, by=world.collator).size


def test_an_expert_gets_the_own_dossier_only(world, edition, client):
    seat = make_seat(edition.review, world.expert, codes=("1.1.1.1", "1.1.1.2"), declared=False)
    subject = subject_of_seat(seat)
    with pytest.raises(NotAllowed):
        make_document(subject, DocumentKind.DOSSIER, PDF, by=world.expert)
    Seat.objects.update(declared_at=timezone.now())
    seat.recusals.create(measure_code="1.1.1.2", reason="合作過。", state=RecusalState.CONFIRMED)
    document = make_document(subject, DocumentKind.DOSSIER, PDF, by=world.expert)
    text = text_of(document)
    assert "培育種子師資" in text and "試辦智慧巡檢" not in text
    assert "建置共用平臺" not in text, "recused from it"
    client.force_login(world.expert)
    assert client.get(reverse("document", args=[document.pk])).status_code == 200
    client.force_login(world.officer_a)
    assert client.get(reverse("document", args=[document.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        make_document(subject, DocumentKind.DOSSIER, PDF, by=world.officer_a)


def test_a_version_has_a_redline_and_a_vision(world):
    subject = subject_of_version(world.version)
    assert make_document(subject, DocumentKind.REDLINE, ODT, by=world.collator).size
    text = text_of(make_document(subject, DocumentKind.VISION, PDF, by=world.officer_a))
    assert "遠景、策略及現況說明" in text and "人才" in text


def test_a_redline_of_a_draft_does_not_become_public_with_the_version(world, client):
    version = versions.open_draft(world.plan, by=world.collator)
    Pen(version, world.collator).end(version.measures.get(code="1.1.1.2"))
    subject = subject_of_version(version)
    draft = make_document(subject, DocumentKind.REDLINE, ODT, by=world.collator)
    approve(world, version)
    approved = make_document(subject, DocumentKind.REDLINE, ODT, by=world.collator)
    for document, status in ((draft, 404), (approved, 200)):
        assert client.get(reverse("document", args=[document.pk])).status_code == status


def test_a_volume_of_drafts_does_not_become_public_with_the_result(world, client):
    review = bring_review(world, begun(world), ReviewState.SYNTHESIS)
    subject = subject_of_edition(review.editions.get())
    draft = make_document(subject, MAIN, ODT, by=world.collator)
    bring_review(world, review, ReviewState.PUBLISHED)
    final = make_document(subject, MAIN, ODT, by=world.collator)
    assert draft != final
    page = client.get(reverse("review", args=[review.pk])).content.decode()
    for document, status in ((draft, 404), (final, 200)):
        address = reverse("document", args=[document.pk])
        assert client.get(address).status_code == status
        assert (address in page) == (status == 200)


def test_a_vision_tells_of_a_review_only_what_is_published(world):
    """Everybody may read the paper of a version in force."""
    review = bring_review(world, begun(world), ReviewState.FILED)
    goal, whole = "1大致依進度辦理。", "整體大致依進度辦理。"

    def told() -> str:
        return text_of(make_document(subject_of_version(world.version), DocumentKind.VISION, PDF))

    assert whole not in told() and goal not in told()
    publish(review, on=timezone.localdate(), seen_version=review.version, by=world.collator)
    assert whole in told() and goal in told()
    review.refresh_from_db()
    withdraw(review, reason="數字有誤。", seen_version=review.version, by=world.collator)
    assert whole not in told() and goal not in told()


def test_a_vision_is_nobodys_once_the_review_of_which_it_tells_is_withdrawn(world, client):
    review = bring_review(world, begun(world), ReviewState.PUBLISHED)
    subject = subject_of_version(world.version)
    told = make_document(subject, DocumentKind.VISION, ODT, by=world.collator)
    address = reverse("document", args=[told.pk])
    assert client.get(address).status_code == 200
    withdraw(review, reason="數字有誤。", seen_version=review.version, by=world.collator)
    assert client.get(address).status_code == 404
    client.force_login(world.officer_b)
    assert client.get(address).status_code == 404
    client.force_login(world.reviewer)
    assert client.get(address).status_code == 200
    client.logout()
    silent = make_document(subject, DocumentKind.VISION, ODT, by=world.collator)
    assert client.get(reverse("document", args=[silent.pk])).status_code == 200


# --- pages ----------------------------------------------------------------------------------------
def test_the_page_starts_a_job_and_shows_what_was_made(world, edition, client):
    client.force_login(world.collator)
    assert client.get(reverse("review-documents", args=[edition.review_id])).status_code == 302
    page = reverse("documents", args=[subject_of_edition(edition)])
    answer = client.post(page, {"kind": "main", "format": "odt"})
    assert answer.status_code == 302
    assert jobs.living(job_key(subject_of_edition(edition), MAIN, ODT))
    document = make_document(subject_of_edition(edition), MAIN, PDF, by=world.collator)
    html = client.get(page).content.decode()
    assert document.name in html and "job-" in html
    # A kind that there is not: a message, no fault.
    assert client.post(page, {"kind": "main", "format": "exe"}).status_code == 302
    client.force_login(world.officer_a)
    assert client.get(page).status_code == 404
    assert client.get(reverse("review-documents", args=[edition.review_id])).status_code == 404


def test_the_page_for_print_says_the_same_as_the_files(world, edition, client):
    client.force_login(world.collator)
    subject = subject_of_edition(edition)
    html = client.get(reverse("document-page", args=[subject, "main"])).content.decode()
    assert "辦理三場培訓" in html and edition.digest in html and "style=" not in html
    plain, _missing = finished(source_of(subject).content(MAIN, PDF))
    for block in plain["blocks"]:
        if block["kind"] == "heading":
            assert escape(block["text"]) in html
    assert client.get(reverse("document-page", args=[subject, "annex"])).status_code == 404
    client.force_login(world.officer_a)
    assert client.get(reverse("document-page", args=[subject, "main"])).status_code == 404
