"""The steps of a review's journey: what each person does on the pages, and what they then see."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from email.header import decode_header, make_header
from urllib.parse import quote

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from ministries.models import User
from tests.journeys.conftest import Person
from tests.world import LATE, PASSWORD

YEARS = range(110, 114)
LIN = ("lin@example.test", "林教授", "某大學資訊工程學系")
# 科學部 leads 1.1.2.1.
WANG = ("wang@example.test", "王主任", "科學部資料中心")
TITLE = "小計畫期末成果評估"
# 乙部 leads it alone and fell behind: 55 points in the last year, below the threshold of 60.
MEASURE, NAME = "2.1.1.1", "試辦智慧巡檢"
FINDING = "全計畫達成度73.8%（部分達成），1項措施低於門檻60%"
CRITERIA = ("相關性", "有效性", "效率", "一致性", "附加價值")

TOO_SMALL = "巡檢只試辦一場，看不出是否省下人力。"
TOO_SLOW = "流標兩次以後才改採購方式，晚了一年。"
SHARED = "資料目錄完整，各部會都查得到。"
REPLY = "已改用共同供應契約，明年試辦四場並比較工時。"
CONCLUSION = "試辦規模不足以判斷成效，應在下一期擴大並比較工時。"
COMMENT = "請把流標的原因寫進結論。"
ANSWER = "原因已列在各年報告的引用，不另加段。"
MINUTES = "乙部說明採購改採共同供應契約，與會同意擴大試辦。"
RESOLUTION = "乙部應在明年六月底以前完成四場試辦，並提出工時比較。"
FILED, ANSWERED = "科會前字第1140000123號", "院臺科字第1140000456號"
APPROVED = "院臺科字第1150000789號"
NEW_NAME = "擴大試辦智慧巡檢"
REASON = "試辦一場看不出成效，依評估結論擴大。"


# --- the road -------------------------------------------------------------------------------------
def begin(page: Page) -> None:
    page.get_by_role("navigation", name="主選單").get_by_role("link", name="評估").click()
    page.get_by_role("link", name="開始一份成果評估").click()
    page.get_by_label("種類").select_option(label="期末成果評估")
    page.get_by_label("名稱").fill(TITLE)
    page.get_by_label("起始年度").fill(str(YEARS[0]))
    page.get_by_label("結束年度").fill(str(YEARS[-1]))
    press(page, "開始這份評估")
    expect(page.get_by_text(f"已開始「{TITLE}」。")).to_be_visible()


def compile_first(page: Page) -> None:
    """The worker compiles; the page follows by itself and ends with the numbers."""
    press(page, "編製第一版")
    expect(page.get_by_role("heading", level=1)).to_have_text(FINDING, timeout=30_000)
    expect(page.get_by_text("應交的報告都已接受。")).to_be_visible()
    worst = page.get_by_role("region", name="低於門檻的措施").get_by_role("row", name=MEASURE)
    expect(worst).to_contain_text("55.0")


def compile_without_script(page: Page) -> None:
    """The link on the job asks how far it is, and leads back."""
    press(page, "編製第一版")
    again = page.get_by_role("link", name="更新進度")
    for _turn in range(100):
        if not again.count():
            break
        again.click()
        page.get_by_role("link", name="回到原來的頁面").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FINDING)


def invited(
    page: Page, review: str, mail_server, live, email: str, name: str, affiliation: str
) -> str:
    """The link in the mail that the invitation sent."""
    page.goto(f"{review}experts/")
    page.get_by_role("link", name="邀請一位專家").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("電子郵件").fill(email)
    page.get_by_label("任職機關（構）").fill(affiliation)
    press(page, "寄出邀請")
    expect(page.get_by_role("row", name=name)).to_contain_text("還沒接受")
    mail = mail_to(mail_server, email)
    assert str(make_header(decode_header(mail["Subject"]))) == f"邀請您擔任評估專家：{TITLE}"
    link = re.search(r"https?://\S+", mail.get_payload(decode=True).decode()).group()
    assert link.startswith(f"{live.url}/invitations/")
    return link


def accept_invitation(page: Page, link: str) -> Page:
    """An account of the own, no interests; the link opens nothing a second time."""
    page.goto(link)
    page.get_by_label("密碼", exact=True).fill(PASSWORD)
    page.get_by_label("再輸入一次密碼").fill(PASSWORD)
    press(page, "建立帳號並接受邀請")
    page.get_by_label("我和要評估的項目、主辦與協辦部會都沒有利害關係").check()
    press(page, "送出聲明，打開卷宗")
    expect(page.get_by_role("heading", level=1)).to_have_text("還沒有請您評估的措施")
    assert page.request.get(link).status == 404
    return page


def assign_and_recuse(page: Page, review: str) -> None:
    """Both get the sub-goal 2.1 and the measure 1.1.2.1, which the second one must not judge."""
    page.goto(f"{review}experts/")
    for name in (LIN[1], WANG[1]):
        for scope in ("2.1", "1.1.2.1"):
            choose(page.get_by_label("專家", exact=True), name)
            choose(page.get_by_label("子目標或措施"), f"{scope} ")
            press(page, "請這位專家評估")
    recusal = page.get_by_role("region", name="等你決定的迴避")
    expect(recusal).to_contain_text("任職機關（構）「科學部資料中心」與主辦的科學部有關。")
    recusal.get_by_label("決定的理由").fill("任職的中心由主辦機關設立。")
    press(recusal, "要迴避")
    decided = page.get_by_role("region", name="決定過的迴避").get_by_role("row", name=WANG[1])
    expect(decided).to_contain_text("任職的中心由主辦機關設立。")
    expect(page.get_by_role("row", name="1.1.2.1").last).to_contain_text(LIN[1])


def assess(first: Page, second: Page, review: str) -> None:
    """What the first one typed is there again after a reload, without a button pressed."""
    first.goto(f"{review}dossier/")
    expect(first.get_by_role("heading", level=1)).to_have_text("2項措施，還有2項等您的意見")
    first.get_by_role("link", name=NAME).click()
    score(first, 3)
    with first.expect_response(lambda answer: quote(TOO_SMALL) in (answer.request.post_data or "")):
        first.get_by_label("意見", exact=True).fill(TOO_SMALL)
    expect(first.get_by_text("已儲存，第").first).to_be_visible()
    first.reload()
    expect(first.get_by_label("意見", exact=True)).to_have_value(TOO_SMALL)
    expect(first.get_by_role("group", name="效率").get_by_label("3　中等")).to_be_checked()
    press(first, "送出這份意見")
    first.goto(f"{review}opinions/1.1.2.1/")
    score(first, 5)
    # Handed in while what was typed is on its way to be saved.
    with first.expect_request(lambda asked: quote(SHARED) in (asked.post_data or "")):
        first.get_by_label("意見", exact=True).fill(SHARED)
    press(first, "送出這份意見")
    expect(first.get_by_role("heading", level=1)).to_have_text("請您評估的措施都完成了")

    second.goto(f"{review}dossier/")
    expect(second.get_by_role("heading", level=1)).to_have_text("2項措施，還有1項等您的意見")
    expect(second.get_by_role("row", name="1.1.2.1")).to_contain_text("迴避，不必評估")
    second.get_by_role("link", name=NAME).click()
    expect(second.get_by_text(TOO_SMALL)).to_have_count(0)
    score(second, 2)
    second.get_by_label("意見", exact=True).fill(TOO_SLOW)
    press(second, "送出這份意見")
    second.get_by_role("link", name=NAME).click()
    expect(second.get_by_text(TOO_SMALL)).to_be_visible()


def send_and_reply(reviewer: Page, officer: Page, review: str) -> None:
    """Ministries read opinions once they are sent, without the experts' names."""
    reviewer.goto(f"{review}opinions/")
    press(reviewer, "把3份意見送給相關部會")
    officer.goto(f"{review}opinions/")
    expect(officer.get_by_text(TOO_SMALL)).to_be_visible()
    expect(officer.get_by_text(LIN[1])).to_have_count(0)
    opinion = officer.locator(".rp").filter(has_text=TOO_SMALL)
    opinion.get_by_label("部會回復").fill(REPLY)
    press(opinion, "存下這份回復")
    reviewer.goto(f"{review}experts/")
    reviewer.goto(f"{review}opinions/")
    expect(reviewer.get_by_text(REPLY)).to_be_visible()


