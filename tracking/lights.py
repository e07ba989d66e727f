"""What light a measure bears, from what its leads reported: pure arithmetic, no ORM.

The rule is the plan's practice (see docs/glossary.md): the worst of the leads' accepted lights;
done or stopped only if all leads are done or stopped; a lead still missing makes it incomplete,
none at all unknown. Partners never decide. A reviewer may set another light, and both are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from tracking.enums import LATE_LIGHTS, FilingState, Light, Status

_ACCEPTED = Status.ACCEPTED.value
_NOT_APPLICABLE = Status.NOT_APPLICABLE.value
_LATE = frozenset(light.value for light in LATE_LIGHTS)
INCOMPLETE = "incomplete"
UNKNOWN = "unknown"

# Worst first. A lead that is still at work outweighs one whose part has ended, so that done and
# stopped decide only where all leads say one of them; of these two, stopped is the worse.
_ORDER = (
    Light.FAR_BEHIND,
    Light.BEHIND,
    Light.ON_TRACK,
    Light.AHEAD,
    Light.NOT_DUE,
    Light.STOPPED,
    Light.DONE,
)
RANK = {light.value: rank for rank, light in enumerate(_ORDER)}
# For comparing two years. Not yet due and stopped say nothing of how the work goes.
_GRADE = {
    Light.FAR_BEHIND.value: 0,
    Light.BEHIND.value: 1,
    Light.ON_TRACK.value: 2,
    Light.AHEAD.value: 3,
    Light.DONE.value: 4,
}
# How pages and counts are sorted: what needs somebody first, what is not known last.
SHOWN_ORDER = (
    Light.FAR_BEHIND.value,
    Light.BEHIND.value,
    Light.ON_TRACK.value,
    Light.AHEAD.value,
    Light.DONE.value,
    Light.NOT_DUE.value,
    Light.STOPPED.value,
    INCOMPLETE,
    UNKNOWN,
)


class Lead(NamedTuple):
    """What one lead's report of a year gives to the light of its measure.

    `light` and the rest count only once `status` is accepted. A lead that is not applicable is
    not waited for; where it ended in an earlier year, the caller passes that year's accepted
    report in its place (`carried`).
    """

    status: str
    light: str = ""
    coordinating: bool = False
    completion: int | None = None
    cause: str = ""
    sub_cause: str = ""
    ministry: int | None = None

    def carried(self, light: str, completion: int | None) -> "Lead":
        """This lead as it ended in an earlier year: its final light still stands."""
        return self._replace(status=Status.ACCEPTED.value, light=light, completion=completion)


_NOBODY = Lead("")


class MeasureLight(NamedTuple):
    """A measure's light in one year.

    computed    a Light, `incomplete` or `unknown`
    so_far      the worst light accepted until now, `unknown` if none: what an incomplete one shows
    set_to      the reviewer's other light or "", with `reason`
    completion  per cent as the coordinating lead reported it, None if unknown
    decided_by  id of the ministry whose light decided, with its `cause` and `sub_cause` ("" if
                none was given)
    """

    computed: str
    so_far: str
    set_to: str = ""
    reason: str = ""
    completion: int | None = None
    decided_by: int | None = None
    cause: str = ""
    sub_cause: str = ""

    @property
    def shown(self) -> str:
        """The light that counts: the reviewer's where there is one."""
        return self.set_to or self.computed

    @property
    def late(self) -> bool:
        return (self.set_to or self.computed) in _LATE

    @property
    def incomplete(self) -> bool:
        """Whether a lead is still missing and nobody has decided otherwise."""
        return self.shown == INCOMPLETE


NO_LIGHT = MeasureLight(UNKNOWN, UNKNOWN)
# All fields in their order, at once, as `_make` does. The overview makes some hundred of each, and
# a call of Python for every one of them took a twentieth of the page.
as_lead: Callable[[Iterable], Lead] = partial(tuple.__new__, Lead)
as_measure_light: Callable[[Iterable], MeasureLight] = partial(tuple.__new__, MeasureLight)


def _badness(lead: Lead) -> tuple:
    """Worst light first; of equal ones the coordinating lead's, so that one cause is named."""
    return RANK[lead.light], not lead.coordinating, lead.ministry or 0


def measure_light(leads: Sequence[Lead], set_to: str = "", reason: str = "") -> MeasureLight:
    """The light of a measure from the reports of all its leads in one year.

    A lead whose accepted report bears no light (nothing to report) is heard but decides nothing.
    """
    heard = missing = False
    completion, worst = None, _NOBODY
    for lead in leads:
        status, light, coordinating, completed, *_why = lead
        if status == _ACCEPTED:
            heard = True
            if coordinating:
                completion = completed
            if light and (worst is _NOBODY or _badness(lead) < _badness(worst)):
                worst = lead
        elif status != _NOT_APPLICABLE:
            missing = True
    _status, light, _coordinating, _completed, cause, sub_cause, ministry = worst
    so_far = light or UNKNOWN
    computed = INCOMPLETE if heard and missing else so_far
    return as_measure_light(
        (computed, so_far, set_to, reason, completion, ministry, cause, sub_cause)
    )


def change(before: str, now: str) -> int | None:
    """-1 worse, 0 no change, 1 better; None where one of the two says nothing of the work."""
    was, is_now = _GRADE.get(before), _GRADE.get(now)
    if was is None or is_now is None:
        return None
    return (is_now > was) - (is_now < was)


def count(lights: Iterable[MeasureLight]) -> Counter[str]:
    """How many measures bear each light shown; absent means zero."""
    return Counter(light.shown for light in lights)


def causes(lights: Iterable[MeasureLight]) -> Counter[str]:
    """Main causes of the late measures; "" counts those for which no cause is known."""
    return Counter(light.cause for light in lights if light.late)


def filing_state(
    status: str,
    nothing_to_report: bool,
    due_on: date,
    correction_due_on: date | None,
    today: date,
) -> FilingState:
    """What a page shows for one duty in one year; the dates are the last days that are in time:
    `due_on` the unit's own where it was granted more time, else the year's, `correction_due_on`
    that of a correction, None for a report that was not returned.

    Which step inside its ministry a report stands at is the ministry's own business: until it is
    sent to the science ministry it is not yet due, or overdue after the due date. A correction
    counts by its own date and as returned until then, also while the window sends it back or has
    yet to sign it. Nothing to report is said once it is accepted.
    """
    if status in (Status.DRAFT, Status.SIGNING, Status.RETURNED):
        if today > (correction_due_on or due_on):
            return FilingState.OVERDUE
        return FilingState.RETURNED if correction_due_on else FilingState.NOT_DUE
    if status == Status.ACCEPTED:
        return FilingState.NOTHING_TO_REPORT if nothing_to_report else FilingState.ACCEPTED
    if status == Status.NOT_APPLICABLE:
        return FilingState.NOT_APPLICABLE
    return FilingState.WAITING
