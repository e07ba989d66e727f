"""Measures that several ministries report on: the partner's date, quoting, and dissent."""

from datetime import timedelta

import pytest
from django.urls import reverse

from config.kit import roc
from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent
from tests.outcomes import let_due_date_pass
from tests.tracking.pages import fields
from tests.world import World
from tracking.actions import joint, reports
from tracking.enums import Status
from tracking.models import Dissent, Notice, ProgressReport, Quotation, ReportingYear
from tracking.partners import partner_date
from tracking.queries.joint import dissents_on, partner_parts

CODE = "1.1.1.1"  # 甲部／乙部
TEXT = "乙部開了兩班。"
CITED = "乙部開了兩班。（引自乙部）"


@pytest.fixture
def part(world: World, partner_report) -> ProgressReport:
    """乙部's part, signed off."""
    world.bring(partner_report, Status.SUBMITTED, work_done=TEXT)
    return world.report(CODE, "beta")


def dissent_on(world: World) -> Dissent:
    lead, part = world.report(CODE, "alpha"), world.report(CODE, "beta")
    return joint.note_dissent(part, lead, text="培訓人次算法不同。", by=world.officer_b)


# --- the partner's date ---------------------------------------------------------------------------
def test_partners_are_asked_some_days_before_and_late_only_after_the_due_date(world):
    lead, part = world.report(CODE, "alpha"), world.report(CODE, "beta")
    assert partner_date(part) == world.year.due_on - timedelta(days=7)
    assert partner_date(lead) is None
    ReportingYear.objects.update(due_on=world.year.opens_on + timedelta(days=33))
    part = world.report(CODE, "beta")
    assert partner_date(part) < part.reporting_year.due_on
    row = world.bring(part, Status.SUBMITTED)
    assert not row.late


def test_no_days_and_more_time_leave_no_date_of_its_own(world):
    part = world.report(CODE, "beta")
    part.extended_until = part.reporting_year.due_on + timedelta(days=5)
    assert partner_date(part) is None
    ReportingYear.objects.update(partner_days=0)
    assert partner_date(world.report(CODE, "beta")) is None


def test_desk_and_form_show_the_partners_date(world, as_user):
    day = roc.format_date(world.year.due_on - timedelta(days=7))
    officer = as_user(world.officer_b)
    pages = reverse("desk"), reverse("report-edit", args=[world.report(CODE, "beta").pk])
    for url in pages:
        page = officer.get(url).content.decode()
        assert f"協辦請在{day}前" in page and "逾期1天" not in page
    # Overdue for everybody, the earlier date says nothing any more.
    let_due_date_pass(world.year)
    for url in pages:
        page = officer.get(url).content.decode()
        assert "協辦請在" not in page and "逾期1天" in page


# --- the lead sees and quotes ---------------------------------------------------------------------
def test_the_lead_sees_a_part_from_sign_off_on(world, partner_report):
    lead = world.report(CODE, "alpha")
    world.bring(partner_report, Status.SIGNING, work_done=TEXT)
    [waiting] = partner_parts(lead, world.officer_a)
    assert not waiting.readable and waiting.texts == []
    row = world.report(CODE, "beta")
    reports.sign_off(row, seen_version=row.version, by=world.window_b)
    [filed] = partner_parts(lead, world.officer_a)
    assert filed.readable and filed.texts[0].text == TEXT
    assert partner_parts(lead, world.officer_b) == []


def test_a_quote_keeps_what_was_typed_and_where_it_is_from(world, as_user, part):
    officer, report = as_user(world.officer_a), world.report(CODE, "alpha")
    edit = reverse("report-edit", args=[report.pk])
    page = officer.get(edit)
    assert TEXT in page.content.decode()
    given = fields(page, edit) | {"work_done": "甲部辦了三場。", "quote": f"{part.pk}:work_done"}
    officer.post(reverse("report-quote", args=[report.pk]), given)
    report = world.report(CODE, "alpha")
    assert report.work_done == f"甲部辦了三場。\n{CITED}"
    row = Quotation.objects.get()
    assert (row.source, row.submission, row.version) == (part, 1, part.version)
    assert (row.text, row.field, row.by) == (TEXT, "work_done", world.officer_a)
    assert AuditEvent.objects.get(verb="report.quote").after["source"] == part.pk
    assert "已引用" in officer.get(edit).content.decode()
    shown = officer.get(reverse("report", args=[report.pk])).content.decode()
    assert "引自乙部第1次送出的報告" in shown
    reports.save_draft(
        report, seen_version=report.version, by=world.officer_a, fields={"work_done": "全部重寫。"}
    )
    assert "引自乙部" not in officer.get(reverse("report", args=[report.pk])).content.decode()


def test_what_can_not_be_quoted(world, part):
    report = world.report(CODE, "alpha")
    other = world.report("1.1.1.2", "beta")
    own = world.report(CODE, "beta")
    for source, name, refusal in (
        (other.pk, "work_done", NotAllowed),
        (part.pk, "exempt_reason", NotAllowed),
        (part.pk, "obstacle", Invalid),
        (report.pk, "work_done", NotAllowed),
    ):
        with pytest.raises(refusal):
            joint.quote(report, source, name, seen_version=report.version, by=world.officer_a)
    with pytest.raises((NotAllowed, NotNow)):
        joint.quote(own, report.pk, "work_done", seen_version=own.version, by=world.officer_b)
    row = reports.save_draft(
        report, seen_version=report.version, by=world.officer_a, fields={"work_done": "字" * 1995}
    )
    with pytest.raises(Invalid):
        joint.quote(row, part.pk, "work_done", seen_version=row.version, by=world.officer_a)
    assert not Quotation.objects.exists()


