"""Rows of a draft: what a change tells of them, how they are made, removed and kept in order."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Max, Value
from django.db.models.functions import Cast, Concat

from plan.actions.revise.door import Why
from plan.actions.revise.duties import Duties, assign
from plan.document.measures import read_items
from plan.enums import LineageKind, NodeLevel
from plan.levels import ABOVE, BELOW, LEVELS, Node, children, level_of
from plan.models import LineageEdge, Measure, MeasureItem, PlanVersion
from plan.queries import duties_text

_ROOM = 10_000  # above every ordinal: rows step aside here while they change places


def told(row: Node) -> dict[str, str]:
    """What a change says of a node."""
    level = level_of(row)
    found = {
        "level": level.value,
        "lineage": str(row.lineage),
        "code": row.code,
        "name": row.name,
    }
    if level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        found["duties"] = duties_text(row)
    return found


def branch(row: Node) -> list[Node]:
    """The node and everything under it, from above."""
    found = [row]
    if level_of(row) in BELOW:
        for child in children(None, row):
            found += branch(child)
    return found


def remove(row: Node) -> None:
    """Delete the node and everything under it."""
    for one in reversed(branch(row)):
        if isinstance(one, Measure):
            one.assignments.all().delete()
        one.delete()


def create(
    draft: PlanVersion,
    level: NodeLevel,
    parent: Node | None,
    *,
    name: str,
    text: str,
    duties: Duties | None,
    why: Why,
    **place: Any,
) -> Node:
    """A new node of a lineage of its own, at the place given or else as the last."""
    if not place:
        place["code"], place["ordinal"] = next_place(draft, level, parent)
    values = {"version": draft, "name": name, **place}
    if level in ABOVE:
        values[ABOVE[level][1]] = parent
    if level == NodeLevel.MEASURE:
        values |= {"description": text, "position": 0}
    else:
        values["text"] = text
    row = LEVELS[level].objects.create(**values)
    if duties is not None and level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        assign(row, duties, why)
    if level == NodeLevel.MEASURE:
        write_items(row)
    return row


def next_place(draft: PlanVersion, level: NodeLevel, parent: Node | None) -> tuple[str, int]:
    """(code, ordinal) after the last sibling.

    Numbers that the version before used there are passed over: a code that another measure bears
    in the version in force would be read as that one.
    """
    siblings = children(draft, parent)
    last = siblings.aggregate(last=Max("ordinal"))["last"] or 0
    above = f"{parent.code}." if parent else ""
    used = LEVELS[level].objects.filter(
        version__in=[draft.pk, draft.based_on_id], code__startswith=above
    )
    numbers = [last]
    for code in used.values_list("code", flat=True):
        label = code.removeprefix(above)
        if label.isdecimal():
            numbers.append(int(label))
    return f"{above}{max(numbers) + 1}", last + 1


def write_items(measure: Measure) -> None:
    """Read the description anew for its numbered items."""
    measure.items.all().delete()
    MeasureItem.objects.bulk_create(
        MeasureItem(
            measure=measure,
            ordinal=ordinal,
            level=item.level,
            marker=item.marker,
            title=item.title or "",
            text=item.text,
        )
        for ordinal, item in enumerate(read_items(measure.description), start=1)
    )


def connect(
    draft: PlanVersion, old: Iterable[UUID], new: Iterable[UUID], kind: LineageKind
) -> None:
    """An edge from each of the old lineages to each of the new."""
    new = list(new)
    LineageEdge.objects.bulk_create(
        LineageEdge(version=draft, predecessor=one, successor=other, kind=kind)
        for one in old
        for other in new
    )


def settle(draft: PlanVersion) -> None:
    """Bring codes in line with their parents', each node keeping the part after its last dot (an
    implicit sub-goal has its goal's code), and the measures' positions with their order.
    """
    codes = dict(draft.goals.values_list("pk", "code"))
    for level, (_above, column) in ABOVE.items():
        rows = list(LEVELS[level].objects.filter(version=draft))
        below, wanted = {}, {}
        for row in rows:
            parent = codes[getattr(row, f"{column}_id")]
            code = row.code
            if getattr(row, "implicit", False):
                code = parent
            elif not code.startswith(f"{parent}."):
                code = f"{parent}.{code.rpartition('.')[2]}"
            below[row.pk] = code
            if code != row.code:
                wanted[row.pk] = row.ordinal, code
        place_all([row for row in rows if row.pk in wanted], wanted)
        codes = below
    strategies = draft.strategies.order_by(
        "sub_goal__goal__ordinal", "sub_goal__ordinal", "ordinal"
    )
    order = {pk: number for number, pk in enumerate(strategies.values_list("pk", flat=True))}
    measures = sorted(draft.measures.all(), key=lambda row: (order[row.strategy_id], row.ordinal))
    moved = []
    for position, row in enumerate(measures, start=1):
        if row.position != position:
            row.position = position
            moved.append(row)
    Measure.objects.bulk_update(moved, ["position"])


def place_all(rows: Sequence[Node], places: dict[int, tuple[int, str]]) -> None:
    """Write ordinal and code by id. All step aside first, so that they may change places."""
    if not rows:
        return
    model = type(rows[0])
    model.objects.filter(pk__in=places).update(
        ordinal=F("ordinal") + _ROOM, code=Concat(Value("~"), Cast("pk", CharField()))
    )
    for row in rows:
        row.ordinal, row.code = places[row.pk]
    model.objects.bulk_update(rows, ["ordinal", "code"])
