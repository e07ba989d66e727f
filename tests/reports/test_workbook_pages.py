"""The pages of the spreadsheet: download, upload, preview, confirm; and whose they are."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reports.models import WorkbookUpload
from tests.tracking.test_workbook import ROOM, Filled, out

PAGE = "/desk/workbook/small/alpha/111/"


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_file_is_looked_at_and_then_written(world, report, django_capture_on_commit_callbacks):
    client = browser(world.officer_a)
    page = client.get(PAGE).content.decode()
    assert f"{PAGE}ods/" in page
    assert client.get(f"{PAGE}ods/").content.startswith(b"PK")
    file = Filled(client.get(f"{PAGE}xlsx/").content)
    place = file.put(ROOM, "1.1.1.1", "work_done", "離線寫的")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(PAGE, {"file": SimpleUploadedFile("a.xlsx", file.content)})
    upload = WorkbookUpload.objects.get()
    assert answer["Location"] == f"/desk/workbook/uploads/{upload.pk}/"
    shown = client.get(answer["Location"]).content.decode()
    assert f"{ROOM} {place}" in shown and "離線寫的" in shown and "寫入這1件的1格" in shown
    report.refresh_from_db()
    assert report.work_done == ""
    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(answer["Location"])
    report.refresh_from_db()
    assert (report.work_done, report.version) == ("離線寫的", 2)
    assert "寫入了1件的1格" in client.get(answer["Location"]).content.decode()


def test_an_unchanged_file_offers_nothing_to_confirm(
    world, report, django_capture_on_commit_callbacks
):
    client = browser(world.officer_a)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(PAGE, {"file": SimpleUploadedFile("a.ods", out(world, "ods"))})
    shown = client.get(answer["Location"]).content.decode()
    assert "檔案和現在的內容一樣" in shown
    assert client.post(answer["Location"]).status_code == 302
    report.refresh_from_db()
    assert report.version == 1


@pytest.mark.parametrize(
    ("person", "page", "post"),
    [
        ("officer_a", 200, 422),
        ("window_a", 200, 403),
        ("viewer_a", 404, 404),
        ("officer_b", 404, 404),
        ("reviewer", 404, 404),
        ("administrator", 404, 404),
    ],
)
def test_whose_it_is(world, report, person, page, post):
    client = browser(world.people[person])
    assert client.get(PAGE).status_code == page
    assert client.get(f"{PAGE}ods/").status_code == page
    assert client.post(PAGE).status_code == post


def test_nobody_else_sees_what_was_uploaded(world, report, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser(world.officer_a).post(
            PAGE, {"file": SimpleUploadedFile("a.ods", out(world, "ods"))}
        )
    for person in ("window_a", "officer_b", "administrator"):
        assert browser(world.people[person]).get(answer["Location"]).status_code == 404