def hold_meeting(page: Page, review: str) -> None:
    """Called from what is below the threshold; held with minutes; one resolution."""
    page.goto(f"{review}coordination/")
    agenda = page.get_by_role("region", name="建議議程")
    expect(agenda.get_by_role("checkbox")).to_have_count(4)
    for box in agenda.get_by_role("checkbox").all():
        box.uncheck()
    agenda.get_by_role("checkbox", name=re.compile(f"{MEASURE} {NAME}")).check()
    page.get_by_label("會議名稱").fill("智慧巡檢協調會議")
    fill_date(page, "日期", timezone.localdate())
    page.get_by_label("地點").fill("第一會議室")
    page.get_by_label("主席").fill("陳副主任委員")
    press(page, "用勾選的議題召集會議")
    page.get_by_label("乙部出席", exact=True).select_option(label="出席")
    page.get_by_label("乙部出席人員").fill("李處長")
    page.get_by_label(f"{MEASURE}的討論").fill("採購方式與試辦規模。")
    page.get_by_role("textbox", name="會議紀錄").fill(MINUTES)
    press(page, "存下出席、討論與紀錄")
    press(page, "列為已召開")
    page.get_by_role("combobox", name="議題").select_option(label=f"{MEASURE} {NAME}")
    page.get_by_role("textbox", name="決議").fill(RESOLUTION)
    page.get_by_role("combobox", name="主辦部會").select_option(label="乙部")
    fill_date(page, "期限", timezone.localdate() + timedelta(days=180))
    press(page, "登錄這項決議")
    expect(
        page.get_by_role("region", name="決議").get_by_role("row", name=RESOLUTION)
    ).to_contain_text("乙部")


