"""The form saves itself: what can be read goes into the report, the rest is kept as typed."""

from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from ministries.models import AuditEvent
from tests.tracking.pages import fields
from tests.world import PASSWORD, join, make_user
from tracking.actions import door, reports
from tracking.enums import Light, Status
from tracking.models import Presence, ProgressReport, TypedCopy


def edit_url(report) -> str:
    return reverse("report-edit", args=[report.pk])


def opened(browser, report) -> dict[str, str]:
    return fields(browser.get(edit_url(report)), edit_url(report))


def autosave(browser, report, data: dict, **typed):
    return browser.post(reverse("report-autosave", args=[report.pk]), data | typed)


@pytest.fixture
def second(world):
    user = make_user("second")
    join(user, world.alpha, "officer")
    return user


def test_what_is_whole_is_saved_and_nothing_is_left_beside(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    answer = autosave(browser, report, data, work_done="打到一半", completion="４０")
    told = answer.json()
    report.refresh_from_db()
    assert told["state"] == "saved"
    assert told["text"].startswith("已儲存 ")
    assert (report.work_done, report.completion) == ("打到一半", 40)
    assert told["seen_version"] == str(report.version)
    assert not TypedCopy.objects.exists()
    # The next one starts from what the answer said.
    data |= {"seen_version": told["seen_version"], "base": told["base"]}
    assert autosave(browser, report, data, work_done="打完了。").json()["state"] == "saved"


def test_what_can_not_be_read_is_kept_and_the_rest_is_saved(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    typed = {
        "work_done": "打了很久的字。", "completion": "四成", "completed_on_0": "111",
        "money_0_source": "基金", "money_0_allocated_thousand": "很多",
    }  # fmt: skip
    told = autosave(browser, report, data, **typed).json()
    assert told["state"] == "kept"
    assert "累計完成度" in told["text"]
    assert "經費" in told["text"]
    report.refresh_from_db()
    assert (report.work_done, report.completion) == ("打了很久的字。", None)
    assert not report.money_lines.exists()

    # Opened again, the rest is offered, with what differs, and can be gone on with.
    page = browser.get(edit_url(report))
    token = TypedCopy.objects.get().token
    assert f"?restore={token}" in page.content.decode()
    assert "四成" in page.content.decode()
    again = browser.get(f"{edit_url(report)}?restore={token}")
    back = fields(again, edit_url(report))
    assert {name: back[name] for name in typed} == typed
    assert back["copy"] == token
    # Mended and saved, nothing is left.
    mended = {
        "do": "save", "completion": "40", "completed_on_0": "",
        "money_0_allocated_thousand": "7",
    }  # fmt: skip
    assert browser.post(edit_url(report), back | mended).status_code == 302
    report.refresh_from_db()
    assert (report.completion, report.money_lines.get().allocated_thousand) == (40, 7)
    assert not TypedCopy.objects.exists()


def test_a_text_that_is_too_long_is_kept_whole(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    told = autosave(browser, report, data, work_done="字" * 2001, benefit="短的。").json()
    report.refresh_from_db()
    assert told["state"] == "kept"
    assert (report.work_done, report.benefit) == ("", "短的。")
    assert TypedCopy.objects.get().data["work_done"] == "字" * 2001


def test_blanks_at_the_ends_line_breaks_and_rare_characters_count_as_the_counter_does(
    report, officer_a, as_user
):
    browser = as_user(officer_a)
    data = opened(browser, report)
    text = "𡍼" * 1998 + "\r\n" + "字"
    told = autosave(browser, report, data, work_done=f"\u3000{text}\r\n\r\n").json()
    report.refresh_from_db()
    assert told["state"] == "saved"
    assert len(report.work_done) == 2000


def test_somebody_faster_is_told_and_loses_nothing(report, officer_a, second, as_user):
    first, other = as_user(officer_a), as_user(second)
    mine, theirs = opened(first, report), opened(other, report)
    assert autosave(other, report, theirs, work_done="對方寫的。").json()["state"] == "saved"
    told = autosave(first, report, mine, work_done="我寫的。").json()
    assert told["state"] == "conflict"
    assert "second" in told["text"]
    assert "seen_version" not in told
    report.refresh_from_db()
    assert report.work_done == "對方寫的。"
    # The button then shows both, and what is chosen leaves nothing beside the report.
    answer = first.post(edit_url(report), mine | {"do": "save", "work_done": "我寫的。"})
    assert answer.status_code == 409
    chosen = fields(answer, edit_url(report)) | {"pick-work_done": "mine"}
    assert first.post(edit_url(report), chosen).status_code == 302
    report.refresh_from_db()
    assert report.work_done == "我寫的。"
    assert not TypedCopy.objects.exists()


def test_a_report_that_went_on_keeps_what_was_typed(world, report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    world.bring(report, Status.SIGNING)
    told = autosave(browser, report, data, benefit="打到一半的效益。").json()
    assert told["state"] == "locked"
    assert "都留著" in told["text"]
    assert TypedCopy.objects.get().data["benefit"] == "打到一半的效益。"


def test_a_copy_is_its_writers_only(report, officer_a, second, window_a, officer_b, as_user):
    browser = as_user(officer_a)
    autosave(browser, report, opened(browser, report), completion="我的四成")
    assert "我的四成" not in as_user(second).get(edit_url(report)).content.decode()
    token = TypedCopy.objects.get().token
    other = as_user(second).get(f"{edit_url(report)}?restore={token}")
    assert "我的四成" not in other.content.decode()
    data = {"copy": "x", "work_done": "別人的。"}
    assert autosave(as_user(window_a), report, data).status_code == 403
    assert autosave(as_user(officer_b), report, data).status_code == 404
    assert autosave(as_user(None), report, data).status_code == 401
    assert TypedCopy.objects.count() == 1


def test_a_copy_is_dropped_when_its_writer_says_so(report, officer_a, as_user):
    browser = as_user(officer_a)
    autosave(browser, report, opened(browser, report), completion="四成")
    token = TypedCopy.objects.get().token
    answer = autosave(browser, report, opened(browser, report), discard=token)
    assert answer.url == edit_url(report)
    assert not TypedCopy.objects.exists()


def test_what_another_visit_left_on_the_machine_is_offered(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    answer = autosave(browser, report, data, do="restore", benefit="斷線時打的。")
    assert "斷線時打的。" in answer.content.decode()
    report.refresh_from_db()
    assert report.benefit == ""
    # What the report says anyway is not offered.
    reports.save_draft(
        report, seen_version=report.version, by=officer_a, fields={"benefit": "斷線時打的。"}
    )
    assert "offer-1" not in browser.get(edit_url(report)).content.decode()
    assert not TypedCopy.objects.exists()


def test_evidence_that_was_named_but_not_added_is_kept(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report) | {"evidence-title": "還沒加的佐證"}
    autosave(browser, report, data)
    assert "還沒加的佐證" in browser.get(edit_url(report)).content.decode()


def test_more_than_a_form_is_not_kept(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    assert autosave(browser, report, data, work_done="字" * 200_001).status_code == 422
    assert autosave(browser, report, data | {"copy": "x" * 33}).status_code == 422
    assert not TypedCopy.objects.exists()


def test_the_oldest_copy_makes_room(report, officer_a, as_user):
    browser = as_user(officer_a)
    for number in range(10):
        autosave(browser, report, opened(browser, report), completion=f"第{number}次")
    kept = {row.data["completion"] for row in TypedCopy.objects.all()}
    assert kept == {f"第{number}次" for number in range(2, 10)}


# --- the audit log ------------------------------------------------------------------------------
def saves_logged() -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(verb__in=("report.save", "report.autosave")).order_by("pk")
    return [(row.verb, row.actor) for row in rows]


def test_a_sitting_of_autosaves_is_one_entry(report, officer_a, as_user):
    row = report
    for text in ("一", "一二", "一二三"):
        row = reports.save_draft(
            row, seen_version=row.version, by=officer_a, fields={"work_done": text}, auto=True
        )
    assert saves_logged() == []
    row = reports.save_draft(
        row, seen_version=row.version, by=officer_a, fields={"light": Light.AHEAD}
    )
    assert saves_logged() == [
        ("report.autosave", officer_a.email),
        ("report.save", officer_a.email),
    ]
    event = AuditEvent.objects.get(verb="report.autosave")
    assert event.before == {"version": report.version, "work_done": ""}
    assert event.after == {"version": report.version + 3, "work_done": "一二三"}


def test_another_persons_autosave_is_another_entry(report, officer_a, second):
    row = reports.save_draft(
        report, seen_version=report.version, by=officer_a, fields={"work_done": "一"}, auto=True
    )
    row = reports.save_draft(
        row, seen_version=row.version, by=second, fields={"benefit": "二"}, auto=True
    )
    assert saves_logged() == [("report.autosave", officer_a.email)]
    ProgressReport.objects.update(saved_at=timezone.now() - timedelta(hours=1))
    assert (door.log_idle_autosaves(), door.log_idle_autosaves()) == (1, 0)
    assert saves_logged()[1:] == [("report.autosave", second.email)]


# --- an expired session ---------------------------------------------------------------------------
def test_what_is_posted_after_the_session_ran_out_waits_for_its_writer(report, officer_a, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    browser.cookies.clear()
    answer = browser.post(edit_url(report), data | {"do": "save", "benefit": "登出前打的。"})
    assert answer.url == f"{reverse('account_login')}?next={edit_url(report)}"
    signed_in = browser.post(answer.url, {"login": officer_a.email, "password": PASSWORD})
    assert signed_in.url == edit_url(report)
    assert "登出前打的。" in browser.get(signed_in.url).content.decode()
    assert TypedCopy.objects.get().user == officer_a


def test_nobody_else_gets_it(report, officer_a, second, as_user):
    browser = as_user(officer_a)
    data = opened(browser, report)
    browser.cookies.clear()
    browser.post(edit_url(report), data | {"do": "save", "benefit": "登出前打的。"})
    browser.force_login(second)
    assert "登出前打的。" not in browser.get(edit_url(report)).content.decode()
    assert not TypedCopy.objects.exists()
    assert "typed" not in browser.session


def test_only_forms_that_were_handed_out_are_taken(report, officer_a, as_user):
    browser = as_user(None)
    for holder in ("", "x", signing.dumps([report.pk, officer_a.pk]), signing.dumps(1)):
        browser.post(edit_url(report), {"holder": holder, "benefit": "陌生人的字。"})
        assert "typed" not in browser.session


# --- who else -------------------------------------------------------------------------------------
def told_of_others(browser, report, **posted):
    return browser.post(reverse("report-presence", args=[report.pk]), posted)


def test_two_editors_see_each_other(report, officer_a, second, as_user):
    first, other = as_user(officer_a), as_user(second)
    assert "也開著這件在填" not in first.get(edit_url(report)).content.decode()
    assert "officer_a</b>也開著這件在填" in other.get(edit_url(report)).content.decode()
    seen = {"seen_version": report.version, "others": ";"}
    page = told_of_others(first, report, **seen)
    assert "second</b>也開著這件在填" in page.content.decode()
    # What is known is not said again.
    row = Presence.objects.get(user=second)
    known = f"{row.user_id}-{row.since.timestamp():.0f};"
    assert told_of_others(first, report, **seen | {"others": known}).status_code == 204


def test_who_left_is_not_seen_after_a_minute(report, officer_a, second, as_user):
    as_user(second).get(edit_url(report))
    hour = timezone.now() - timedelta(hours=1)
    Presence.objects.update(since=hour, seen_at=timezone.now() - timedelta(seconds=80))
    page = as_user(officer_a).get(edit_url(report))
    assert "也開著這件在填" not in page.content.decode()
    # Back again: since now, not since then.
    as_user(second).get(edit_url(report))
    assert Presence.objects.get(user=second).since > hour + timedelta(minutes=30)


def test_a_newer_version_and_a_lock_are_told(world, report, officer_a, second, as_user):
    browser = as_user(officer_a)
    seen = {"seen_version": report.version, "others": ";"}
    row = reports.save_draft(
        report, seen_version=report.version, by=second, fields={"work_done": "新的。"}
    )
    page = told_of_others(browser, report, **seen).content.decode()
    assert f"存了第{row.version}版" in page
    world.bring(row, Status.SIGNING)
    page = told_of_others(browser, report, **seen).content.decode()
    assert "待窗口核可" in page
    assert "你打的字都留著" in page


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("officer_b", 404)])
def test_presence_is_told_to_the_ministry_only(world, report, as_user, who, status):
    person = world.people[who] if who else None
    assert told_of_others(as_user(person), report).status_code == status
