"""A demo many times the plan's size: every duty again by demo bodies of its own, as a partner.

The tree stays as printed and no light changes, since partners decide none; reports, indicators and
money grow with the number of steps.
"""

from copy import copy
from datetime import date

from ministries.models import Ministry
from plan.enums import AssignmentRole, IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, PlanVersion
from tracking.demo.indicators import NOTE

BASIS = "示範擴充"
# Places of the bodies of one step within a measure; table 7 names a dozen at most.
_ROOM = 100


def basis(step: int) -> str:
    """Legal basis of the duties that a step adds; by it they are found and left out."""
    return f"{BASIS}{step}"


def own_duties(version: PlanVersion, on: date) -> list[Assignment]:
    """The plan's duties of that day, none that a step added, in the order of its measures."""
    return _ordered(Assignment.objects.on(on).exclude(basis__startswith=BASIS), version)


def added_duties(version: PlanVersion, step: int) -> list[Assignment]:
    """The duties that a step added; the same on every day."""
    return _ordered(Assignment.objects.filter(basis=basis(step)), version)


def _ordered(rows, version: PlanVersion) -> list[Assignment]:
    rows = rows.filter(measure__version=version).select_related("measure")
    return list(rows.order_by("measure__position", "role", "order"))


def add_step(version: PlanVersion, step: int) -> None:
    """Make the bodies, duties and indicators of a step (2 is the first), unless they exist."""
    duties = Assignment.objects.filter(measure__version=version)
    if duties.filter(basis=basis(step)).exists():
        return
    originals = list(
        duties.filter(until__isnull=True)
        .exclude(basis__startswith=BASIS)
        .select_related("ministry")
        .order_by("measure__position", "role", "order")
    )
    bodies: dict[int, Ministry] = {}
    for duty in originals:
        own = duty.ministry
        if own.pk not in bodies:
            bodies[own.pk] = Ministry(
                code=f"{own.code}-{step}",
                short_name=f"{own.short_name}（示範{step}）",
                full_name=f"{own.full_name}（示範{step}）",
            )
    Ministry.objects.bulk_create(bodies.values())
    places: dict[int, int] = {}
    added = []
    for duty in originals:
        places[duty.measure_id] = place = places.get(duty.measure_id, 0) + 1
        added.append(
            Assignment(
                measure_id=duty.measure_id,
                ministry=bodies[duty.ministry_id],
                role=AssignmentRole.PARTNER,
                order=_ROOM * step + place,
                basis=basis(step),
            )
        )
    Assignment.objects.bulk_create(added)
    _add_indicators(version, bodies)


def _add_indicators(version: PlanVersion, bodies: dict[int, Ministry]) -> None:
    """Approved demo indicators of the plan's bodies, again for those of the step."""
    rows = Indicator.objects.filter(
        measure__version=version,
        ministry__in=bodies,
        state=IndicatorState.APPROVED,
        note=NOTE,
    )
    added, targets = [], []
    for indicator in rows.order_by("pk").prefetch_related("targets"):
        again = copy(indicator)
        again.pk, again.ministry = None, bodies[indicator.ministry_id]
        added.append(again)
        for target in indicator.targets.all():
            target.pk, target.indicator = None, again
            targets.append(target)
    Indicator.objects.bulk_create(added)
    IndicatorTarget.objects.bulk_create(targets)
