"""What was promised, as data: plans, versions, the tree above the measures, and figures."""

from plan.api.figures import SeriesViewSet
from plan.api.tree import (
    GoalViewSet,
    NodeFilter,
    NodeViewSet,
    PlanViewSet,
    StrategyViewSet,
    SubGoalViewSet,
    VersionViewSet,
)

__all__ = [
    "GoalViewSet",
    "NodeFilter",
    "NodeViewSet",
    "PlanViewSet",
    "SeriesViewSet",
    "StrategyViewSet",
    "SubGoalViewSet",
    "VersionViewSet",
]
