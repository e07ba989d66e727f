"""A correction after acceptance: what was accepted stands and counts until the new one is."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent
from tests.world import MONEY, World
from tracking.actions import corrections, evidence, reports, years
from tracking.enums import Light, Part, RequestState, Status, Verb
from tracking.models import (
    CorrectionRequest,
    Evidence,
    MoneyLine,
    Notice,
    ProgressReport,
    Submission,
)
from tracking.models.notice import NoticeKind
from tracking.rules import reports as rules
from tracking.standing import filing_by_ministry, lights_of_years, money_by_year
from tracking.submitted import shown

REASON = "把預算數當成決算數。"
MORE = [{**MONEY[0], "spent_thousand": 1100}]
FIELDS = {
    "light": Light.BEHIND,
    "completion": 30,
    "work_done": "其實只辦了兩場。",
    "cause": "procurement",
    "obstacle": "採購流標。",
    "response": "改辦共同採購。",
    "catch_up_on": date(2030, 1, 1),
}


@pytest.fixture
def accepted(world: World) -> ProgressReport:
    return world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)


def ask(world: World, report: ProgressReport, *parts: str, by: str = "officer_a"):
    chosen = parts or (Part.PROGRESS, Part.MONEY)
    return corrections.ask(report, parts=chosen, reason=REASON, by=world.people[by])


def reopen(world: World, report: ProgressReport, **given) -> ProgressReport:
    report.refresh_from_db()
    return corrections.reopen(
        report, seen_version=report.version, by=world.reviewer, note="同意。", **given
    )


def to_review(world: World, copy: ProgressReport, fields: dict = FIELDS) -> ProgressReport:
    row = reports.save_draft(
        copy, seen_version=copy.version, by=world.officer_a, fields=fields, money=MORE
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    return reports.start_review(row, seen_version=row.version, by=world.reviewer)


def accept(world: World, copy: ProgressReport) -> ProgressReport:
    return reports.accept(copy, seen_version=copy.version, by=world.reviewer)


def counted(world: World, user) -> tuple:
    """What everybody counts of the year: light, money in 千元, filing states, how many reports."""
    measure = world.measures["1.1.1.1"]
    light = lights_of_years([world.year], user)[world.year.pk][measure.lineage]
    money = money_by_year([world.year], user, lineage=measure.lineage)[world.year.pk]
    filing = filing_by_ministry(world.year, user, timezone.localdate())[world.alpha.pk]
    return light.so_far, light.completion, money.spent_thousand, filing.states


# --- the road -------------------------------------------------------------------------------------
def test_the_whole_road(world, accepted):
    request = ask(world, accepted)
    copy = reopen(world, accepted)
    request.refresh_from_db()
    assert request.running and request.copy == copy
    assert (copy.status, copy.corrects, copy.returned_parts) == (
        Status.RETURNED,
        accepted,
        ["progress", "money"],
    )
    assert copy.correction_due_on == timezone.localdate() + timedelta(days=14)
    done = accept(world, to_review(world, copy))
    request.refresh_from_db()
    assert done.pk == accepted.pk and request.applied and request.ended_at
    accepted.refresh_from_db()
    assert (accepted.status, accepted.work_done) == (Status.ACCEPTED, FIELDS["work_done"])
    assert [line.spent_thousand for line in accepted.money_lines.all()] == [1100]
    assert (accepted.filed_at, accepted.late) == (done.filed_at, False)
    kept = Submission.objects.filter(report=accepted).order_by("number")
    texts = [one.content["fields"]["work_done"] for one in kept]
    assert texts == ["辦理三場培訓，共一百二十人次。", FIELDS["work_done"]]
    event = AuditEvent.objects.get(verb="report.correct")
    assert event.before["work_done"] == "辦理三場培訓，共一百二十人次。"


@pytest.mark.parametrize("stage", ["asked", "granted", "written", "review"])
def test_until_it_is_accepted_everybody_reads_and_counts_what_was(world, accepted, stage):
    people = [world.reviewer, world.officer_b, world.administrator]
    before = [counted(world, user) for user in people]
    ask(world, accepted)
    if stage != "asked":
        copy = reopen(world, accepted)
    if stage == "written":
        reports.save_draft(
            copy, seen_version=copy.version, by=world.officer_a, fields=FIELDS, money=MORE
        )
    elif stage == "review":
        to_review(world, copy)
    assert [counted(world, user) for user in people] == before
    [row] = ProgressReport.objects.visible_to(world.officer_b).filter(ministry=world.alpha)
    assert row.pk == accepted.pk
    [row] = shown([row], world.officer_b)
    assert row.work_done == "辦理三場培訓，共一百二十人次。"


def test_after_it_everybody_counts_the_new(world, accepted):
    ask(world, accepted)
    accept(world, to_review(world, reopen(world, accepted)))
    light, completion, spent, states = counted(world, world.reviewer)
    assert (light, completion, spent) == (Light.BEHIND, 30, 1100)
    assert sum(states.values()) == 3
    assert MoneyLine.objects.filter(report__status=Status.ACCEPTED).count() == 1


def test_the_public_reads_the_accepted_report_of_a_released_year(world, accepted, as_user):
    years.close_year(world.year, by=world.collator)
    years.release_year(world.year, by=world.collator)
    ask(world, accepted)
    copy = to_review(world, reopen(world, accepted))
    public = as_user(None)
    told = public.get(reverse("report", args=[accepted.pk])).content.decode()
    assert "共一百二十人次" in told and "其實只辦了兩場" not in told
    assert public.get(reverse("report", args=[copy.pk])).status_code == 404
    assert as_user(world.officer_b).get(reverse("report", args=[copy.pk])).status_code == 404
    accept(world, copy)
    assert "其實只辦了兩場" in public.get(reverse("report", args=[accepted.pk])).content.decode()


def test_a_dropped_correction_leaves_everything_as_it_was(world, accepted):
    before = counted(world, world.reviewer)
    ask(world, accepted)
    copy = reopen(world, accepted)
    row = reports.save_draft(
        copy, seen_version=copy.version, by=world.officer_a, fields=FIELDS, money=MORE
    )
    done = corrections.drop(row, seen_version=row.version, by=world.reviewer, note="不必了。")
    assert done.pk == accepted.pk and done.work_done == accepted.work_done
    assert counted(world, world.reviewer) == before
    assert CorrectionRequest.objects.get().applied is False
    assert ask(world, accepted).waits  # and another one can be asked
    again = reopen(world, accepted)
    assert again.pk != copy.pk and again.work_done == accepted.work_done


def test_a_second_correction_follows_the_first(world, accepted):
    ask(world, accepted)
    accept(world, to_review(world, reopen(world, accepted)))
    ask(world, accepted, Part.PROGRESS)
    copy = reopen(world, accepted)
    assert copy.work_done == FIELDS["work_done"]
    row = reports.save_draft(
        copy, seen_version=copy.version, by=world.officer_a, fields={"completion": 35}
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    accept(world, row)
    accepted.refresh_from_db()
    assert (accepted.completion, accepted.submissions) == (35, 3)


# --- who and when ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["viewer_a", "officer_b", "reviewer", "collator"])
def test_only_its_ministry_asks(world, accepted, name):
    with pytest.raises(NotAllowed):
        ask(world, accepted, by=name)


def test_only_an_accepted_report_is_corrected_one_at_a_time(world, accepted, partner_report):
    with pytest.raises(NotNow, match="已接受"):
        ask(world, partner_report, by="officer_b")
    request = ask(world, accepted)
    with pytest.raises(NotNow, match="還在等"):
        ask(world, accepted)
    corrections.withdraw(request, by=world.window_a)
    corrections.refuse(ask(world, accepted), note="數字是對的。", by=world.reviewer)
    ask(world, accepted)
    copy = reopen(world, accepted)
    with pytest.raises(NotNow, match="正在更正"):
        ask(world, accepted)
    with pytest.raises(NotNow):
        ask(world, copy)


def test_who_wrote_or_signed_does_not_decide(world, accepted):
    accepted.authors.create(user=world.reviewer)
    request = ask(world, accepted)
    with pytest.raises(NotAllowed, match="別的審查人"):
        corrections.refuse(request, note="不。", by=world.reviewer)
    with pytest.raises(NotAllowed, match="別的審查人"):
        reopen(world, accepted)


def test_without_a_request_nothing_is_reopened(world, accepted):
    with pytest.raises(NotNow, match="先由部會申請"):
        reopen(world, accepted)
    with pytest.raises(NotNow):
        reports.exempt(accepted, seen_version=accepted.version, by=world.reviewer, note="不列管。")


def test_a_correction_is_dropped_and_not_exempted(world, accepted, partner_report):
    ask(world, accepted)
    copy = reopen(world, accepted)
    with pytest.raises(NotNow, match="撤銷更正"):
        reports.exempt(copy, seen_version=copy.version, by=world.reviewer, note="不列管。")
    returned = world.bring(partner_report, Status.RETURNED)
    with pytest.raises(NotNow, match="不是更正"):
        corrections.drop(returned, seen_version=returned.version, by=world.reviewer, note="不。")
    shown_moves = {move.verb for move in rules.moves(copy, world.reviewer)}
    assert Verb.DROP in shown_moves and Verb.EXEMPT not in shown_moves


def test_only_the_parts_asked_for_can_be_written(world, accepted):
    ask(world, accepted, Part.MONEY)
    copy = reopen(world, accepted)
    with pytest.raises(Invalid):
        reports.save_draft(
            copy, seen_version=copy.version, by=world.officer_a, fields={"work_done": "改。"}
        )


def test_a_closed_year_is_no_hindrance(world, accepted):
    years.close_year(world.year, by=world.collator)
    ask(world, accepted)
    assert accept(world, to_review(world, reopen(world, accepted))).completion == 30


# --- evidence -------------------------------------------------------------------------------------
def test_evidence_that_stays_is_the_same_row_and_what_goes_is_kept(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    report = world.report("1.1.1.1", "alpha")
    for name in ("甲.txt", "乙.txt"):
        row = evidence.add_file(
            report,
            seen_version=report.version,
            by=world.officer_a,
            upload=ContentFile(f"{name}的內容".encode(), name=name),
            title=name,
        )
        report.refresh_from_db()
    accepted = world.bring(report, Status.ACCEPTED)
    stays, goes = Evidence.objects.order_by("pk")
    ask(world, accepted, Part.PROGRESS, Part.EVIDENCE)
    copy = reopen(world, accepted)
    row = copy.evidence.get(title="乙.txt")
    copy = evidence.remove(row, seen_version=copy.version, by=world.officer_a)
    evidence.add_link(
        copy, seen_version=copy.version, by=world.officer_a, url="https://example.test/", title="丙"
    )
    copy.refresh_from_db()
    assert set(Evidence.held.filter(report=accepted)) == {stays, goes}
    row = reports.submit(copy, seen_version=copy.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    accept(world, row)
    held = Evidence.held.filter(report=accepted).order_by("title")
    assert [one.title for one in held] == ["丙", "甲.txt"] and stays in held
    goes.refresh_from_db()
    assert goes.removed_at and goes.file.storage.exists(goes.file.name)


# --- telling --------------------------------------------------------------------------------------
def test_reviewers_the_ministry_and_the_other_leads_are_told(world):
    report = world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)

    def told(kind) -> set:
        return {one.recipient for one in Notice.objects.filter(kind=kind)}

    ask(world, report, Part.PROGRESS)
    assert told(NoticeKind.CORRECTION_ASKED) == {world.reviewer}
    copy = reopen(world, report)
    assert told(NoticeKind.CORRECTION_DECIDED) == {world.officer_a, world.window_a}
    leads = {world.officer_b, world.window_b}
    assert told(NoticeKind.CORRECTION_RUNS) == leads
    assert told(NoticeKind.CORRECTION_DONE) == set()
    accept(world, to_review_progress(world, copy))
    assert told(NoticeKind.CORRECTION_DONE) == leads


def to_review_progress(world: World, copy: ProgressReport) -> ProgressReport:
    row = reports.save_draft(
        copy, seen_version=copy.version, by=world.officer_a, fields={"completion": 45}
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    return reports.start_review(row, seen_version=row.version, by=world.reviewer)


# --- pages ----------------------------------------------------------------------------------------
def test_from_the_report_to_the_queue_to_the_form(world, accepted, as_user):
    officer, reviewer = as_user(world.officer_a), as_user(world.reviewer)
    page = reverse("correction-ask", args=[accepted.pk])
    assert page in officer.get(reverse("report", args=[accepted.pk])).content.decode()
    refused = officer.post(page, {"reason": REASON})
    assert refused.status_code == 422 and REASON in refused.content.decode()
    answer = officer.post(page, {"reason": REASON, "parts": ["progress", "money"]})
    request = CorrectionRequest.objects.get()
    assert answer.url == reverse("correction", args=[request.pk])
    assert answer.url in reviewer.get(reverse("review-queue")).content.decode()
    assert "seen_version" in reviewer.get(answer.url).content.decode()
    move = reverse("correction-move", args=[request.pk, "grant"])
    assert reviewer.post(move, {"seen_version": accepted.version}).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.GRANTED
    form = reverse("report-edit", args=[request.copy_id])
    assert form in officer.get(reverse("desk")).content.decode()
    told = officer.get(form).content.decode()
    assert "更正中的內容" in told and REASON in told
    copy = to_review(world, request.copy)
    queue = reviewer.get(reverse("review-queue")).content.decode()
    assert reverse("report-review", args=[copy.pk]) in queue
    assert reviewer.get(reverse("report-review", args=[copy.pk])).status_code == 200
    accept(world, copy)
    moved = officer.get(reverse("report", args=[copy.pk]))
    assert moved.url == reverse("report", args=[accepted.pk])
    history = officer.get(moved.url).content.decode()
    assert "同意更正" in history and REASON in history


def test_dropping_on_the_page(world, accepted, as_user):
    ask(world, accepted)
    copy = reopen(world, accepted)
    reviewer = as_user(world.reviewer)
    assert "撤銷更正" in reviewer.get(reverse("report", args=[copy.pk])).content.decode()
    move = reverse("report-move", args=[copy.pk, "drop"])
    answer = reviewer.post(move, {"seen_version": copy.version, "note": "部會撤回。"})
    assert answer.status_code == 302
    accepted.refresh_from_db()
    assert accepted.status == Status.ACCEPTED and CorrectionRequest.objects.get().ended_at


def test_others_do_not_see_the_request(world, accepted, as_user):
    page = reverse("correction", args=[ask(world, accepted).pk])
    assert as_user(world.officer_b).get(page).status_code == 404
    assert as_user(world.viewer_a).get(page).status_code == 200
