"""What bears which code in an edition, and where it is found in a later one.

A code is an address: a revision may give it to something else. Measures are told by the lineage
that an edition froze with them; goals, sub-goals and strategies by that of their row in the
version whose number it froze, since an approved version keeps its codes for good.
"""

from collections.abc import Iterable, Mapping

from plan.models import Goal, LineageEdge, Strategy, SubGoal
from reports.enums import Level
from reports.models import Edition, Review

Node = tuple[str, str]  # level, code
_UPPER = {Level.GOAL: Goal, Level.SUB_GOAL: SubGoal, Level.STRATEGY: Strategy}


def measures_in(head: Mapping) -> dict[str, Mapping]:
    """Lineage → measure of the frozen tree."""
    return {
        measure["lineage"]: measure
        for goal in head["tree"]
        for sub_goal in goal["sub_goals"]
        for strategy in sub_goal["strategies"]
        for measure in strategy["measures"]
    }


def things(review: Review, head: Mapping) -> dict[Node, str]:
    """Node of the tree → lineage. What the plan doesn't name is left out. At most three queries."""
    codes: dict[str, list[str]] = {level: [] for level in _UPPER}
    for goal in head["tree"]:
        codes[Level.GOAL].append(goal["code"])
        for sub_goal in goal["sub_goals"]:
            if not sub_goal["implicit"]:
                codes[Level.SUB_GOAL].append(sub_goal["code"])
            codes[Level.STRATEGY] += [one["code"] for one in sub_goal["strategies"]]
    found: dict[Node, str] = {}
    for level, model in _UPPER.items():
        known = _known(model, review, head["version"]["number"])
        found |= {(level.value, code): known[code] for code in codes[level] if code in known}
    measures = measures_in(head).items()
    return found | {(Level.MEASURE.value, one["code"]): lineage for lineage, one in measures}


def _known(model: type, review: Review, number: int) -> dict[str, str]:
    """Code → lineage in this version; of what only older ones have, the newest of each code, and
    each as `code@version`, as the frozen tree writes them.
    """
    rows = model.objects.filter(version__plan=review.plan_id, version__number__lte=number)
    own: set[str] = set()
    found: dict[str, str] = {}
    for version, code, lineage in rows.order_by("-version__number").values_list(
        "version__number", "code", "lineage"
    ):
        if version == number:
            own.add(str(lineage))
        elif str(lineage) in own:
            continue
        found.setdefault(code, str(lineage))
        found.setdefault(f"{code}@{version}", str(lineage))
    return found


def moves(
    review: Review, before: Mapping, after: Mapping, held: Iterable[Node] = ()
) -> dict[Node, Node]:
    """Node of the head `before` → where the same thing stands in `after`, of those whose code is
    another one there.

    What `after` no longer has keeps its code, or, where something else bears it now, is set aside
    under it with the number of its version: `1.2.3.4@1`. So are `held` nodes that `before` doesn't
    have either.
    """
    if before["tree"] == after["tree"]:
        return {}
    old, new = things(review, before), things(review, after)
    places = {(level, thing): code for (level, code), thing in new.items()}
    found = {}
    for level, code in {**old, **dict.fromkeys(held)}:
        thing = old.get((level, code))
        now = places.get((level, thing), code)
        if (level, thing) not in places and (level, code) in new:
            now = f"{code.partition('@')[0]}@{before['version']['number']}"
        if now != code:
            found[level, code] = (level, now)
    return found


def now_called(edition: Edition, current: Edition, code: str) -> str:
    """The code in the current edition of the measure that bears this one in the other; the same
    where one of them doesn't have it.
    """
    if edition.pk == current.pk:
        return code
    then = {one["code"]: lineage for lineage, one in measures_in(edition.head).items()}
    now = measures_in(current.head).get(then.get(code, ""))
    return now["code"] if now else code


def parted(review: Review, head: Mapping) -> dict[str, list[str]]:
    """Code of each measure that a revision split or merged → codes of what it became, where the
    tree has them. What people said of it stays with it. One query, none without such measures.
    """
    measures = measures_in(head)
    ended = [lineage for lineage, one in measures.items() if one["ended"]]
    if not ended:
        return {}
    edges = LineageEdge.objects.filter(version__plan=review.plan_id).values_list(
        "predecessor", "successor"
    )
    heirs: dict[str, list[str]] = {}
    for old, new in edges:
        heirs.setdefault(str(old), []).append(str(new))
    found = {}
    for lineage in ended:
        reached, waiting = [], list(heirs.get(lineage, ()))
        while waiting:
            one = waiting.pop(0)
            if one in reached:
                continue
            reached.append(one)
            waiting += heirs.get(one, ())
        codes = [measures[one]["code"] for one in reached if one in measures]
        if codes:
            found[measures[lineage]["code"]] = codes
    return found
