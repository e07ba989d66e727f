"""What was promised? Plans, versions and their tree, who answers for what, and indicators."""

from plan.models.assignment import Assignment, CellEntry, Objective, Participant
from plan.models.figure import PrintedFigure
from plan.models.indicator import Indicator, IndicatorTarget, TargetChange
from plan.models.plan import Plan, PlanVersion
from plan.models.revision import Change, LineageEdge, Revision
from plan.models.scenario import Scenario
from plan.models.series import Series, SeriesValue
from plan.models.tree import Goal, Measure, MeasureItem, Strategy, SubGoal

__all__ = [
    "Assignment",
    "CellEntry",
    "Change",
    "Goal",
    "Indicator",
    "IndicatorTarget",
    "LineageEdge",
    "Measure",
    "MeasureItem",
    "Objective",
    "Participant",
    "Plan",
    "PlanVersion",
    "PrintedFigure",
    "Revision",
    "Scenario",
    "Series",
    "SeriesValue",
    "Strategy",
    "SubGoal",
    "TargetChange",
]
