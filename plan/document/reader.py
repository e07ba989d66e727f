"""The door of this package: bytes or text of the published plan in, everything it says out."""

from dataclasses import dataclass
from functools import cached_property

from plan.document.chapters import split_chapters
from plan.document.division import Claim, GoalRow, MeasureRow, StrategyRow, read_division
from plan.document.errors import DocumentError
from plan.document.measures import Heading, MeasureText, read_measures
from plan.document.sections import (
    BudgetYear,
    GoalText,
    ObjectiveText,
    read_goal_texts,
    read_objectives,
    read_table_8,
)


@dataclass(frozen=True)
class Document:
    """The published plan: chapters 參, 肆, 伍 (table 7), 陸 and 柒 (table 8)."""

    goal_texts: list[GoalText]
    headings: list[Heading]
    measures: list[MeasureText]
    table_7: list[GoalRow]
    claim: Claim | None
    objectives: list[ObjectiveText]
    table_8: list[BudgetYear]

    @cached_property
    def strategy_rows(self) -> list[StrategyRow]:
        return [
            strategy
            for goal in self.table_7
            for sub_goal in goal.sub_goals
            for strategy in sub_goal.strategies
        ]

    @cached_property
    def measure_rows(self) -> list[MeasureRow]:
        return [measure for strategy in self.strategy_rows for measure in strategy.measures]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How much of everything was found, for the report."""
        items = [item for measure in self.measures for item in measure.items]
        return {
            "goals": len(self.table_7),
            "sub_goals": sum(len(goal.sub_goals) for goal in self.table_7),
            "strategies": len(self.strategy_rows),
            "measures": len(self.measure_rows),
            "goals_with_text": sum(bool(goal.text) for goal in self.goal_texts),
            "measures_with_text": len({measure.code for measure in self.measures if measure.text}),
            "strategies_with_cell": sum(bool(strategy.cells) for strategy in self.strategy_rows),
            "items": len(items),
            "measures_with_items": sum(bool(measure.items) for measure in self.measures),
            "titled_items": sum(item.title is not None for item in items),
            "measures_with_titled_items": sum(
                any(item.title is not None for item in measure.items) for measure in self.measures
            ),
            "objectives": sum(bool(objective.text) for objective in self.objectives),
            "table_8": len(self.table_8),
        }


def decode(content: bytes) -> str:
    """Text of an uploaded or given file; raises DocumentError unless it is UTF-8 text."""
    if content.startswith(b"%PDF"):
        raise DocumentError("這是 PDF 檔：請給從 PDF 取出的文字檔（UTF-8）")
    try:
        text = content.decode("utf-8-sig")
        # Valid UTF-8, but no text has a null and PostgreSQL stores none.
        wrong = content.find(b"\0")
    except UnicodeDecodeError as error:
        wrong = error.start
    if wrong >= 0:
        raise DocumentError("不是 UTF-8 文字檔", content[:wrong].count(b"\n") + 1)
    return text


def read_document(text: str) -> Document:
    """Everything that the importer needs from the published text.

    Raises DocumentError with a reason and, where there is one, a line, when the text is not the
    plan, is cut, or lacks one of the parts that are read.
    """
    chapters = split_chapters(text)
    tree = read_measures(chapters["肆"].lines)
    if not tree.measures:
        raise DocumentError("第肆章裡讀不到任何措施", chapters["肆"].line)
    division = read_division(chapters["伍"].lines, chapters["伍"].line)
    return Document(
        goal_texts=read_goal_texts(chapters["參"].lines),
        headings=tree.headings,
        measures=tree.measures,
        table_7=division.goals,
        claim=division.claim,
        objectives=read_objectives(chapters["陸"].lines, chapters["陸"].line),
        table_8=read_table_8(chapters["柒"].lines, chapters["柒"].line),
    )
