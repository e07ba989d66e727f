"""Random people of several ministries ask, decide, write and judge in random order: reports, more
time and corrections together. What must always hold is said once, in the invariants.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from config.kit.errors import Refused
from ministries.enums import MembershipRole, SystemRole
from tests.world import WHOLE, World, grant, join, make_user
from tracking.actions import corrections, extensions, reports
from tracking.enums import Part, RequestState, Status, Verb
from tracking.models import (
    CorrectionRequest,
    ExtensionRequest,
    ProgressReport,
    ReportEvent,
    ReportingYear,
    Submission,
)
from tracking.standing import lights_of_years
from tracking.workflow import ROAD

PEOPLE = (
    *("officer_a", "window_a", "viewer_a", "officer_b", "window_b", "officer_s", "window_s"),
    *("reviewer", "both", "collator", "administrator", "expert"),
)
WALKED = (("1.1.1.1", "alpha"), ("1.1.1.1", "beta"), ("1.1.2.1", "science"))
NEXT = {
    Status.DRAFT: (Verb.SUBMIT, "officer"),
    Status.RETURNED: (Verb.SUBMIT, "officer"),
    Status.SIGNING: (Verb.SIGN_OFF, "window"),
    Status.SUBMITTED: (Verb.START, ""),
    Status.UNDER_REVIEW: (Verb.ACCEPT, ""),
}
persons, whole = st.sampled_from(PEOPLE), st.integers(0, 99)
MORE = st.integers(-3, 70)


class Filing(RuleBasedStateMachine):
    """Each example starts from the same drafts, five days after the due date, and is rolled back
    at its end. `both` is a reviewer who is also an officer of 科學部.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.world, self.people = world, world.people
        self.texts = 0
        today = timezone.localdate()
        ReportingYear.objects.filter(pk=world.year.pk).update(
            due_on=today - timedelta(days=5), closes_on=today + timedelta(days=20)
        )
        self.world.year.refresh_from_db()
        self.year = self.world.year
        self.accepted: dict[int, str] = {}  # report id → the text that stands

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    # --- doing ------------------------------------------------------------------------------------
    def rows(self) -> list[ProgressReport]:
        ids = [self.world.report(*place).pk for place in WALKED]
        copies = ProgressReport.working.filter(corrects__in=ids).exclude(status=Status.ACCEPTED)
        return list(ProgressReport.working.filter(pk__in=ids).order_by("pk")) + list(copies)

    def make(self, verb: Verb, row: ProgressReport, by) -> None:
        common = {"seen_version": row.version, "by": by}
        match verb:
            case Verb.SAVE:
                self.texts += 1
                fields = {**WHOLE, "work_done": f"辦了{self.texts}場。"}
                fields = {"work_done": fields["work_done"]} if row.returned_parts else fields
                reports.save_draft(row, fields=fields, **common)
            case Verb.RETURN:
                reports.return_report(row, parts={Part.PROGRESS: "請補充。"}, **common)
            case Verb.SEND_BACK | Verb.EXEMPT | Verb.RESUME:
                getattr(reports, str(verb))(row, note="說明理由。", **common)
            case Verb.REOPEN | Verb.DROP:
                getattr(corrections, str(verb))(row, note="說明理由。", **common)
            case Verb.START:
                reports.start_review(row, **common)
            case _:
                getattr(reports, str(verb))(row, **common)
        if verb == Verb.ACCEPT:
            self.accepted[row.corrects_id or row.pk] = row.work_done

    def attempt(self, do, *given, **named) -> bool:
        """Whether it was done; a refusal leaves nothing behind (the other walk holds that)."""
        try:
            with transaction.atomic():
                do(*given, **named)
        except Refused:
            return False
        return True

    # --- rules ------------------------------------------------------------------------------------
    @rule(verb=st.sampled_from(list(Verb)), person=persons, which=whole)
    def anybody_tries_anything(self, verb: Verb, person: str, which: int) -> None:
        rows = self.rows()
        row, by = rows[which % len(rows)], self.people[person]
        wrote = row.authors.filter(user=by).exists()
        done = self.attempt(self.make, verb, row, by)
        if done and (row.status, verb) in ROAD and ROAD[row.status, verb].who.value == "reviewer":
            assert not wrote

    @rule(which=whole, steps=st.integers(1, 5))
    def a_report_goes_on_along_its_road(self, which: int, steps: int) -> None:
        rows = self.rows()
        pk = rows[which % len(rows)].pk
        for _step in range(steps):
            row = ProgressReport.working.get(pk=pk)
            if row.status not in NEXT:
                return
            verb, role = NEXT[row.status]
            letter = {"alpha": "a", "beta": "b", "science": "s"}[row.ministry.code]
            by = self.people[f"{role}_{letter}" if role else "reviewer"]
            if verb == Verb.SUBMIT:
                self.attempt(self.make, Verb.SAVE, row, by)
                row.refresh_from_db()
            self.attempt(self.make, verb, row, by)

    @rule(person=persons, ministry=st.sampled_from(["alpha", "beta", "science"]), days=MORE)
    def somebody_asks_for_more_time(self, person: str, ministry: str, days: int) -> None:
        by, body = self.people[person], self.world.ministries[ministry]
        wanted = self.year.due_on + timedelta(days=days)
        if self.attempt(extensions.ask, self.year, body, wanted_until=wanted, reason="。", by=by):
            assert body.pk in by.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)

    @rule(person=persons, days=MORE, how=st.sampled_from(["grant", "refuse", "withdraw"]))
    def somebody_decides_on_more_time(self, person: str, days: int, how: str) -> None:
        row, by = ExtensionRequest.objects.waiting().first(), self.people[person]
        if row is None:
            return
        if how == "grant":
            until = self.year.due_on + timedelta(days=days)
            done = self.attempt(extensions.grant, row, granted_until=until, by=by)
        elif how == "refuse":
            done = self.attempt(extensions.refuse, row, note="還有時間。", by=by)
        else:
            self.attempt(extensions.withdraw, row, by=by)
            return
        if done:
            assert SystemRole.REVIEWER in by.roles and row.ministry_id not in by.ministry_ids

    @rule(person=persons, which=whole)
    def somebody_asks_for_a_correction(self, person: str, which: int) -> None:
        rows = self.rows()
        row = rows[which % len(rows)]
        asked = {"parts": [Part.PROGRESS], "reason": "算錯了。", "by": self.people[person]}
        if self.attempt(corrections.ask, row, **asked):
            assert row.status == Status.ACCEPTED and row.corrects_id is None

    @rule(person=persons, refuse=st.booleans())
    def somebody_decides_on_a_correction(self, person: str, refuse: bool) -> None:
        row, by = CorrectionRequest.objects.waiting().first(), self.people[person]
        if row is None:
            return
        if refuse:
            done = self.attempt(corrections.refuse, row, note="數字對的。", by=by)
        else:
            done = self.attempt(self.make, Verb.REOPEN, row.report, by)
        if done:
            assert SystemRole.REVIEWER in by.roles
            assert not row.report.authors.filter(user=by).exists()

    # --- what must always hold --------------------------------------------------------------------
    @invariant()
    def status_moves_by_the_road_only(self) -> None:
        for row in ProgressReport.working.all():
            status = Status.ACCEPTED if row.corrects_id else Status.DRAFT
            for event in ReportEvent.objects.filter(report=row).order_by("pk"):
                assert event.from_status == status
                assert ROAD[Status(status), Verb(event.verb)].to == event.to_status
                status = event.to_status
            assert status == row.status

    @invariant()
    def one_open_request_a_unit_and_a_report(self) -> None:
        asked = ExtensionRequest.objects.filter(state=RequestState.ASKED)
        assert len({row.ministry_id for row in asked}) == len(asked)
        copies = ProgressReport.working.filter(corrects__isnull=False)
        running = copies.exclude(status=Status.ACCEPTED)
        assert len({row.corrects_id for row in running}) == len(running)
        for row in running:
            assert CorrectionRequest.objects.get(copy=row).running

    @invariant()
    def nobody_decided_on_what_they_wrote(self) -> None:
        for event in ReportEvent.objects.filter(verb__in=(Verb.ACCEPT, Verb.RETURN, Verb.REOPEN)):
            moves = ReportEvent.objects.filter(report=event.report_id, pk__lt=event.pk)
            wrote = moves.filter(verb__in=(Verb.SUBMIT, Verb.SIGN_OFF))
            assert event.by_id not in wrote.values_list("by", flat=True)

    @invariant()
    def what_was_accepted_stands_until_the_next_acceptance(self) -> None:
        for pk, text in self.accepted.items():
            row = ProgressReport.objects.get(pk=pk)
            assert (row.status, row.work_done) == (Status.ACCEPTED, text)
            kept = Submission.objects.filter(report=row).order_by("number")
            assert text in [one.content["fields"]["work_done"] for one in kept]
        told = lights_of_years([self.year], self.people["reviewer"])[self.year.pk]
        lead = self.world.report("1.1.1.1", "alpha")
        light = told[self.world.measures["1.1.1.1"].lineage]
        assert (light.so_far == WHOLE["light"]) == (lead.pk in self.accepted)

    @invariant()
    def timeliness_is_right(self) -> None:
        granted: dict[int, date] = {}
        for row in ExtensionRequest.objects.filter(state=RequestState.GRANTED):
            day = granted.get(row.ministry_id, row.granted_until)
            granted[row.ministry_id] = max(day, row.granted_until)
        for row in ProgressReport.working.filter(reporting_year=self.year):
            assert row.extended_until == granted.get(row.ministry_id)
            if row.filed_at and row.status != Status.NOT_APPLICABLE:
                filed = timezone.localdate(row.filed_at)
                assert row.late == (filed > (row.extended_until or self.year.due_on))


def test_no_walk_breaks_what_must_hold(world):
    both = world.people["both"] = make_user("both")
    grant(both, SystemRole.REVIEWER)
    join(both, world.science, MembershipRole.OFFICER)
    run_state_machine_as_test(
        lambda: Filing(world),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
