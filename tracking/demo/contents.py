"""What a demo report says: words, completion, lateness, money, indicators, evidence."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from config.kit import roc
from plan.enums import AssignmentRole, Direction, IndicatorKind, IndicatorState
from plan.models import Indicator, IndicatorTarget
from tracking.demo import texts
from tracking.demo.people import People
from tracking.demo.rows import Rows
from tracking.demo.slots import Slot
from tracking.enums import LATE_LIGHTS, Light
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport, ReportingYear

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


class Contents:
    """Fills the reports of one year; their parts go to `rows`."""

    def __init__(
        self,
        year: ReportingYear,
        rows: Rows,
        people: People,
        *,
        index: int,
        years: int,
        last_day: date,
        length: int,
    ) -> None:
        """`index`, `years` and `last_day` as in `YearOfFilings`; `length` of each narrative in
        characters, 0 for a short one."""
        self.year, self.rows, self.people = year, rows, people
        self.index, self.years, self.last_day, self.length = index, years, last_day, length
        self._indicators: dict[tuple[int, int], list[tuple[Indicator, IndicatorTarget]]]
        self._indicators = defaultdict(list)
        targets = IndicatorTarget.objects.filter(
            year=year.year, indicator__state=IndicatorState.APPROVED
        ).select_related("indicator")
        for target in targets.order_by("indicator__measure", "indicator__ordinal"):
            indicator = target.indicator
            self._indicators[indicator.measure_id, indicator.ministry_id].append(
                (indicator, target)
            )

    def fill(self, report: ProgressReport, slot: Slot, rng: random.Random, *, half: bool) -> None:
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
            self.rows.evidence.append(
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
            self.rows.money.append(
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
                self.rows.values.append(
                    IndicatorValue(report=report, indicator=indicator, actual=actual, note=note)
                )


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
