"""Takes the pictures of the guides anew, from a running system with the demo data.

    ./run --fresh --port 8001
    .venv/bin/python docs/pictures.py http://127.0.0.1:8001
    .venv/bin/python docs/later.py commenting
    .venv/bin/python docs/pictures.py http://127.0.0.1:8001 --stage commenting
    .venv/bin/python docs/later.py filed
    .venv/bin/python docs/pictures.py http://127.0.0.1:8001 --stage filed
    .venv/bin/python docs/later.py busy
    .venv/bin/python docs/pictures.py http://127.0.0.1:8001 --stage busy

The pictures of a review are of three stages of it: as `seed_demo --review` leaves it, and as
`docs/later.py` leads it on. Those of the busy stage are of a filing year, on a database that this
script changes: two officers fill the same draft. Needs what ./test installs: Playwright and a
Chromium. Signs in with the demo accounts, otherwise only reads (scenarios, saved views, a token and
an address of a calendar it makes, to have some to show), and writes docs/guide/pictures/NAME.webp:
1280 px wide, in Chinese, Taipei time, light colours. Dates and the days of a deadline follow the
day on which the demo data was made.

The plan's own paragraphs don't belong into this repository: no picture shows the text of a measure
or the objective of a ministry. `--document FILE` gives the published text for the one picture that
shows how it is previewed; without it that picture stays as it is.
"""

import argparse
import base64
import io
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import openpyxl
from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).parent / "guide" / "pictures"
PASSWORD = "demo-nstp-110"
WIDTH = 1280
QUALITY = 65
YEAR = 111
MINISTRY = "moe"
# Several ministries, each with its own indicator and reports of both years.
MEASURE = "4.4.3.1"
# Of the busy year: who is asked most, and its draft with indicators in depth.
BUSIEST, DRAFT = "moea", "2.1.2.3"
DONE = (
    "完成{}家業者的製程檢測與改善，並把結果交給公會推廣；三條示範產線已連續運轉六個月。（示範資料）"
)
SCENARIOS = {
    "照規劃，GDP每年成長3%": "gdp_growth=3",
    "預算每年增6%": "way=growth&budget_growth=6&gdp_growth=3",
}
VIEWS = {
    "111年度總覽": f"/?year={YEAR}",
    "經濟部落後的措施": f"/plan/?year={YEAR}&ministry=moea&light=behind",
}


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, who looks (a demo account, None for the public), where, and
    what of it. `show` brings the page into the state to be seen; `height` is in pixels.
    """

    name: str
    who: str | None
    path: str
    height: int
    show: Callable[[Page], None] = lambda page: None


def follow(row: str, link: str) -> Callable[[Page], None]:
    """Open the first link called `link` in the desk's group `row`."""
    return lambda page: page.locator(f"#g-{row}").get_by_role("link", name=link).first.click()


def scroll(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).evaluate("row => row.scrollIntoView()")


def unfinished_form(page: Page) -> None:
    """The form as it looks after a vain attempt to submit; asking for it changes nothing."""
    follow("due", "開始填")(page)
    page.wait_for_url("**/edit/")
    page.goto(f"{page.url}?check=1")


def review(page: Page) -> None:
    """The first report under review, with one part about to be returned."""
    page.get_by_role("row").filter(has_text="審查中").get_by_role("link").first.click()
    part = page.get_by_role("radio", name="退回這一段").first
    part.check()
    page.get_by_label("退回理由").first.fill("請補充完成的件數與計算方式。")


def room(name: str, link: str = "") -> Callable[[Page], None]:
    """A room of the demo review, and a page in it."""

    def show(page: Page) -> None:
        page.get_by_role("main").get_by_role("link", name="期中成果評估").first.click()
        if name:
            page.get_by_role("navigation", name="評估的各頁").get_by_role(
                "link", name=name, exact=True
            ).click()
        if link:
            page.get_by_role("main").get_by_role("link", name=link).first.click()

    return show


def at(show: Callable[[Page], None], selector: str) -> Callable[[Page], None]:
    """`show`, and then scrolled there."""

    def both(page: Page) -> None:
        show(page)
        page.wait_for_load_state("networkidle")
        scroll(selector)(page)

    return both


def rules_preview(page: Page) -> None:
    """What a higher threshold would change; nothing is applied."""
    room("規則")(page)
    page.get_by_label("門檻").fill("70")
    page.get_by_label("這次變更的理由").fill("依期中檢討，提高協調會議的門檻。")
    page.get_by_role("button", name="看這樣改會改變什麼").click()


