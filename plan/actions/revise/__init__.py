"""The verbs of a rolling revision: what may be done to a draft, each with reason and basis.

Every one locks the draft, asks the rule, compares the number of edits that the person saw, changes
the tree, and writes a `Change` and the audit. Refusals: NotAllowed, NotNow, StaleVersion, Invalid,
all before anything is written. Codes and ordinals stay unique through every step; what is ended
leaves a gap until its siblings are renumbered.

    nodes      reword, add, end, move, renumber, reassign: verbs of any level
    measures   split, merge: verbs that only measures know
    door       the way in and out of every verb, and `Why`
    wording    names and texts: which there are, and what is wrong with them
    duties     leads and partners of a measure or a strategy: `Duties`
    tree       rows of the draft: made, placed, removed, and kept in order
"""

from plan.actions.revise.door import Why
from plan.actions.revise.duties import Duties
from plan.actions.revise.measures import Part, merge, split
from plan.actions.revise.nodes import add, end, move, reassign, renumber, reword

__all__ = [
    "Duties",
    "Part",
    "Why",
    "add",
    "end",
    "merge",
    "move",
    "reassign",
    "renumber",
    "reword",
    "split",
]
