"""From when to when the duties of a revision hold, once it is approved."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from plan.enums import ChangeKind
from plan.models import Assignment, Change, PlanVersion


@dataclass(frozen=True)
class _Place:
    """Who stands where among a measure's leads and partners."""

    ministry_id: int
    role: str
    order: int

    @classmethod
    def of(cls, duty: Assignment) -> "_Place":
        return cls(duty.ministry_id, duty.role, duty.order)


def date_duties(version: PlanVersion, base: PlanVersion, on: date) -> None:
    """Give the duties of a revision their dates.

    A measure whose duties the revision did not touch takes over those of the version before with
    all their dates, decrees issued while the draft was open included. Where it did, and where the
    measure goes on, duties that stay keep their dates, others end on the day; new ones, and all
    duties of new measures, begin on it.
    """
    inherited = _by_lineage(base)
    reassigned = {
        node["lineage"]
        for change in Change.objects.filter(version=version, kind=ChangeKind.REASSIGN)
        for node in change.after
    }
    drafted = _by_lineage(version)
    Assignment.objects.filter(measure__version=version).delete()
    made: list[Assignment] = []
    for lineage, pk in version.measures.values_list("lineage", "pk"):
        wanted = {_Place.of(duty): duty for duty in drafted.get(lineage, [])}
        touched = str(lineage) in reassigned or lineage not in inherited
        for duty in inherited.get(lineage, []):
            kept = not touched or (duty.until is not None and duty.until <= on)
            until = duty.until
            if not kept and (duty.since is None or duty.since < on):
                if _Place.of(duty) in wanted:
                    wanted.pop(_Place.of(duty))
                else:
                    until = on
                kept = True
            if kept:
                made.append(_duty(duty, pk, since=duty.since, until=until))
        if touched:
            made += [_duty(duty, pk, since=on, until=None) for duty in wanted.values()]
    Assignment.objects.bulk_create(made)


def _by_lineage(version: PlanVersion) -> dict[UUID, list[Assignment]]:
    found = defaultdict(list)
    rows = Assignment.objects.filter(measure__version=version)
    for duty in rows.select_related("measure"):
        found[duty.measure.lineage].append(duty)
    return found


def _duty(duty: Assignment, measure_id: int, **dates: date | None) -> Assignment:
    return Assignment(
        measure_id=measure_id,
        ministry_id=duty.ministry_id,
        role=duty.role,
        order=duty.order,
        basis=duty.basis,
        **dates,
    )