def compared(page: Page) -> None:
    """Two of one's own scenarios side by side; the demo data has none, so they are saved first."""
    if not page.locator("input[name=s]").count():
        for name, assumptions in SCENARIOS.items():
            page.goto(f"/budget/?{assumptions}")
            page.get_by_label("名稱").fill(name)
            page.get_by_role("button", name="用這個名稱儲存這組假設").click()
            page.wait_for_url("**/budget/scenarios/*/")
        page.goto("/budget/")
    for box in page.locator("input[name=s]").all():
        box.check()
    page.get_by_role("button", name="並排比較").click()


def views(page: Page) -> None:
    """One's own saved views, the last one shared; made first where there are none."""
    if not page.locator("table.views").count():
        for name, address in VIEWS.items():
            page.goto(f"/views/new/?address={quote(address, safe='')}")
            page.get_by_label("名稱").fill(name)
            page.get_by_role("main").get_by_role("button", name="釘選這個檢視").click()
            page.wait_for_url("**/views/")
        page.get_by_role("main").get_by_role("button", name="分享").first.click()
        page.wait_for_load_state()
        page.goto("/views/")


def tokens(page: Page) -> None:
    """One's own tokens; the list shows no secret."""
    if not page.locator("table").count():
        page.goto("/accounts/tokens/new/")
        page.get_by_label("名稱").fill("年報匯出")
        page.get_by_role("button", name="建立這個權杖").click()
        page.get_by_role("link", name="存好了").click()


def beside(page: Page, who: str) -> Page:
    """A page of another person, who looks at the same address."""
    browser = page.context.browser
    other = _enter(browser, re.match(r"https?://[^/]+", page.url)[0], who)
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


def document_preview(page: Page, file: Path) -> None:
    page.get_by_role("link", name="nstp-110-113").click()
    page.get_by_role("link", name="上傳公開文字檔").click()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("#content form [type=submit]").last.click()
    page.get_by_text("文件和計畫不同之處").wait_for()


