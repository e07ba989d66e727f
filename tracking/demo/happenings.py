"""What happens beside the filings of the demo's open year: requests, corrections, what ministries
say of one another's reports, messages, receipts and a handover. By the actions that people use.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Count

from config.kit.errors import Refused
from ministries.enums import MembershipRole
from ministries.models import Membership, Ministry, User
from plan.actions import indicators
from plan.enums import Accumulation, AssignmentRole, Direction, IndicatorKind
from plan.models import Indicator, Plan
from tracking.actions import corrections, extensions, joint, messages, receipts, reports
from tracking.actions.handover import hand_over
from tracking.actions.receipts import Signed
from tracking.demo import texts
from tracking.demo.people import DEMO_PASSWORD, address
from tracking.enums import Part, Status, Verb, YearState
from tracking.models import (
    ExtensionRequest,
    Notice,
    ProgressReport,
    Receipt,
    ReportEvent,
    ReportingYear,
    Submission,
)
from tracking.receipts import WITH_EVIDENCE
from tracking.rules.joint import DISPUTABLE

ASKED_FOR, GRANTED_FOR = timedelta(days=21), timedelta(days=14)


@transaction.atomic
def seed_happenings(plan: Plan, *, today: date) -> bool:
    """Let it happen in the plan's open year; False where there is none or it did already.

    Needs the demo's people and filings. Nobody is mailed.
    """
    year = plan.reporting_years.filter(state=YearState.OPEN).order_by("-year").first()
    if year is None or ExtensionRequest.objects.filter(reporting_year=year).exists():
        return False
    mailed = set(Notice.objects.values_list("pk", flat=True))
    story = _Story(year, today)
    story.give_receipts()
    story.ask_for_time()
    story.correct()
    story.measure_in_depth()
    story.speak_of_one_another()
    story.talk()
    story.hand_over()
    # What the actions would have mailed; their jobs find nothing.
    Notice.objects.exclude(pk__in=mailed).delete()
    return True


class _Story:
    def __init__(self, year: ReportingYear, today: date) -> None:
        self.year, self.today = year, today
        self.reviewer = _person("reviewer1")
        # Busiest first: the ministries whose accounts are shown.
        held = Ministry.objects.filter(reports__reporting_year=year)
        self.ministries = list(held.annotate(n=Count("pk")).order_by("-n", "code"))

    # --- who and what -----------------------------------------------------------------------------
    @property
    def busiest(self) -> Ministry:
        return self.ministries[0]

    def officer(self, ministry: Ministry) -> User:
        return _person(f"officer.{ministry.on(self.today).code}")

    def window(self, ministry: Ministry) -> User:
        return _person(f"window.{ministry.on(self.today).code}")

    def reports(self, *statuses: Status, **chosen) -> Iterator[ProgressReport]:
        rows = ProgressReport.objects.filter(status__in=statuses, **chosen)
        rows = rows.select_related("ministry", "measure", "reporting_year")
        order = ("measure__position", "reporting_year__year", "ministry__code")
        return iter(rows.order_by(*order))

    # --- what happens -----------------------------------------------------------------------------
    def give_receipts(self) -> None:
        """For every sign-off of the year, as of its day."""
        signed: dict[int, list[ReportEvent]] = {}
        events = ReportEvent.objects.filter(report__reporting_year=self.year, verb=Verb.SIGN_OFF)
        for event in events.select_related("by").order_by("at", "pk"):
            signed.setdefault(event.report_id, []).append(event)
        copies = Submission.objects.filter(report__in=signed)
        around = ("report__measure", "report__ministry", "report__reporting_year__plan")
        rows = []
        for copy in copies.select_related(*around).prefetch_related(WITH_EVIDENCE):
            event = signed[copy.report_id][copy.number - 1]
            copy.report.submissions = copy.number
            one = Signed(copy.report, copy, None)
            rows.append(receipts.receipt_of(one, by=event.by, at=event.at))
        Receipt.objects.bulk_create(rows)

    def ask_for_time(self) -> None:
        """The busiest waits for an answer; one of the least busy that owe something got it."""
        asked = self.today + ASKED_FOR
        extensions.ask(
            self.year, self.busiest, wanted_until=asked, reason=texts.MORE_TIME[0] + texts.MARK,
            by=self.officer(self.busiest),
        )  # fmt: skip
        owing = {row.ministry_id for row in self.reports(Status.DRAFT, reporting_year=self.year)}
        for ministry in reversed(self.ministries[1:]):
            if ministry.pk in owing:
                request = extensions.ask(
                    self.year, ministry, wanted_until=asked, by=self.officer(ministry),
                    reason=texts.MORE_TIME[1] + texts.MARK,
                )  # fmt: skip
                until = self.today + GRANTED_FOR
                extensions.grant(request, granted_until=until, by=self.reviewer)
                return

    def correct(self) -> None:
        """Of the busiest's accepted reports one correction is asked, one granted, one accepted."""
        found = self.reports(
            Status.ACCEPTED, ministry=self.busiest, role=AssignmentRole.LEAD,
            nothing_to_report=False, reporting_year__plan=self.year.plan,
        )  # fmt: skip
        officer, window = self.officer(self.busiest), self.window(self.busiest)
        for step, row in zip(("asked", "granted", "accepted"), found, strict=False):
            corrections.ask(
                row, parts=[Part.PROGRESS], reason=texts.CORRECTION + texts.MARK, by=officer
            )
            if step == "asked":
                continue
            copy = corrections.reopen(
                row, seen_version=row.version, note=texts.CORRECTABLE + texts.MARK, by=self.reviewer
            )
            if step == "granted":
                continue
            told = {"work_done": texts.corrected(copy.work_done)}
            copy = reports.save_draft(copy, seen_version=copy.version, by=officer, fields=told)
            copy = reports.submit(copy, seen_version=copy.version, by=officer)
            copy = reports.sign_off(copy, seen_version=copy.version, by=window)
            copy = reports.start_review(copy, seen_version=copy.version, by=self.reviewer)
            reports.accept(copy, seen_version=copy.version, by=self.reviewer)

    def measure_in_depth(self) -> None:
        """A draft of the busiest gets an indicator told by its parts and one that is calculated."""
        row = self._draft()
        if row is None:
            return
        officer = self.officer(self.busiest)

        def add(name: str, unit: str, kind: IndicatorKind, first: int, **more) -> Indicator:
            targets = {
                year: {"value": first + 10 * place}
                for place, year in enumerate(self.year.plan.years)
            }
            found = indicators.propose(
                row.measure, row.ministry, by=officer, targets=targets, name=name, unit=unit,
                kind=kind, accumulation=Accumulation.YEARLY, direction=Direction.HIGHER,
                source=texts.SOURCE, note=texts.MARK, **more,
            )  # fmt: skip
            return indicators.approve(found, by=self.reviewer)

        people = add(
            texts.TRAINED, "人", IndicatorKind.QUANTITY, 100, dimension="性別", parts=["女", "男"]
        )
        passed = add(texts.PASSED, "人", IndicatorKind.QUANTITY, 60)
        formula = f"{passed.letter} ÷ {people.letter} × 100"
        add(texts.PASS_RATE, "%", IndicatorKind.RATIO, 60, formula=formula)
        reports.save_draft(
            row, seen_version=row.version, by=officer, fields={},
            values={
                people.pk: {"actual": 120, "parts": {"女": 66, "男": 54}},
                passed.pk: {"actual": 84},
            },
        )  # fmt: skip

    def speak_of_one_another(self) -> None:
        """A lead quotes a partner; two partners see a lead's report otherwise, one is answered."""
        drafts = self.reports(
            Status.DRAFT, Status.RETURNED, role=AssignmentRole.LEAD, reporting_year=self.year
        )
        any(self._quote(lead, part) for lead in drafts for part in self._partners(lead))
        filed = self.reports(*DISPUTABLE, role=AssignmentRole.LEAD, reporting_year=self.year)
        pairs = ((lead, next(self._partners(lead), None)) for lead in filed)
        both = [(lead, part) for lead, part in pairs if part is not None][:2]
        for place, (lead, part) in enumerate(both):
            dissent = joint.note_dissent(
                part, lead, text=texts.DISSENT[place] + texts.MARK, by=self.officer(part.ministry)
            )
            if place == 0:
                answer = texts.DISSENT_ANSWER + texts.MARK
                joint.answer_dissent(dissent, text=answer, by=self.officer(lead.ministry))

    def _partners(self, lead: ProgressReport) -> Iterator[ProgressReport]:
        rows = self.reports(
            *Status, role=AssignmentRole.PARTNER, measure=lead.measure, reporting_year=self.year
        )
        return (row for row in rows if row.ministry_id != lead.ministry_id)

    def _quote(self, lead: ProgressReport, part: ProgressReport) -> bool:
        try:
            with transaction.atomic():
                joint.quote(
                    lead, part.pk, "work_done", seen_version=lead.version,
                    by=self.officer(lead.ministry),
                )  # fmt: skip
        except Refused:
            return False
        return True

    def talk(self) -> None:
        """The reviewer asked about two reports of the busiest; one question is answered."""
        waiting = self.reports(
            Status.UNDER_REVIEW, Status.SUBMITTED, ministry=self.busiest, reporting_year=self.year
        )
        for place, row in zip(range(2), waiting, strict=False):
            question, answer = texts.QUESTIONS[place]
            messages.send_message(row, text=question + texts.MARK, by=self.reviewer)
            if place == 0:
                officer = self.officer(self.busiest)
                messages.send_message(row, text=answer + texts.MARK, by=officer)

    def hand_over(self) -> None:
        """An officer who left the busiest: what was begun is another's now."""
        ministry = self.busiest.on(self.today)
        leaver = User.objects.create(
            email=address(f"former.{ministry.code}"),
            name=f"示範離任承辦人（{ministry.short_name}）",
            unit="科技業務單位",
            is_demo=True,
            password=make_password(DEMO_PASSWORD),
        )
        role = Membership.objects.create(
            user=leaver, ministry=ministry, role=MembershipRole.OFFICER, since=self.year.opens_on
        )
        if row := self._draft():
            fields = {"next_steps": texts.BEGUN + texts.MARK}
            reports.save_draft(row, seen_version=row.version, by=leaver, fields=fields)
        note = texts.HANDOVER + texts.MARK
        hand_over(role, taker=self.officer(ministry), note=note, by=self.window(ministry))

    def _draft(self) -> ProgressReport | None:
        """The busiest's first draft with a text, else its first."""
        rows = list(self.reports(Status.DRAFT, ministry=self.busiest, reporting_year=self.year))
        return max(rows, key=lambda row: bool(row.work_done), default=None)


def _person(name: str) -> User:
    return User.objects.get(email=address(name))
