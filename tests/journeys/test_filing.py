"""The whole story in a real browser: filed, signed off, returned, mended, accepted, shown.

Nothing is reached past the pages: what one person does, the next one finds on a page or in a mail.
"""

import itertools
import re
from email.header import decode_header, make_header
from email.message import Message

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import MEASURE, YEAR, Story
from tracking.enums import Cause, Status
from tracking.models import ProgressReport

WORK = "完成六座風機的水下檢測，兩座因天候延到隔年。"
OBSTACLE = "東北季風提早，作業船只能出海四十天。"
RESPONSE = "改用可在三級海況作業的載具。"
REASON = "支用數請扣除已退回國庫的款項。"
PDF = {
    "name": "report.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}


@pytest.mark.postgres
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_report_goes_all_the_way(
    story, sign_in, new_page, live, mail_server, celery_worker_process, javascript
):
    officer = sign_in(story.officer, javascript=javascript)
    open_from_desk(officer, "開始填")
    fill(officer, story, javascript)
    officer.get_by_role("button", name="先存草稿").click()
    expect(officer.get_by_text("已儲存，第", exact=False).first).to_be_visible()
    add_evidence(officer)
    submit_after_mending(officer)
    expect_mail(mail_server, "等你核可", to=story.window)

    window = sign_in(story.window, javascript=javascript)
    open_from_desk(window, "看過再核可")
    expect(window.get_by_text(WORK)).to_be_visible()
    window.get_by_role("button", name="核可並送國科會").click()
    expect(window.get_by_text("：已核可，送到國科會待審。")).to_be_visible()

    reviewer = sign_in(story.reviewer, javascript=javascript)
    start_review(reviewer)
    expect(reviewer.get_by_text(OBSTACLE)).to_be_visible()
    part = reviewer.get_by_role("region", name="經費").filter(has=reviewer.get_by_role("radio"))
    part.get_by_label("退回這一段").check()
    part.get_by_label("退回理由").fill(REASON)
    reviewer.get_by_role("button", name="沒選的都接受，送出").click()
    expect(reviewer.get_by_text("請經濟部補正")).to_be_visible()

    mail = expect_mail(mail_server, "退回補正", to=story.officer)
    text = mail.get_payload(decode=True).decode()
    assert REASON in text
    address = re.search(r"https?://\S+", text).group()
    assert address.startswith(live.url)
    officer.goto(address)
    mend_the_returned_part(officer, story)

    window.goto("/desk/")
    window.get_by_label(f"選取{MEASURE}").check()
    window.get_by_role("button", name="核可選取的件…").click()
    window.get_by_role("button", name="核可勾選的件，送國科會").click()
    expect(window.get_by_text("核可了1件，已送國科會。")).to_be_visible()

    start_review(reviewer)
    expect(reviewer.get_by_text(REASON).first).to_be_visible()
    reviewer.get_by_role("button", name="沒選的都接受，送出").click()
    expect(reviewer.get_by_text("已接受經濟部的這份報告。")).to_be_visible()
    expect_mail(mail_server, "已接受", to=story.officer)

    shown_where_all_can_see(officer)
    expect_hidden_from_the_public(new_page(javascript=javascript))
    assert ProgressReport.objects.get(pk=story.report.pk).status == Status.ACCEPTED


def open_from_desk(page: Page, action: str) -> None:
    """From the main menu over the desk to the one report."""
    page.get_by_role("navigation", name="主選單").get_by_role("link", name="填報").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{YEAR}年度還有")
    page.get_by_role("link", name=f"{action} {MEASURE}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEASURE)


def fill(page: Page, story: Story, javascript: bool) -> None:
    """All but the lateness response, so that the checks have something to find."""
    lateness = page.get_by_label("因應對策")
    # Without a script the block is always there, with a sentence that says when to fill it.
    expect(lateness).to_be_visible(visible=not javascript)
    page.get_by_role("radio", name="落後", exact=True).check()
    expect(lateness).to_be_visible()
    page.get_by_label("累計完成度").fill("55")
    page.get_by_label(f"{YEAR}年做了什麼").fill(WORK)
    page.get_by_label(f"{story.indicator.name}，{YEAR}年實績").fill("6")
    page.get_by_label("主因").select_option(label=str(Cause.SITE.label))
    page.get_by_label("落後原因").fill(OBSTACLE)
    caught_up = page.get_by_role("group", name="預計趕上日期")
    for box, text in (("民國年", "115"), ("月", "6"), ("日", "30")):
        caught_up.get_by_label(box, exact=True).fill(text)
    page.get_by_label("帶來什麼改變").fill("停機時間少了一成。")
    page.get_by_label(f"{YEAR + 1}年要做什麼").fill("補做兩座，再加四座。")
    page.get_by_label("新的來源，來源").first.fill("公務預算")
    page.get_by_label("新的來源，分配，千元").first.fill("１２,000")
    page.get_by_label("新的來源，支用，千元").first.fill("9,000")
    if javascript:
        expect(page.locator("tfoot [data-rate]")).to_have_text("75.0")


def add_evidence(page: Page) -> None:
    page.get_by_label("檔案", exact=True).set_input_files(PDF)
    page.get_by_label("名稱", exact=True).fill("檢測報告")
    page.get_by_role("button", name="存檔並加入這份佐證").click()
    expect(page.get_by_role("link", name="檢測報告")).to_be_visible()


def submit_after_mending(page: Page) -> None:
    """The checks stop it at the field; nothing that was typed is lost; then it goes."""
    send = page.get_by_role("button", name="送出這1件，請部會窗口核可")
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("請寫因應對策")
    expect(page.get_by_label("落後原因")).to_have_value(OBSTACLE)
    page.get_by_role("alert").get_by_role("link", name="請寫因應對策").click()
    page.get_by_label("因應對策").fill(RESPONSE)
    send.click()
    expect(page.get_by_text("看下一件要填的")).to_be_visible()


def start_review(page: Page) -> None:
    page.goto("/")
    page.get_by_role("list", name="等你處理").get_by_role("link", name="件待審").click()
    page.get_by_role("row").filter(has_text=MEASURE).get_by_role("link").click()
    page.get_by_role("button", name="開始審查這一件").click()
    expect(page.get_by_role("button", name="送出我的決定")).to_be_visible()


def mend_the_returned_part(page: Page, story: Story) -> None:
    """Only the returned part has fields; the others stand there as they were sent."""
    page.get_by_role("link", name="填寫這份報告").click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text(WORK)).to_be_visible()
    form = page.locator("form.fmain")
    expect(form.get_by_role("radio")).to_have_count(0)
    expect(form.locator("textarea")).to_have_count(0)
    expect(page.get_by_label(f"{story.indicator.name}，{YEAR}年實績")).to_have_count(0)
    page.get_by_label("公務預算，支用，千元").fill("8,400")
    page.get_by_role("button", name="送出這1件，請部會窗口核可").click()
    expect(page.get_by_text("看下一件要填的")).to_be_visible()


def shown_where_all_can_see(page: Page) -> None:
    """The ministry finds its accepted report in overview, tree and measure page."""
    page.goto("/")
    goal = page.get_by_role("rowheader", name=re.compile(f"^{MEASURE[0]}"))
    cells = page.get_by_role("row").filter(has=goal).get_by_role("cell")
    expect(cells.filter(has_text=re.compile(r"^\s*落後"))).to_have_text(re.compile(r"1\s*$"))
    page.goto("/plan/")
    row = page.get_by_role("row").filter(has_text=MEASURE)
    expect(row).to_contain_text("落後")
    row.get_by_role("link").first.click()
    main = page.get_by_role("main")
    for text in (WORK, "落後", "8,400", "70%"):
        expect(main).to_contain_text(text)


def expect_hidden_from_the_public(page: Page) -> None:
    """Until the year is released the public sees the plan, and nothing of the report."""
    page.goto(f"/plan/measures/{MEASURE}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEASURE)
    expect(page.get_by_text(WORK)).to_have_count(0)


def expect_mail(mail_server, subject: str, *, to) -> Message:
    """Wait for the mail to this person that has the subject, whatever others arrive."""
    for count in itertools.count(1):
        mail = mail_server.wait_for(count)[-1]
        if mail["To"] == to.user.email and subject in str(
            make_header(decode_header(mail["Subject"]))
        ):
            return mail


@pytest.mark.postgres
def test_two_editors_at_once_lose_nothing(story, sign_in):
    first, second = sign_in(story.officer), sign_in(story.colleague)
    for page in (first, second):
        page.goto(f"/reports/{story.report.pk}/edit/")

    first.get_by_label(f"{YEAR}年做了什麼").fill("第一個人寫的。")
    first.get_by_label("累計完成度").fill("40")
    first.get_by_label("新的來源，來源").first.fill("公務預算")
    first.get_by_label("新的來源，分配，千元").first.fill("500")
    first.get_by_role("button", name="先存草稿").click()
    expect(first.get_by_text("已儲存，第", exact=False).first).to_be_visible()

    second.get_by_label(f"{YEAR}年做了什麼").fill("第二個人寫的。")
    second.get_by_label("帶來什麼改變").fill("只有第二個人寫的效益。")
    # The page also asks, by POST, which characters no font can draw.
    with second.expect_response(lambda answer: answer.url.endswith("/edit/")) as answer:
        second.get_by_role("button", name="先存草稿").click()
    assert answer.value.status == 409
    main = second.get_by_role("main")
    for text in ("第一個人寫的。", "第二個人寫的。", "只有第二個人寫的效益。"):
        expect(main).to_contain_text(text)

    work = second.get_by_role("group", name=re.compile("做了什麼"))
    second.get_by_role("button", name="照我選的存成新的一版").click()
    expect(second.get_by_role("alert")).to_contain_text("還有欄位沒有選")
    work.get_by_label("合寫", exact=True).check()
    second.locator("textarea[name=merged-work_done]").fill("第一個人寫的。第二個人寫的。")
    second.get_by_role("button", name="照我選的存成新的一版").click()
    expect(second.get_by_label(f"{YEAR}年做了什麼")).to_have_value("第一個人寫的。第二個人寫的。")

    report = ProgressReport.objects.get(pk=story.report.pk)
    assert report.work_done == "第一個人寫的。第二個人寫的。"
    assert report.benefit == "只有第二個人寫的效益。"
    assert report.completion == 40
    assert [line.allocated_thousand for line in report.money_lines.all()] == [500]
    assert {row.user_id for row in report.authors.all()} == {
        story.officer.user.pk,
        story.colleague.user.pk,
    }
