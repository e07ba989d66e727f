"""What the documents are made of: frozen or live lines and what people said of them, as data."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from reports import attainment


class Line(attainment.FrozenLine, Protocol):
    """A frozen line as documents cite it; for `content` see `reports.freeze.Line`."""

    digest: str


class Branch(NamedTuple):
    """A node of the tree: its level, and what is beneath it."""

    level: str
    code: str
    name: str
    data: Mapping
    beneath: tuple["Branch", ...]


@dataclass(frozen=True)
class Material:
    """Everything that a volume tells.

    title        of the review or the year; `kind` what it is (期中成果評估, 年度彙整)
    edition      number, "" where nothing is frozen; `digest` of the inputs; `day` ISO text
    head, rules, standing   of the edition (`reports.freeze`, `reports.attainment`)
    criteria     [{"key", "name"}]
    conclusions  (level, code) → [{"text", "lines": [keys], "opinions": [marks]}]
    comments     (level, code) → [{"ministry", "text", "answer"}]
    opinions     measure code → [{"mark", "expert", "scores", "text", "outdated", "replies":
                 [{"ministry", "text"}]}]; `mark` names it for citations
    experts      [{"label", "name", "affiliation"}]
    meetings     [{"title", "on", "chair", "present", "minutes", "items": [text], "resolutions":
                 [{"code", "text", "owner", "due_on", "state", "answer"}]}]
    """

    title: str
    kind: str
    edition: str
    digest: str
    day: str
    head: Mapping
    rules: Mapping
    standing: Mapping
    lines: Sequence[Line]
    criteria: Sequence[Mapping] = ()
    conclusions: Mapping[tuple[str, str], Sequence[Mapping]] = field(default_factory=dict)
    comments: Mapping[tuple[str, str], Sequence[Mapping]] = field(default_factory=dict)
    opinions: Mapping[str, Sequence[Mapping]] = field(default_factory=dict)
    experts: Sequence[Mapping] = ()
    meetings: Sequence[Mapping] = ()

    @cached_property
    def by_key(self) -> Mapping[str, Line]:
        return {line.key: line for line in self.lines}

    @cached_property
    def by_measure(self) -> Mapping[str, list[Line]]:
        """Lines by the code of their measure, in the order of years, leads first."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.measure_code].append(line)
        for lines in found.values():
            lines.sort(key=_place)
        return found

    @cached_property
    def standings(self) -> Mapping[int, Mapping]:
        """Year → the standing from the first year up to it."""
        return {
            year: attainment.standing(
                self.head, self.rules, [line for line in self.lines if line.year <= year]
            )
            for year in self.head["years"]
        }

    def node(self, branch: Branch) -> Mapping:
        return attainment.of(self.standing, branch.level, branch.code)

    def tree(self) -> tuple[Branch, ...]:
        """Goals down to measures. A sub-goal that the plan does not have itself is passed over."""
        return tuple(
            Branch("goal", goal["code"], goal["name"], goal, tuple(_under_goal(goal)))
            for goal in self.head["tree"]
        )

    def measures(self) -> Iterator[Branch]:
        for branch in self.tree():
            yield from measures_of(branch)

    def ministry(self, code: str) -> str:
        """Short name as it stood; the code itself for a body that the head doesn't know."""
        return self.head["ministries"].get(code, {}).get("short_name", code)

    def level(self, level: str) -> str:
        """What this plan calls the level: 目標, 策略."""
        return self.head["version"]["level_names"].get(level, "")


def _place(line: Line) -> tuple:
    content = line.content
    return line.year, content["role"] != "lead", not content["coordinating"], line.ministry_code


def _under_goal(goal: Mapping) -> Iterator[Branch]:
    for sub_goal in goal["sub_goals"]:
        strategies = tuple(
            Branch(
                "strategy",
                strategy["code"],
                strategy["name"],
                strategy,
                tuple(
                    Branch("measure", measure["code"], measure["name"], measure, ())
                    for measure in strategy["measures"]
                ),
            )
            for strategy in sub_goal["strategies"]
        )
        if sub_goal["implicit"]:
            yield from strategies
        else:
            yield Branch("sub_goal", sub_goal["code"], sub_goal["name"], sub_goal, strategies)


def measures_of(branch: Branch) -> Iterator[Branch]:
    """The measures beneath a node, in the order of the plan."""
    if branch.level == "measure":
        yield branch
    for below in branch.beneath:
        yield from measures_of(below)
