"""More time for one unit and one year: asked, decided by somebody else, and counted everywhere."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.enums import MembershipRole
from ministries.models import AuditEvent
from tests.world import World, join
from tracking.actions import extensions, reports, years
from tracking.enums import FilingState, RequestState, Status
from tracking.matrix import Matrix
from tracking.models import ExtensionRequest, Notice, ProgressReport, ReportingYear
from tracking.models.notice import NoticeKind
from tracking.rules import reports as rules
from tracking.standing import filing_by_ministry

REASON = "承辦人異動，資料要重新蒐集。"


def today() -> date:
    return timezone.localdate()


def shift(world: World, *, due: int, closes: int) -> ReportingYear:
    """Move the year's dates to so many days from today."""
    ReportingYear.objects.filter(pk=world.year.pk).update(
        due_on=today() + timedelta(days=due), closes_on=today() + timedelta(days=closes)
    )
    world.year.refresh_from_db()
    return world.year


def ask(world: World, *, days: int = 20, by: str = "officer_a") -> ExtensionRequest:
    return extensions.ask(
        world.year,
        world.alpha,
        wanted_until=world.year.due_on + timedelta(days=days),
        reason=REASON,
        by=world.people[by],
    )


def grant(world: World, row: ExtensionRequest, until: date | None = None) -> ExtensionRequest:
    until = until or row.wanted_until
    return extensions.grant(row, granted_until=until, by=world.reviewer, note="同意。")


def test_the_unit_and_nobody_else_gets_the_new_day(world):
    row = grant(world, ask(world))
    assert (row.state, row.decided_by) == (RequestState.GRANTED, world.reviewer)
    for report in ProgressReport.objects.all():
        own = report.ministry_id == world.alpha.pk
        assert report.extended_until == (row.granted_until if own else None)
        assert report.due_on == (row.granted_until if own else world.year.due_on)
    verbs = AuditEvent.objects.filter(verb__startswith="extension.").order_by("pk")
    assert [one.verb for one in verbs] == ["extension.ask", "extension.grant"]


@pytest.mark.parametrize("name", ["viewer_a", "officer_b", "reviewer", "collator"])
def test_only_the_unit_asks(world, name):
    with pytest.raises(NotAllowed):
        ask(world, by=name)


@pytest.mark.parametrize("name", ["officer_a", "window_a", "collator", "administrator"])
def test_only_a_reviewer_decides(world, name):
    row = ask(world)
    with pytest.raises(NotAllowed):
        extensions.grant(row, granted_until=row.wanted_until, by=world.people[name])
    with pytest.raises(NotAllowed):
        extensions.refuse(row, note="不同意。", by=world.people[name])


def test_nobody_decides_for_their_own_unit(world):
    join(world.reviewer, world.alpha, MembershipRole.VIEWER)
    with pytest.raises(NotAllowed, match="別的審查人"):
        grant(world, ask(world))


def test_one_request_at_a_time_and_another_after_it(world):
    row = ask(world)
    with pytest.raises(NotNow, match="還在等"):
        ask(world, by="window_a")
    extensions.refuse(row, note="還有時間。", by=world.reviewer)
    with pytest.raises(NotNow, match="不同意"):
        grant(world, row)
    assert extensions.withdraw(ask(world), by=world.window_a).state == RequestState.WITHDRAWN
    assert ask(world).waits


@pytest.mark.parametrize(("days", "ok"), [(-1, False), (0, True), (60, True), (61, False)])
def test_the_day_lies_between_due_date_and_thirty_days_after_closing(world, days, ok):
    row = ask(world)
    until = world.year.due_on + timedelta(days=days)  # closing is 30 days after the due date
    if ok:
        assert grant(world, row, until).granted_until == until
    else:
        with pytest.raises(Invalid) as refused:
            grant(world, row, until)
        assert set(refused.value.errors) == {"granted_until"}


def test_a_second_grant_never_shortens_the_first(world):
    grant(world, ask(world, days=20))
    with pytest.raises(Invalid):
        ask(world, days=19)
    row = grant(world, ask(world, days=25))
    assert world.report("1.1.1.1", "alpha").extended_until == row.granted_until


def test_asking_ends_with_the_closing_date(world):
    shift(world, due=-10, closes=-1)
    with pytest.raises(NotNow, match="不收件"):
        ask(world)


def test_filing_is_in_time_on_the_last_day_and_late_after_it(world):
    shift(world, due=-3, closes=10)
    grant(world, ask(world, days=3))
    first = world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    other = world.bring(world.report("1.1.1.1", "beta"), Status.SUBMITTED)
    assert (first.late, first.by_extension) == (False, True)
    assert (other.late, other.by_extension) == (True, False)
    shift(world, due=-5, closes=10)
    ProgressReport.objects.filter(ministry=world.alpha).update(
        extended_until=today() - timedelta(days=1)
    )
    assert world.bring(world.report("1.1.1.2", "alpha"), Status.SUBMITTED).late