def on_the_desk(officer: Page) -> None:
    """The owner finds the resolution among its own work."""
    officer.goto("/desk/")
    row = officer.get_by_role("row", name=RESOLUTION)
    expect(row).to_contain_text(MEASURE)
    row.get_by_role("link").first.click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text(NAME)


def synthesize(page: Page, review: str) -> None:
    """Prefilled, one reworded, its citation followed to the frozen line, all of them ready."""
    page.goto(review)
    press(page, "結束專家評估，開始綜整")
    page.goto(f"{review}synthesis/")
    press(page, "以第1版預填12則結論")
    expect(page.get_by_role("heading", level=1)).to_have_text("12則結論都還是草稿")
    page.get_by_role("link", name=f"改寫 {MEASURE}", exact=True).click()
    page.get_by_role("textbox", name="第1段").fill(CONCLUSION)
    press(page, "儲存草稿")
    expect(page.get_by_text(CONCLUSION)).to_be_visible()
    page.goto(f"{review}conclusions/measure/{MEASURE}/")
    page.get_by_role("region", name="根據").get_by_role("link", name="113年度").first.click()
    expect(page.get_by_text(LATE["work_done"])).to_be_visible()
    page.goto(f"{review}synthesis/")
    for box in page.get_by_role("checkbox", name="選取").all():
        box.check()
    press(page, "寫定選取的結論")
    expect(page.get_by_role("heading", level=1)).to_have_text("12則結論都寫定了")


def ask_for_comments(page: Page, review: str) -> None:
    page.goto(review)
    expect(page.get_by_text("還沒有定部會意見期限")).to_be_visible()
    page.goto(f"{review}settings/")
    fill_date(page, "部會意見期限", timezone.localdate() + timedelta(days=14))
    press(page, "儲存設定")
    page.goto(review)
    press(page, "請各部會表示意見")


def comment_and_answer(reviewer: Page, officer: Page, others: list[Page], review: str) -> None:
    """One ministry comments, the others have nothing to say; the comment is answered."""
    officer.goto(review)
    officer.get_by_role("link", name="看結論，表示意見").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text(
        "10則結論與乙部有關，已對0則表示意見"
    )
    officer.get_by_role("link", name=NAME).click()
    expect(officer.get_by_text(CONCLUSION)).to_be_visible()
    officer.get_by_label("乙部的意見").fill(COMMENT)
    press(officer, "送出乙部的意見")
    officer.goto(f"{review}comments/")
    press(officer, "乙部沒有其他意見")
    for page, name in zip(others, ("甲部", "科學部"), strict=True):
        page.goto(f"{review}comments/")
        press(page, f"{name}沒有意見")
    reviewer.goto(review)
    expect(reviewer.get_by_text("還有1則部會意見沒有處理情形。")).to_be_visible()
    reviewer.goto(f"{review}comments/")
    reviewer.get_by_role("textbox", name="處理情形").fill(ANSWER)
    press(reviewer, "存下對乙部的處理情形")
    expect(reviewer.get_by_role("heading", level=1)).to_have_text("1則部會意見都處理了")


def make_documents(page: Page, review: str) -> None:
    """The worker makes the main volume as ODT and PDF; both say what was concluded."""
    page.goto(f"{review}documents/")
    files = {}
    for form in ("ODT", "PDF"):
        press(page, f"製作主冊的{form}")
        made = page.get_by_role("link", name=re.compile(rf"-main\.{form.lower()}$"))
        expect(made).to_be_visible(timeout=30_000)
        files[form] = io.BytesIO(page.request.get(made.get_attribute("href")).body())
    pdf = "".join(sheet.extract_text() for sheet in PdfReader(files["PDF"]).pages)
    with zipfile.ZipFile(files["ODT"]) as odt:
        for text in (pdf, odt.read("content.xml").decode()):
            for told in (CONCLUSION, RESOLUTION):
                assert told in text.replace("\n", "")


