"""What a refusal says, word for word, and for whom each rule makes its exception."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from tracking.enums import (
    Part,
    RequestState,
    Status,
    Verb,
    YearState,
)
from tracking.models import (
    CorrectionRequest,
    ProgressReport,
    ReportAuthor,
    ReportingYear,
)
from tracking.rules import lights, messages, pages, reports

NOBODY = AnonymousUser()
SIGN_IN = "請先登入。"


# --- a report ---
@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        (Verb.SAVE, "「儲存」是甲部承辦人的事，你不是甲部的承辦人。"),
        (Verb.SIGN_OFF, "「核可並送國科會」是甲部窗口或其代理人的事，你不是甲部的窗口。"),
        (Verb.WITHDRAW, "「撤回」是甲部承辦人或窗口的事，你兩者都不是。"),
        (Verb.ACCEPT, "「接受」是審查人的事，你不是審查人。"),
    ],
)
def test_whose_move_it_is(world, report, verb, sentence):
    assert reports.verdict(verb, report, world.officer_b).reason == sentence
    assert reports.verdict(verb, report, NOBODY).reason == SIGN_IN


def test_when_a_move_fits(world, report):
    report.status = Status.ACCEPTED
    report.accepted_at = timezone.localtime().replace(2022, 3, 4)
    assert reports.verdict(Verb.SAVE, report, world.officer_a).reason == (
        "這份報告自111-03-04起是「已接受」；只有「草稿」、「退回補正」的報告可以「儲存」。"
    )
    report.status = Status.SIGNING
    assert reports.verdict(Verb.ACCEPT, report, world.reviewer).reason == (
        "這份報告是「待窗口核可」；只有「審查中」的報告可以「接受」。"
    )
    report.status, report.filed_at = Status.SUBMITTED, timezone.localtime().replace(2022, 2, 3)
    assert reports.verdict(Verb.SIGN_OFF, report, world.window_a).reason == (
        "這份報告自111-02-03起是「待審」；只有「待窗口核可」的報告可以「核可並送國科會」。"
    )


def test_until_when_a_ministry_files(report, officer_a):
    year = report.reporting_year
    year.opens_on, year.closes_on = date(2022, 1, 2), date(2022, 3, 4)

    def told(day: date) -> str:
        return reports.verdict(Verb.SAVE, report, officer_a, day).reason

    assert told(date(2022, 3, 4)) == ""
    closed = "111年度已在111-03-04截止，不再收件；需要延長時，請彙整人重新開放。"
    assert told(date(2022, 3, 5)) == closed
    report.extended_until = date(2022, 3, 4)  # no later than for everybody
    assert told(date(2022, 3, 5)) == closed
    report.extended_until = date(2022, 3, 9)
    assert told(date(2022, 3, 9)) == ""
    assert told(date(2022, 3, 10)) == (
        "111年度的展延到111-03-09，已經過了；需要再延長時，請彙整人重新開放。"
    )
    report.correction_due_on = date(2022, 4, 1)
    assert told(date(2022, 4, 1)) == ""
    assert told(date(2022, 4, 2)) == (
        "補正期限111-04-01已經過了；要再補正，請彙整人重新開放111年度。"
    )
    report.correction_due_on = report.extended_until = None
    year.state, year.closed_at = YearState.CLOSED, timezone.localtime().replace(2022, 2, 20)
    assert told(date(2022, 2, 21)) == closed.replace("111-03-04", "111-02-20")
    year.closed_at = timezone.localtime().replace(2022, 5, 20)
    assert told(date(2022, 6, 1)) == closed
    # What closed it once says nothing of a year that was opened again, nor that nobody closed it.
    year.state, year.closed_at = YearState.OPEN, timezone.localtime().replace(2022, 2, 20)
    assert told(date(2022, 3, 5)) == closed
    year.state, year.closed_at = YearState.RELEASED, None
    assert told(date(2022, 3, 4)) == closed
    report.extended_until = date(2022, 3, 9)  # an extension outlasts the closing of the year
    assert told(date(2022, 3, 9)) == ""
    year.state = YearState.PLANNED
    assert told(date(2022, 2, 1)) == ("111年度還沒有開放填報；開放日是111-01-02，由彙整人開放。")


def test_a_day_is_that_of_taipei(report, world):
    report.status = Status.ACCEPTED
    report.accepted_at = datetime(2022, 3, 3, 16, 0, tzinfo=UTC)
    assert "自111-03-04起" in reports.verdict(Verb.SAVE, report, world.officer_a).reason


def test_who_wrote_or_signed_decides_not(world, report):
    report.status = Status.UNDER_REVIEW
    assert reports.verdict(Verb.ACCEPT, report, world.reviewer)
    ReportAuthor.objects.create(report=report, user=world.reviewer)
    assert reports.verdict(Verb.ACCEPT, report, world.reviewer).reason == (
        "你寫過或簽過這份報告；自己寫的、簽的報告，由別的審查人決定。"
    )


def test_evidence_is_open_only_with_its_part(world, report):
    assert reports.evidence_verdict(report, world.officer_a)
    report.status, report.returned_parts = Status.RETURNED, [Part.EVIDENCE]
    assert reports.evidence_verdict(report, world.officer_a)
    report.returned_parts = [Part.PROGRESS]
    assert reports.evidence_verdict(report, world.officer_a).reason == (
        "這次退回的部分不含佐證資料，所以不能更動佐證資料。"
    )
    # Whoever may not save is told why, whatever was returned.
    assert reports.evidence_verdict(report, world.officer_b).reason == (
        "「儲存」是甲部承辦人的事，你不是甲部的承辦人。"
    )


def test_moves_of_corrections(world, report):
    def told(verb: Verb, row: ProgressReport) -> str:
        return reports.verdict(verb, row, world.reviewer).reason

    nothing_asked = "要更正已接受的報告，先由部會申請；這份報告沒有等你決定的更正申請。"
    report.status = Status.ACCEPTED
    assert told(Verb.REOPEN, report) == nothing_asked
    asked = CorrectionRequest.objects.create(
        report=report, parts=[Part.MONEY], reason="數字錯了。", asked_by=world.officer_a
    )
    assert told(Verb.REOPEN, report) == ""
    report.corrects_id = report.pk  # a correction has none of its own
    assert told(Verb.REOPEN, report) == nothing_asked
    report.corrects_id = None
    CorrectionRequest.objects.filter(pk=asked.pk).update(state=RequestState.WITHDRAWN)
    assert told(Verb.REOPEN, report) == nothing_asked

    report.status = Status.RETURNED
    assert told(Verb.DROP, report) == "這份報告不是更正，沒有可以撤銷的更正。"
    assert told(Verb.EXEMPT, report) == ""
    report.corrects_id = world.report("1.1.1.2", "alpha").pk
    assert told(Verb.DROP, report) == ""
    assert told(Verb.EXEMPT, report) == ("這是更正中的報告；不更正就撤銷更正，原來接受的內容不變。")


def test_the_buttons_of_each_side(world, report):
    def buttons(person) -> list[tuple]:
        return [(move.verb, move.ok, move.note) for move in reports.moves(report, person)]

    assert buttons(NOBODY) == buttons(world.officer_b) == []
    assert buttons(world.officer_a) == [("save", True, False), ("submit", True, False)]
    assert buttons(world.viewer_a) == [("save", False, False), ("submit", False, False)]
    assert buttons(world.reviewer) == [("exempt", True, True)]
    assert buttons(world.collator) == [("exempt", False, True)]
    report.status = Status.RETURNED
    assert [move.label for move in reports.moves(report, world.reviewer)] == ["列為不適用"]
    report.corrects_id = report.pk
    assert [move.label for move in reports.moves(report, world.reviewer)] == ["撤銷更正"]
    report.status, report.corrects_id = Status.ACCEPTED, None
    assert reports.moves(report, world.reviewer) == []


def test_the_buttons_of_another_day(report, officer_a):
    year = report.reporting_year
    year.opens_on, year.closes_on = date(2022, 1, 2), date(2022, 3, 4)
    closed = "111年度已在111-03-04截止，不再收件；需要延長時，請彙整人重新開放。"
    for day, reason in ((date(2022, 3, 4), ""), (date(2022, 3, 5), closed)):
        found = reports.moves(report, officer_a, day)
        assert [(move.label, move.ok, move.reason) for move in found] == [
            ("儲存", not reason, reason),
            ("送出請窗口核可", not reason, reason),
        ]


# --- pages, messages, lights ---
@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("officer_a", {"file", "history"}),
        ("window_a", {"file", "history"}),
        ("viewer_a", {"history"}),
        ("officer_b", {"file"}),
        ("reviewer", {"collation", "review", "history"}),
        ("collator", {"collation", "keep_years", "history"}),
        ("administrator", {"collation", "history"}),
        ("expert", set()),
        (None, set()),
    ],
)
def test_which_pages_a_role_opens(world, report, person, may):
    user = world.people[person] if person else NOBODY
    found = {
        "file": pages.may_file(user),
        "collation": pages.may_see_collation(user),
        "review": pages.may_review(user),
        "keep_years": pages.may_keep_years(user),
        "history": pages.may_see_history(report, user),
    }
    assert {name for name, yes in found.items() if yes} == may
    assert all(yes in (True, False) for yes in found.values())


@pytest.mark.parametrize(
    ("deployment", "to_files", "person", "sees"),
    [
        ("trial", True, "administrator", True),
        ("trial", True, "reviewer", False),
        ("trial", True, None, False),
        ("trial", False, "administrator", False),
        ("production", True, "administrator", False),
    ],
)
def test_the_trials_mailbox(world, settings, deployment, to_files, person, sees):
    settings.DEPLOYMENT = deployment
    settings.EMAIL_BACKEND = pages.MAIL_TO_FILES if to_files else "another"
    assert pages.may_see_mail(world.people[person] if person else NOBODY) is sees


def test_a_demo_account_sees_the_trials_mail(world, settings):
    settings.DEPLOYMENT, settings.EMAIL_BACKEND = "trial", pages.MAIL_TO_FILES
    world.expert.is_demo = True
    assert pages.may_see_mail(world.expert)


def test_who_talks_about_a_report(world, report):
    def told(user) -> str:
        return messages.message_verdict(report, user).reason

    speaking = ("officer_a", "window_a", "reviewer", "collator")
    assert [told(world.people[name]) for name in speaking] == [""] * 4
    assert told(NOBODY) == SIGN_IN
    assert told(world.viewer_a) == "留言是審查人與甲部承辦人、窗口之間的事。"
    reading = {name for name, user in world.people.items() if messages.reads_thread(report, user)}
    assert reading == {*speaking, "viewer_a"}
    assert not messages.reads_thread(report, NOBODY)
    assert not messages.speaks_for_ministry(report, world.reviewer)


def test_who_sets_a_light(world, report):
    def told(user=world.reviewer, year=world.year) -> str:
        return lights.light_verdict(report.measure, year, user).reason

    assert told() == ""
    assert told(world.collator) == "審定燈號是審查人的事，你不是審查人。"
    other = world.report("1.1.1.2", "alpha")
    ReportAuthor.objects.create(report=other, user=world.reviewer)
    assert told() == ""  # another measure
    ReportAuthor.objects.create(report=report, user=world.reviewer)
    assert told() == "你寫過或簽過這項措施這一年的報告，燈號由別的審查人審定。"
    later = ReportingYear.objects.create(
        plan=world.plan,
        year=112,
        opens_on=world.year.opens_on,
        due_on=world.year.due_on,
        closes_on=world.year.closes_on,
    )
    assert told(year=later) == ""
