"""The guides' pictures of a filing year: what happens between people around the reports.

Two officers fill the same draft, so the database is changed. See `docs/pictures.py`.
"""

import io
import re

import openpyxl
from camera import YEAR, Picture, at, enter, scroll
from playwright.sync_api import Page, expect

# Of the busy year: who is asked most, and its draft with indicators in depth.
BUSIEST, DRAFT = "moea", "2.1.2.3"
DONE = (
    "完成{}家業者的製程檢測與改善，並把結果交給公會推廣；三條示範產線已連續運轉六個月。（示範資料）"
)


def beside(page: Page, who: str) -> Page:
    """A page of another person, who looks at the same address."""
    browser = page.context.browser
    other = enter(browser, re.match(r"https?://[^/]+", page.url)[0], who)
    other.goto(page.url)
    return other


def draft(page: Page) -> None:
    """The form of the draft with indicators in depth."""
    page.get_by_role("row").filter(has_text=DRAFT).get_by_role("link", name="填").click()
    page.wait_for_url("**/edit/")


def write(page: Page, text: str) -> None:
    page.get_by_label(f"{YEAR}年做了什麼").fill(text)


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_text(re.compile("^已儲存 "))


def together(page: Page) -> None:
    """Two fill the same draft; what was typed is saved by itself."""
    draft(page)
    beside(page, f"officer2.{BUSIEST}")
    page.reload()
    write(page, DONE.format("十二"))
    saved(page)
    scroll("header")(page)


def conflict(page: Page) -> None:
    """Both changed the same text; nothing of it is saved yet."""
    draft(page)
    other = beside(page, f"officer2.{BUSIEST}")
    write(other, DONE.format("十五").replace("連續運轉六個月", "連續運轉九個月"))
    saved(other)
    write(page, DONE.format("十八").replace("公會", "公會與縣市政府"))
    page.keyboard.press("Control+s")
    page.get_by_text("你的內容沒有不見。").wait_for()


def brought_back(page: Page) -> None:
    """A spreadsheet with two reports changed, one of them by somebody else meanwhile."""
    workbook = f"/desk/workbook/nstp-110-113/{BUSIEST}/{YEAR}/"
    file = page.request.get(f"{workbook}xlsx/").body()
    other = beside(page, f"officer2.{BUSIEST}")
    draft(other)
    write(other, DONE.format("二十"))
    saved(other)
    book = openpyxl.load_workbook(io.BytesIO(file))
    for sheet in book:
        keys = [cell.value for cell in sheet[1]]
        if "work_done" not in keys:
            continue
        for row in sheet.iter_rows(min_row=3):
            told = {DRAFT: "二十二", "1.1.4.2": "八"}.get(row[keys.index("code")].value)
            if told:
                row[keys.index("work_done")].value = DONE.format(told)
    filled = io.BytesIO()
    book.save(filled)
    page.goto(workbook)
    page.locator("input[type=file]").set_input_files(
        {"name": "經濟部111年度.xlsx", "mimeType": "application/octet-stream",
         "buffer": filled.getvalue()}
    )  # fmt: skip
    page.get_by_role("button", name="上傳，看看會改變什麼").click()
    page.get_by_text("別人改過的，不寫入").wait_for()


def receipt(page: Page) -> None:
    page.get_by_role("row").nth(1).get_by_role("link").first.click()


def verified(page: Page) -> None:
    receipt(page)
    page.get_by_role("link", name="驗證這張收據").click()
    page.get_by_role("button", name="比對這張收據").click()
    page.get_by_text("比對的結果").wait_for()


def correcting(page: Page) -> None:
    """The form of a correction that was granted."""
    page.get_by_role("row").filter(has_text="1.2.1.1").get_by_role(
        "link", name="補正"
    ).first.click()
    page.wait_for_url("**/edit/")


def handover(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text=f"officer.{BUSIEST}@")
    row.get_by_role("link", name="交接").click()
    page.get_by_label("接辦人").select_option(label="示範承辦人二（經濟部）")
    page.get_by_label("交接說明").fill("已完成訪視，佐證資料待補。")
    scroll("header")(page)


def subscribed(page: Page) -> None:
    page.get_by_role("button", name="網址").first.click()


def most_flags(page: Page) -> None:
    """The report under review that the machine says most of."""
    page.get_by_role("row").filter(has_text="審查中").get_by_role("link").first.click()
    page.get_by_text("系統看到").first.wait_for()


def thread(page: Page) -> None:
    """A report that the reviewer asked about and the ministry answered."""
    page.get_by_role("row").filter(has_text="1.1.1.2").get_by_role("link").first.click()
    page.get_by_text("留言與歷程").last.wait_for()


OFFICER, WINDOW, DESK = f"officer.{BUSIEST}", f"window.{BUSIEST}", f"/desk/?year={YEAR}"
BUSY = (
    Picture("form-together", OFFICER, DESK, 900, together),
    Picture("form-indicators", OFFICER, DESK, 700, at(draft, "section.fs:has(#cap3)")),
    Picture("conflict", OFFICER, DESK, 700, conflict),
    Picture("workbook", OFFICER, DESK, 860, brought_back),
    Picture("extension", "reviewer1", "/collation/queue/", 880, lambda page: page.get_by_role(
        "link", name="經濟部"
    ).first.click()),
    Picture("extended", "officer.mol", DESK, 780),
    Picture("correction", "reviewer1", "/collation/queue/", 880, lambda page: page.locator(
        "a[href*='/corrections/']"
    ).first.click()),
    Picture("correcting", OFFICER, DESK, 760, correcting),
    Picture("signing", WINDOW, "/desk/signing/?do=sign_off&tick=all", 820),
    Picture("receipt", WINDOW, "/receipts/", 680, receipt),
    Picture("receipt-verify", WINDOW, "/receipts/", 760, verified),
    Picture("handover", WINDOW, "/people/", 1180, handover),
    Picture("idle", WINDOW, "/people/idle/", 420),
    Picture("queue-flags", "reviewer1", "/collation/queue/?flag=any&sort=flags", 620),
    Picture(
        "review-flags", "reviewer1", "/collation/queue/?flag=any&sort=flags", 1100, most_flags
    ),
    Picture("thread", "reviewer1", f"/collation/queue/?ministry={BUSIEST}", 900,
            at(thread, "section:has(#h-thread)")),
    Picture("reminders", "collator", "/collation/reminders/", 900),
    Picture("calendar", OFFICER, "/calendar/", 720, subscribed),
    Picture("security", OFFICER, "/accounts/security/", 740),
    Picture("jobs", "administrator", "/jobs/", 620),
    Picture("accessibility", None, "/accessibility/", 900),
)  # fmt: skip