PICTURES = (
    Picture("overview", "reviewer1", f"/?year={YEAR}", 910),
    Picture("overview-more", "reviewer1", f"/?year={YEAR}", 900, scroll("section:has(#h-cause)")),
    Picture("attention", "reviewer1", f"/attention/?year={YEAR}", 800),
    Picture("goal", "reviewer1", f"/plan/goals/3/?year={YEAR}", 1100),
    Picture("views", "reviewer1", "/views/", 540, views),
    Picture("search", None, "/search/?q=半導體", 830),
    Picture("budget", None, "/budget/", 1000),
    Picture("budget-compare", "reviewer1", "/budget/", 1210, compared),
    Picture("figures", "collator", "/figures/", 760),
    Picture("series", "collator", "/figures/", 900, lambda page: page.get_by_role(
        "link", name="整體科技預算", exact=True
    ).first.click()),
    Picture("data", None, "/data/", 860),
    Picture("dataset", None, "/data/measure-lights/", 860),
    Picture("tokens", f"officer.{MINISTRY}", "/accounts/tokens/", 480, tokens),
    Picture("sign-in", None, "/accounts/login/", 880),
    Picture("plan", None, "/plan/", 640),
    Picture(
        "measure", "reviewer1", f"/plan/measures/{MEASURE}/", 560, scroll("section:has(#h-ind)")
    ),
    Picture("ministries", None, "/ministries/", 640),
    Picture("desk", f"officer.{MINISTRY}", f"/desk/?year={YEAR}", 860),
    Picture("form", f"officer.{MINISTRY}", f"/desk/?year={YEAR}", 1000, follow("due", "填")),
    Picture("form-problems", f"officer.{MINISTRY}", f"/desk/?year={YEAR}", 560, unfinished_form),
    Picture(
        "form-returned", f"officer.{MINISTRY}", f"/desk/?year={YEAR}", 760,
        follow("returned", "補正"),
    ),
    Picture("indicators", f"officer.{MINISTRY}", f"/plan/measures/{MEASURE}/indicators/", 560),
    Picture(
        "sign-off", f"window.{MINISTRY}", f"/desk/?year={YEAR}", 720, follow("signing", "核可")
    ),
    Picture("people", f"window.{MINISTRY}", "/people/", 800),
    Picture("deputy", f"window.{MINISTRY}", "/people/deputies/new/", 880),
    Picture("queue", "reviewer1", "/collation/queue/", 620),
    Picture("review", "reviewer1", "/collation/queue/", 900, review),
    Picture("matrix", "collator", f"/collation/?year={YEAR}", 900),
    Picture("years", "collator", "/collation/years/", 720),
    Picture("administration", "administrator", "/admin/", 1150),
    Picture("assessment", "reviewer1", "/reviews/", 1000, room("")),
    Picture("edition", "reviewer1", "/reviews/", 860, room("", "第1版")),
    Picture("rules-preview", "reviewer1", "/reviews/", 760, rules_preview),
    Picture("experts", "reviewer1", "/reviews/", 1180, room("專家")),
    Picture("dossier", "expert2", "/reviews/", 700, room("我的卷宗")),
    Picture(
        "opinion", "expert2", "/reviews/", 900,
        at(room("我的卷宗", "繼續寫"), "section:has(form.plainform)"),
    ),
    Picture("opinions", "officer.ndc", "/reviews/", 820, room("專家意見")),
    Picture("coordination", "reviewer1", "/reviews/", 940, room("協調")),
)  # fmt: skip
COMMENTING = (
    Picture("synthesis", "reviewer1", "/reviews/", 820, room("結論")),
    Picture(
        "conclusion-edit", "reviewer1", "/reviews/", 1000, room("結論", "改寫 3.4.2.1"),
    ),
    Picture("conclusion", "officer.moe", "/reviews/", 900, room("結論", "建立跨平臺身分認證機制")),
    Picture(
        "meeting", "reviewer1", "/reviews/", 1000,
        at(room("協調", "期中落後項目協調會議"), 'section:has(h2:text-is("出席"))'),
    ),
    Picture("resolution", "officer.nstc", f"/desk/?year={YEAR}", 620),
    Picture(
        "trace", "reviewer1", "/reviews/", 800,
        at(room("協調", "追蹤表"), 'tr:has-text("3.1.1.1")'),
    ),
)  # fmt: skip
FILED = (Picture("filing", "collator", "/reviews/", 980, room("函送")),)
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
STAGES = {"assessing": PICTURES, "commenting": COMMENTING, "filed": FILED, "busy": BUSY}


def main() -> int:
    parser = argparse.ArgumentParser(description="重拍使用說明的圖 take the guides' pictures anew")
    parser.add_argument("address", help="http://127.0.0.1:8000")
    parser.add_argument("--document", type=Path, metavar="FILE", help="計畫的公開文字檔")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="只拍這幾張")
    parser.add_argument(
        "--stage", choices=STAGES, default="assessing", help="示範評估走到哪裡（docs/later.py）"
    )
    options = parser.parse_args()
    pictures = STAGES[options.stage]
    if file := options.document:
        preview = Picture(
            "document-preview", "administrator", "/admin/plan/plan/", 1170,
            lambda page: document_preview(page, file),
        )  # fmt: skip
        pictures += (preview,)
    if options.only:
        pictures = tuple(picture for picture in pictures if picture.name in options.only)

    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            chromium_sandbox=os.geteuid() != 0,
            args=["--disable-gpu", "--disable-quic", "--hide-scrollbars"],
        )
        pages: dict[str | None, Page] = {}
        for picture in pictures:
            if picture.who not in pages:
                pages[picture.who] = _enter(browser, options.address.rstrip("/"), picture.who)
            _take(pages[picture.who], picture)
            print(picture.name)
        browser.close()
    return 0


def _enter(browser: Browser, address: str, who: str | None) -> Page:
    """A page of a browser context of its own, signed in."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": 800},
        locale="zh-TW",
        timezone_id="Asia/Taipei",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if who:
        page.goto("/accounts/login/")
        page.get_by_label("電子郵件").fill(f"{who}@demo.example")
        page.get_by_label("密碼").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="登入").click()
        page.get_by_role("button", name="登出").wait_for()
    return page


def _take(page: Page, picture: Picture) -> None:
    page.set_viewport_size({"width": WIDTH, "height": picture.height})
    page.goto(picture.path)
    picture.show(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    # WebP takes half of what PNG or JPEG do; Chromium writes it, Playwright's own call can't.
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{picture.name}.webp").write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    sys.exit(main())
