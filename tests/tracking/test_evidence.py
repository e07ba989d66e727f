"""Evidence: told by its content, stored under a name nobody guesses, kept or gone as a whole."""

import hashlib
import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent
from tracking import media
from tracking.actions import evidence, reports
from tracking.enums import Part, Status
from tracking.models import Evidence, ProgressReport

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 32
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def package(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def office(main: str, **more: str) -> bytes:
    return package(**{"[Content_Types].xml": "<Types/>", main: "<x/>", **more})


ODT = package(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<x/>")
TAKEN = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPEG,
    "odt": ODT,
    "ods": package(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "odp": package(mimetype="application/vnd.oasis.opendocument.presentation"),
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "txt": "會議紀錄\n一、報告事項".encode(),
    "csv": "\ufeff年度,人次\n111,120\n112,130\n".encode(),
}
REFUSED = {
    "program": b"\x7fELF" + b"\0" * 64,
    "windows program": b"MZ" + b"\x90\0" * 64,
    "script": b"#!/bin/sh\nrm -rf /\n",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html after blanks": "\ufeff  \n<HTML>".encode(),
    "html in a text": b"hello <script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "xml": b"<?xml version='1.0'?><svg/>",
    "old office": OLE,
    "office with macros": office("word/document.xml", **{"word/vbaProject.bin": "x"}),
    "odf with macros": package(
        mimetype="application/vnd.oasis.opendocument.text", Basic__script_dot_xml="<x/>"
    ),
    "plain archive": package(readme_dot_txt="x"),
    "archive that says odt at length": package(mimetype="x" * 200),
    "broken archive": b"PK\x03\x04 no archive",
    "not utf-8": "會議紀錄".encode("big5"),
    "gif": b"GIF89a" + b"\0" * 32,
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_is_taken_is_told_by_its_content(kind):
    assert media.EXTENSIONS[media.media_type(io.BytesIO(TAKEN[kind]))] == kind


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_taken(kind):
    assert media.media_type(io.BytesIO(REFUSED[kind])) is None


# --- adding and removing ---
@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def stored() -> list[str]:
    folders, files = default_storage.listdir("")
    return files + [f"{folder}/{name}" for folder in folders
                    for name in default_storage.listdir(folder)[1]]  # fmt: skip


def upload(content: bytes = PDF, name: str = "成果報告.exe") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def add(report, by, **given) -> Evidence:
    return evidence.add_file(
        report, seen_version=report.version, by=by, **{"upload": upload(), "title": "", **given}
    )


def test_a_file_is_kept_with_type_size_and_digest(report, officer_a):
    row = add(report, officer_a)
    assert (row.media_type, row.size, row.title) == ("application/pdf", len(PDF), "成果報告.exe")
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert stored() == [row.file.name]
    assert "成果報告" not in row.file.name and len(row.file.name.split("/")[1]) == 32
    assert row.file.read() == PDF
    report = ProgressReport.objects.get(pk=report.pk)
    assert (report.version, report.saved_by) == (2, officer_a)
    event = AuditEvent.objects.get(verb="evidence.add")
    assert event.after["sha256"] == row.sha256
    assert [author.user for author in report.authors.all()] == [officer_a]


@pytest.mark.parametrize("content", [b"", REFUSED["html"], PDF + b"x" * 1000])
def test_a_file_that_is_empty_dangerous_or_large_is_refused(report, officer_a, settings, content):
    settings.EVIDENCE_MAX_BYTES = 1000
    with pytest.raises(Invalid) as refusal:
        add(report, officer_a, upload=upload(content))
    assert set(refusal.value.errors) == {"upload"}
    assert stored() == [] and not Evidence.objects.exists()


def test_who_may_not_leaves_no_file(report, officer_b):
    with pytest.raises(NotAllowed):
        add(report, officer_b)
    assert stored() == []


def test_a_file_whose_row_was_not_written_is_removed(report, officer_a, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(evidence, "touch", fail)
    with pytest.raises(RuntimeError):
        add(report, officer_a)
    assert stored() == [] and not Evidence.objects.exists()


def test_removing_takes_the_file_after_the_commit(
    report, officer_a, django_capture_on_commit_callbacks
):
    row = add(report, officer_a)
    with django_capture_on_commit_callbacks() as callbacks:
        evidence.remove(row, seen_version=2, by=officer_a)
    assert stored() == [row.file.name]  # until then a rollback would still find it
    for callback in callbacks:
        callback()
    assert stored() == []
    assert AuditEvent.objects.get(verb="evidence.remove").before["sha256"] == row.sha256
    with pytest.raises(NotNow):
        evidence.remove(row, seen_version=3, by=officer_a)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.test/", "a.test", ""])
def test_a_link_is_an_address_on_the_web(report, officer_a, url):
    with pytest.raises(Invalid) as refusal:
        evidence.add_link(report, seen_version=1, by=officer_a, url=url)
    assert set(refusal.value.errors) == {"url"}


def test_a_link_has_a_name(report, officer_a):
    row = evidence.add_link(report, seen_version=1, by=officer_a, url="https://a.test/x")
    assert (row.title, row.url, row.public) == ("a.test", "https://a.test/x", False)
    with pytest.raises(Invalid) as refusal:
        evidence.add_link(
            report, seen_version=2, by=officer_a, url="https://a.test/x", title="字" * 201
        )
    assert set(refusal.value.errors) == {"title"}


def test_evidence_moves_only_where_its_part_is_open(world, report, officer_a):
    row = add(report, officer_a)
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.UNDER_REVIEW)
    with pytest.raises(NotNow):
        evidence.remove(row, seen_version=report.version, by=officer_a)
    report = reports.return_report(
        report,
        seen_version=report.version,
        by=world.people["reviewer"],
        parts={Part.MONEY: "請分列。"},
    )
    with pytest.raises(NotNow, match="佐證資料"):
        add(report, officer_a)


def test_a_file_or_a_link_and_never_both(report, officer_a):
    for given in ({"url": "https://a.test", "file": "a/b"}, {"url": "", "file": ""}):
        with (
            pytest.raises(IntegrityError, match="evidence_file_or_link"),
            transaction.atomic(),
        ):
            Evidence.objects.create(report=report, title="t", added_by=officer_a, **given)
