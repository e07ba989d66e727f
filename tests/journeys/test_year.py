"""A whole year of one ministry in a real browser: 教育部's 54 measures by spreadsheet and by form,
handed over in one step, signed in one step, and one receipt that proves it.
"""

import io
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pytest
from playwright.sync_api import Download, Page, expect

from ministries.actions import people
from ministries.enums import MembershipRole
from ministries.models import Ministry, User
from tests.journeys.conftest import YEAR, Person
from tracking.enums import Status
from tracking.models import ProgressReport, Receipt, Submission

SCHOOLS = "moe"
COUNT = 54
# What a spreadsheet program or a page could spoil: blanks, line breaks, signs, rare characters.
WORK = "=完成{code}的第{n}場研習\n  - 教師  {n}人，\t含線上\n<b>&「𡍼」不是標籤</b>"
BENEFIT = "{code}：修課學生多了{n}人。\n\n離島也能選課。"
NEXT = "{code}次年加開{n}班。"
# One in nine is late and says why.
LATE = {
    "cause": "人力招募不足",
    "sub_cause": "師資",
    "obstacle": "{code}的講師第{n}次才聘到。",
    "response": "{code}改與大學合聘。",
    "catch_up_on": "112-06-30",
}
BY_FORM = {
    "work_done": "用表單填的這一件。\n第二行，  兩個空白。",
    "benefit": "表單寫的效益：𡍼。",
    "next_steps": "表單寫的次年計畫。",
}
WRITTEN = ("work_done", "benefit", "next_steps", "obstacle", "response", "sub_cause")
SECONDS = 20_000

_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text")
)


