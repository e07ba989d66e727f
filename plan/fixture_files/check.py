"""Holds a plan's facts against each other, and against what the plan says of itself."""

from collections.abc import Iterable, Mapping

from plan.document.division import split_cell
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import Fact, PlanFacts


def check(
    facts: PlanFacts,
    ministries: Mapping[str, str],
    codes: Iterable[str],
    claim: Mapping[str, int],
    uncounted: Iterable[str],
) -> None:
    """Raise FixtureError at the first thing that is wrong.

    ``ministries`` are the known ones, short name → code, and ``codes`` all known codes; ``claim``
    the counts that the plan says of itself (goals, sub_goals, strategies, measures, units; empty
    where it says nothing); ``uncounted`` codes of participants that it does not count as units.
    """
    _codes(facts)
    _duties(facts, ministries)
    _bodies(facts, set(codes))
    _counts(facts, ministries, claim, set(uncounted))
    _cells(facts)


def _refuse(fact: Fact, reason: str) -> FixtureError:
    return FixtureError(fact.file, fact.place, reason)


def _codes(facts: PlanFacts) -> None:
    """Codes are unique on their level and begin with the code above them."""
    if not facts.goals:
        raise FixtureError(facts.file, "goals", "沒有任何目標")
    levels = (
        ("目標", [(None, goal) for goal in facts.goals]),
        ("子目標", list(facts.sub_goals())),
        ("策略", list(facts.strategies())),
        ("措施", list(facts.measures())),
    )
    for label, nodes in levels:
        seen = set()
        for above, node in nodes:
            if node.code in seen:
                raise _refuse(node, f"{label}編號 {node.code} 重複")
            seen.add(node.code)
            implicit = getattr(node, "implicit", None)
            if above and not implicit and not node.code.startswith(f"{above.code}."):
                raise _refuse(node, f"{label}編號 {node.code} 不在 {above.code} 之下")


def _duties(facts: PlanFacts, ministries: Mapping[str, str]) -> None:
    """Every measure has a lead, nobody stands twice, everybody is known."""
    nodes = [*(node for _, node in facts.strategies()), *(node for _, node in facts.measures())]
    for node in nodes:
        named = [*node.leads, *node.partners]
        for name in named:
            if name not in ministries:
                raise _refuse(node, f"不認得部會「{name}」")
            if named.count(name) > 1:
                raise _refuse(node, f"部會「{name}」列了兩次")
        if not node.leads:
            raise _refuse(node, "沒有主辦部會")


def _cells(facts: PlanFacts) -> None:
    """What a strategy's cell says is what its leads and partners say; one of the two may be left
    unsaid.
    """
    for _, strategy in facts.strategies():
        if not strategy.cell or not (strategy.leads or strategy.partners):
            continue
        leads, partners, _note = split_cell(strategy.cell)
        if (tuple(leads), tuple(partners)) != (strategy.leads, strategy.partners):
            said = "／".join(
                "、".join(side) for side in (strategy.leads, strategy.partners) if side
            )
            raise _refuse(strategy, f"「cell」是「{strategy.cell}」，主辦與協辦卻是「{said}」")


def _counts(
    facts: PlanFacts, ministries: Mapping[str, str], claim: Mapping[str, int], uncounted: set[str]
) -> None:
    named = {
        ministries[name]
        for _, strategy in facts.strategies()
        for name in (*strategy.leads, *strategy.partners)
    }
    held = {
        "goals": ("目標", len(facts.goals)),
        "sub_goals": ("子目標", sum(not sub.implicit for _, sub in facts.sub_goals())),
        "strategies": ("策略", len(list(facts.strategies()))),
        "measures": ("措施", len(list(facts.measures()))),
        "units": ("部會署及單位", len(named - uncounted)),
    }
    for level, expected in claim.items():
        label, count = held[level]
        if count != expected:
            raise FixtureError(
                facts.file, "goals", f"計畫自述有 {expected} 個{label}，檔案裡有 {count} 個"
            )


def _bodies(facts: PlanFacts, codes: set[str]) -> None:
    """Codes of ministries are known, and each stands once in its list."""
    for name in ("code", "short_name"):
        seen = set()
        for ministry in facts.ministries or ():
            value = getattr(ministry, name)
            if value in seen:
                raise _refuse(ministry, f"部會「{value}」列了兩次")
            seen.add(value)
    for ministry in facts.ministries or ():
        if ministry.since and ministry.until and ministry.since >= ministry.until:
            raise _refuse(ministry, "終止日要在成立日之後")
    for rows in (facts.participants, facts.bodies):
        seen = set()
        for row in rows or ():
            if row.ministry in seen:
                raise _refuse(row, f"部會「{row.ministry}」列了兩次")
            seen.add(row.ministry)
    for row in (*(facts.participants or ()), *(facts.bodies or ()), *(facts.figures or ())):
        if row.ministry is not None and row.ministry not in codes:
            raise _refuse(row, f"不認得部會「{row.ministry}」")
    for edge in facts.successions or ():
        for code in (edge.predecessor, edge.successor):
            if code not in codes:
                raise _refuse(edge, f"不認得部會「{code}」")
    tables = set()
    for figure in facts.figures or ():
        key = (figure.table, figure.row_ordinal, figure.column_ordinal)
        if key in tables:
            raise _refuse(figure, f"表 {figure.table} 有兩個檔案")
        tables.add(key)
    named = set()
    for one in facts.series or ():
        if one.code in named:
            raise _refuse(one, f"數列 {one.code} 重複")
        named.add(one.code)
