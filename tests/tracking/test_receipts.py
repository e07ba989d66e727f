"""Receipts: what they say, who sees them, and whether one that is shown is genuine."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from config.kit.canonical import digest
from tests.world import World
from tracking.actions import evidence, reports
from tracking.actions.signing import sign_off_many
from tracking.enums import Part, Status
from tracking.models import Receipt, Submission

SAME, NOT = "相符：", "不符："


@pytest.fixture
def receipt(world: World, report) -> Receipt:
    """Of 甲部's 1.1.1.1, with a link as evidence, signed off."""
    link = {"url": "https://evidence.example/1", "title": "成果報告"}
    evidence.add_link(report, seen_version=report.version, by=world.officer_a, **link)
    world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    return Receipt.objects.get()


def download(browser, receipt: Receipt) -> dict:
    answer = browser.get(reverse("receipt-file", args=[receipt.number, "json"]))
    assert answer["Content-Disposition"] == f'attachment; filename="{receipt.number}.json"'
    return json.loads(answer.content)


def verify(browser, **given) -> str:
    return browser.post(reverse("receipt-verify"), given).content.decode()


def as_file(content: object) -> SimpleUploadedFile:
    return SimpleUploadedFile("receipt.json", json.dumps(content).encode())


# --- what it says ---------------------------------------------------------------------------------
def test_a_sign_off_gives_a_receipt(world, receipt, report):
    said = receipt.content
    assert (said["ministry"], said["year"], said["measure"]) == ("alpha", 111, "1.1.1.1")
    assert (said["signed_by"], said["on_behalf_of"], said["submission"]) == ("window_a", "", 1)
    assert said["number"] == receipt.number and said["digest"] == receipt.digest
    assert receipt.report == report and len(receipt.digest) == 64


def test_the_file_holds_what_was_sent_and_its_digest_can_be_worked_out(world, as_user, receipt):
    file = download(as_user(world.officer_a), receipt)
    assert file["sent"]["fields"]["work_done"] == "辦理三場培訓，共一百二十人次。"
    assert file["sent"]["money"][0]["spent_thousand"] == 900
    assert digest(file["sent"]) == file["digest"] == receipt.digest


def test_a_text_file_names_number_signer_and_digest(world, as_user, receipt):
    url = reverse("receipt-file", args=[receipt.number, "txt"])
    text = as_user(world.window_a).get(url).content.decode()
    assert all(part in text for part in (receipt.number, "window_a", receipt.digest, "1.1.1.1"))
    wrong = reverse("receipt-file", args=[receipt.number, "exe"])
    assert as_user(world.window_a).get(wrong).status_code == 404


