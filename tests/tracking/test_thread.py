"""The thread of a report: who says, reads and is mailed what; and everything in one list."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from config.kit import roc
from config.kit.errors import Invalid, NotAllowed
from ministries.models import AuditEvent
from tests.tracking.pages import fields
from tests.tracking.test_pages_lists import queries
from tests.world import grant, join, make_user
from tracking.actions import corrections, extensions, lights
from tracking.actions import reports as actions
from tracking.actions.messages import send_message
from tracking.enums import Light, Part, Status
from tracking.models import CannedReason, Message, Notice
from tracking.timeline import timeline


def told(message: Message) -> set[str]:
    return set(
        Notice.objects.filter(key=f"message:{message.pk}").values_list("recipient__name", flat=True)
    )


def kinds(report, user) -> list[str]:
    return [entry.kind for entry in timeline(report, user)]


def set_light(world, report, light: str) -> None:
    lights.set_light(
        report.measure,
        report.reporting_year,
        light=light,
        reason="場次不足。",
        by=world.reviewer,
    )


# --- messages -------------------------------------------------------------------------------------
def test_a_question_goes_to_the_ministry_and_the_answer_to_who_asked(world, report):
    second = make_user("reviewer_2")
    grant(second, "reviewer")
    report = world.bring(report, Status.UNDER_REVIEW)
    question = send_message(report, text="  人次怎麼算？ ", by=world.reviewer)
    assert (question.text, question.side) == ("人次怎麼算？", "science")
    assert told(question) == {"officer_a", "window_a"}
    answer = send_message(report, text="含線上課程。", by=world.officer_a)
    assert answer.side == "ministry"
    # Who took the report up, not every reviewer; and the window is told by its own officer.
    assert told(answer) == {"reviewer"}
    mail = Notice.objects.get(key=f"message:{answer.pk}", recipient=world.reviewer)
    assert mail.kind == "message" and "含線上課程。" in mail.body
    assert f"/reports/{report.pk}/#h-thread" in mail.body


def test_while_nobody_took_it_up_every_reviewer_is_asked(world, report):
    second = make_user("reviewer_2")
    grant(second, "reviewer")
    asked = send_message(report, text="可以用計畫書的數字嗎？", by=world.officer_a)
    assert told(asked) == {"reviewer", "reviewer_2"}


def test_who_spoke_in_the_thread_is_told_of_both_sides(world, report):
    report = world.bring(report, Status.UNDER_REVIEW)
    send_message(report, text="第一問", by=world.collator)
    follow = send_message(report, text="第二問", by=world.reviewer)
    assert told(follow) == {"officer_a", "window_a", "collator"}
    send_message(report, text="窗口的話", by=world.window_a)
    again = send_message(report, text="承辦的話", by=world.officer_a)
    assert told(again) == {"reviewer", "collator", "window_a"}


def test_others_say_nothing(world, report):
    for person in (world.officer_b, world.viewer_a, world.administrator, world.expert):
        with pytest.raises(NotAllowed):
            send_message(report, text="我也要說", by=person)
    assert not Message.objects.exists() and not Notice.objects.exists()


def test_a_message_has_words_and_an_end(world, report):
    for text in ("", "  \n", "字" * 2001):
        with pytest.raises(Invalid) as refusal:
            send_message(report, text=text, by=world.officer_a)
        assert list(refusal.value.errors) == ["text"]


def test_a_second_press_of_the_button_says_nothing_new(world, report):
    first = send_message(report, text="同一句話", by=world.officer_a)
    assert send_message(report, text="同一句話 ", by=world.officer_a) == first
    send_message(report, text="另一句話", by=world.officer_a)
    assert send_message(report, text="同一句話", by=world.officer_a) != first


def test_a_message_is_never_changed(world, report):
    message = send_message(report, text="就這樣", by=world.officer_a)
    message.text = "改了"
    for change in (
        message.save,
        message.delete,
        Message.objects.all().delete,
        lambda: Message.objects.update(text="改了"),
    ):
        with pytest.raises(TypeError):
            change()
    with pytest.raises((ProtectedError, ValidationError)), transaction.atomic():
        world.officer_a.delete()
    assert Message.objects.get().text == "就這樣"


def test_the_log_says_that_something_was_said_but_not_what(world, report):
    send_message(report, text="內容不進稽核紀錄", by=world.officer_a)
    event = AuditEvent.objects.get(verb="message.send")
    assert (event.actor, event.ministry) == (world.officer_a.email, "alpha")
    assert "內容不進稽核紀錄" not in str(event.after)


@pytest.mark.parametrize(
    ("person", "reads"),
    [
        ("officer_a", True), ("window_a", True), ("viewer_a", True), ("reviewer", True),
        ("collator", True), ("officer_b", False), ("expert", False), ("administrator", False),
    ],
)  # fmt: skip
def test_both_sides_read_it_and_nobody_else(world, report, as_user, person, reads):
    report = world.bring(report, Status.UNDER_REVIEW)
    send_message(report, text="只有兩邊看得到的話", by=world.reviewer)
    actions.accept(report, seen_version=report.version, by=world.reviewer)
    page = as_user(world.people[person]).get(reverse("report", args=[report.pk]))
    assert page.status_code == 200
    assert ("只有兩邊看得到的話" in page.content.decode()) is reads
    assert Message.objects.visible_to(world.people[person]).exists() is reads


def test_a_message_from_the_report_page(world, report, as_user):
    page, send = reverse("report", args=[report.pk]), reverse("report-message", args=[report.pk])
    officer = as_user(world.officer_a)
    assert fields(officer.get(page), send) == {"message": ""}
    refused = officer.post(send, {"message": " "})
    assert refused.status_code == 422
    assert '<a href="#id_message">留言：寫下要說的話。</a>' in refused.content.decode()
    long = "長" * 2001
    refused = officer.post(send, {"message": long})
    assert refused.status_code == 422 and fields(refused, send)["message"] == long
    answer = officer.post(send, {"message": "第一行\r\n第二行"})
    assert answer.url == page + "#h-thread"
    assert Message.objects.get().text == "第一行\n第二行"
    assert "第一行" in officer.get(page).content.decode()
    # Another ministry reads the accepted report, and neither sees the box nor may post.
    report = world.bring(report, Status.ACCEPTED)
    other = as_user(world.officer_b)
    assert fields(other.get(page), send) == {}
    assert other.post(send, {"message": "插話"}).status_code == 403


def test_a_message_from_the_review_keeps_what_was_decided(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    browser = as_user(world.reviewer)
    data = fields(browser.get(url), url) | {
        "do": "message",
        "message": "先問一句",
        "decision_money": "return",
        "reason_money": "打了一半",
        "correction_due_on_0": "112",
    }
    answer = browser.post(url, data)
    assert answer.status_code == 200
    kept = fields(answer, url)
    assert (kept["decision_money"], kept["reason_money"]) == ("return", "打了一半")
    assert kept["correction_due_on_0"] == "112"
    assert Message.objects.get().text == "先問一句"
    # Empty: told at the box, and still nothing is lost or decided.
    refused = browser.post(url, data | {"message": ""})
    assert refused.status_code == 422
    assert '<a href="#id_message">留言：寫下要說的話。</a>' in refused.content.decode()
    assert fields(refused, url)["reason_money"] == "打了一半"
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW
    # With nothing decided the page is fetched anew.
    alone = browser.post(url, {"seen_version": report.version, "do": "message", "message": "再問"})
    assert alone.url == url + "#h-thread"


# --- everything in one list -----------------------------------------------------------------------
def test_all_that_befell_a_report_stands_in_one_list(world, report):
    report = world.bring(report, Status.RETURNED)
    send_message(report, text="請看退回的理由。", by=world.reviewer)
    for light in (Light.BEHIND, Light.FAR_BEHIND):
        lights.set_light(
            report.measure,
            report.reporting_year,
            light=light,
            reason="場次不足。",
            by=world.reviewer,
        )
    lights.clear_light(report.measure, report.reporting_year, by=world.reviewer)
    found = timeline(report, world.officer_a)
    assert [entry.at for entry in found] == sorted((one.at for one in found), reverse=True)
    words = [entry.what for entry in found if entry.kind != "receipt"]
    assert words == [
        "取消審定燈號",
        "審定燈號「嚴重落後」",
        "審定燈號「落後」",
        "留言（國科會）",
        "退回補正",
        "開始審查",
        "核可並送國科會",
        "送出請窗口核可",
    ]
    back = next(entry for entry in found if entry.what == "退回補正")
    assert back.notes == [("退回「執行情形」", "請寫出人次。")]
    assert all(entry.who.name for entry in found)


def test_the_light_of_another_year_is_not_in_it(world, report):
    lights.set_light(
        report.measure,
        report.reporting_year,
        light="behind",
        reason="場次不足。",
        by=world.reviewer,
    )
    AuditEvent.objects.create(
        verb="light.set",
        actor="x@example.test",
        target=f"plan.measure:{report.measure_id}",
        after={"year": 110, "light": "ahead", "reason": "別的年度"},
    )
    assert kinds(report, world.officer_a) == ["light"]


def test_who_may_not_see_the_history_gets_an_empty_list(world, report):
    report = world.bring(report, Status.ACCEPTED)
    assert timeline(report, world.officer_b) == []
    send_message(report, text="話", by=world.reviewer)
    assert "message" not in kinds(report, world.administrator)
    assert "message" in kinds(report, world.collator)


def test_each_sign_off_leads_to_what_was_sent_then(world, report, as_user):
    report = world.bring(report, Status.RETURNED, work_done="第一次送出的話。")
    first = reverse("report-sent", args=[report.pk, 1])
    officer = as_user(world.officer_a)
    assert first in officer.get(reverse("report", args=[report.pk])).content.decode()
    actions.save_draft(
        report,
        seen_version=report.version,
        by=world.officer_a,
        fields={"work_done": "補正中的話。"},
    )
    for person in (world.officer_a, world.reviewer):
        page = as_user(person).get(first).content.decode()
        assert "第一次送出的話。" in page and "補正中的話。" not in page
    assert officer.get(reverse("report-sent", args=[report.pk, 2])).status_code == 404
    # The lead of a measure reads a partner's report, other ministries accepted ones: not its past.
    for person in (world.officer_b, world.administrator, world.expert, None):
        assert as_user(person).get(first).status_code in (302, 404)


def test_what_was_withdrawn_is_gone(world, report, as_user):
    report = world.bring(report, Status.SUBMITTED)
    actions.withdraw(report, seen_version=report.version, by=world.officer_a)
    sent = reverse("report-sent", args=[report.pk, 1])
    officer = as_user(world.officer_a)
    assert officer.get(sent).status_code == 404
    assert sent not in officer.get(reverse("report", args=[report.pk])).content.decode()


def test_the_list_asks_as_much_for_one_as_for_many(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    send_message(report, text="一", by=world.reviewer)
    set_light(world, report, Light.BEHIND)
    browser = as_user(world.reviewer)
    pages = [reverse(name, args=[report.pk]) for name in ("report", "report-review")]
    one = [queries(browser, page) for page in pages]
    other = make_user("officer_2")
    join(other, world.alpha, "officer")
    for n, person in enumerate((other, world.collator, world.officer_a, world.reviewer)):
        send_message(report, text=f"話{n}", by=person)
    for light in (Light.AHEAD, Light.FAR_BEHIND):
        set_light(world, report, light)
    assert [queries(browser, page) for page in pages] == one


# --- reasons kept ready ---------------------------------------------------------------------------
@pytest.fixture
def ready(db) -> dict[str, CannedReason]:
    CannedReason.objects.all().delete()
    make = CannedReason.objects.create
    return {
        "money": make(part=Part.MONEY, text="請說明經費來源。", ordinal=2),
        "any": make(part="", text="請補充說明。", ordinal=1),
        "old": make(part=Part.MONEY, text="停用的理由。", active=False),
    }


def test_a_chosen_reason_is_a_reason_without_a_script(world, report, ready, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    browser = as_user(world.reviewer)
    answer = browser.get(url)
    chosen = answer.context["form"].fields["canned_money"].choices
    assert [str(text) for _pk, text in chosen] == ["自己寫", "請補充說明。", "請說明經費來源。"]
    data = fields(answer, url) | {
        "do": "rest",
        "decision_money": "return",
        "canned_money": ready["money"].pk,
        "decision_evidence": "return",
        "canned_evidence": ready["any"].pk,
        "reason_evidence": "附件打不開。",
    }
    browser.post(url, data)
    report.refresh_from_db()
    assert report.status == Status.RETURNED
    reasons = {row.part: row.reason for row in report.returns.all()}
    assert reasons == {"money": "請說明經費來源。", "evidence": "請補充說明。\n附件打不開。"}


def test_a_reason_put_into_the_text_by_the_script_stands_once(world, report, ready, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    browser = as_user(world.reviewer)
    data = fields(browser.get(url), url) | {
        "do": "rest",
        "decision_money": "return",
        "canned_money": ready["money"].pk,
        "reason_money": "請說明經費來源。並附核定函。",
    }
    browser.post(url, data)
    assert report.returns.get().reason == "請說明經費來源。並附核定函。"


@pytest.mark.parametrize("chosen", ["", "old"])
def test_no_reason_or_one_out_of_use_is_refused(world, report, ready, as_user, chosen):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    data = {"seen_version": report.version, "do": "rest", "decision_money": "return"}
    data["canned_money"] = ready[chosen].pk if chosen else ""
    answer = as_user(world.reviewer).post(url, data)
    assert answer.status_code == 422
    told_why = "這個理由剛被停用" if chosen else "寫出退回的理由"
    assert told_why in answer.content.decode()
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW


def test_administrators_keep_the_reasons_and_the_log_keeps_what_they_were(world, ready, as_user):
    row = ready["money"]
    browser = as_user(world.administrator)
    url = reverse("admin:tracking_cannedreason_change", args=[row.pk])
    browser.post(url, {"part": "money", "text": "請附核定函。", "ordinal": 5, "active": "on"})
    row.refresh_from_db()
    assert row.text == "請附核定函。"
    event = AuditEvent.objects.get(verb="admin.change", target=f"tracking.cannedreason:{row.pk}")
    assert (event.before["text"], event.after["text"]) == ("請說明經費來源。", "請附核定函。")
    assert as_user(world.reviewer).get(url).status_code == 403


# --- requests -------------------------------------------------------------------------------------
def test_requests_and_the_correction_stand_in_the_list_of_the_report(world, report, as_user):
    today = timezone.localdate()
    asked = extensions.ask(
        report.reporting_year,
        world.alpha,
        wanted_until=today + timedelta(days=40),
        reason="場地整修。",
        by=world.officer_a,
    )
    extensions.grant(
        asked, granted_until=today + timedelta(days=40), by=world.reviewer, note="同意展延。"
    )
    report = world.bring(report, Status.ACCEPTED)
    corrections.ask(report, parts=[Part.MONEY], reason="把預算數當成決算數。", by=world.officer_a)
    report.refresh_from_db()
    copy = corrections.reopen(
        report, seen_version=report.version, by=world.reviewer, note="請更正。"
    )
    message = send_message(copy, text="更正時的留言", by=world.officer_a)
    assert message.report == report
    words = [entry.what for entry in timeline(report, world.officer_a)]
    assert [entry.what for entry in timeline(copy, world.officer_a)] == words
    day = roc.format_date(today + timedelta(days=40))
    assert [one for one in words if one != "開出收據"] == [
        "留言（填報部會）",
        f"同意更正，{roc.format_date(today + timedelta(days=14))}以前",
        "申請更正「經費」",
        "接受",
        "開始審查",
        "核可並送國科會",
        "送出請窗口核可",
        f"同意展延到{day}",
        f"申請展延到{day}",
    ]
    # Others read the accepted report and learn nothing of it.
    assert timeline(report, world.officer_b) == []
