"""Evidence in a store that has no files and folders, as object storage has none."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tracking.actions import evidence

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture(autouse=True)
def _elsewhere(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}


def test_evidence_is_kept_read_and_removed(
    report, officer_a, tmp_path, django_capture_on_commit_callbacks
):
    row = evidence.add_file(
        report,
        seen_version=report.version,
        by=officer_a,
        upload=SimpleUploadedFile("成果.pdf", PDF),
        title="",
    )
    assert default_storage.exists(row.file.name)
    assert list(tmp_path.iterdir()) == []
    browser = Client()
    browser.force_login(officer_a)
    answer = browser.get(reverse("evidence", args=[row.pk]))
    assert b"".join(answer.streaming_content) == PDF
    name, version = row.file.name, row.report.version
    with django_capture_on_commit_callbacks(execute=True):
        evidence.remove(row, seen_version=version, by=officer_a)
    assert not default_storage.exists(name)
