"""Reads table 7 of chapter 伍: the tree with its measures, and the ministries beside a strategy.

The table was printed over many pages and taken out of the PDF cell by cell: each page repeats its
header and the goal, sub-goal and strategy that are still open; a line may hold two or three
cells; a cell may be broken in the middle of a name.
"""

import re
from dataclasses import dataclass, field

from plan.document.errors import DocumentError
from plan.document.lines import Line, Paragraph, apart, chinese_number, paragraphs, squeeze, tidy

_HEADER = "目標子目標策略措施參與部會"
_GOAL = re.compile(r"([一二三四五六七八九十])、(.*)")
_NUMBERED = re.compile(r"(\d{1,2})\.(?!\d)(.*)")
_MEASURE = re.compile(r"\((\d{1,2})\)(.*)")
_BODY = r"[^\s、／，。；：（）()「」\d]{1,12}(?:部|會|署|院|處|局|基金|辦公室|總處)"
_CELL = re.compile(rf"{_BODY}(?:[、／]{_BODY})*")
_CELL_TAIL = re.compile(r"及各?相關(?:部會|機關|單位)\Z")
_CLAIM = re.compile(r"(\d+)項目標、(\d+)項子目標、(\d+)項策略，及(\d+)項.*?由(\d+)個部會")


@dataclass
class MeasureRow:
    """A measure as table 7 prints it."""

    code: str
    name: str
    lines: tuple[int, ...]


@dataclass
class StrategyRow:
    """A strategy, what its last cell says (``cell``), and each different cell with its lines."""

    code: str
    name: str
    lines: tuple[int, ...]
    cells: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    measures: list[MeasureRow] = field(default_factory=list)

    @property
    def cell(self) -> str:
        return self.cells[0][0] if self.cells else ""

    def add_cell(self, cell: str, lines: tuple[int, ...]) -> None:
        """Keep a cell, once; every page repeats it."""
        if cell not in [known for known, _ in self.cells]:
            self.cells.append((cell, lines))


@dataclass
class SubGoalRow:
    code: str
    name: str
    lines: tuple[int, ...]
    strategies: list[StrategyRow] = field(default_factory=list)


@dataclass
class GoalRow:
    code: str
    name: str
    lines: tuple[int, ...]
    sub_goals: list[SubGoalRow] = field(default_factory=list)


@dataclass(frozen=True)
class Claim:
    """What the plan says of itself: how many goals … and participating units it has."""

    goals: int
    sub_goals: int
    strategies: int
    measures: int
    units: int
    line: int


@dataclass(frozen=True)
class Division:
    """Table 7 with the sentence that introduces it (``claim`` is None where it is not found)."""

    goals: list[GoalRow]
    claim: Claim | None


@dataclass
class _Piece:
    kind: str  # goal, numbered, measure, cell
    number: int
    text: str
    lines: list[int]


def split_cell(cell: str) -> tuple[list[str], list[str], str]:
    """Leads, partners and open-ended note of a printed cell.

    Names before ／ lead, those after it are partners; without ／ all lead. "及各相關部會" names no
    ministry and comes back as the note.
    """
    tail = _CELL_TAIL.search(cell)
    note = tail.group() if tail else ""
    leads, _, partners = cell[: tail.start() if tail else None].partition("／")
    return (
        [name for name in leads.split("、") if name],
        [name for name in partners.replace("／", "、").split("、") if name],
        note,
    )


def read_division(lines: list[Line], start: int) -> Division:
    """Table 7 from the lines of chapter 伍; ``start`` is the chapter's line, for errors."""
    table = next((i for i, line in enumerate(lines) if squeeze(line.text) == _HEADER), None)
    if table is None:
        raise DocumentError("第伍章裡找不到表 7 的表頭", start)
    goals = _tree(_pieces(lines[table:]))
    if not goals:
        raise DocumentError("表 7 裡讀不到任何目標", lines[table].number)
    return Division(goals, _claim(paragraphs(lines[:table])))


def _claim(found: list[Paragraph]) -> Claim | None:
    for paragraph in found:
        if match := _CLAIM.search(squeeze(paragraph.text)):
            return Claim(*(int(figure) for figure in match.groups()), line=paragraph.first)
    return None


def _pieces(lines: list[Line]) -> list[_Piece]:
    """Cells in reading order: lines are joined as wrapped, then cut where a new cell begins."""
    found: list[_Piece] = []
    for group in _groups(lines):
        if squeeze(group[0].text) == _HEADER:
            found.append(_Piece("page", 0, "", [group[0].number]))
            continue
        for word, numbers in _words(group):
            piece = _opening(word, numbers)
            if piece:
                found.append(piece)
            elif found and found[-1].kind != "page":
                last = found[-1]
                last.text = tidy(f"{last.text} {word}" if last.text else word)
                last.lines.extend(numbers)
    return found


def _groups(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not groups[-1][-1].ends:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _words(group: list[Line]) -> list[tuple[str, list[int]]]:
    """Words of one joined group, each with the lines on which it stands."""
    found: list[tuple[str, list[int]]] = []
    for position, line in enumerate(group):
        for index, word in enumerate(line.text.split()):
            if position and not index and not apart(found[-1][0][-1], word[0]):
                before, numbers = found.pop()
                found.append((before + word, [*numbers, line.number]))
            else:
                found.append((word, [line.number]))
    return found


def _opening(word: str, lines: list[int]) -> _Piece | None:
    if match := _GOAL.fullmatch(word):
        return _Piece("goal", chinese_number(match[1]), match[2], lines)
    if match := _NUMBERED.fullmatch(word):
        return _Piece("numbered", int(match[1]), match[2], lines)
    if match := _MEASURE.fullmatch(word):
        return _Piece("measure", int(match[1]), match[2], lines)
    body = _CELL_TAIL.sub("", word)
    if _CELL.fullmatch(body) or ("／" in word and not re.search(r"[，。（）「」]", word)):
        return _Piece("cell", 0, word, lines)
    return None


def _unique(lines: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(lines)))


def _tree(pieces: list[_Piece]) -> list[GoalRow]:
    goals: list[GoalRow] = []
    goal = sub = strategy = None
    structural = [piece for piece in pieces if piece.kind not in ("cell", "page")]
    follows = dict(zip(map(id, structural), structural[1:], strict=False))
    for piece in pieces:
        if piece.kind == "goal":
            code = str(piece.number)
            if goal is None or goal.code != code:
                goal, sub, strategy = GoalRow(code, piece.text, _unique(piece.lines)), None, None
                goals.append(goal)
        elif piece.kind == "numbered" and goal is not None:
            after = follows.get(id(piece))
            if after is not None and after.kind == "numbered":  # two in a row: the first is outer
                code = f"{goal.code}.{piece.number}"
                if sub is None or sub.code != code:
                    sub, strategy = SubGoalRow(code, piece.text, _unique(piece.lines)), None
                    goal.sub_goals.append(sub)
            elif sub is not None:
                code = f"{sub.code}.{piece.number}"
                if strategy is None or strategy.code != code:
                    strategy = StrategyRow(code, piece.text, _unique(piece.lines))
                    sub.strategies.append(strategy)
        elif piece.kind == "measure" and strategy is not None:
            code = f"{strategy.code}.{piece.number}"
            strategy.measures.append(MeasureRow(code, piece.text, _unique(piece.lines)))
        elif piece.kind == "cell" and strategy is not None:
            strategy.add_cell(piece.text, _unique(piece.lines))
    return goals
