"""Which reports a demo year has, with which light, and where on its road each stands."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ministries.models import Lineage, Ministry
from plan.enums import AssignmentRole
from plan.models import Assignment, Measure
from tracking.enums import FINAL_LIGHTS, LATE_LIGHTS, Light, YearState
from tracking.models import ReportingYear

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
# The ministries with most reports have one of each, so that any demo account finds work.
BUSY_MINISTRIES = 3


@dataclass(eq=False)
class Slot:
    """A report to be: one body's duties for one measure."""

    year: int
    measure: Measure
    ministry: Ministry
    assignments: list[Assignment] = field(default_factory=list)
    place: str = "accepted"
    light: Light | None = None

    def rng(self, what: str) -> random.Random:
        """Chance of its own for each matter, the same at every seeding."""
        return random.Random(f"{what} {self.year} {self.measure.code} {self.ministry.code}")

    @property
    def role(self) -> AssignmentRole:
        leads = any(duty.role == AssignmentRole.LEAD for duty in self.assignments)
        return AssignmentRole.LEAD if leads else AssignmentRole.PARTNER

    @property
    def coordinating(self) -> bool:
        return any(
            duty.role == AssignmentRole.LEAD and duty.order == 1 for duty in self.assignments
        )


def slots_of(year: ReportingYear, assignments: Iterable[Assignment]) -> list[Slot]:
    """Duties, gathered by measure and by the body that held them on the opening day."""
    lineage, ministries = Lineage(), Ministry.objects.in_bulk()
    slots: dict[tuple[int, int], Slot] = {}
    for duty in assignments:
        holder = lineage.holder(duty.ministry_id, year.opens_on)
        slot = slots.setdefault(
            (duty.measure_id, holder), Slot(year.year, duty.measure, ministries[holder])
        )
        slot.assignments.append(duty)
    return list(slots.values())


def give_lights(slots: list[Slot], lights: dict[str, Light | None]) -> None:
    """A measure's light is the worst of its leads', so one lead carries it and none is worse."""
    for slot in slots:
        light = lights[slot.measure.code]
        rng = slot.rng("light")
        if light in (None, Light.NOT_DUE, *FINAL_LIGHTS) or slot.coordinating:
            slot.light = light
        elif slot.role == AssignmentRole.LEAD:
            slot.light = light if light == Light.AHEAD else Light.ON_TRACK
        else:
            slot.light = rng.choices((Light.ON_TRACK, Light.AHEAD, Light.BEHIND), (84, 9, 7))[0]


def give_places(
    slots: list[Slot],
    lights: dict[str, Light | None],
    shares: dict[str, float],
    year: ReportingYear,
) -> None:
    """Where each report stands. All leads of a late measure were heard, so that it shows."""
    for slot in slots:
        if slot.light is None:
            slot.place = "not_applicable"
    pool = [
        slot
        for slot in slots
        if slot.light not in (None, *FINAL_LIGHTS)
        and not (slot.role == AssignmentRole.LEAD and lights[slot.measure.code] in LATE_LIGHTS)
    ]
    pool.sort(key=lambda slot: slot.rng("place").random() + 0.5 * slot.coordinating)
    wanted = [place for place, share in shares.items() for _ in range(round(share * len(slots)))]
    if year.state == YearState.OPEN:
        counts: dict[str, int] = defaultdict(int)
        for slot in slots:
            counts[slot.ministry.code] += 1
        busy = sorted(counts, key=lambda code: (-counts[code], code))[:BUSY_MINISTRIES]
        for code in busy:
            own = [slot for slot in pool if slot.ministry.code == code]
            for slot, place in zip(own, [p for p in shares if p in wanted], strict=False):
                slot.place = place
                wanted.remove(place)
                pool.remove(slot)
    # Only a partner has nothing to report.
    partners = [slot for slot in pool if slot.role == AssignmentRole.PARTNER]
    for slot in partners[len(partners) - wanted.count("nothing") :]:
        slot.place = "nothing"
        pool.remove(slot)
    random.Random(f"places {year.year}").shuffle(wanted)
    for slot, place in zip(pool, [p for p in wanted if p != "nothing"], strict=False):
        slot.place = place
    for slot in slots:
        if slot.place == "accepted" and slot.rng("mended").random() < 0.08:
            slot.place = "mended"
