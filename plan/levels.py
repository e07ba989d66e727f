"""The levels of a plan's tree: their models, and how one hangs from another."""

from django.db.models import Model, QuerySet

from plan.enums import NodeLevel
from plan.models import Goal, Measure, PlanVersion, Strategy, SubGoal

Node = Goal | SubGoal | Strategy | Measure

LEVELS: dict[str, type[Model]] = {
    NodeLevel.GOAL: Goal,
    NodeLevel.SUB_GOAL: SubGoal,
    NodeLevel.STRATEGY: Strategy,
    NodeLevel.MEASURE: Measure,
}
# level → (the level above it, the column that points there)
ABOVE = {
    NodeLevel.SUB_GOAL: (NodeLevel.GOAL, "goal"),
    NodeLevel.STRATEGY: (NodeLevel.SUB_GOAL, "sub_goal"),
    NodeLevel.MEASURE: (NodeLevel.STRATEGY, "strategy"),
}
# level → the rows of the next one
BELOW = {
    NodeLevel.GOAL: "sub_goals",
    NodeLevel.SUB_GOAL: "strategies",
    NodeLevel.STRATEGY: "measures",
}


def level_of(node: Model) -> NodeLevel:
    return next(NodeLevel(level) for level, model in LEVELS.items() if isinstance(node, model))


def level_below(level: NodeLevel | None) -> NodeLevel | None:
    """The level under this one: goals under None, None under measures."""
    order = list(NodeLevel)
    place = 0 if level is None else order.index(level) + 1
    return order[place] if place < len(order) else None


def children(version: PlanVersion | None, parent: Node | None) -> QuerySet:
    """What stands under the parent, or the version's goals, in order."""
    rows = version.goals if parent is None else getattr(parent, BELOW[level_of(parent)])
    return rows.order_by("ordinal")
