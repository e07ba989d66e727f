"""Is it time? The roads of a review and of its coordination meetings, as tables.

`REVIEW_ROAD` is the whole workflow: (state, verb) → where it leads, who may, whether a note is
needed. What is not in the table cannot happen. `reports.rules` says whether a person is that who;
the actions look here under the review's lock. docs/workflow-review.md is generated from it.
"""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from reports.enums import MeetingState, MeetingVerb, ReviewState, ReviewVerb


class ReviewWho(Enum):
    """The part that a person plays towards one review."""

    REVIEWER = "reviewer"  # any reviewer of the science ministry
    SECOND_REVIEWER = "second_reviewer"  # a reviewer who neither wrote nor proposed it
    COLLATOR = "collator"


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """One move: the next state, who makes it, and whether a written reason is required."""

    to: ReviewState
    who: ReviewWho
    note: bool = False


REVIEW_ROAD = MappingProxyType(
    {
        (ReviewState.DRAFT, ReviewVerb.ASSESS): ReviewStep(
            ReviewState.ASSESSING, ReviewWho.REVIEWER
        ),
        (ReviewState.ASSESSING, ReviewVerb.SYNTHESIZE): ReviewStep(
            ReviewState.SYNTHESIS, ReviewWho.REVIEWER
        ),
        (ReviewState.SYNTHESIS, ReviewVerb.ASSESS): ReviewStep(
            ReviewState.ASSESSING, ReviewWho.REVIEWER, note=True
        ),
        (ReviewState.SYNTHESIS, ReviewVerb.ASK_COMMENTS): ReviewStep(
            ReviewState.COMMENTING, ReviewWho.REVIEWER
        ),
        (ReviewState.COMMENTING, ReviewVerb.PROPOSE): ReviewStep(
            ReviewState.APPROVING, ReviewWho.REVIEWER
        ),
        (ReviewState.APPROVING, ReviewVerb.SEND_BACK): ReviewStep(
            ReviewState.SYNTHESIS, ReviewWho.SECOND_REVIEWER, note=True
        ),
        (ReviewState.APPROVING, ReviewVerb.APPROVE): ReviewStep(
            ReviewState.APPROVED, ReviewWho.SECOND_REVIEWER
        ),
        (ReviewState.APPROVED, ReviewVerb.FILE): ReviewStep(ReviewState.FILED, ReviewWho.COLLATOR),
        (ReviewState.APPROVED, ReviewVerb.WITHDRAW): ReviewStep(
            ReviewState.SYNTHESIS, ReviewWho.COLLATOR, note=True
        ),
        (ReviewState.FILED, ReviewVerb.PUBLISH): ReviewStep(
            ReviewState.PUBLISHED, ReviewWho.COLLATOR
        ),
        (ReviewState.FILED, ReviewVerb.WITHDRAW): ReviewStep(
            ReviewState.SYNTHESIS, ReviewWho.COLLATOR, note=True
        ),
        (ReviewState.PUBLISHED, ReviewVerb.WITHDRAW): ReviewStep(
            ReviewState.SYNTHESIS, ReviewWho.COLLATOR, note=True
        ),
    }
)

# Where inputs may still be compiled anew, rules changed and experts seated.
OPEN_STATES = frozenset({ReviewState.DRAFT, ReviewState.ASSESSING, ReviewState.SYNTHESIS})
# Where conclusions may be written.
WRITING_STATES = frozenset({ReviewState.SYNTHESIS, ReviewState.COMMENTING})
# From here on ministries read the conclusions and the numbers.
SHOWN_STATES = frozenset(
    {
        ReviewState.COMMENTING,
        ReviewState.APPROVING,
        ReviewState.APPROVED,
        ReviewState.FILED,
        ReviewState.PUBLISHED,
    }
)

# (state, verb) → the next state of a meeting. Reviewers and collators make all these moves.
MEETING_ROAD = MappingProxyType(
    {
        (MeetingState.PLANNED, MeetingVerb.CHANGE): MeetingState.PLANNED,
        (MeetingState.PLANNED, MeetingVerb.CANCEL): MeetingState.CANCELLED,
        (MeetingState.PLANNED, MeetingVerb.RECORD): MeetingState.PLANNED,
        (MeetingState.PLANNED, MeetingVerb.HOLD): MeetingState.HELD,
        (MeetingState.HELD, MeetingVerb.RECORD): MeetingState.HELD,
        (MeetingState.HELD, MeetingVerb.DECIDE): MeetingState.HELD,
    }
)
# Where meetings are called and kept: from the first numbers on, until what they said is proposed.
MEETING_STATES = frozenset({ReviewState.ASSESSING, ReviewState.SYNTHESIS, ReviewState.COMMENTING})
