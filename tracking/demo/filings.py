"""One demo reporting year: its reports with all their parts, their moves and the audit of them.

`slots` says which reports there are and where they stand, `contents` what they say, `road` how
they got there; `rows` keeps what these make and stores it.
"""

from datetime import date

from plan.models import Assignment
from tracking.demo import texts
from tracking.demo.contents import Contents
from tracking.demo.people import People
from tracking.demo.road import Road
from tracking.demo.rows import Rows
from tracking.demo.slots import (
    COMPLETE_SHARES,
    OPEN_SHARES,
    PAST_SHARES,
    Slot,
    give_lights,
    give_places,
    slots_of,
)
from tracking.enums import Light, Status, YearState
from tracking.models import LightOverride, ProgressReport, ReportingYear

# Characters of each narrative there: what ministries write in the large.
COMPLETE_LENGTH = 500


class YearOfFilings:
    """Builds all rows of one year in memory; `write` stores them."""

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
        self.shares = COMPLETE_SHARES if complete else PAST_SHARES
        if year.state == YearState.OPEN:
            self.shares = OPEN_SHARES
        self.rows = Rows()
        self.contents = Contents(
            year,
            self.rows,
            people,
            index=index,
            years=years,
            last_day=last_day,
            length=COMPLETE_LENGTH if complete else 0,
        )
        self.road = Road(year, self.rows, people, last_day=last_day)

    def build(self, assignments: list[Assignment]) -> None:
        slots = slots_of(self.year, assignments)
        give_lights(slots, self.lights)
        give_places(slots, self.lights, self.shares, self.year)
        for slot in slots:
            self._report(slot)

    def write(self) -> int:
        """Store everything; how many reports there are."""
        self.rows.write()
        self._write_override()
        return len(self.rows.reports)

    def _report(self, slot: Slot) -> None:
        report = ProgressReport(
            reporting_year=self.year,
            measure=slot.measure,
            ministry=slot.ministry,
            ministry_name=slot.ministry.full_name,
            role=slot.role,
            coordinating=slot.coordinating,
        )
        self.rows.reports.append(report)
        self.rows.answers += [(report, duty) for duty in slot.assignments]
        if slot.place == "not_applicable":
            report.status, report.exempt_reason = Status.NOT_APPLICABLE, texts.EXEMPT
            return
        if slot.place == "blank":
            return
        rng = slot.rng("text")
        if slot.place == "nothing":
            report.nothing_to_report = True
            report.nothing_reason = texts.nothing_reason(rng)
        else:
            self.contents.fill(report, slot, rng, half=slot.place == "half")
        self.road.travel(report, slot)

    def _write_override(self) -> None:
        """The reviewer's own light on one late measure of an open year."""
        late = [r for r in self.rows.reports if r.coordinating and r.light == Light.BEHIND]
        if self.year.state == YearState.OPEN and late:
            LightOverride.objects.create(
                measure=late[0].measure,
                reporting_year=self.year,
                light=Light.FAR_BEHIND,
                reason=texts.OVERRIDE + texts.MARK,
                by=self.people.reviewers[0],
            )
