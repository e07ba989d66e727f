"""What a refusal says, word for word, and for whom each rule makes its exception."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from config.kit import roc
from ministries.enums import MembershipRole, SystemRole
from ministries.models import User
from tests.world import World, grant, join
from tracking.actions import corrections
from tracking.enums import (
    Part,
    RequestState,
    ResolutionState,
    ResolutionVerb,
    Status,
    Verb,
    YearState,
    YearVerb,
)
from tracking.models import (
    CorrectionRequest,
    Dissent,
    ExtensionRequest,
    ProgressReport,
    ReportAuthor,
    ReportingYear,
    Resolution,
)
from tracking.rules import joint, lights, messages, pages, reports, requests, resolutions, years

NOBODY = AnonymousUser()
DAY = timedelta(days=1)
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
    year.state, report.extended_until = YearState.PLANNED, date(2022, 3, 9)
    assert told(date(2022, 2, 1)) == ("111年度還沒有開放填報；開放日是111-01-02，由彙整人開放。")


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


# --- a year ---
def test_who_keeps_years_and_when(world):
    year = world.year

    def told(verb: YearVerb, user=world.collator, day: date | None = None) -> str:
        return years.year_verdict(verb, year, user, day).reason

    assert told(YearVerb.CLOSE) == ""
    assert told(YearVerb.CLOSE, world.reviewer) == ("「截止」填報年度是彙整人的事，你不是彙整人。")
    assert told(YearVerb.RELEASE) == "111年度是「填報中」；只有「已截止」的年度可以「公布」。"
    year.state = YearState.RELEASED
    assert told(YearVerb.OPEN) == (
        "111年度是「已公布」；只有「未開放」、「填報中」的年度可以「開放填報」。"
    )
    year.state, year.opens_on = YearState.PLANNED, date(2022, 1, 2)
    assert told(YearVerb.OPEN, day=date(2022, 1, 2)) == ""
    assert told(YearVerb.OPEN, day=date(2022, 1, 1)) == ("111年度的開放日是111-01-02，還沒有到。")


def test_the_buttons_of_a_year(world):
    def buttons(user) -> list[tuple]:
        return [
            (move.verb, move.label, move.ok, move.reason)
            for move in years.year_moves(world.year, user)
        ]

    assert buttons(world.collator) == [
        ("open", "補齊缺少的報告", True, ""),
        ("close", "截止", True, ""),
    ]
    assert [ok for _verb, _label, ok, _reason in buttons(world.reviewer)] == [False, False]
    assert buttons(world.reviewer)[1][3] == "「截止」填報年度是彙整人的事，你不是彙整人。"
    assert buttons(world.officer_a) == buttons(NOBODY) == []
    world.year.state, world.year.opens_on = YearState.PLANNED, date(2022, 1, 2)
    moves = years.year_moves(world.year, world.collator, date(2022, 1, 1))
    assert [(move.label, move.ok) for move in moves] == [("開放填報", False)]


# --- a resolution ---
@pytest.fixture
def resolution(world: World) -> Resolution:
    return Resolution(owner=world.alpha, state=ResolutionState.OPEN, pk=0)


def test_whose_resolution_it_is(world, resolution):
    def told(verb: ResolutionVerb, user) -> str:
        return resolutions.verdict(verb, resolution, user).reason

    assert told(ResolutionVerb.REPORT, NOBODY) == SIGN_IN
    assert told(ResolutionVerb.AMEND, world.officer_a) == ("「改列」是審查人的事，你不是審查人。")
    assert told(ResolutionVerb.REPORT, world.officer_b) == (
        "「回報辦理情形」是甲部承辦人或窗口的事，你兩者都不是。"
    )
    assert told(ResolutionVerb.AGREE, world.reviewer) == (
        "這項決議現在是「未結」，不能「同意結案」。"
    )
    assert told(ResolutionVerb.REPORT, world.officer_a) == ""
    assert resolutions.may_give(world.officer_a).reason == "決議由審查人或彙整人登錄。"
    assert resolutions.may_give(NOBODY).reason == "決議由審查人或彙整人登錄。"
    assert resolutions.may_give(world.collator)
    seeing = {name for name, user in world.people.items() if resolutions.sees_any(user)}
    assert seeing == set(world.people) - {"administrator", "expert"}
    assert not resolutions.sees_any(NOBODY)


def test_nobody_answers_their_own_report_on_a_resolution(world):
    today = timezone.localdate()
    row = Resolution.objects.create(
        plan=world.plan, owner=world.alpha, text="提出辦法。", decided_on=today, due_on=today + DAY,
        source="第1次協調會議", code="1.1.1.1", name="培育種子師資",
        state=ResolutionState.REPORTED, created_by=world.reviewer,
    )  # fmt: skip

    def told(verb: ResolutionVerb, user) -> str:
        return resolutions.verdict(verb, row, user).reason

    grant(world.officer_b, SystemRole.REVIEWER)
    row.reports.create(text="辦好了。", url="https://example.test/", by=world.officer_b)
    own = "這次回報是你寫的，由別的審查人決定。"
    for verb in (ResolutionVerb.AGREE, ResolutionVerb.SEND_BACK):
        assert (told(verb, world.officer_b), told(verb, world.reviewer)) == (own, "")


def test_the_buttons_of_a_resolution(world, resolution):
    def buttons(user) -> list[tuple]:
        return [(m.verb, m.label, m.ok, m.note) for m in resolutions.moves(resolution, user)]

    assert buttons(world.reviewer) == [("amend", "改列", True, True)]
    assert buttons(world.collator) == [("amend", "改列", False, True)]
    assert buttons(world.window_a) == [("report", "回報辦理情形", True, False)]
    assert buttons(world.viewer_a) == [("report", "回報辦理情形", False, False)]
    assert buttons(world.officer_b) == []
    resolution.state = ResolutionState.CLOSED
    assert buttons(world.reviewer) == []


# --- dissent ---
def test_who_notes_withdraws_and_answers_a_dissent(world, report, partner_report):
    report.status = Status.SUBMITTED

    def noted(user=world.officer_b, part=partner_report, lead=report) -> str:
        return joint.dissent_verdict(part, lead, user).reason

    assert noted() == noted(world.window_b) == ""
    not_theirs = "不同意見由協辦部會的承辦人或窗口註記。"
    assert noted(world.officer_a) == noted(world.people["viewer_b"]) == not_theirs
    assert noted(lead=world.report("1.1.1.2", "alpha")) == not_theirs
    assert noted(part=world.report("1.1.1.2", "beta")) == not_theirs  # a lead itself
    assert noted(lead=partner_report) == not_theirs
    report.status = Status.ACCEPTED
    assert noted() == "主辦送到國科會以後、審查人接受以前，可以註記不同意見。"

    dissent = Dissent(report=report, ministry=world.beta)
    assert joint.withdrawal_verdict(dissent, world.officer_b)
    assert joint.withdrawal_verdict(dissent, world.officer_a).reason == (
        "不同意見由註記的部會撤回。"
    )
    assert joint.answer_verdict(dissent, world.officer_a)
    assert joint.answer_verdict(dissent, world.officer_b).reason == (
        "不同意見由主辦部會的承辦人或窗口回應。"
    )
    dissent.withdrawn_at = timezone.now()
    for answer in (
        joint.withdrawal_verdict(dissent, world.officer_b),
        joint.answer_verdict(dissent, world.officer_a),
    ):
        assert answer.reason == "這則不同意見已經撤回了。"


# --- more time, and corrections ---
def test_who_asks_for_more_time(world):
    year = world.year

    def told(user=world.officer_a, day: date | None = None) -> str:
        return requests.ask_extension(year, world.alpha, user, day).reason

    assert told() == told(world.window_a) == told(day=year.closes_on) == ""
    theirs = "申請展延是甲部承辦人或窗口的事，你兩者都不是。"
    assert [told(user) for user in (NOBODY, world.viewer_a, world.officer_b)] == [theirs] * 3
    shut = "111年度現在不收件，不能申請展延；請彙整人重新開放。"
    assert told(day=year.closes_on + DAY) == shut
    asked = {
        "reporting_year": year,
        "reason": "要核對。",
        "wanted_until": year.closes_on,
        "asked_by": world.officer_a,
    }
    ExtensionRequest.objects.create(ministry=world.beta, **asked)
    row = ExtensionRequest.objects.create(ministry=world.alpha, **asked)
    assert told() == "上一次的展延申請還在等審查人決定。"
    ExtensionRequest.objects.filter(pk=row.pk).update(state=RequestState.WITHDRAWN)
    assert told() == ""
    year.state = YearState.CLOSED
    assert told() == shut
    year.closes_on = date(2022, 3, 4)
    assert requests.latest_day(year) == date(2022, 4, 3)


def test_who_decides_on_more_time(world):
    row = ExtensionRequest(
        reporting_year=world.year, ministry=world.alpha, asked_by=world.officer_a
    )

    def told(user=world.reviewer) -> str:
        return requests.decide_extension(row, user).reason

    assert told() == ""
    assert told(world.collator) == "展延由審查人決定，你不是審查人。"
    grant(world.officer_b, SystemRole.REVIEWER)
    assert told(world.officer_b) == ""  # of another unit
    join(world.reviewer, world.alpha, MembershipRole.VIEWER)
    ours = "這是你自己機關的申請，由別的審查人決定。"
    assert told(User.objects.get(pk=world.reviewer.pk)) == ours
    row.asked_by = world.officer_b
    assert told(world.officer_b) == ours


def test_a_request_is_decided_or_withdrawn_once(world):
    row = ExtensionRequest(ministry=world.alpha, asked_by=world.officer_a)

    def told(user=world.officer_a) -> str:
        return requests.withdraw(row, world.alpha, user).reason

    assert told() == ""
    assert told(world.officer_b) == "撤回申請是甲部承辦人或窗口的事，你兩者都不是。"
    row.state = RequestState.WITHDRAWN
    assert told() == "這項申請已經是「已撤回」。"
    row.state, row.decided_at = RequestState.REFUSED, timezone.localtime().replace(2022, 3, 4)
    assert told() == "這項申請在111-03-04已經決定：不同意。"
    assert requests.decide_extension(row, world.reviewer).reason == told()


def test_who_asks_for_a_correction_and_who_decides(world, report):
    def told(user=world.officer_a) -> str:
        return requests.ask_correction(report, user).reason

    report.status = Status.ACCEPTED
    assert told() == told(world.window_a) == ""
    assert told(world.viewer_a) == "申請更正是甲部承辦人或窗口的事，你兩者都不是。"
    row = CorrectionRequest.objects.create(
        report=report, parts=[Part.MONEY], reason="數字錯了。", asked_by=world.officer_a
    )
    assert told() == "上一次的更正申請還在等審查人決定。"

    def decided(user=world.reviewer) -> str:
        return requests.decide_correction(row, user).reason

    assert decided() == ""
    assert decided(world.officer_a) == "更正由審查人決定，你不是審查人。"
    grant(world.officer_b, SystemRole.REVIEWER)
    assert decided(world.officer_b) == ""
    ReportAuthor.objects.create(report=report, user=world.officer_b)
    row = CorrectionRequest.objects.get(pk=row.pk)
    wrote = "你寫過或簽過這份報告，更正由別的審查人決定。"
    assert (decided(world.officer_b), decided()) == (wrote, "")
    row.asked_by = world.reviewer
    assert decided() == wrote
    row.asked_by, row.state = world.officer_a, RequestState.WITHDRAWN
    assert decided() == "這項申請已經是「已撤回」。"

    CorrectionRequest.objects.all().delete()
    report.status = Status.SUBMITTED
    settled = "只有已接受的報告要申請更正；還沒有接受的，撤回或等退回就可以改。"
    assert told() == settled
    report.status, report.corrects_id = Status.ACCEPTED, report.pk
    assert told() == settled


def test_one_correction_at_a_time(world, report):
    accepted = world.bring(report, Status.ACCEPTED)
    given = {"parts": [Part.PROGRESS], "reason": "人次算錯了。"}
    corrections.ask(accepted, by=world.officer_a, **given)
    accepted = world.report("1.1.1.1", "alpha")
    corrections.reopen(
        accepted, seen_version=accepted.version, by=world.reviewer, note="同意更正。"
    )
    assert requests.ask_correction(world.report("1.1.1.1", "alpha"), world.officer_a).reason == (
        "這份報告正在更正；更正接受以後才能再申請。"
    )


def test_days_are_told_in_the_years_of_the_republic():
    assert roc.format_date(date(2022, 3, 4)) == "111-03-04"
