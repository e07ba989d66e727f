"""The thread of a review: finding → reply → meeting → resolution → revision, in one table.

A finding is a node that is below the threshold of the current edition, or was on the agenda of a
meeting that was not called off. What the experts and ministries said of it, what was resolved, and
what a revision of the plan that follows from this review changed, stand beside it. Read from rows
as they are now, but for what the edition froze.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plan.models import Change
from reports import closing
from reports.agenda import Proposal, nodes
from reports.enums import Level, MeetingState
from reports.models import AgendaItem, CoordinationMeeting, Edition, MeetingResolution, Review
from reports.queries.meetings import full_meetings, taken_up


@dataclass(frozen=True)
class Thread:
    """One line of the table: a finding with at most one resolution.

    `attainment` and `threshold` in per cent, of the edition that the agenda bears, else of the
    current one. `opinions` and `comments` as in `reports.closing`. `meeting`, `item` and `given`
    are None where it has not come so far; `changes` are those of revisions from this review.
    """

    level: str
    code: str
    name: str
    attainment: Decimal | None
    threshold: Decimal | None
    opinions: tuple[Mapping, ...] = ()
    comments: tuple[Mapping, ...] = ()
    meeting: CoordinationMeeting | None = None
    item: AgendaItem | None = None
    given: MeetingResolution | None = None
    changes: tuple[Change, ...] = ()


def review_key(review: Review) -> str:
    """How a revision names the review that it follows from."""
    return f"review:{review.pk}"


def threads(review: Review, edition: Edition) -> list[Thread]:
    """The whole table, in the order of the plan; what is on no node of it comes last.

    About ten queries, however many lines.
    """
    said = closing.of_edition(edition)
    comments = defaultdict(list)
    for comment in said["comments"]:
        comments[comment["level"], comment["code"]].append(comment)
    changes = _changes(review)
    known = {(one.level, one.code): one for one in nodes(edition)}
    places = list(known)
    agenda: dict[tuple[str, str], list[tuple[CoordinationMeeting, AgendaItem]]] = {
        key: [] for key, one in known.items() if one.below
    }
    meetings = full_meetings().filter(review=review).exclude(state=MeetingState.CANCELLED)
    for key, taken in taken_up(meetings, edition).items():
        agenda.setdefault(key, []).extend(taken)
    loose = [(meeting, row) for meeting in meetings for row in meeting.given if not row.item_id]
    found = []
    for key in sorted(agenda, key=lambda key: places.index(key) if key in known else len(places)):
        node = known.get(key)
        told = {
            "opinions": tuple(said["opinions"].get(key[1], ())) if key[0] == Level.MEASURE else (),
            "comments": tuple(comments.get(key, ())),
        }
        for meeting, item in agenda[key] or [(None, None)]:
            found += _lines(key, node, meeting, item, told, changes)
    found += [
        Thread(Level.PLAN, "", "", None, None, meeting=meeting, given=row) for meeting, row in loose
    ]
    return found


def _lines(
    key: tuple[str, str],
    node: Proposal | None,
    meeting: CoordinationMeeting | None,
    item: AgendaItem | None,
    told: dict,
    changes: list[Change],
) -> list[Thread]:
    """One line for each resolution on the item, or one without."""
    numbers = item or node
    lineages = set(node.lineages) if node else set()
    if item is not None and item.lineage:
        lineages.add(str(item.lineage))
    line = {
        "level": key[0],
        "code": key[1],
        "name": numbers.name,
        "attainment": numbers.attainment,
        "threshold": numbers.threshold,
        "meeting": meeting,
        "item": item,
        "changes": tuple(one for one in changes if one.lineages & lineages),
        **told,
    }
    given = [row for row in meeting.given if row.item_id == item.pk] if meeting else []
    return [Thread(**line, given=row) for row in given or [None]]


def _changes(review: Review) -> list[Change]:
    """Changes of revisions that name this review, drafts of them included."""
    rows = Change.objects.filter(version__revision__review_key=review_key(review))
    return list(rows.select_related("version").order_by("version__number", "pk"))