def read_pdf(browser, receipt: Receipt) -> tuple[PdfReader, str]:
    """The downloaded PDF and its words, without blanks."""
    answer = browser.get(reverse("receipt-file", args=[receipt.number, "pdf"]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{receipt.number}.pdf"'
    reader = PdfReader(io.BytesIO(answer.content))
    return reader, "".join("".join(page.extract_text() for page in reader.pages).split())


def test_a_tagged_pdf_holds_what_was_sent_and_where_it_is_verified(
    world, as_user, receipt, settings
):
    settings.SITE_URL = "https://nstp.example/"
    reader, words = read_pdf(as_user(world.viewer_a), receipt)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-TW" and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert reader.metadata.title == f"年度執行情形送件收據　{receipt.number}"
    assert len(reader.pages) == 1
    for part in (receipt.number, receipt.digest, "甲部", "window_a", "相符：", "1.1.1.1"):
        assert part in words, part
    # What was sent: text, light, money and evidence.
    for part in (
        "執行情形辦理三場培訓，共一百二十人次。",
        "燈號符合",
        "900",
        "成果報告https://evidence.example/1",
    ):
        assert part in words, part
    links = [one.get_object()["/A"]["/URI"] for one in reader.pages[0]["/Annots"]]
    asked = f"?number={receipt.number}&digest={receipt.digest}"
    assert links == [f"https://nstp.example/receipts/verify/{asked}"]
    assert receipt.number in as_user(None).get(links[0]).content.decode()


def test_a_correction_gives_another_and_the_first_stays_true(world, as_user, receipt, report):
    row = world.report("1.1.1.1", "alpha")
    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    row = reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.PROGRESS: "請寫出人次。"}
    )
    row = reports.save_draft(
        row, seen_version=row.version, by=world.officer_a, fields={"work_done": "共一百二十人次。"}
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    reports.sign_off(row, seen_version=row.version, by=world.window_a)
    second, first = Receipt.objects.all()
    assert first == receipt and second.content["submission"] == 2
    assert second.digest != first.digest
    for one in (first, second):
        told = verify(as_user(None), number=one.number, digest=one.digest)
        assert SAME in told


def test_a_receipt_is_never_changed_or_deleted(receipt):
    for change in (
        receipt.save,
        receipt.delete,
        Receipt.objects.all().delete,
        lambda: Receipt.objects.update(digest=""),
    ):
        with pytest.raises(TypeError):
            change()


# --- who sees it ----------------------------------------------------------------------------------
def test_own_ministry_and_science_staff_see_it(world, as_user, receipt):
    url = reverse("receipt", args=[receipt.number])
    for name, status in (
        ("officer_a", 200),
        ("window_a", 200),
        ("viewer_a", 200),
        ("reviewer", 200),
        ("officer_b", 404),
        ("administrator", 404),
    ):
        assert as_user(world.people[name]).get(url).status_code == status, name
        listed = as_user(world.people[name]).get(reverse("receipt-list")).content.decode()
        assert (receipt.number in listed) == (status == 200), name
    assert as_user(None).get(url).status_code == 302


def test_what_was_withdrawn_is_told_to_nobody(world, as_user, receipt):
    row = world.report("1.1.1.1", "alpha")
    reports.withdraw(row, seen_version=row.version, by=world.officer_a)
    assert "sent" not in download(as_user(world.reviewer), receipt)
    _reader, words = read_pdf(as_user(world.reviewer), receipt)
    assert "部會後來撤回了這次送出" in words and "辦理三場培訓" not in words
    assert "撤回" in verify(as_user(None), number=receipt.number, digest=receipt.digest)


# --- is it genuine? -------------------------------------------------------------------------------
def test_number_and_digest_are_enough_however_they_are_typed(as_user, receipt):
    nobody = as_user(None)
    told = verify(nobody, number=f" {receipt.number.lower()} ", digest=receipt.digest.upper())
    assert SAME in told and receipt.number in told
    assert "辦理三場培訓" not in told and "1.1.1.1" not in told


@pytest.mark.parametrize("given", [{"number": "R111-AAAAA-AAAAA"}, {"digest": "0" * 64}])
def test_another_number_or_digest_matches_nothing(as_user, receipt, given):
    asked = {"number": receipt.number, "digest": receipt.digest, **given}
    assert NOT in verify(as_user(None), **asked)


def test_a_file_is_compared_word_for_word(world, as_user, receipt):
    file, nobody = download(as_user(world.officer_a), receipt), as_user(None)
    assert SAME in verify(nobody, file=as_file(file))
    without = {key: value for key, value in file.items() if key != "sent"}
    assert SAME in verify(nobody, file=as_file(without))
    assert NOT in verify(nobody, file=as_file({**file, "signed_by": "somebody"}))
    file["sent"]["fields"]["work_done"] = "辦理四場培訓。"
    assert NOT in verify(nobody, file=as_file(file))
    file["sent"]["fields"]["work_done"] = "\ud800"
    assert NOT in verify(nobody, file=as_file(file))


@pytest.mark.parametrize(
    "content",
    [b"", b"no json", b"[1]", b"[" * 100_000, b"\xff\xfe"],
    ids=["empty", "no json", "a list", "deep", "no text"],
)
def test_what_is_no_receipt_is_refused_at_its_field(as_user, db, content):
    upload = SimpleUploadedFile("receipt.json", content)
    answer = as_user(None).post(reverse("receipt-verify"), {"file": upload})
    assert answer.status_code == 422
    assert as_user(None).post(reverse("receipt-verify"), {"number": "R1"}).status_code == 422


def test_what_is_stored_otherwise_is_noticed(as_user, receipt):
    copy = Submission.objects.get()
    copy.content["fields"]["work_done"] = "事後改過的字。"
    copy.save()
    told = verify(as_user(None), number=receipt.number, digest=receipt.digest)
    assert "摘要值不一樣" in told


def test_a_bulk_receipt_vouches_for_all_its_lines(world, as_user):
    rows = []
    for code in ("1.1.1.1", "1.1.1.2"):
        world.bring(world.report(code, "alpha"), Status.SIGNING)
        rows.append(world.report(code, "alpha"))
    outcome = sign_off_many([(row, row.version) for row in rows], by=world.window_a)
    whole, nobody = outcome.receipts[0], as_user(None)
    assert SAME in verify(nobody, number=whole.number, digest=whole.digest)
    file = download(as_user(world.window_a), whole)
    assert digest(file["reports"]) == whole.digest
    assert SAME in verify(nobody, file=as_file(file))
    _reader, words = read_pdf(as_user(world.window_a), whole)
    for line in outcome.receipts:
        assert line.number in words and line.digest in words
    row = world.report("1.1.1.2", "alpha")
    reports.withdraw(row, seen_version=row.version, by=world.officer_a)
    assert "撤回" in verify(nobody, number=whole.number, digest=whole.digest)
