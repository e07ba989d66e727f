"""What each verb changes, freezes and refuses, and that a refusal leaves no trace."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent, Deputyship, Ministry, Succession
from tests.world import LATE, MONEY, WHOLE, make_indicator
from tracking.actions import lights, reports
from tracking.enums import Light, Part, Status
from tracking.models import LightOverride, ProgressReport, ReportAuthor, ReportEvent, ReturnedPart

DAY = timedelta(days=1)


def save(report, by, **given) -> ProgressReport:
    return reports.save_draft(report, seen_version=report.version, by=by, **{"fields": {}, **given})


def trace() -> tuple:
    return (
        list(ProgressReport.objects.order_by("pk").values()),
        ReportEvent.objects.count(),
        AuditEvent.objects.count(),
        ReportAuthor.objects.count(),
    )


# --- saving ---
def test_a_draft_is_saved_incomplete_and_logged(report, officer_a):
    row = save(report, officer_a, fields={"work_done": "辦了兩場。\r\n"})
    assert (row.work_done, row.version, row.saved_by) == ("辦了兩場。", 2, officer_a)
    event = AuditEvent.objects.get(verb="report.save")
    assert event.before == {"version": 1, "work_done": ""}
    assert event.after == {"version": 2, "work_done": "辦了兩場。"}
    assert (event.actor, event.ministry) == (officer_a.email, "alpha")
    assert [author.user for author in row.authors.all()] == [officer_a]
    assert not ReportEvent.objects.exists()


def test_saving_the_same_again_changes_nothing(report, officer_a):
    row = save(report, officer_a, fields=WHOLE, money=MONEY)
    before = trace()
    again = save(row, officer_a, fields=WHOLE, money=MONEY, values={})
    assert again.version == row.version
    assert trace() == before


def test_texts_of_a_form_are_read_like_a_form(report, officer_a):
    fields = {"completion": "40", "completed_on": "", "light": "on_track", "cause": None}
    row = save(report, officer_a, fields=fields)
    assert (row.completion, row.completed_on, row.light, row.cause) == (40, None, "on_track", "")


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"completion": 101}, "completion"),
        ({"completion": "many"}, "completion"),
        ({"completion": -1}, "completion"),
        ({"light": "green"}, "light"),
        ({"cause": "weather"}, "cause"),
        ({"catch_up_on": "112-02-30"}, "catch_up_on"),
        ({"work_done": "字" * 2001}, "work_done"),
        ({"others_must_act": "字" * 201}, "others_must_act"),
        ({"status": "accepted"}, "status"),
        ({"ministry_name": "別部"}, "ministry_name"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(report, officer_a, fields, key):
    before = trace()
    with pytest.raises(Invalid) as refusal:
        save(report, officer_a, fields={"benefit": "有。", **fields})
    assert set(refusal.value.errors) == {key}
    assert trace() == before


def test_money_replaces_all_lines_and_drops_blank_ones(report, officer_a):
    blank = {"source": "", "allocated_thousand": "", "spent_thousand": None, "note": ""}
    fund = {"source": "基金", "allocated_thousand": "50", "spent_thousand": ""}
    row = save(report, officer_a, money=[*MONEY, blank, fund])
    assert [
        (line.ordinal, line.source, line.allocated_thousand, line.spent_thousand)
        for line in row.money_lines.all()
    ] == [(1, "公務預算", 1200, 900), (2, "基金", 50, None)]
    row = save(row, officer_a, money=[fund])
    assert [line.source for line in row.money_lines.all()] == ["基金"]


@pytest.mark.parametrize(
    ("money", "key"),
    [
        ([{"source": "基金"}], "money_0_allocated_thousand"),
        ([{"allocated_thousand": 5}], "money_0_source"),
        ([{**MONEY[0], "spent_thousand": -1}], "money_0_spent_thousand"),
        ([{**MONEY[0], "allocated_thousand": "1.5"}], "money_0_allocated_thousand"),
        ([MONEY[0], MONEY[0]], "money_1_source"),
        ([{**MONEY[0], "source": f"來源{n}"} for n in range(51)], "money"),
    ],
)
def test_money_is_refused_at_its_cell(report, officer_a, money, key):
    with pytest.raises(Invalid) as refusal:
        save(report, officer_a, money=money)
    assert set(refusal.value.errors) == {key}


def test_actuals_of_the_own_approved_indicators(world, report, officer_a, officer_b):
    own = make_indicator(report.measure, world.alpha, officer_a)
    foreign = make_indicator(report.measure, world.beta, officer_b, name="別部指標")
    row = save(report, officer_a, values={own.pk: {"actual": "18", "note": ""}})
    assert row.version == 2
    assert row.values.get().actual == Decimal(18)
    row = save(row, officer_a, values={own.pk: {"actual": ""}})
    assert row.values.get().actual is None
    for pk, actual in ((foreign.pk, 1), (0, 1)):
        with pytest.raises(Invalid) as refusal:
            save(row, officer_a, values={pk: {"actual": actual}})
        assert set(refusal.value.errors) == {"indicators"}
    for actual in ("-1", "1.5", "NaN", "many"):  # it counts people
        with pytest.raises(Invalid) as refusal:
            save(row, officer_a, values={own.pk: {"actual": actual}})
        assert set(refusal.value.errors) == {f"indicator_{own.pk}_actual"}


def test_an_indicator_of_the_body_before_belongs_to_its_heir(world, officer_b):
    report = world.report("2.1.1.1", "beta")
    inherited = make_indicator(report.measure, world.gamma, officer_b)
    row = save(report, officer_b, values={inherited.pk: {"actual": 3}})
    assert row.values.get().indicator == inherited


# --- submitting and signing ---
def test_submitting_asks_the_checks(report, officer_a):
    before = trace()
    with pytest.raises(Invalid) as refusal:
        reports.submit(report, seen_version=1, by=officer_a)
    assert set(refusal.value.errors) == {"light", "completion", "work_done"}
    assert trace() == before


def test_signing_freezes_name_day_and_lateness(world, report, officer_a, window_a):
    Ministry.objects.filter(code="alpha").update(full_name="行政院甲部會")
    row = world.bring(report, Status.SUBMITTED)
    assert row.ministry_name == "行政院甲部會"
    assert (row.submissions, row.late) == (1, False)
    assert timezone.localdate(row.filed_at) == timezone.localdate()
    assert {author.user for author in row.authors.all()} == {officer_a, window_a}
    Ministry.objects.filter(code="alpha").update(full_name="新甲部")
    assert world.report("1.1.1.1", "alpha").ministry_name == "行政院甲部會"


def test_a_report_bears_the_name_of_the_day_it_was_filed(world, report):
    """Opened for 甲部, filed after 甲部 was renamed: the new name, and still the same report."""
    heir = Ministry.objects.create(code="new", short_name="新甲部", full_name="新的甲部")
    Succession.objects.create(
        predecessor=world.alpha,
        successor=heir,
        on=timezone.localdate(),
        kind="renamed",
        legal_basis="甲部組織法",
    )
    row = world.bring(report, Status.SUBMITTED)
    assert (row.ministry, row.ministry_name) == (world.alpha, "新的甲部")


def test_filing_after_the_due_date_is_late(world, report):
    world.year.due_on = timezone.localdate() - DAY
    world.year.save()
    assert world.bring(report, Status.SUBMITTED).late


def test_a_deputy_signs_and_both_names_are_kept(world, report, window_a):
    deputy = world.people["viewer_a"]
    Deputyship.objects.create(
        window=window_a,
        deputy=deputy,
        ministry=world.alpha,
        since=timezone.localdate(),
        until=timezone.localdate() + DAY,
    )
    row = world.bring(report, Status.SIGNING)
    row = reports.sign_off(row, seen_version=row.version, by=deputy)
    event = row.events.get(verb="sign_off")
    assert (event.by, event.on_behalf_of) == (deputy, window_a)
    assert AuditEvent.objects.get(verb="report.sign_off").after["on_behalf_of"] == window_a.email
    # Neither may decide on it later: one signed, the other is signed for.
    assert {deputy.pk, window_a.pk} <= {author.user_id for author in row.authors.all()}


def test_a_window_that_signs_acts_for_nobody_else(world, report):
    row = world.bring(report, Status.SUBMITTED)
    assert row.events.get(verb="sign_off").on_behalf_of is None


def test_sending_back_wants_a_reason(world, report, window_a):
    row = world.bring(report, Status.SIGNING)
    with pytest.raises(Invalid) as refusal:
        reports.send_back(row, seen_version=row.version, by=window_a, note=" ")
    assert set(refusal.value.errors) == {"note"}
    row = reports.send_back(row, seen_version=row.version, by=window_a, note="數字有誤。")
    assert (row.status, row.events.latest("pk").note) == (Status.DRAFT, "數字有誤。")


def test_withdrawing_undoes_the_filing_until_the_review_starts(world, report, officer_a):
    row = world.bring(report, Status.SUBMITTED)
    row = reports.withdraw(row, seen_version=row.version, by=officer_a)
    assert (row.status, row.filed_at, row.late) == (Status.DRAFT, None, False)
    other = world.bring(world.report("1.1.1.2", "alpha"), Status.UNDER_REVIEW)
    with pytest.raises(NotNow):
        reports.withdraw(other, seen_version=other.version, by=officer_a)


# --- review ---
def returned(world, report, *parts, **more) -> ProgressReport:
    row = world.bring(report, Status.UNDER_REVIEW)
    return reports.return_report(
        row,
        seen_version=row.version,
        by=world.people["reviewer"],
        parts={part: f"請補{part}。" for part in parts},
        **more,
    )


def test_a_return_lists_parts_with_reasons_and_a_day(world, report):
    row = returned(world, report, Part.MONEY, Part.PROGRESS)
    assert row.returned_parts == ["progress", "money"]
    assert row.correction_due_on == timezone.localdate() + 14 * DAY
    assert {(part.submission, part.part) for part in ReturnedPart.objects.all()} == {
        (1, "progress"),
        (1, "money"),
    }
    assert row.events.latest("pk").note == "執行情形：請補progress。\n經費：請補money。"


@pytest.mark.parametrize(
    ("parts", "due", "keys"),
    [
        ({}, None, {"parts"}),
        ({"colour": "不喜歡。"}, None, {"parts"}),
        ({"money": " ", "progress": "請補。"}, None, {"money"}),
        ({"money": "字" * 2001}, None, {"money"}),
        ({"money": "請補。"}, date(2020, 1, 1), {"correction_due_on"}),
    ],
)
def test_a_return_without_sense_is_refused(world, report, reviewer, parts, due, keys):
    row = world.bring(report, Status.UNDER_REVIEW)
    before = trace()
    with pytest.raises(Invalid) as refusal:
        reports.return_report(
            row, seen_version=row.version, by=reviewer, parts=parts, correction_due_on=due
        )
    assert set(refusal.value.errors) == keys
    assert trace() == before


def test_only_returned_parts_and_what_they_touch_can_change(world, report, officer_a):
    indicator = make_indicator(report.measure, world.alpha, officer_a)
    row = returned_row = world.bring(
        reports.save_draft(
            report,
            seen_version=1,
            by=officer_a,
            fields={},
            values={indicator.pk: {"actual": 5}},
        ),
        Status.UNDER_REVIEW,
    )
    row = reports.return_report(
        returned_row,
        seen_version=returned_row.version,
        by=world.people["reviewer"],
        parts={Part.PROGRESS: "請寫人次。"},
    )
    before = trace()
    for given, key in (
        ({"fields": {"next_steps": "別的。"}}, "next_steps"),
        ({"money": []}, "money"),
        ({"values": {indicator.pk: {"actual": 6}}}, f"indicator_{indicator.pk}_actual"),
    ):
        with pytest.raises(Invalid) as refusal:
            save(row, officer_a, **given)
        assert set(refusal.value.errors) == {key}
    assert trace() == before
    # The whole form may come along, as long as nothing differs; a light brings its cause.
    late = {**LATE, "catch_up_on": timezone.localdate() + DAY, "next_steps": WHOLE["next_steps"]}
    row = save(row, officer_a, fields=late, money=MONEY, values={indicator.pk: {"actual": 5}})
    assert row.cause == "procurement"


def test_a_correction_keeps_the_day_of_filing_and_is_checked_where_it_may_be_mended(
    world, report, officer_a, window_a
):
    row = returned(world, report, Part.EVIDENCE)
    filed_at = row.filed_at
    # Approved meanwhile, and in a part that is closed: it must not lock the report.
    make_indicator(report.measure, world.alpha, officer_a)
    row = reports.submit(row, seen_version=row.version, by=officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=window_a)
    assert (row.status, row.filed_at, row.submissions) == (Status.SUBMITTED, filed_at, 2)


def test_sent_back_on_its_way_a_correction_stays_a_correction(world, report, officer_a, window_a):
    row = returned(world, report, Part.MONEY)
    row = reports.submit(row, seen_version=row.version, by=officer_a)
    row = reports.send_back(row, seen_version=row.version, by=window_a, note="再看一次。")
    assert (row.status, row.returned_parts) == (Status.DRAFT, ["money"])
    with pytest.raises(Invalid):
        save(row, officer_a, fields={"work_done": "別的。"})


def test_accepting_closes_the_correction(world, report, officer_a, window_a, reviewer):
    row = returned(world, report, Part.MONEY)
    row = reports.submit(row, seen_version=row.version, by=officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=window_a)
    row = reports.start_review(row, seen_version=row.version, by=reviewer)
    row = reports.accept(row, seen_version=row.version, by=reviewer)
    assert (row.status, row.returned_parts, row.correction_due_on) == (Status.ACCEPTED, [], None)
    assert row.accepted_at
    assert row.returns.count() == 1  # what was asked stays to be read


def test_exempting_and_resuming(world, report, reviewer):
    row = reports.exempt(report, seen_version=1, by=reviewer, note="業務移撥。")
    assert (row.status, row.exempt_reason) == (Status.NOT_APPLICABLE, "業務移撥。")
    row = reports.resume(row, seen_version=row.version, by=reviewer, note="移撥取消。")
    assert (row.status, row.exempt_reason) == (Status.DRAFT, "")
    assert AuditEvent.objects.get(verb="report.resume").after["was"] == "業務移撥。"
    with pytest.raises(Invalid):
        reports.exempt(row, seen_version=row.version, by=reviewer, note="字" * 501)


@pytest.mark.parametrize("verb", ["submit", "sign_off", "start_review", "accept", "withdraw"])
def test_the_wrong_person_leaves_no_trace(world, report, officer_b, verb):
    row = world.bring(report, Status.SUBMITTED)
    before = trace()
    with pytest.raises(NotAllowed):
        getattr(reports, verb)(row, seen_version=row.version, by=officer_b)
    assert trace() == before


def test_what_fails_half_way_leaves_no_trace(world, report, reviewer, monkeypatch):
    row = world.bring(report, Status.UNDER_REVIEW)
    before = trace()
    monkeypatch.setattr(
        "tracking.notices.reports.announce",
        lambda *args, **kwargs: (_ for _ in ()).throw(RuntimeError),
    )
    with pytest.raises(RuntimeError):
        reports.accept(row, seen_version=row.version, by=reviewer)
    assert trace() == before


# --- a reviewer's light ---
def test_another_light_stands_beside_with_its_reason(world, report, reviewer, officer_a):
    args = (report.measure, world.year)
    with pytest.raises(NotAllowed):
        lights.set_light(*args, light=Light.BEHIND, reason="未達標。", by=officer_a)
    for light, reason, key in (("green", "未達標。", "light"), (Light.BEHIND, "", "reason")):
        with pytest.raises(Invalid) as refusal:
            lights.set_light(*args, light=light, reason=reason, by=reviewer)
        assert set(refusal.value.errors) == {key}
    lights.set_light(*args, light=Light.BEHIND, reason="未達標。", by=reviewer)
    lights.set_light(*args, light=Light.FAR_BEHIND, reason="查證後更差。", by=reviewer)
    assert LightOverride.objects.get().light == Light.FAR_BEHIND
    assert AuditEvent.objects.filter(verb="light.set").first().before["light"] == Light.BEHIND
    lights.clear_light(*args, by=reviewer)
    assert not LightOverride.objects.exists()
    with pytest.raises(NotNow):
        lights.clear_light(*args, by=reviewer)


# --- named constraints ---
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"completion": 101}, "report_completion_per_cent"),
        ({"role": "partner"}, "report_coordinating_is_lead"),
    ],
)
def test_the_database_holds_the_invariants(report, change, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ProgressReport.objects.filter(pk=report.pk).update(**change)


def test_one_report_of_a_measure_ministry_and_year(report):
    fields = ("reporting_year", "measure", "ministry", "ministry_name", "role")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.create(**{name: getattr(report, name) for name in fields})


def test_one_line_a_source_and_one_part_a_submission(world, report, reviewer):
    row = returned(world, report, Part.MONEY)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.money_lines.create(ordinal=2, source="公務預算", allocated_thousand=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReturnedPart.objects.create(
            report=row, submission=1, part=Part.MONEY, reason="再一次。", by=reviewer
        )
