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
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from camera import FOLDER, YEAR, Picture, at, enter, follow, scroll, take
from pictures_of_a_year import BUSY
from playwright.sync_api import Page, sync_playwright

MINISTRY = "moe"
# Several ministries, each with its own indicator and reports of both years.
MEASURE = "4.4.3.1"
SCENARIOS = {
    "照規劃，GDP每年成長3%": "gdp_growth=3",
    "預算每年增6%": "way=growth&budget_growth=6&gdp_growth=3",
}
VIEWS = {
    "111年度總覽": f"/?year={YEAR}",
    "經濟部落後的措施": f"/plan/?year={YEAR}&ministry=moea&light=behind",
}


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
                pages[picture.who] = enter(browser, options.address.rstrip("/"), picture.who)
            take(pages[picture.who], picture)
            print(picture.name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