class Sheet:
    """The reports' sheet of a downloaded .ods, as somebody fills it without a connection."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as packed:
            self.parts = {name: packed.read(name) for name in packed.namelist()}
        self.root = ElementTree.fromstring(self.parts["content.xml"])
        [table] = [
            one
            for one in self.root.iter(f"{_TABLE}table")
            if one.get(f"{_TABLE}name") == "執行情形"
        ]
        keys, _headings, *rows = table.findall(f"{_TABLE}table-row")
        names = [said(cell) for cell in keys]
        self.rows = [dict(zip(names, row, strict=True)) for row in rows]

    @property
    def content(self) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as packed:
            for name, part in self.parts.items():
                new = ElementTree.tostring(self.root, "utf-8", xml_declaration=True)
                packed.writestr(name, new if name == "content.xml" else part)
        return target.getvalue()


def said(cell: Element) -> str:
    return "\n".join("".join(line.itertext()) for line in cell.findall(f"{_TEXT}p"))


def put(cell: Element, text: str) -> None:
    """Write the text as LibreOffice does: a paragraph a line, blanks and tabs spelled out."""
    for line in list(cell):
        cell.remove(line)
    cell.set(f"{_OFFICE}value-type", "string")
    for line in text.split("\n"):
        last = paragraph = SubElement(cell, f"{_TEXT}p")
        for sign in line:
            if sign in " \t":
                last = SubElement(paragraph, f"{_TEXT}{'s' if sign == ' ' else 'tab'}")
            elif last is paragraph:
                last.text = (last.text or "") + sign
            else:
                last.tail = (last.tail or "") + sign


@pytest.fixture
def officer(story) -> Person:
    return account("moe-officer", MembershipRole.OFFICER)


@pytest.fixture
def window(story) -> Person:
    return account("moe-window", MembershipRole.WINDOW)


def account(name: str, role: str) -> Person:
    root = User.objects.get(email="root@example.test")
    ministry = Ministry.objects.get(code=SCHOOLS)
    address = f"{name}@example.test"
    return Person(
        *people.create_account(email=address, name=name, ministry=ministry, role=role, by=root)
    )


@pytest.mark.postgres
def test_a_ministry_files_its_whole_year(
    officer, window, sign_in, new_page, mail_server, celery_worker_process
):
    mine = sign_in(officer)
    open_desk(mine)
    expect(mine.get_by_role("heading", level=1)).to_have_text(f"{YEAR}年度還有{COUNT}件要填")
    expect(mine.get_by_role("rowheader")).to_have_count(COUNT)

    sheet = Sheet(download(mine).path())
    assert len(sheet.rows) == COUNT
    left = next(row for row in sheet.rows if said(row["role"]) == "統籌主辦")
    sent = fill(sheet, left)
    expected = sum(map(len, sent.values()))
    upload_and_confirm(mine, sheet.content, reports=COUNT - 1, cells=expected)

    code = said(left["code"])
    file_by_form(mine, code)
    sent[code] = {"light": "符合", "completion": "60", **BY_FORM}

    open_desk(mine)
    mine.get_by_role("link", name="一次送出：看哪些不完整").click()
    in_one_step(mine, "送出")
    expect(mine.get_by_text(f"送出了{COUNT}件，等窗口核可。")).to_be_visible()

    theirs = sign_in(window)
    open_desk(theirs)
    theirs.get_by_role("link", name="一次核可：看哪些不完整").click()
    in_one_step(theirs, "核可")
    done = theirs.get_by_text(f"核可了{COUNT}件，已送國科會。")
    expect(done).to_be_visible()
    # One mail to the window for all that waits, and one to each of the two with the number.
    assert Counter(mail["To"] for mail in mail_server.wait_for(3)) == {
        window.user.email: 2,
        officer.user.email: 1,
    }
    done.get_by_role("link").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text(
        f"教育部{YEAR}年度{COUNT}件已送國科會"
    )
    receipt = verify(theirs, new_page())
    stands_as_sent(sent, receipt)


def open_desk(page: Page) -> None:
    page.get_by_role("navigation", name="主選單").get_by_role("link", name="填報").click()
    page.wait_for_url("**/desk/**")


def download(page: Page) -> Download:
    page.get_by_role("link", name="教育部試算表下載與讀回").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="下載ODS").click()
    assert found.value.suggested_filename.endswith(".ods")
    return found.value


def fill(sheet: Sheet, left: dict[str, Element]) -> dict[str, dict[str, str]]:
    """Fill all rows but one; what was put, by code and column. A lead owes a light, the
    coordinating one a completion, a partner neither.
    """
    sent: dict[str, dict[str, str]] = {}
    for n, row in enumerate(sheet.rows, start=1):
        if row is left:
            continue
        code, role = said(row["code"]), said(row["role"])
        given = {"work_done": WORK, "benefit": BENEFIT, "next_steps": NEXT}
        if role != "協辦":
            given["light"] = "符合"
            if n % 9 == 0:
                given |= {"light": "落後", **LATE}
        if role == "統籌主辦":
            given["completion"] = str(n)
        sent[code] = {key: text.format(code=code, n=n) for key, text in given.items()}
        for key, text in sent[code].items():
            put(row[key], text)
    return sent


def upload_and_confirm(page: Page, content: bytes, *, reports: int, cells: int) -> None:
    """The worker compares, the page says how much would change; then the worker writes."""
    media_type = "application/vnd.oasis.opendocument.spreadsheet"
    page.get_by_label("填好的試算表").set_input_files(
        {"name": "教育部.ods", "mimeType": media_type, "buffer": content}
    )
    page.get_by_role("button", name="上傳，看看會改變什麼").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"確認以後會改變{reports}件的{cells}格", timeout=SECONDS)
    expect(page.get_by_text("衝突0格，要改的0處。", exact=False)).to_be_visible()
    assert not ProgressReport.objects.exclude(work_done="").exists()
    page.get_by_role("button", name=f"寫入這{reports}件的{cells}格").click()
    expect(heading).to_have_text(f"寫入了{reports}件的{cells}格", timeout=SECONDS)


def file_by_form(page: Page, code: str) -> None:
    open_desk(page)
    page.get_by_role("link", name=f"開始填 {code}", exact=True).click()
    page.get_by_role("radio", name="符合", exact=True).check()
    page.get_by_label("累計完成度").fill("60")
    page.get_by_label(f"{YEAR}年做了什麼").fill(BY_FORM["work_done"])
    page.get_by_label("帶來什麼改變").fill(BY_FORM["benefit"])
    page.get_by_label(f"{YEAR + 1}年要做什麼").fill(BY_FORM["next_steps"])
    page.get_by_role("button", name="先存草稿").click()
    expect(page.get_by_text("已儲存，第", exact=False).first).to_be_visible()


def in_one_step(page: Page, verb: str) -> None:
    """Tick all that are whole, look at them once more, do it."""
    facts = page.get_by_role("definition")
    expect(facts.first).to_have_text(f"{COUNT}件")
    expect(facts.nth(1)).to_have_text("沒有")
    page.get_by_role("link", name="勾選全部完整的").click()
    expect(page.locator("[data-chosen]")).to_have_text(str(COUNT))
    page.get_by_role("button", name=f"看一遍要{verb}的件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"要{verb}{COUNT}件")
    page.get_by_role("button", name=f"{verb}勾選的件").click()


def verify(page: Page, anyone: Page) -> Receipt:
    """Somebody without an account types number and digest as the receipt's page shows them."""
    number, digest = (
        page.locator(f"dt:text-is('{name}') + dd").inner_text() for name in ("號碼", "摘要值")
    )
    anyone.goto("/receipts/verify/")
    anyone.get_by_label("收據號碼").fill(number)
    anyone.get_by_label("摘要值").fill(digest)
    anyone.get_by_role("button", name="比對這張收據").click()
    heading = anyone.get_by_role("heading", level=1)
    expect(heading).to_contain_text("相符：")
    return Receipt.objects.get(number=number, digest=digest)


def stands_as_sent(sent: dict[str, dict[str, str]], bulk: Receipt) -> None:
    """Each report, the copy of its submission and its receipt: word for word, none besides."""
    reports = ProgressReport.objects.filter(ministry__code=SCHOOLS).select_related("measure")
    assert {row.measure.code for row in reports} == set(sent) and len(sent) == COUNT
    for row in reports:
        asked = sent[row.measure.code]
        assert row.status == Status.SUBMITTED
        assert {name: getattr(row, name) for name in WRITTEN} == {
            name: asked.get(name, "") for name in WRITTEN
        }
        assert row.get_light_display() == asked.get("light", "")
        assert row.get_cause_display() == asked.get("cause", "")
        assert row.completion == (int(asked["completion"]) if "completion" in asked else None)
        assert row.catch_up_on == (date(2023, 6, 30) if "catch_up_on" in asked else None)
        fields = Submission.objects.get(report=row).content["fields"]
        assert {name: fields[name] for name in WRITTEN} == {
            name: asked.get(name, "") for name in WRITTEN
        }
    lines = Receipt.objects.exclude(pk=bulk.pk)
    assert bulk.report is None and Receipt.objects.count() == COUNT + 1
    assert {line.report_id for line in lines} == {row.pk for row in reports}
    assert {line.bulk_id for line in lines} == {bulk.pk}
