"""One demo reporting year: its reports with all their parts, their moves and the audit of them."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from config.kit import roc
from ministries import audit
from ministries.models import AuditEvent, Ministry, User
from ministries.queries import Lineage
from plan.enums import AssignmentRole, Direction, IndicatorKind, IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, Measure
from tracking.demo import texts
from tracking.demo.people import People
from tracking.enums import FINAL_LIGHTS, LATE_LIGHTS, Light, Part, Status, Verb, YearState
from tracking.models import (
    Evidence,
    IndicatorValue,
    LightOverride,
    MoneyLine,
    ProgressReport,
    ReportAuthor,
    ReportEvent,
    ReportingYear,
    ReturnedPart,
)
from tracking.workflow import ROAD

# Where the reports of an open year stand, as a share of all; the rest is accepted.
OPEN_SHARES = {
    "blank": 0.029,
    "half": 0.015,
    "signing": 0.017,
    "submitted": 0.06,
    "under_review": 0.04,
    "returned": 0.022,
    "nothing": 0.03,
}
# A year that is over: a few never came.
PAST_SHARES = {"blank": 0.005, "nothing": 0.03}
# A demo in which every report was filed, as a review of a whole plan needs it.
COMPLETE_SHARES = {"nothing": 0.03}
# Characters of each narrative there: what ministries write in the large.
COMPLETE_LENGTH = 500
# The ministries with most reports have one of each, so that any demo account finds work.
BUSY_MINISTRIES = 3
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
SOURCES = ("科技發展預算", "一般公務預算", "前瞻基礎建設特別預算")
# Actual as a share of the target, by light.
REACHED = {
    Light.AHEAD: (1.05, 1.3),
    Light.ON_TRACK: (0.97, 1.08),
    Light.DONE: (1.0, 1.15),
    Light.BEHIND: (0.75, 0.93),
    Light.FAR_BEHIND: (0.35, 0.68),
    Light.STOPPED: (0.2, 0.5),
}
# Completion against the share of the plan's years that has passed, in points.
AHEAD_BY = {
    Light.AHEAD: (5, 10),
    Light.ON_TRACK: (-3, 3),
    Light.BEHIND: (-12, -6),
    Light.FAR_BEHIND: (-22, -16),
    Light.STOPPED: (-20, -10),
}


@dataclass(eq=False)
class Slot:
    """A report to be: one body's duties for one measure."""

    measure: Measure
    ministry: Ministry
    assignments: list[Assignment] = field(default_factory=list)
    place: str = "accepted"
    light: Light | None = None

    @property
    def role(self) -> AssignmentRole:
        leads = any(duty.role == AssignmentRole.LEAD for duty in self.assignments)
        return AssignmentRole.LEAD if leads else AssignmentRole.PARTNER

    @property
    def coordinating(self) -> bool:
        return any(
            duty.role == AssignmentRole.LEAD and duty.order == 1 for duty in self.assignments
        )


