"""Reads the short parts: the goals' paragraphs (參), the bodies' objectives (陸), table 8 (柒)."""

import re
from dataclasses import dataclass
from itertools import pairwise

from plan.document.errors import DocumentError
from plan.document.lines import Line, chinese_number, paragraphs, squeeze

_GOAL_HEADING = re.compile(r"目標(?P<number>[一二三四五六七八九十]+)「(?P<name>[^」]+)」")
_STOPS = re.compile(r"[，。；：]")
_YEAR = re.compile(r"(\d{3}) ?年")
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ROWS = {"整體科技預算": "budget", "GDP預估數": "gdp", "占比": "ratio"}


@dataclass(frozen=True)
class GoalText:
    """A goal in chapter 參: its code, its name there, and the paragraph below it."""

    code: str
    name: str
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class ObjectiveText:
    """A body of chapter 陸 by the name printed there, with its objective."""

    name: str
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class BudgetYear:
    """One ROC year of table 8: budget and GDP in 億元, their ratio in % as printed."""

    year: int
    budget: int
    gdp: int
    ratio: str
    lines: tuple[int, ...]


def read_goal_texts(lines: list[Line]) -> list[GoalText]:
    """The goals of chapter 參, each with the one paragraph that stands below its heading."""
    found = paragraphs(lines)
    goals = []
    for heading, below in pairwise(found):
        if match := _GOAL_HEADING.fullmatch(heading.text):
            code = str(chinese_number(match["number"]))
            goals.append(GoalText(code, match["name"], below.text, heading.lines))
    return goals


def read_objectives(lines: list[Line], start: int) -> list[ObjectiveText]:
    """The bodies of chapter 陸: a name is a line of its own without any stop.

    ``start`` is the chapter's line, for the error when no body is found.
    """
    named: list[tuple[str, tuple[int, ...], list[str]]] = []
    for paragraph in paragraphs(lines):
        if not _STOPS.search(paragraph.text) and len(paragraph.text) <= 20:
            named.append((paragraph.text, paragraph.lines, []))
        elif named:
            named[-1][2].append(paragraph.text)
    if not named:
        raise DocumentError("第陸章裡讀不到任何部門的目標", start)
    return [ObjectiveText(name, "\n".join(texts), at) for name, at, texts in named]


def read_table_8(lines: list[Line], start: int) -> list[BudgetYear]:
    """Table 8 of chapter 柒, a record a year.

    Raises DocumentError when a row is missing or has not one figure a year; ``start`` is the
    chapter's line.
    """
    head = next(
        (
            index
            for index, line in enumerate(lines)
            if line.text.startswith("年度") and _YEAR.search(line.text)
        ),
        None,
    )
    if head is None:
        raise DocumentError("第柒章裡找不到表 8 的年度列", start)
    years = [int(year) for year in _YEAR.findall(lines[head].text)]
    rows: dict[str, list[str]] = {}
    at = [lines[head].number]
    for line in lines[head + 1 :]:
        label = next((key for key in _ROWS if squeeze(line.text).startswith(key)), None)
        if label is None:
            break
        figures = _FIGURE.findall(line.text)
        if len(figures) != len(years):
            raise DocumentError(f"表 8「{label}」應有 {len(years)} 個數字", line.number)
        rows[_ROWS[label]] = figures
        at.append(line.number)
    if missing := [label for label, key in _ROWS.items() if key not in rows]:
        raise DocumentError(f"表 8 少了「{'」、「'.join(missing)}」", lines[head].number)
    return [
        BudgetYear(year, _integer(budget), _integer(gdp), ratio, tuple(at))
        for year, budget, gdp, ratio in zip(
            years, rows["budget"], rows["gdp"], rows["ratio"], strict=True
        )
    ]


def _integer(printed: str) -> int:
    return int(printed.replace(",", "").partition(".")[0])