def file_and_publish(collator: Page, visitor: Page, review: str) -> None:
    """Filed for reference, answered, published; nobody reads it before."""
    collator.goto(f"{review}filing/")
    collator.get_by_label("備查").check()
    collator.get_by_label("發文字號").fill(FILED)
    fill_date(collator, "發文日期", timezone.localdate())
    collator.get_by_label("受文者").fill("行政院")
    press(collator, "登錄第1版已函送")
    expect(collator.get_by_text(f"已登錄{FILED}。")).to_be_visible()
    collator.get_by_label("復文字號").fill(ANSWERED)
    fill_date(collator, "復文日期", timezone.localdate())
    press(collator, "登錄復文")
    assert visitor.goto(review).status == 404
    fill_date(collator, "公布日期", timezone.localdate())
    press(collator, "定下公布日期")
    expect(collator.get_by_text(ANSWERED).first).to_be_visible()


def shown_to_everybody(visitor: Page, review: str) -> None:
    visitor.goto("/")
    visitor.get_by_role("navigation", name="主選單").get_by_role("link", name="評估").click()
    visitor.get_by_role("link", name=TITLE).click()
    main = visitor.get_by_role("main")
    expect(visitor.get_by_role("heading", level=1)).to_have_text(FINDING)
    expect(main).to_contain_text(FILED)
    visitor.locator("summary").filter(has_text=f"：{MEASURE}").click()
    expect(visitor.get_by_text(CONCLUSION)).to_be_visible()
    for text in (LIN[1], WANG[1], COMMENT):
        expect(main).not_to_contain_text(text)


def revise(collator: Page, reviewer: Page, review: str) -> None:
    """A draft version opens from the review; one measure is reworded; a reviewer approves."""
    collator.goto(review)
    collator.get_by_role("link", name="滾動修正").last.click()
    press(collator, "開啟修正草案")
    collator.get_by_role("link", name=NAME, exact=True).click()
    tool = collator.get_by_role("region", name="修改文字", exact=True)
    tool.locator("summary").click()
    tool.get_by_label("名稱", exact=True).fill(NEW_NAME)
    tool.get_by_label("緣由").select_option("review")
    tool.get_by_label("理由").fill(REASON)
    tool.get_by_label("依據").fill(f"{FILED}評估結論")
    press(tool, "寫入草案：修改文字")
    expect(collator.get_by_role("heading", level=1)).to_contain_text("第2版草案有1項修正")
    reviewer.goto(collator.url)
    reviewer.get_by_role("link", name="登錄核定").click()
    reviewer.get_by_label("核定文號").fill(APPROVED)
    today = timezone.localdate()
    for label, number in (("民國年", today.year - 1911), ("月", today.month), ("日", today.day)):
        reviewer.get_by_label(label, exact=True).fill(str(number))
    reviewer.get_by_label("移到新版本的同一項措施", exact=False).check()
    press(reviewer, "登錄核定，取代現行版本")
    expect(reviewer.get_by_text("已核定並生效。")).to_be_visible()


def traced(page: Page, review: str) -> None:
    """One line from the finding to the revision, on the page and in the table to take away."""
    page.goto(f"{review}trace/")
    line = page.get_by_role("row").filter(has_text=f"{MEASURE} {NAME}")
    for text in (
        "達成度55.0%，門檻60%",
        TOO_SMALL,
        REPLY,
        COMMENT,
        ANSWER,
        "智慧巡檢協調會議",
        RESOLUTION,
        "第2版 修改文字",
        REASON,
    ):
        expect(line).to_contain_text(text)
    table = page.request.get(f"{review}trace.csv").body().decode("utf-8-sig")
    (found,) = [row for row in csv.reader(io.StringIO(table)) if row[1] == MEASURE]
    for text in (REPLY, RESOLUTION, REASON):
        assert text in "".join(found)


# --- small ways -----------------------------------------------------------------------------------
def person(user: User) -> Person:
    return Person(user, PASSWORD, first=False)


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def choose(select: Locator, beginning: str) -> None:
    """The option whose text begins so."""
    option = select.locator("option").filter(has_text=re.compile(rf"^\s*{re.escape(beginning)}"))
    select.select_option(value=option.first.get_attribute("value"))


def score(page: Page, points: int) -> None:
    for name in CRITERIA:
        page.get_by_role("group", name=name).locator(f'input[value="{points}"]').check()


def fill_date(where: Page, name: str, day: date) -> None:
    group = where.get_by_role("group", name=name, exact=True)
    for label, number in (("民國年", day.year - 1911), ("月", day.month), ("日", day.day)):
        group.get_by_label(label, exact=True).fill(str(number))


def mail_to(mail_server, email: str):
    """The last mail to this address, once it arrived."""
    for count in range(1, 500):
        mails = mail_server.wait_for(count)
        if mails[-1]["To"] == email:
            return mails[-1]
    raise AssertionError(f"no mail to {email}")
