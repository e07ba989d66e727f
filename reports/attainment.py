"""How far a plan was attained, from frozen lines: pure arithmetic. Unknown is None, never zero.

From the bottom up, each figure rounded to four decimals, so that a reader can compute the next
from those that are printed:

indicator  attainment of its aggregated actual over its aggregated target, over the years of the
           review that have a target (sum of yearly values, last of cumulative ones, mean of
           ratios), capped at 100; unknown where a needed actual is
measure    mean of its known indicators; without indicators the points of its light in the last
           year in which it applied
above      weighted mean of the known parts beneath: measures of a strategy, strategies of a
           sub-goal, sub-goals of a goal, goals of the plan; weights are 1 unless the rules say
           otherwise

Stopped and not applicable measures are kept out of every mean and counted apart; unknown ones are
kept out, too, and shown as a share. Formulas of indicators: `plan.attainment`; of lights:
`tracking.lights`; the rule in words: `reports.explained`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, Protocol

from plan.attainment import attainment, capped, over_years
from reports.canonical import SCALE, decimal_text
from tracking.enums import FINAL_LIGHTS, FilingState, Light, Status
from tracking.lights import INCOMPLETE, UNKNOWN, Lead, measure_light

# Part of what is frozen: another way of computing makes another edition.
METHOD = "1"
INDICATORS, LIGHT = "indicators", "light"
_FINAL = frozenset(light.value for light in FINAL_LIGHTS)
_NOT_APPLICABLE = FilingState.NOT_APPLICABLE.value
_ONE = Decimal(1)

Node = dict[str, Any]


class FrozenLine(Protocol):
    """What is read of a line; `reports.freeze.Line` and `SnapshotLine` both fit."""

    key: str
    kind: str
    year: int
    measure_code: str
    ministry_code: str
    content: dict


def standing(head: Mapping, rules: Mapping, lines: Iterable[FrozenLine]) -> dict:
    """{"plan": Node, "goals": {code: Node}, "sub_goals": …, "strategies": …, "measures": …}.

    Node: level; attainment in per cent as text with four decimals or None; band (its key) or
    None; below (the threshold); known, unknown and excluded, counts of measures; of a measure
    also light (None: unknown) and completion in per cent, both of the last year in which it
    applied, basis (`indicators`, `light` or None), stopped, and indicators {known, unknown}.
    """
    by_measure: dict[str, list[FrozenLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.key):
        by_measure[line.measure_code].append(line)
    found: dict[str, Any] = {"goals": {}, "sub_goals": {}, "strategies": {}, "measures": {}}
    judge = _judge(rules)
    weights = {code: Decimal(entry["weight"]) for code, entry in rules["weights"].items()}

    def above(level: str, parts: Sequence[tuple[str, Node]]) -> Node:
        return judge(level, _mean([(weights.get(code, _ONE), node) for code, node in parts]), parts)

    goals = []
    for goal in head["tree"]:
        sub_goals = []
        for sub_goal in goal["sub_goals"]:
            strategies = []
            for strategy in sub_goal["strategies"]:
                measures = []
                for measure in strategy["measures"]:
                    code = measure["code"]
                    node = _measure(head, rules, judge, code, by_measure.get(code, []))
                    found["measures"][code] = node
                    measures.append((code, node))
                strategies.append((strategy["code"], above("strategy", measures)))
            found["strategies"] |= dict(strategies)
            node = above("sub_goal", strategies)
            found["sub_goals"][sub_goal["code"]] = node
            # One that the plan doesn't have bears its goal's code, which weighs the goal alone.
            sub_goals.append(("" if sub_goal["implicit"] else sub_goal["code"], node))
        goals.append((goal["code"], above("goal", sub_goals)))
    found["goals"] = dict(goals)
    found["plan"] = above("plan", goals)
    return found


def of(found: Mapping, level: str, code: str = "") -> Node:
    """One node of a standing by `reports.enums.Level` and code."""
    if level == "plan":
        return found["plan"]
    return found[{"strategy": "strategies"}.get(level, f"{level}s")][code]


def differences(before: Mapping, after: Mapping) -> list[dict]:
    """What two standings say differently, in the order of the tree: [{"level", "code", "before",
    "after"}] with whole nodes, None where a node is in one of them only.
    """
    found = []
    if before["plan"] != after["plan"]:
        found.append(
            {"level": "plan", "code": "", "before": before["plan"], "after": after["plan"]}
        )
    for level in ("goal", "sub_goal", "strategy", "measure"):
        name = {"strategy": "strategies"}.get(level, f"{level}s")
        for code in {**after[name], **before[name]}:
            old, new = before[name].get(code), after[name].get(code)
            if old != new:
                found.append({"level": level, "code": code, "before": old, "after": new})
    return found


# --- indicators -----------------------------------------------------------------------------------
class _Value(NamedTuple):
    actual: Decimal | None
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None


def indicators_of(lines: Sequence[FrozenLine]) -> list[dict]:
    """The indicators of one measure over the years: owner, indicator, unit, kind, accumulation,
    direction, actual, target, low, high and attainment, numbers as text, None unknown.

    An indicator is told by its owner and name, so that it goes on under a renamed ministry.
    """
    years: dict[tuple[str, str], dict[int, _Value]] = defaultdict(dict)
    told: dict[tuple[str, str], dict] = {}
    for line in sorted(lines, key=lambda line: (line.year, line.key)):
        for row in line.content.get("values", ()):
            key = (row["owner"], row["indicator"])
            told[key] = row
            value = _Value(*(_number(row[name]) for name in _Value._fields))
            if value.target is None and value.low is None:
                continue
            known = years[key].get(line.year)
            if known is None or known.actual is None:
                years[key][line.year] = value
    names = ("owner", "indicator", "unit", "kind", "accumulation", "direction")
    found = []
    for key, row in sorted(told.items()):
        values = [value for _year, value in sorted(years[key].items())]

        def together(name: str, row: dict = row, values: list[_Value] = values) -> Decimal | None:
            parts = [getattr(value, name) for value in values]
            return over_years(row["kind"], row["accumulation"], parts)

        actual, target, low, high = map(together, _Value._fields)
        reached = attainment(row["direction"], actual, target, low, high)
        amounts = {"actual": actual, "target": target, "low": low, "high": high}
        found.append(
            {name: row[name] for name in names}
            | {name: decimal_text(amount) for name, amount in amounts.items()}
            | {"attainment": decimal_text(_rounded(capped(reached)))}
        )
    return found


# --- measures -------------------------------------------------------------------------------------
def _measure(
    head: Mapping, rules: Mapping, judge: Callable, code: str, lines: Sequence[FrozenLine]
) -> Node:
    year, light = _light(head, code, lines)
    node: Node = {
        "light": light.shown if light and light.shown != UNKNOWN else None,
        "completion": light.completion if light else None,
        "basis": None,
        "stopped": False,
        "indicators": {"known": 0, "unknown": 0},
    }
    leads = [line for line in lines if line.content["role"] == "lead"]
    if (leads and year is None) or node["light"] == Light.STOPPED:
        node["stopped"] = node["light"] == Light.STOPPED
        return judge("measure", None, (), excluded=True) | node
    measured = indicators_of(lines)
    if measured:
        known = [Decimal(row["attainment"]) for row in measured if row["attainment"] is not None]
        node["basis"] = INDICATORS
        node["indicators"] = {"known": len(known), "unknown": len(measured) - len(known)}
        value = _rounded(sum(known, Decimal(0)) / len(known)) if known else None
    else:
        points = rules["light_points"].get(node["light"])
        value = None if points is None else _rounded(capped(Decimal(points)))
        node["basis"] = LIGHT if node["light"] not in (None, INCOMPLETE) else None
    return judge("measure", value, ()) | node


def _light(head: Mapping, code: str, lines: Sequence[FrozenLine]) -> tuple[int | None, Any]:
    """(year, light) of the last year in which the measure applied; (None, None) where in none.

    It applied where a lead was asked for something, or its part had ended before; then the final
    light is carried (`tracking.lights`).
    """
    ended: list[tuple[int, str, str, int | None]] = []  # year, ministry, light, completion
    leads: dict[int, list[tuple[FrozenLine, Lead]]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.year, line.key)):
        content = line.content
        if content["role"] != "lead":
            continue
        lead = _lead(content)
        if lead.status == Status.ACCEPTED and lead.light in _FINAL:
            ended.append((line.year, line.ministry_code, lead.light, lead.completion))
        leads[line.year].append((line, lead))
    for year in sorted(leads, reverse=True):
        heard = []
        for line, lead in leads[year]:
            if lead.status == Status.NOT_APPLICABLE:
                bodies = {line.ministry_code, *_before(head, line.ministry_code)}
                own = [end for end in ended if end[0] < year and end[1] in bodies]
                lead = lead.carried(*max(own)[2:]) if own else lead
            heard.append(lead)
        override = head["overrides"].get(str(year), {}).get(code)
        if override or any(lead.status != Status.NOT_APPLICABLE for lead in heard):
            heard.sort(key=lambda lead: not lead.coordinating)
            other = (override["light"], override["reason"]) if override else ()
            return year, measure_light(heard, *other)
    return None, None


def _lead(content: Mapping) -> Lead:
    if "state" not in content:
        return Lead(
            Status.ACCEPTED.value,
            content["light"],
            content["coordinating"],
            content["completion"],
            content["cause"],
            content["sub_cause"],
        )
    missing = Status.NOT_APPLICABLE if content["state"] == _NOT_APPLICABLE else Status.DRAFT
    return Lead(missing.value, coordinating=content["coordinating"])


def _before(head: Mapping, ministry: str) -> Sequence[str]:
    return head["ministries"].get(ministry, {}).get("before", ())


# --- means ----------------------------------------------------------------------------------------
def _mean(parts: Iterable[tuple[Decimal, Node]]) -> Decimal | None:
    """Weighted mean of the parts that are known; None where none is, or none has a weight."""
    total = weight = Decimal(0)
    for own, node in parts:
        if node["attainment"] is not None:
            total += own * Decimal(node["attainment"])
            weight += own
    return _rounded(total / weight) if weight else None


def _judge(rules: Mapping) -> Callable[..., Node]:
    """A function that makes a node of a value: its band, whether it is below, and the counts."""
    bands = sorted(
        ((Decimal(band["from"]), band["key"]) for band in rules["bands"]),
        key=lambda band: -band[0],
    )
    threshold = Decimal(rules["threshold"])

    def judge(
        level: str,
        value: Decimal | None,
        parts: Sequence[tuple[str, Node]],
        *,
        excluded: bool = False,
    ) -> Node:
        counts = {
            name: sum(node[name] for _code, node in parts)
            for name in ("known", "unknown", "excluded")
        }
        if level == "measure":
            counts = {
                "known": int(value is not None),
                "unknown": int(value is None and not excluded),
                "excluded": int(excluded),
            }
        band = None if value is None else next((key for low, key in bands if value >= low), None)
        return {
            "level": level,
            "attainment": decimal_text(value),
            "band": band,
            "below": value is not None and value < threshold,
            **counts,
            "light": None,
            "completion": None,
            "basis": None,
        }

    return judge


def unknown_share(node: Mapping) -> Decimal | None:
    """Per cent of the measures that count of which nothing is known; None where none counts."""
    counting = node["known"] + node["unknown"]
    return _rounded(Decimal(100) * node["unknown"] / counting) if counting else None


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(SCALE, ROUND_HALF_UP)
