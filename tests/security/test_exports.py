"""What leaves as a file runs nothing, what comes in is told by its content, links are not asked."""

import ast
import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template

from config.kit.csv import FORMULA, csv_response
from config.kit.errors import Invalid
from config.kit.ods import ods_response
from plan.fixture_files import entry
from reports.documents.ods import ods as document_ods
from tests.world import WHOLE
from tracking.actions import evidence, reports
from tracking.workbook.apply import preview
from tracking.workbook.files import KINDS
from tracking.workbook.gather import gather

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "ministries", "plan", "tracking", "reports")
STARTS = [*"=+-@", "\t", "\r", "\n", *"＝＋－＠"]
# All that write cells of spreadsheets. The two of the workbook write text as text, in cells of text
# format, so that it comes back as it went; the others put a quote before it.
WRITERS = {
    "config/kit/csv.py", "config/kit/ods.py", "ministries/admin_audit.py",
    "reports/documents/ods.py", "reports/opendata/writing.py",
    "tracking/workbook/write_ods.py", "tracking/workbook/write_xlsx.py",
}  # fmt: skip


def sources() -> dict[str, str]:
    """Our own code that runs on the site, by path."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if not {"migrations", "commands"} & set(path.parts)
    }


def test_these_are_all_the_writers_of_spreadsheets():
    marks = re.compile(
        r'csv\.writer|DictWriter|<table:table-cell|TableCell\(|t="inlineStr"|openpyxl|xlsxwriter'
    )
    assert {path for path, text in sources().items() if marks.search(text)} == WRITERS
    assert set(STARTS) == set(FORMULA)
    for path in WRITERS - {"tracking/workbook/write_ods.py", "tracking/workbook/write_xlsx.py"}:
        assert "neutral(" in (ROOT / path).read_text(encoding="utf-8"), path


@pytest.mark.parametrize("start", STARTS, ids=repr)
def test_no_cell_of_a_list_starts_a_formula(start):
    text = f"{start}1+1"
    listed = csv_response("a.csv", ["a"], [[text]]).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(listed, newline="")))[1] == [f"'{text}"]
    sheet = unpacked(ods_response("a.ods", ["a"], [[text]]).content)
    assert "table:formula" not in sheet and "<text:p>&#x27;" in sheet.replace("'", "&#x27;")
    plain = {
        "title": "甲", "subtitle": "乙", "day": "2023-02-28", "cover": [],
        "blocks": [{"kind": "paragraph", "line": [[text, "", ""]]}],
    }  # fmt: skip
    assert "table:formula" not in (book := unpacked(document_ods(plain)))
    assert f">'{start.strip()}" in book or not start.strip()


def unpacked(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read("content.xml").decode()


@pytest.mark.django_db
@pytest.mark.parametrize("form", KINDS)
def test_a_workbook_runs_nothing_and_loses_nothing(world, form):
    report = world.report("1.1.1.1", "alpha")
    words = {
        name: f"{start}1+1|{name}"
        for name, start in zip(("work_done", "benefit", "next_steps"), "=＝@", strict=True)
    }
    reports.save_draft(
        report, seen_version=report.version, by=world.officer_a, fields={**WHOLE, **words}
    )
    target = io.BytesIO()
    KINDS[form].write(target, gather(world.alpha, world.year, world.officer_a))
    with zipfile.ZipFile(target) as packed:
        text = "".join(
            packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml")
        )
    assert "=1+1|work_done" in text
    assert not re.search(r"<f[ >]|table:formula=", text)
    found = preview(target.getvalue(), world.alpha, world.year, by=world.officer_a)
    assert (found.changes, found.conflicts, found.errors) == ([], [], [])


# --- our own code ---------------------------------------------------------------------------------
# Calls that run what they are given, trust what they read, or guess; the demo's chance is meant to
# be the same each time, and the plan's own files are read by a loader that makes plain values.
DANGEROUS = re.compile(
    r"^(?:eval|exec|compile|__import__|os\.system|os\.popen|yaml\.load|pickle\.loads?"
    r"|marshal\.loads?|random\.\w+)$|\.(?:raw|extra)$"
)
KNOWN = {("plan/fixture_files/entry.py", "yaml.load")}


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_no_code_of_ours_runs_or_trusts_what_it_is_given():
    """No shell, no eval, no pickles, no chance that can be guessed, no SQL that is put together."""
    found, shells = set(), set()
    for path, text in sources().items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            if DANGEROUS.search(called(node)) and "/demo/" not in path:
                found.add((path, called(node)))
            if any(one.arg == "shell" for one in node.keywords):
                shells.add(path)
    assert found == KNOWN
    assert shells == set()
    assert issubclass(entry._Loader, (yaml.SafeLoader, yaml.CSafeLoader))


def test_scripts_write_text_as_text():
    """What is put in as markup came from our own templates, which escape."""
    marks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(")
    scripts = (ROOT / "static/js").glob("*.js")
    assert {path.name for path in scripts if marks.search(path.read_text("utf-8"))} == {
        "autosave.js"
    }


# --- names and headers ----------------------------------------------------------------------------
def test_no_header_is_made_of_what_somebody_wrote():
    """Every name of a file in a header is one of these, none of them typed by people."""
    names = set()
    for path, text in sources().items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Assign) and "Content-Disposition" in ast.unparse(node.targets):
                names.add((path, ast.unparse(node.value)))
    assert names == HEADERS


HEADERS = {
    ("config/kit/csv.py", "f'attachment; filename=\"{filename}\"'"),
    ("config/kit/ods.py", "f'attachment; filename=\"{filename}\"'"),
    ("ministries/admin_audit.py", "'attachment; filename=\"audit.csv\"'"),
    ("reports/views/data.py", "f'attachment; filename=\"{key}.{ending}\"'"),
    ("reports/views/trace.py", "f'attachment; filename=\"{self.stem()}.ods\"'"),
    ("reports/views/workbooks.py", "f'attachment; filename=\"{name}\"'"),
    ("tracking/views/calendar.py", "'inline; filename=\"nstp.ics\"'"),
    ("tracking/views/receipts.py", "f'attachment; filename=\"{receipt.number}.{suffix}\"'"),
}


# --- what comes in --------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ" + b"\0" * 100,
        b"#!/bin/sh\necho",
    ],
)
def test_a_file_is_what_it_holds_and_not_what_it_is_called(world, content):
    report = world.report("1.1.1.1", "alpha")
    upload = SimpleUploadedFile("annual.pdf", content, content_type="application/pdf")
    with pytest.raises(Invalid):
        evidence.add_file(report, seen_version=report.version, by=world.officer_a, upload=upload)
    assert not report.evidence.exists()


@pytest.mark.django_db
def test_a_name_of_a_file_decides_nothing_about_where_it_lies(world):
    report = world.report("1.1.1.1", "alpha")
    upload = SimpleUploadedFile("../../../etc/passwd", b"%PDF-1.7\n")
    row = evidence.add_file(report, seen_version=report.version, by=world.officer_a, upload=upload)
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}", row.file.name)


# --- links ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,a", "file:///etc/passwd", "ftp://a.test/",
        "//a.test",
        "https://www.gov.test@evil.test/", "https://a:b@evil.test/", "http://", "https://a b",
    ],
)  # fmt: skip
def test_a_link_is_a_page_on_the_web_and_says_whose(url):
    with pytest.raises(Invalid):
        evidence.linked(url)


def test_a_link_shows_its_host_in_full():
    far = f"https://www.gov.test.{'a' * 60}.evil.test/x"
    shown = Template("{% load kit %}{{ url|host }}").render(Context({"url": far}))
    assert shown == f"www.gov.test.{'a' * 60}.evil.test"


def test_no_code_of_ours_asks_other_sites():
    """Links are shown and never followed; identity providers are asked by their own package."""
    asking = re.compile(
        r"urlopen|urllib\.request|http\.client|^\s*(import|from) (requests|httpx|aiohttp)\b", re.M
    )
    asked = {path for path, text in sources().items() if asking.search(text)}
    # One keeps identity providers from leading elsewhere, one names the fault of those that do not
    # answer.
    assert asked == {"ministries/identity.py", "ministries/identity_views.py"}
