"""A form that loses no word: it saves itself, survives a lost connection and an expired session,
and two who fill the same one see each other.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from plan.actions import indicators
from plan.enums import Accumulation, Direction, IndicatorKind
from tests.journeys.conftest import YEAR
from tracking.models import ProgressReport, TypedCopy

pytestmark = pytest.mark.postgres
WORK = f"{YEAR}年做了什麼"
SAVED = re.compile(r"^已儲存 \d\d:\d\d，第\d+版$")


def address(story) -> str:
    return f"/reports/{story.report.pk}/edit/"


def open_form(page: Page, story) -> Page:
    page.goto(address(story))
    return page


def state(page: Page):
    return page.locator("#save-state")


def saved(story) -> ProgressReport:
    return ProgressReport.objects.get(pk=story.report.pk)


def test_what_is_typed_is_saved_without_a_button_and_there_after_a_reload(story, sign_in):
    page = open_form(sign_in(story.officer), story)
    page.get_by_label(WORK).fill("邊打邊存的字。")
    expect(state(page)).to_have_text("尚未儲存")
    expect(state(page)).to_have_text(SAVED)
    assert saved(story).work_done == "邊打邊存的字。"
    # Leaving the field changes nothing, nor does typing back to what is saved.
    page.get_by_label(WORK).blur()
    expect(state(page)).to_have_text(SAVED)
    page.get_by_label(WORK).fill("別的字。")
    expect(state(page)).to_have_text("尚未儲存")
    page.get_by_label(WORK).fill("邊打邊存的字。")
    expect(state(page)).to_have_text(SAVED)

    # A number that can't be read yet is no reason to lose it, nor the rest.
    page.get_by_label("帶來什麼改變").fill("停機時間少了一成。")
    page.get_by_label("累計完成度").fill("四成")
    expect(state(page)).to_contain_text("累計完成度要改才能存進報告")
    page.reload()
    expect(page.get_by_label(WORK)).to_have_value("邊打邊存的字。")
    expect(page.get_by_label("帶來什麼改變")).to_have_value("停機時間少了一成。")
    page.get_by_role("link", name="接著填這份").click()
    expect(page.get_by_label("累計完成度")).to_have_value("四成")
    page.get_by_label("累計完成度").fill("40")
    expect(state(page)).to_have_text(SAVED)
    assert saved(story).completion == 40
    assert not TypedCopy.objects.exists()
    # The counter counts as the server does: line breaks once, rare characters once, no end blanks.
    page.get_by_label(WORK).fill("𡍼" * 2001)
    expect(page.locator("#id_work_done_count")).to_have_text("2,001／2,000")
    page.get_by_label(WORK).fill("𡍼字\n\n完\u3000\n")
    expect(page.locator("#id_work_done_count")).to_have_text("5／2,000")


def test_the_parts_of_an_indicator_are_added_up_while_they_are_typed(story, sign_in):
    row = indicators.propose(
        story.measure, story.report.ministry, by=story.officer.user,
        targets={YEAR: {"value": 20}}, name="受訓人次", unit="人次", kind=IndicatorKind.COUNT,
        accumulation=Accumulation.YEARLY, direction=Direction.HIGHER,
        dimension="性別", parts=["女", "男"],
    )  # fmt: skip
    indicators.approve(row, by=story.reviewer.user)
    page = open_form(sign_in(story.officer), story)
    told = page.get_by_role("status").filter(has_text="分項合計")
    expect(told).to_have_text("分項合計要等於總數。")
    women, men = (page.get_by_label(f"受訓人次，{YEAR}年實績，{name}") for name in ("女", "男"))
    women.fill("12.1")
    expect(told).to_have_text("分項合計12.1，總數還沒填。")
    page.get_by_label(f"受訓人次，{YEAR}年實績", exact=True).fill("1,020")
    expect(told).to_have_text("分項合計12.1，比總數少1,007.9。")
    men.fill("１，００８")
    expect(told).to_have_text("分項合計1,020.1，比總數多0.1。")
    women.fill("12")
    expect(told).to_have_text("分項合計1,020，等於總數。")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(told).to_have_text("分項合計1,020，等於總數。")


def test_a_lost_connection_keeps_what_is_typed(story, sign_in):
    page = open_form(sign_in(story.officer), story)
    page.context.set_offline(True)
    page.get_by_label(WORK).fill("斷線時打的字。")
    expect(state(page)).to_have_text("連不上，文字留在這台電腦")
    # A button leads nowhere without a connection; the page and its text stay.
    page.get_by_role("button", name="先存草稿").click()
    expect(state(page)).to_have_text("連不上，文字留在這台電腦")
    expect(page.get_by_label(WORK)).to_have_value("斷線時打的字。")
    page.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    assert saved(story).work_done == "斷線時打的字。"

    # The browser is closed before the connection is back: the machine still has it.
    page.context.set_offline(True)
    page.get_by_label(WORK).fill("關掉以前打的字。")
    expect(state(page)).to_have_text("連不上，文字留在這台電腦")
    again = page.context.new_page()
    page.close()
    page.context.set_offline(False)
    open_form(again, story)
    expect(again.get_by_label(WORK)).to_have_value("斷線時打的字。")
    offer = again.get_by_role("region", name=re.compile("打的字還沒有存進報告"))
    offer.get_by_text("看不同的1個欄位").click()
    expect(offer.locator("ins")).to_have_text(["關掉以前", "斷線時"])
    offer.get_by_role("link", name="接著填這份").click()
    expect(again.get_by_label(WORK)).to_have_value("關掉以前打的字。")
    expect(state(again)).to_have_text(SAVED)
    assert saved(story).work_done == "關掉以前打的字。"


def test_an_expired_session_keeps_what_is_typed_for_its_writer_only(story, sign_in):
    page = open_form(sign_in(story.officer), story)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label(WORK).fill("登入過期後打的字。")
    # Leaving the field asks for its characters; the sign-in page is no answer to that.
    with page.expect_event("requestfailed", lambda one: one.url.endswith("/glyphs/")):
        page.get_by_label(WORK).blur()
    expect(page.locator("[data-lacking]")).to_have_count(0)
    expect(state(page)).to_contain_text("登入已經結束，文字留在這台電腦。")
    page.get_by_role("link", name="再登入一次接著填").click()
    page.get_by_label("電子郵件").fill(story.officer.user.email)
    page.get_by_label("密碼").fill(story.officer.password)
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.get_by_role("link", name="接著填這份").click()
    expect(page.get_by_label(WORK)).to_have_value("登入過期後打的字。")
    expect(state(page)).to_have_text(SAVED)
    assert saved(story).work_done == "登入過期後打的字。"

    # What could not be sent leaves the machine with its writer.
    page.context.set_offline(True)
    page.get_by_label(WORK).fill("下一個人不該看到的字。")
    expect(state(page)).to_have_text("連不上，文字留在這台電腦")
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
    assert page.evaluate(kept) == 1
    page.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    page.evaluate(
        "localStorage.setItem('draft:0:1:x', JSON.stringify({ at: Date.now(), data: [] }))"
    )
    page.reload()
    assert page.evaluate(kept) == 0
    page.evaluate(
        f"localStorage.setItem('draft:{story.officer.user.pk}:1:x',"
        " JSON.stringify({ at: Date.now(), data: [] }))"
    )
    page.get_by_role("button", name="登出").click()
    expect(page.get_by_role("link", name="登入")).to_be_visible()
    assert page.evaluate(kept) == 0


def test_an_expired_session_without_a_script(story, sign_in):
    page = open_form(sign_in(story.officer, javascript=False), story)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label(WORK).fill("沒有指令碼也不會丟。")
    page.get_by_role("button", name="先存草稿").click()
    page.get_by_label("電子郵件").fill(story.officer.user.email)
    page.get_by_label("密碼").fill(story.officer.password)
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.get_by_role("link", name="接著填這份").click()
    expect(page.get_by_label(WORK)).to_have_value("沒有指令碼也不會丟。")
    page.get_by_role("button", name="先存草稿").click()
    expect(page.get_by_text("已儲存，第", exact=False).first).to_be_visible()
    assert saved(story).work_done == "沒有指令碼也不會丟。"


def test_two_editors_see_each_other_and_choose_word_by_word(story, sign_in):
    first = open_form(sign_in(story.officer), story)
    second = open_form(sign_in(story.colleague), story)
    expect(second.get_by_text("officer也開著這件在填")).to_be_visible()
    first.get_by_label(WORK).fill("完成六座風機的檢測。")
    expect(state(first)).to_have_text(SAVED)

    second.get_by_label(WORK).fill("完成八座風機的檢測。")
    expect(state(second)).to_contain_text("officer先存了第")
    # The keyboard alone: save, choose, save.
    second.keyboard.press("Control+s")
    work = second.get_by_role("region", name=re.compile("做了什麼"))
    expect(work.locator("ins")).to_have_text(["八", "六"])
    work.get_by_label("用我的").focus()
    second.keyboard.press("Space")
    second.keyboard.press("Enter")
    expect(second.get_by_label(WORK)).to_have_value("完成八座風機的檢測。")
    assert saved(story).work_done == "完成八座風機的檢測。"
    assert not TypedCopy.objects.exists()

    # The first one hears of it; the page asks every 20 seconds, here at once.
    first.evaluate(
        "htmx.ajax('POST', document.querySelector('.others').getAttribute('hx-post'),"
        " { source: '.others', target: '.others' })"
    )
    expect(first.get_by_text("colleague也開著這件在填")).to_be_visible()
    expect(first.get_by_text(re.compile(r"colleague在\d\d:\d\d存了第\d+版"))).to_be_visible()