class YearOfFilings:
    """Builds all rows of one year in memory; `write` stores them table by table."""

    def __init__(
        self,
        year: ReportingYear,
        lights: dict[str, Light | None],
        people: People,
        *,
        index: int,
        years: int,
        last_day: date,
        complete: bool = False,
    ) -> None:
        """`lights` by measure code (None: not applicable), `index` 0 for the plan's first year of
        `years`, `last_day` the latest day on which anything happened. `complete`: no report of a
        past year is missing, and narratives are long."""
        self.year, self.lights, self.people = year, lights, people
        self.index, self.years, self.last_day = index, years, last_day
        self.open = year.state == YearState.OPEN
        self.shares = OPEN_SHARES if self.open else COMPLETE_SHARES if complete else PAST_SHARES
        self.length = COMPLETE_LENGTH if complete else 0
        self._lineage, self._ministries = Lineage(), Ministry.objects.in_bulk()
        self.reports: list[ProgressReport] = []
        self.answers: list[tuple[ProgressReport, Assignment]] = []
        self.values: list[IndicatorValue] = []
        self.money: list[MoneyLine] = []
        self.evidence: list[Evidence] = []
        self.authors: list[ReportAuthor] = []
        self.events: list[ReportEvent] = []
        self.returns: list[ReturnedPart] = []
        self.saves: list[tuple[ProgressReport, int, datetime]] = []
        self._indicators: dict[tuple[int, int], list[tuple[Indicator, IndicatorTarget]]]
        self._indicators = defaultdict(list)

    def build(self, assignments: list[Assignment]) -> None:
        targets = IndicatorTarget.objects.filter(
            year=self.year.year, indicator__state=IndicatorState.APPROVED
        ).select_related("indicator")
        for target in targets.order_by("indicator__measure", "indicator__ordinal"):
            indicator = target.indicator
            self._indicators[indicator.measure_id, indicator.ministry_id].append(
                (indicator, target)
            )
        slots = self._slots(assignments)
        self._give_lights(slots)
        self._give_places(slots)
        for slot in slots:
            self._report(slot)

    def write(self) -> None:
        ProgressReport.objects.bulk_create(self.reports)
        through = ProgressReport.assignments.through
        through.objects.bulk_create(
            through(progressreport_id=report.pk, assignment_id=duty.pk)
            for report, duty in self.answers
        )
        for model, rows in (
            (IndicatorValue, self.values),
            (MoneyLine, self.money),
            (Evidence, self.evidence),
            (ReportAuthor, self.authors),
            (ReportEvent, self.events),
            (ReturnedPart, self.returns),
        ):
            model.objects.bulk_create(rows)
        self._write_override()
        audit.record_many(self._audit())

    # --- what stands where ------------------------------------------------------------------------
    def _slots(self, assignments: Iterable[Assignment]) -> list[Slot]:
        """Duties, gathered by measure and by the body that held them on the opening day."""
        slots: dict[tuple[int, int], Slot] = {}
        for duty in assignments:
            holder = self._lineage.holder(duty.ministry_id, self.year.opens_on)
            slot = slots.setdefault(
                (duty.measure_id, holder), Slot(duty.measure, self._ministries[holder])
            )
            slot.assignments.append(duty)
        return list(slots.values())

    def _rng(self, slot: Slot, what: str) -> random.Random:
        return random.Random(f"{what} {self.year.year} {slot.measure.code} {slot.ministry.code}")

    def _give_lights(self, slots: list[Slot]) -> None:
        """A measure's light is the worst of its leads', so one lead carries it and none is
        worse."""
        for slot in slots:
            light = self.lights[slot.measure.code]
            rng = self._rng(slot, "light")
            if light in (None, Light.NOT_DUE, *FINAL_LIGHTS) or slot.coordinating:
                slot.light = light
            elif slot.role == AssignmentRole.LEAD:
                slot.light = light if light == Light.AHEAD else Light.ON_TRACK
            else:
                slot.light = rng.choices((Light.ON_TRACK, Light.AHEAD, Light.BEHIND), (84, 9, 7))[0]

    def _give_places(self, slots: list[Slot]) -> None:
        """Where each report stands. All leads of a late measure were heard, so that it shows."""
        for slot in slots:
            if slot.light is None:
                slot.place = "not_applicable"
        pool = [
            slot
            for slot in slots
            if slot.light not in (None, *FINAL_LIGHTS)
            and not (
                slot.role == AssignmentRole.LEAD and self.lights[slot.measure.code] in LATE_LIGHTS
            )
        ]
        pool.sort(key=lambda slot: self._rng(slot, "place").random() + 0.5 * slot.coordinating)
        wanted = [
            place for place, share in self.shares.items() for _ in range(round(share * len(slots)))
        ]
        if self.open:
            counts: dict[str, int] = defaultdict(int)
            for slot in slots:
                counts[slot.ministry.code] += 1
            busy = sorted(counts, key=lambda code: (-counts[code], code))[:BUSY_MINISTRIES]
            for code in busy:
                own = [slot for slot in pool if slot.ministry.code == code]
                for slot, place in zip(own, [p for p in self.shares if p in wanted], strict=False):
                    slot.place = place
                    wanted.remove(place)
                    pool.remove(slot)
        # Only a partner has nothing to report.
        partners = [slot for slot in pool if slot.role == AssignmentRole.PARTNER]
        for slot in partners[len(partners) - wanted.count("nothing") :]:
            slot.place = "nothing"
            pool.remove(slot)
        random.Random(f"places {self.year.year}").shuffle(wanted)
        for slot, place in zip(pool, [p for p in wanted if p != "nothing"], strict=False):
            slot.place = place
        for slot in slots:
            if slot.place == "accepted" and self._rng(slot, "mended").random() < 0.08:
                slot.place = "mended"

    # --- one report -------------------------------------------------------------------------------
    def _report(self, slot: Slot) -> None:
        report = ProgressReport(
            reporting_year=self.year,
            measure=slot.measure,
            ministry=slot.ministry,
            ministry_name=slot.ministry.full_name,
            role=slot.role,
            coordinating=slot.coordinating,
        )
        self.reports.append(report)
        self.answers += [(report, duty) for duty in slot.assignments]
        if slot.place == "not_applicable":
            report.status, report.exempt_reason = Status.NOT_APPLICABLE, texts.EXEMPT
            return
        if slot.place == "blank":
            return
        rng = self._rng(slot, "text")
        if slot.place == "nothing":
            report.nothing_to_report = True
            report.nothing_reason = texts.nothing_reason(rng)
        else:
            self._fill(report, slot, rng, half=slot.place == "half")
        self._travel(report, slot)

    def _fill(self, report: ProgressReport, slot: Slot, rng: random.Random, *, half: bool) -> None:
        year = self.year.year
        report.light = slot.light
        report.work_done = texts.work_done(rng, slot.measure.name, year, self.length)
        if half:
            return
        end = date(roc.gregorian_year(year), 12, 31)
        report.benefit = texts.benefit(rng, self.length)
        report.next_steps = texts.next_steps(rng, self.length)
        if slot.light == Light.DONE:
            report.completion = 100
            report.completed_on = end - timedelta(days=rng.randint(5, 80))
        elif slot.light == Light.NOT_DUE:
            report.completion = 0
        else:
            expected = 100 * (self.index + 1) // self.years
            completion = expected + rng.randint(*AHEAD_BY[slot.light])
            report.completion = min(max(completion, 1), 99)
        if slot.light in LATE_LIGHTS:
            report.cause, report.sub_cause = texts.cause(rng, self.index)
            report.obstacle = texts.obstacle(rng, report.sub_cause, self.length)
            report.response = texts.response(rng, self.length)
            report.catch_up_on = max(end, self.last_day) + timedelta(
                days=rng.randrange(90, 300, 15)
            )
        self._money(report, slot, rng)
        self._values(report, slot, rng)
        if rng.random() < 0.25:
            self.evidence.append(
                Evidence(
                    report=report,
                    title=f"{year}年度{rng.choice(texts.EVIDENCE)}{texts.MARK}",
                    url=f"https://evidence.demo.example/{year}/{slot.measure.code}/"
                    f"{slot.ministry.code}",
                    public=rng.random() < 0.5,
                    added_by=self.people.officers[slot.ministry.pk],
                )
            )

    def _money(self, report: ProgressReport, slot: Slot, rng: random.Random) -> None:
        lead = slot.role == AssignmentRole.LEAD
        if not lead and rng.random() < 0.35:
            return
        for ordinal, source in enumerate(rng.sample(SOURCES, 2 if lead else 1), start=1):
            allocated = rng.randrange(8_000, 160_000, 500) if lead else rng.randrange(500, 20_000)
            low, high = (0.5, 0.85) if slot.light in LATE_LIGHTS else (0.85, 0.99)
            self.money.append(
                MoneyLine(
                    report=report,
                    ordinal=ordinal,
                    source=source,
                    allocated_thousand=allocated,
                    spent_thousand=int(allocated * rng.uniform(low, high)),
                )
            )

    def _values(self, report: ProgressReport, slot: Slot, rng: random.Random) -> None:
        for duty in slot.assignments:
            for indicator, target in self._indicators[slot.measure.pk, duty.ministry_id]:
                actual = _actual(rng, indicator, target, slot.light)
                note = "" if actual is not None else f"統計尚未完成{texts.MARK}"
                self.values.append(
                    IndicatorValue(report=report, indicator=indicator, actual=actual, note=note)
                )

    # --- its road ---------------------------------------------------------------------------------
    def _travel(self, report: ProgressReport, slot: Slot) -> None:
        """Lead the report along its road by the workflow's own table, day by day."""
        rng = self._rng(slot, "road")
        officer = self.people.officers[slot.ministry.pk]
        window = self.people.windows[slot.ministry.pk]
        reviewer = rng.choice(self.people.reviewers)
        actors = {Verb.SUBMIT: officer, Verb.SIGN_OFF: window}
        verbs = ROADS[slot.place]
        days = self._days(rng, len(verbs))
        report.saved_by = officer
        self._save(report, _moment(rng, days[0], 9))
        for row in self.evidence[-1:]:
            if row.report is report:
                row.added_at = report.saved_at
        self.authors.append(ReportAuthor(report=report, user=officer))
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
                    self.authors.append(ReportAuthor(report=report, user=window))
            elif verb == Verb.RETURN:
                note = self._return(report, slot, rng, reviewer, at)
            elif verb == Verb.ACCEPT:
                report.accepted_at = at
                report.returned_parts, report.correction_due_on = [], None
            self.events.append(
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
        self.saves.append((report, report.version, at))

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
        self.returns += [
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

    # --- beside the reports -----------------------------------------------------------------------
    def _write_override(self) -> None:
        """The reviewer's own light on one late measure of an open year."""
        late = [r for r in self.reports if r.coordinating and r.light == Light.BEHIND]
        if self.open and late:
            LightOverride.objects.create(
                measure=late[0].measure,
                reporting_year=self.year,
                light=Light.FAR_BEHIND,
                reason=texts.OVERRIDE + texts.MARK,
                by=self.people.reviewers[0],
            )

    def _audit(self) -> list[AuditEvent]:
        """What the actions would have logged: every saving and every move."""
        entries = [
            audit.entry(
                "report.save",
                report,
                by=report.saved_by,
                ministry=report.ministry,
                before={"version": version - 1},
                after={"version": version},
                at=at,
            )
            for report, version, at in self.saves
        ]
        entries += [
            audit.entry(
                f"report.{event.verb}",
                event.report,
                by=event.by,
                ministry=event.report.ministry,
                before={"status": event.from_status, "version": event.version - 1},
                after={"status": event.to_status, "version": event.version},
                at=event.at,
            )
            for event in self.events
        ]
        return sorted(entries, key=lambda row: row.at)


def _moment(rng: random.Random, day: date, hour: int) -> datetime:
    naive = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)))
    return timezone.make_aware(naive)


def _actual(
    rng: random.Random, indicator: Indicator, target: IndicatorTarget, light: Light
) -> Decimal | None:
    """An actual that fits the light; unknown for what is not due and now and then besides."""
    if light == Light.NOT_DUE or rng.random() < 0.05:
        return None
    share = Decimal(str(round(rng.uniform(*REACHED[light]), 3)))
    if indicator.kind == IndicatorKind.YES_NO:
        return Decimal(light not in (*LATE_LIGHTS, Light.STOPPED))
    if indicator.direction == Direction.WITHIN:
        value = (target.low + target.high) / 2 * min(share, Decimal(1))
    elif indicator.direction == Direction.LOWER:
        value = target.value / share
    else:
        value = target.value * share
    if indicator.unit == "%":
        value = min(value, Decimal(100))
    places = Decimal("0.1") if indicator.unit in ("%", "億元", "小時") else Decimal(1)
    return value.quantize(places)
