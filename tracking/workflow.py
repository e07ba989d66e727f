"""Is it time? The roads of a report, of a reporting year and of a resolution, as tables.

`ROAD` is the whole workflow: (status, verb) → where it leads, who may, whether a note is needed.
What is not in the table cannot happen. `rules.py` says whether a person is that who; actions look
here under the row's lock. The diagrams in docs/workflow.md are generated from these tables.
"""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from tracking.enums import (
    Part,
    ResolutionState,
    ResolutionVerb,
    Status,
    Verb,
    YearState,
    YearVerb,
)


class Who(Enum):
    """The part that a person plays towards one report or year."""

    OFFICER = "officer"
    WINDOW = "window"
    MINISTRY = "ministry"  # officer or window
    REVIEWER = "reviewer"
    COLLATOR = "collator"


@dataclass(frozen=True, slots=True)
class Step:
    """One move: the next status, who makes it, and whether a written reason is required."""

    to: Status | ResolutionState
    who: Who
    note: bool = False


ROAD = MappingProxyType(
    {
        (Status.DRAFT, Verb.SAVE): Step(Status.DRAFT, Who.OFFICER),
        (Status.DRAFT, Verb.SUBMIT): Step(Status.SIGNING, Who.OFFICER),
        (Status.DRAFT, Verb.EXEMPT): Step(Status.NOT_APPLICABLE, Who.REVIEWER, note=True),
        (Status.SIGNING, Verb.SIGN_OFF): Step(Status.SUBMITTED, Who.WINDOW),
        (Status.SIGNING, Verb.SEND_BACK): Step(Status.DRAFT, Who.WINDOW, note=True),
        (Status.SIGNING, Verb.WITHDRAW): Step(Status.DRAFT, Who.MINISTRY),
        (Status.SUBMITTED, Verb.WITHDRAW): Step(Status.DRAFT, Who.MINISTRY),
        (Status.SUBMITTED, Verb.START): Step(Status.UNDER_REVIEW, Who.REVIEWER),
        (Status.UNDER_REVIEW, Verb.ACCEPT): Step(Status.ACCEPTED, Who.REVIEWER),
        (Status.UNDER_REVIEW, Verb.RETURN): Step(Status.RETURNED, Who.REVIEWER, note=True),
        (Status.RETURNED, Verb.SAVE): Step(Status.RETURNED, Who.OFFICER),
        (Status.RETURNED, Verb.SUBMIT): Step(Status.SIGNING, Who.OFFICER),
        (Status.RETURNED, Verb.EXEMPT): Step(Status.NOT_APPLICABLE, Who.REVIEWER, note=True),
        (Status.NOT_APPLICABLE, Verb.RESUME): Step(Status.DRAFT, Who.REVIEWER, note=True),
        # A correction: these two are made with the copy in which it is written, never with the
        # accepted report itself, which everybody goes on reading (`tracking.actions.corrections`).
        (Status.ACCEPTED, Verb.REOPEN): Step(Status.RETURNED, Who.REVIEWER, note=True),
        (Status.RETURNED, Verb.DROP): Step(Status.ACCEPTED, Who.REVIEWER, note=True),
    }
)

YEAR_ROAD = MappingProxyType(
    {
        (YearState.PLANNED, YearVerb.OPEN): YearState.OPEN,
        # Once more: adds the reports that are missing, after a transfer of duties for instance.
        (YearState.OPEN, YearVerb.OPEN): YearState.OPEN,
        (YearState.OPEN, YearVerb.CLOSE): YearState.CLOSED,
        (YearState.CLOSED, YearVerb.REOPEN): YearState.OPEN,
        (YearState.CLOSED, YearVerb.RELEASE): YearState.RELEASED,
    }
)

# A resolution is open until its owner shows what was done and a reviewer agrees.
RESOLUTION_ROAD = MappingProxyType(
    {
        (ResolutionState.OPEN, ResolutionVerb.AMEND): Step(
            ResolutionState.OPEN, Who.REVIEWER, note=True
        ),
        (ResolutionState.OPEN, ResolutionVerb.REPORT): Step(ResolutionState.REPORTED, Who.MINISTRY),
        (ResolutionState.REPORTED, ResolutionVerb.AGREE): Step(
            ResolutionState.CLOSED, Who.REVIEWER
        ),
        (ResolutionState.REPORTED, ResolutionVerb.SEND_BACK): Step(
            ResolutionState.OPEN, Who.REVIEWER, note=True
        ),
    }
)

# Moves of the ministry: possible only while its year takes filings (dates in `rules.py`).
FILING_VERBS = frozenset({Verb.SAVE, Verb.SUBMIT, Verb.SIGN_OFF, Verb.SEND_BACK, Verb.WITHDRAW})

# Returning one part also opens the parts that its checks touch: a light and the cause of being late
# can't be mended one without the other.
TOUCHES = MappingProxyType(
    {
        Part.PROGRESS: frozenset({Part.LATENESS}),
        Part.LATENESS: frozenset({Part.PROGRESS}),
    }
)


def writable_parts(returned: list[str]) -> frozenset[str]:
    """Parts open for writing when these were returned; none returned means all."""
    if not returned:
        return frozenset(Part.values)
    opened = {str(part) for part in returned}
    for part in returned:
        opened |= {str(touched) for touched in TOUCHES.get(Part(part), ())}
    return frozenset(opened)