def test_an_unfiled_part_is_not_quoted(world, partner_report):
    world.bring(partner_report, Status.SIGNING, work_done=TEXT)
    report = world.report(CODE, "alpha")
    with pytest.raises(NotAllowed):
        joint.quote(
            report, partner_report.pk, "work_done", seen_version=report.version, by=world.officer_a
        )


# --- dissent --------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", Status)
def test_dissent_is_noted_while_the_science_ministry_has_it(world, status):
    world.bring(world.report(CODE, "alpha"), status)
    if status in (Status.SUBMITTED, Status.UNDER_REVIEW, Status.RETURNED):
        before = world.report(CODE, "alpha").version
        assert dissent_on(world).ministry == world.beta
        assert world.report(CODE, "alpha").version == before
    else:
        with pytest.raises(NotNow):
            dissent_on(world)


def test_only_the_partners_people_note_it_once_and_in_words(world):
    world.bring(world.report(CODE, "alpha"), Status.SUBMITTED)
    lead, part = world.report(CODE, "alpha"), world.report(CODE, "beta")
    for name in ("officer_a", "viewer_b", "officer_s", "reviewer"):
        with pytest.raises(NotAllowed):
            joint.note_dissent(part, lead, text="不同。", by=world.people[name])
    with pytest.raises(Invalid):
        joint.note_dissent(part, lead, text=" ", by=world.window_b)
    dissent_on(world)
    with pytest.raises(NotNow):
        dissent_on(world)


def test_the_lead_is_told_answers_and_the_partner_withdraws(world):
    world.bring(world.report(CODE, "alpha"), Status.SUBMITTED)
    dissent = dissent_on(world)
    told = Notice.objects.filter(kind="dissent").values_list("recipient__name", flat=True)
    assert set(told) == {"officer_a", "window_a"}
    for name in ("officer_b", "officer_s", "reviewer"):
        with pytest.raises(NotAllowed):
            joint.answer_dissent(dissent, text="已查證。", by=world.people[name])
    assert joint.answer_dissent(dissent, text="已查證。", by=world.officer_a).answer == "已查證。"
    with pytest.raises(NotAllowed):
        joint.withdraw_dissent(dissent, by=world.officer_a)
    joint.withdraw_dissent(dissent, by=world.window_b)
    with pytest.raises(NotNow):
        joint.answer_dissent(dissent, text="再說。", by=world.officer_a)
    assert dissents_on([dissent.report], world.reviewer) == {}
    assert dissent_on(world).pk != dissent.pk


def test_who_reads_a_dissent(world, as_user):
    row = world.bring(world.report(CODE, "alpha"), Status.SUBMITTED)
    dissent = dissent_on(world)
    report, part = reverse("report", args=[row.pk]), world.report(CODE, "beta")
    words = dissent.text
    for name in ("officer_a", "window_a", "reviewer"):
        assert words in as_user(world.people[name]).get(report).content.decode(), name
        measure = as_user(world.people[name]).get(reverse("measure", args=[CODE]))
        assert words in measure.content.decode(), name
    own = as_user(world.officer_b).get(reverse("report", args=[part.pk])).content.decode()
    assert words in own and "辦理三場培訓" not in own
    assert as_user(world.officer_b).get(report).status_code == 404
    for user in (None, world.officer_s):
        page = as_user(user).get(reverse("measure", args=[CODE])).content.decode()
        assert words not in page
    reports.start_review(row, seen_version=row.version, by=world.reviewer)
    review = reverse("report-review", args=[row.pk])
    assert words in as_user(world.reviewer).get(review).content.decode()


def test_the_pages_note_answer_and_withdraw(world, as_user):
    row = world.bring(world.report(CODE, "alpha"), Status.SUBMITTED)
    part = world.report(CODE, "beta")
    partner, lead = as_user(world.officer_b), as_user(world.officer_a)
    note = reverse("dissent-note", args=[part.pk, row.pk])
    assert note in partner.get(reverse("report", args=[part.pk])).content.decode()
    assert partner.post(note, {"text": ""}).status_code == 422
    assert partner.post(note, {"text": "人次不同。"}).status_code == 302
    dissent = Dissent.objects.get()
    answer = reverse("dissent-move", args=[dissent.pk, "answer"])
    assert lead.post(answer, {"text": ""}).status_code == 422
    assert lead.post(answer, {"text": "查過了。"}).status_code == 302
    assert "查過了。" in partner.get(reverse("report", args=[part.pk])).content.decode()
    assert as_user(world.officer_s).post(answer, {"text": "不。"}).status_code == 404
    withdraw = reverse("dissent-move", args=[dissent.pk, "withdraw"])
    assert lead.post(withdraw).status_code == 403
    assert partner.post(withdraw).status_code == 302
    assert answer not in lead.get(reverse("report", args=[row.pk])).content.decode()
