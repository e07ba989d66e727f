"""What a refusal about a resolution, a dissent or a request says, word for word, and to whom."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

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
    YearState,
)
from tracking.models import (
    CorrectionRequest,
    Dissent,
    ExtensionRequest,
    ReportAuthor,
    Resolution,
)
from tracking.rules import joint, requests, resolutions

NOBODY = AnonymousUser()
DAY = timedelta(days=1)
SIGN_IN = "請先登入。"


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
    # An earlier report of theirs that was answered is no hand in the one that waits now.
    given = {"answer": "sent_back", "answered_by": world.reviewer, "answered_at": timezone.now()}
    row.reports.update(**given)
    row.reports.create(text="補了公文。", url="https://example.test/2", by=world.officer_a)
    for verb in (ResolutionVerb.AGREE, ResolutionVerb.SEND_BACK):
        assert told(verb, world.officer_b) == ""


def test_the_buttons_of_a_resolution(world, resolution):
    def buttons(user) -> list[tuple]:
        found = resolutions.moves(resolution, user)
        return [(move.verb, move.label, move.ok, move.reason, move.note) for move in found]

    assert buttons(world.reviewer) == [("amend", "改列", True, "", True)]
    reviewers = "「改列」是審查人的事，你不是審查人。"
    assert buttons(world.collator) == [("amend", "改列", False, reviewers, True)]
    assert buttons(world.window_a) == [("report", "回報辦理情形", True, "", False)]
    theirs = "「回報辦理情形」是甲部承辦人或窗口的事，你兩者都不是。"
    assert buttons(world.viewer_a) == [("report", "回報辦理情形", False, theirs, False)]
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
    too_early_or_late = "主辦送到國科會以後、審查人接受以前，可以註記不同意見。"
    open_to_dissent = set()
    for report.status in Status:
        assert noted() in ("", too_early_or_late)
        if not noted():
            open_to_dissent.add(str(report.status))
    assert open_to_dissent == {"submitted", "under_review", "returned"}

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