def test_what_was_filed_late_before_the_grant_is_in_time_by_it(world):
    shift(world, due=-3, closes=10)
    row = ask(world, days=5)
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.SUBMITTED)
    assert report.late
    grant(world, row)
    report.refresh_from_db()
    assert (report.late, report.by_extension) == (False, True)


def test_a_closed_year_stays_writable_for_the_unit_until_its_day(world):
    row = grant(world, ask(world, days=50))
    years.close_year(world.year, by=world.collator)
    mine, others = world.report("1.1.1.1", "alpha"), world.report("1.1.1.1", "beta")
    assert rules.verdict("save", mine, world.officer_a)
    assert rules.verdict("save", mine, world.officer_a, today=row.granted_until)
    after = rules.verdict("save", mine, world.officer_a, row.granted_until + timedelta(days=1))
    assert not after and "展延" in after.reason
    assert not rules.verdict("save", others, world.officer_b)
    assert world.bring(mine, Status.SUBMITTED).late is False


def test_states_of_the_matrix_and_of_the_counts_use_the_units_own_day(world):
    shift(world, due=-3, closes=10)
    grant(world, ask(world, days=8))
    rows = filing_by_ministry(world.year, world.reviewer, today())
    assert set(rows[world.alpha.pk].states) == {FilingState.NOT_DUE}
    assert set(rows[world.beta.pk].states) == {FilingState.OVERDUE}
    matrix = Matrix(world.year, world.reviewer, today())
    bodies = {body.pk: cell for body in matrix.bodies for cell in [matrix.columns[body.pk]]}
    assert bodies[world.alpha.pk].states[FilingState.OVERDUE] == 0
    assert bodies[world.beta.pk].states[FilingState.OVERDUE] == bodies[world.beta.pk].owed


def test_reports_opened_later_have_the_units_day(world):
    row = grant(world, ask(world))
    ProgressReport.assignments.through.objects.filter(
        progressreport__in=ProgressReport.objects.filter(ministry=world.alpha)
    ).delete()
    ProgressReport.objects.filter(ministry=world.alpha).delete()
    years.open_year(world.year, by=world.collator)
    made = ProgressReport.objects.filter(ministry=world.alpha)
    assert {one.extended_until for one in made} == {row.granted_until} and len(made) == 3


def test_reviewers_and_the_asker_are_mailed(world):
    row = ask(world)
    asked = Notice.objects.filter(kind=NoticeKind.EXTENSION_ASKED)
    assert [one.recipient for one in asked] == [world.reviewer] and REASON in asked[0].body
    grant(world, row)
    told = Notice.objects.filter(kind=NoticeKind.EXTENSION_DECIDED)
    assert {one.recipient for one in told} == {world.officer_a, world.window_a}
    assert reverse("extension", args=[row.pk]) in told[0].body


# --- pages ----------------------------------------------------------------------------------------
def day(of: date, name: str) -> dict:
    return {f"{name}_0": of.year - 1911, f"{name}_1": of.month, f"{name}_2": of.day}


def test_from_the_desk_to_the_queue_to_the_new_day(world, as_user):
    officer, reviewer = as_user(world.officer_a), as_user(world.reviewer)
    page = reverse("extension-ask", args=[world.year.pk, "alpha"])
    assert page in officer.get(reverse("desk")).content.decode()
    wanted = world.year.due_on + timedelta(days=7)
    refused = officer.post(page, {"reason": REASON})
    assert refused.status_code == 422 and REASON in refused.content.decode()
    answer = officer.post(page, {"reason": REASON, **day(wanted, "wanted_until")})
    row = ExtensionRequest.objects.get()
    assert answer.url == reverse("extension", args=[row.pk])
    assert answer.url in reviewer.get(reverse("review-queue")).content.decode()
    move = reverse("extension-move", args=[row.pk, "grant"])
    late = reviewer.post(move, day(world.year.closes_on + timedelta(days=31), "granted_until"))
    assert late.status_code == 422
    assert reviewer.post(move, day(wanted, "granted_until")).status_code == 302
    row.refresh_from_db()
    assert row.granted_until == wanted
    assert "展延到" in officer.get(reverse("desk")).content.decode()


def test_others_do_not_see_the_request(world, as_user):
    page = reverse("extension", args=[ask(world).pk])
    assert as_user(world.officer_b).get(page).status_code == 404
    assert as_user(None).get(page).status_code == 302
    assert as_user(world.viewer_a).get(page).status_code == 200


def test_saving_after_the_extension_is_refused_with_the_day(world):
    grant(world, ask(world, days=0), world.year.due_on)
    shift(world, due=-20, closes=-10)
    ProgressReport.objects.filter(ministry=world.alpha).update(
        extended_until=today() - timedelta(days=2)
    )
    report = world.report("1.1.1.1", "alpha")
    with pytest.raises(NotNow, match="展延到"):
        reports.save_draft(
            report, seen_version=report.version, by=world.officer_a, fields={"benefit": "有。"}
        )
