"""Demo indicators: two to four on about half of the measures, with targets for all years."""

import random
from collections import defaultdict
from decimal import Decimal

from ministries.models import User
from plan.enums import Accumulation, AssignmentRole, Direction, IndicatorKind, IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, Plan
from tracking.demo.people import People

Q, C, R, Y = IndicatorKind.QUANTITY, IndicatorKind.COUNT, IndicatorKind.RATIO, IndicatorKind.YES_NO
EACH, SUM = Accumulation.YEARLY, Accumulation.CUMULATIVE
UP, DOWN, IN = Direction.HIGHER, Direction.LOWER, Direction.WITHIN
# name, unit, kind, accumulation, direction, smallest and largest first target, growth a year
BANK = (
    ("技術移轉件數", "件", C, EACH, UP, 4, 20, 1.15),
    ("培育專業人才數", "人", Q, EACH, UP, 40, 400, 1.1),
    ("產學合作計畫數", "件", C, SUM, UP, 5, 30, 1.7),
    ("示範場域數", "處", Q, SUM, UP, 1, 4, 1.8),
    ("促成投資金額", "億元", Q, EACH, UP, 2, 40, 1.2),
    ("服務使用滿意度", "%", R, EACH, UP, 75, 88, 1.02),
    ("平均審查天數", "天", Q, EACH, DOWN, 30, 60, 0.9),
    ("補助計畫中的女性主持人比率", "%", R, EACH, UP, 22, 32, 1.05),
    ("系統服務中斷時數", "小時", Q, EACH, DOWN, 8, 24, 0.85),
    ("年度經費執行率", "%", R, EACH, IN, 90, 95, 1.0),
    ("作業規範完成發布", "是否", Y, EACH, UP, 1, 1, 1.0),
    ("國際合作備忘錄份數", "份", C, SUM, UP, 1, 5, 1.6),
)
NOTE = "示範資料"


def seed_indicators(plan: Plan, people: People) -> int:
    """Make the indicators where the plan has none yet; return how many.

    Most belong to the coordinating lead and are approved; some measures have one of a partner's,
    and a few wait for approval.
    """
    measures = defaultdict(list)
    duties = (
        Assignment.objects.filter(measure__version__plan=plan, until__isnull=True)
        .select_related("measure")
        .order_by("measure__position", "role", "order")
    )
    if Indicator.objects.filter(measure__version__plan=plan).exists():
        return 0
    for duty in duties:
        measures[duty.measure].append(duty)
    indicators: list[Indicator] = []
    targets: list[IndicatorTarget] = []
    for number, (measure, held) in enumerate(measures.items()):
        rng = random.Random(f"indicators {measure.code}")
        leads = [duty for duty in held if duty.role == AssignmentRole.LEAD]
        if rng.random() < 0.5 or not leads:
            continue
        partners = [duty for duty in held if duty.role == AssignmentRole.PARTNER]
        for ordinal, kind in enumerate(rng.sample(BANK, rng.randint(2, 4)), start=1):
            owner = leads[0]
            if ordinal > 2 and partners and rng.random() < 0.4:
                owner = rng.choice(partners)
            proposed = number % 9 == 0 and ordinal == 2
            officer = people.officers[owner.ministry_id]
            indicator = _indicator(rng, kind, owner, ordinal, officer, plan)
            if not proposed:
                indicator.state = IndicatorState.APPROVED
            indicators.append(indicator)
            targets += _targets(rng, kind, indicator, plan)
    Indicator.objects.bulk_create(indicators)
    IndicatorTarget.objects.bulk_create(targets)
    return len(indicators)


def _indicator(
    rng: random.Random,
    kind: tuple,
    owner: Assignment,
    ordinal: int,
    officer: User,
    plan: Plan,
) -> Indicator:
    name, unit, type_, accumulation, direction, low, high, _growth = kind
    return Indicator(
        measure=owner.measure,
        ministry_id=owner.ministry_id,
        ordinal=ordinal,
        name=name,
        unit=unit,
        kind=type_,
        accumulation=accumulation,
        direction=direction,
        baseline=None if type_ == Y else Decimal(rng.randint(low, high)) / 2,
        baseline_year=None if type_ == Y else plan.start_year - 1,
        source="部會統計",
        note=NOTE,
        proposed_by=officer,
    )


def _targets(
    rng: random.Random, kind: tuple, indicator: Indicator, plan: Plan
) -> list[IndicatorTarget]:
    *_, direction, low, high, growth = kind
    value = Decimal(rng.randint(low, high))
    found = []
    for year in plan.years:
        if direction == IN:
            amounts = {"low": Decimal(low), "high": Decimal(100)}
        else:
            amounts = {"value": value}
        found.append(IndicatorTarget(indicator=indicator, year=year, **amounts))
        value = max((value * Decimal(str(growth))).quantize(Decimal(1)), Decimal(1))
        if kind[1] == "%":
            value = min(value, Decimal(98))
    return found
