"""The frozen tree: a version's measures with their codes, and those that a revision ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from plan.models import Measure, PlanVersion

_NODES = (
    "pk", "version_id", "version__number", "lineage", "code", "name", "position",
    *(
        f"{path}__{name}"
        for path in ("strategy", "strategy__sub_goal", "strategy__sub_goal__goal")
        for name in ("lineage", "code", "name", "ordinal")
    ),
    "strategy__cell", "strategy__note", "strategy__sub_goal__implicit",
)  # fmt: skip


@dataclass(slots=True)
class Node:
    """A measure of the frozen tree. `above` are strategy, sub-goal and goal as (lineage, code,
    name, ordinal); `own` whether it stands in the version itself."""

    lineage: UUID
    code: str
    name: str
    position: int
    above: tuple[tuple, tuple, tuple]
    extra: dict
    own: bool
    pks: list[int]


class Tree:
    """The measures of a version, and after them those that a revision ended but were reported on.

    They keep their strategy where it lives on, else the one that they had. A code that another
    thing bears by now is told apart by the number of its version: `1.2.3.4@1`.
    """

    def __init__(self, version: PlanVersion, reported: set[int]) -> None:
        self._of: dict[int, Node] = {}
        self._versions: dict[int, int] = {}
        self.nodes: dict[UUID, Node] = {}
        rows = list(
            Measure.objects.filter(version__plan=version.plan_id)
            .order_by("position")
            .values_list(*_NODES)
        )
        # The version's own first, then the newest of the others.
        rows.sort(key=lambda row: (row[1] != version.pk, -row[2]))
        taken: dict[tuple[int, str], UUID] = {}
        # Strategy, sub-goal and goal by lineage, each with what is above it, as first met.
        above: dict[UUID, tuple[tuple, ...]] = {}
        for pk, version_id, number, lineage, code, name, position, *rest in rows:
            self._versions[pk] = number
            if lineage in self.nodes:
                self._of[pk] = self.nodes[lineage]
                self.nodes[lineage].pks.append(pk)
                continue
            own = version_id == version.pk
            if not own and pk not in reported:
                continue
            *levels, cell, note, implicit = rest
            higher: tuple[tuple, ...] = ()
            for start in (8, 4, 0):
                upper, upper_code, *named = levels[start : start + 4]
                if upper not in above:
                    free = _free(taken, start, upper, upper_code, number)
                    above[upper] = ((upper, free, *named), *higher)
                higher = above[upper]
            node = Node(
                lineage,
                _free(taken, -1, lineage, code, number),
                name,
                position if own else 10_000 * number + position,
                higher,
                {"cell": cell, "note": note, "implicit": implicit},
                own,
                [pk],
            )
            self.nodes[lineage] = self._of[pk] = node

    def node_of(self, measure_id: int) -> Node:
        return self._of[measure_id]

    def find(self, measure_id: int) -> Node | None:
        """None for a measure that was ended before anything was reported on it."""
        return self._of.get(measure_id)

    def version_of(self, measure_id: int) -> int:
        return self._versions[measure_id]

    def nested(self, duties: Mapping[int, Mapping[str, list[str]]]) -> list[dict]:
        """Goals with everything beneath them, in the plan's order."""
        goals: dict[UUID, dict] = {}
        branches: dict[UUID, dict] = {}
        for node in sorted(self.nodes.values(), key=lambda node: node.position):
            strategy, sub_goal, goal = node.above
            top = goals.setdefault(goal[0], {**_named(goal), "sub_goals": []})
            if sub_goal[0] not in branches:
                branches[sub_goal[0]] = {
                    **_named(sub_goal),
                    "implicit": node.extra["implicit"],
                    "strategies": [],
                }
                top["sub_goals"].append(branches[sub_goal[0]])
            if strategy[0] not in branches:
                branches[strategy[0]] = {
                    **_named(strategy),
                    "cell": node.extra["cell"],
                    "note": node.extra["note"],
                    "measures": [],
                }
                branches[sub_goal[0]]["strategies"].append(branches[strategy[0]])
            held = next((duties[pk] for pk in node.pks if pk in duties), None)
            branches[strategy[0]]["measures"].append(
                {
                    "code": node.code,
                    "name": node.name,
                    "lineage": str(node.lineage),
                    "ended": not node.own,
                    "leads": held["lead"] if held else [],
                    "partners": held["partner"] if held else [],
                }
            )
        return list(goals.values())


def _free(
    taken: dict[tuple[int, str], UUID], level: int, lineage: UUID, code: str, number: int
) -> str:
    """The code, marked by its version where another thing of the level has it already."""
    if taken.setdefault((level, code), lineage) == lineage:
        return code
    marked = f"{code}@{number}"
    taken[level, marked] = lineage
    return marked


def _named(node: tuple) -> dict:
    _lineage, code, name, ordinal = node
    return {"code": code, "name": name, "ordinal": ordinal}
