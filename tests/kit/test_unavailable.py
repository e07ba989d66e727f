"""A database that is away: 503, try again, and what was typed; any other fault stays one.

The whole of it, with a PostgreSQL that is killed, is in tests/resilience.
"""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from config.kit.unavailable import error_page

AWAY = OperationalError("database is locked")


def answer(error: Exception, method: str = "get", path: str = "/reports/1/edit/", data=None):
    request = getattr(RequestFactory(), method)(path, data)
    try:
        raise error
    except Exception:
        return error_page(request)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_what_was_typed_stands_in_the_page_ready_to_be_sent_again():
    page = answer(
        AWAY, "post", data={"work_done": "\n<b>字</b>", "chosen": ["1", "2"], "do": "save"}
    )
    assert page.status_code == 503 and page["Retry-After"] == "10"
    assert 'action="/reports/1/edit/" method="post"' in text(page)
    # A browser drops the first line break of a text area: there is one more.
    assert '<textarea name="work_done" hidden>\n\n&lt;b&gt;字&lt;/b&gt;</textarea>' in text(page)
    assert text(page).count('<textarea name="chosen" hidden>') == 2
    assert "附上的檔案" not in text(page)


def test_files_have_to_be_chosen_again():
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n")
    assert "附上的檔案" in text(answer(AWAY, "post", data={"title": "附件", "file": file}))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/accounts/2fa/authenticate/", {"code": "123456"}),
        ("/people/1/", {"new_password": "secret"}),
    ],
)
def test_what_opens_an_account_is_not_given_back(path, data):
    page = text(answer(AWAY, "post", path, data))
    assert "<textarea" not in page and f'href="{path}">再試一次' in page


def test_the_way_back_never_leads_to_another_site():
    assert 'href="//' not in text(answer(AWAY, path="//evil.test/")).partition("<main")[2]


def test_a_program_is_told_as_json():
    told = answer(AWAY, path="/api/v1/measures/")
    assert (told.status_code, json.loads(told.content)["code"]) == (503, "unavailable")


def test_other_faults_stay_what_they_are():
    faults = [ValueError("x")]
    if connection.vendor == "sqlite":
        faults.append(OperationalError("no such column: x"))
    for fault in faults:
        assert answer(fault).status_code == 500


@pytest.mark.postgres
def test_every_way_in_which_postgresql_goes_is_known():
    if connection.vendor != "postgresql":
        pytest.skip("./test starts a PostgreSQL.")
    for error in (OperationalError("terminating connection"), InterfaceError("already closed")):
        assert answer(error).status_code == 503
