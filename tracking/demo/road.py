"""How a demo report came to stand where it stands: day by day along the workflow's own table."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from ministries.models import Lineage, Ministry, User
from tracking.demo import texts
from tracking.demo.people import People
from tracking.demo.rows import Rows
from tracking.demo.slots import Slot
from tracking.enums import LATE_LIGHTS, Part, Status, Verb
from tracking.models import ProgressReport, ReportAuthor, ReportEvent, ReportingYear, ReturnedPart
from tracking.workflow import ROAD

# Moves that a report has behind it, by where it stands.
FILED = (Verb.SUBMIT, Verb.SIGN_OFF)
ROADS: dict[str, tuple[Verb, ...]] = {
    "blank": (),
    "half": (),
    "signing": (Verb.SUBMIT,),
    "submitted": FILED,
    "under_review": (*FILED, Verb.START),
    "returned": (*FILED, Verb.START, Verb.RETURN),
    "accepted": (*FILED, Verb.START, Verb.ACCEPT),
    "nothing": (*FILED, Verb.START, Verb.ACCEPT),
    "mended": (*FILED, Verb.START, Verb.RETURN, *FILED, Verb.START, Verb.ACCEPT),
}


class Road:
    """Leads the reports of one year; who did what and when goes to `rows`."""

    def __init__(self, year: ReportingYear, rows: Rows, people: People, *, last_day: date) -> None:
        """`last_day` is the latest day on which anything happened."""
        self.year, self.rows, self.people, self.last_day = year, rows, people, last_day
        self._lineage, self._ministries = Lineage(), Ministry.objects.in_bulk()

    def travel(self, report: ProgressReport, slot: Slot) -> None:
        """Lead the report along its road by the workflow's own table, day by day."""
        rng = slot.rng("road")
        officer = self.people.officers[slot.ministry.pk]
        window = self.people.windows[slot.ministry.pk]
        reviewer = rng.choice(self.people.reviewers)
        actors = {Verb.SUBMIT: officer, Verb.SIGN_OFF: window}
        verbs = ROADS[slot.place]
        days = self._days(rng, len(verbs))
        report.saved_by = officer
        self._save(report, _moment(rng, days[0], 9))
        for row in self.rows.evidence[-1:]:
            if row.report is report:
                row.added_at = report.saved_at
        self.rows.authors.append(ReportAuthor(report=report, user=officer))
        for verb, day in zip(verbs, days[1:], strict=True):
            at = _moment(rng, day, 10 + list(Verb).index(verb) // 2)
            if verb == Verb.SUBMIT and report.status == Status.RETURNED:
                self._save(report, at - timedelta(minutes=20))
            before = report.status
            report.status = ROAD[before, verb].to
            report.version += 1
            note = ""
            if verb == Verb.SIGN_OFF:
                report.submissions += 1
                if report.submissions == 1:
                    report.filed_at, report.late = at, day > self.year.due_on
                    holder = self._lineage.holder(slot.ministry.pk, day)
                    report.ministry_name = self._ministries[holder].full_name
                    self.rows.authors.append(ReportAuthor(report=report, user=window))
            elif verb == Verb.RETURN:
                note = self._return(report, slot, rng, reviewer, at)
            elif verb == Verb.ACCEPT:
                report.accepted_at = at
                report.returned_parts, report.correction_due_on = [], None
            self.rows.events.append(
                ReportEvent(
                    report=report,
                    verb=verb,
                    from_status=before,
                    to_status=report.status,
                    version=report.version,
                    note=note,
                    by=actors.get(verb, reviewer),
                    at=at,
                )
            )

    def _save(self, report: ProgressReport, at: datetime) -> None:
        report.version += 1
        report.saved_at = at
        self.rows.saves.append((report, report.version, at))

    def _return(
        self,
        report: ProgressReport,
        slot: Slot,
        rng: random.Random,
        reviewer: User,
        at: datetime,
    ) -> str:
        parts = [Part.PROGRESS, Part.NEXT_YEAR, Part.EVIDENCE]
        if slot.light in LATE_LIGHTS:
            parts.append(Part.LATENESS)
        chosen = sorted(rng.sample(parts, rng.choice((1, 1, 2))), key=list(Part).index)
        report.returned_parts = [str(part) for part in chosen]
        report.correction_due_on = max(at.date(), self.last_day) + timedelta(days=14)
        self.rows.returns += [
            ReturnedPart(
                report=report,
                submission=report.submissions,
                part=part,
                reason=texts.RETURNED[part] + texts.MARK,
                by=reviewer,
                at=at,
            )
            for part in chosen
        ]
        return "\n".join(f"{part.label}：{texts.RETURNED[part]}" for part in chosen)

    def _days(self, rng: random.Random, moves: int) -> list[date]:
        """The day of saving and of each move, in order, none after `last_day`."""
        day = self.year.due_on - timedelta(days=rng.randint(4, 32))
        if rng.random() < 0.07:
            day = self.year.due_on + timedelta(days=rng.randint(1, 5))
        days = [day]
        for _ in range(moves):
            day += timedelta(days=rng.choice((0, 1, 1, 2, 3, 5)))
            days.append(day)
        overshoot = max(days[-1] - self.last_day, timedelta(0))
        return [day - overshoot for day in days]


def _moment(rng: random.Random, day: date, hour: int) -> datetime:
    naive = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)))
    return timezone.make_aware(naive)
