"""Random people try random moves in random order; the road and its history must always hold."""

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.kit.errors import NotAllowed, NotNow, Refused, StaleVersion
from ministries.models import AuditEvent
from tests.world import WHOLE, World
from tracking.actions import corrections, reports
from tracking.enums import Part, Status, Verb
from tracking.models import Notice, ProgressReport, ReportEvent
from tracking.rules import reports as rules
from tracking.workflow import ROAD, writable_parts

PEOPLE = ("officer_a", "window_a", "viewer_a", "officer_b", "reviewer", "collator")
PARTS = st.dictionaries(st.sampled_from(list(Part)), st.just("請補充。"), min_size=1)


class Road(RuleBasedStateMachine):
    """One report; each example starts from the same draft and is rolled back at its end."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.people = world.people
        self.row = world.report("1.1.1.1", "alpha")
        self.texts = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def act(self, verb: Verb, by, seen: int, parts: dict) -> ProgressReport:
        common = {"seen_version": seen, "by": by}
        match verb:
            case Verb.SAVE:
                fields = {} if self.row.returned_parts else dict(WHOLE)
                if Part.PROGRESS in writable_parts(self.row.returned_parts):
                    self.texts += 1
                    fields["work_done"] = f"辦了{self.texts}場。"
                return reports.save_draft(self.row, fields=fields, **common)
            case Verb.RETURN:
                return reports.return_report(self.row, parts=parts, **common)
            case Verb.SEND_BACK | Verb.EXEMPT | Verb.RESUME:
                action = getattr(reports, str(verb))
                return action(self.row, note="說明理由。", **common)
            case Verb.START:
                return reports.start_review(self.row, **common)
            # Nobody asks for a correction here: both are always refused (`test_requests_walk.py`).
            case Verb.REOPEN | Verb.DROP:
                return getattr(corrections, str(verb))(self.row, note="說明理由。", **common)
            case _:
                return getattr(reports, str(verb))(self.row, **common)

    def counts(self) -> tuple[int, ...]:
        return tuple(model.objects.count() for model in (ReportEvent, AuditEvent, Notice))

    @rule(
        verb=st.sampled_from(list(Verb)),
        person=st.sampled_from(PEOPLE),
        stale=st.integers(0, 9).map(lambda n: n == 0),
        parts=PARTS,
    )
    def try_to(self, verb: Verb, person: str, stale: bool, parts: dict) -> None:
        by, before, counts = self.people[person], self.row, self.counts()
        answer = rules.verdict(verb, before, by)
        try:
            after = self.act(verb, by, before.version - stale, parts)
        except Refused as refusal:
            assert self.counts() == counts
            assert ProgressReport.objects.values().get(pk=before.pk) == self.stored
            if isinstance(refusal, NotAllowed | NotNow):
                assert str(refusal) == answer.reason
            elif isinstance(refusal, StaleVersion):
                assert stale and answer.ok and refusal.current.version == before.version
            return
        assert answer.ok and not stale
        assert after.status == ROAD[Status(before.status), verb].to
        events, audits, _notices = self.counts()
        if verb == Verb.SAVE:
            changed = after.version > before.version
            assert (events, audits) == (counts[0], counts[1] + changed)
        else:
            assert after.version == before.version + 1
            assert (events, audits) == (counts[0] + 1, counts[1] + 1)
            event = ReportEvent.objects.filter(report=after).latest("pk")
            assert (event.verb, event.from_status, event.to_status, event.version, event.by) == (
                verb,
                before.status,
                after.status,
                after.version,
                by,
            )
        self.row = ProgressReport.objects.get(pk=after.pk)

    # The walk of random people hardly ever gets far; this one takes the next step of the road.
    @precondition(lambda self: self.row.status not in (Status.ACCEPTED, Status.NOT_APPLICABLE))
    @rule(parts=PARTS, accept=st.booleans())
    def take_the_next_step(self, parts: dict, accept: bool) -> None:
        verb, person = {
            Status.DRAFT: (Verb.SUBMIT, "officer_a"),
            Status.RETURNED: (Verb.SUBMIT, "officer_a"),
            Status.SIGNING: (Verb.SIGN_OFF, "window_a"),
            Status.SUBMITTED: (Verb.START, "reviewer"),
            Status.UNDER_REVIEW: (Verb.ACCEPT if accept else Verb.RETURN, "reviewer"),
        }[Status(self.row.status)]
        if self.row.status == Status.DRAFT and not self.row.work_done:
            self.try_to(Verb.SAVE, "officer_a", False, parts)
        self.try_to(verb, person, False, parts)

    @property
    def stored(self) -> dict:
        return {
            field.attname: getattr(self.row, field.attname)
            for field in ProgressReport._meta.concrete_fields
        }

    @invariant()
    def history_leads_to_where_it_is(self) -> None:
        events = list(ReportEvent.objects.filter(report=self.row).order_by("pk"))
        status = Status.DRAFT
        versions = [1]
        for event in events:
            assert event.from_status == status
            assert (Status(status), Verb(event.verb)) in ROAD
            status = event.to_status
            versions.append(event.version)
        assert status == self.row.status
        assert versions == sorted(set(versions)) and versions[-1] <= self.row.version

    @invariant()
    def what_is_filed_is_dated_and_what_is_accepted_is_closed(self) -> None:
        row = self.row
        filed = row.status in (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACCEPTED)
        assert bool(row.filed_at) or not filed
        assert bool(row.accepted_at) or row.status != Status.ACCEPTED
        assert bool(row.returned_parts) == bool(row.correction_due_on)
        assert not (row.returned_parts and row.status == Status.ACCEPTED)


def test_no_walk_leaves_the_road(world):
    run_state_machine_as_test(
        lambda: Road(world),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
