"""What a coordination meeting should talk about: everything of an edition below its threshold.

Read from the edition alone, so that the agenda bears the numbers that were frozen, with the
threshold that decided beside each.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from reports import attainment
from reports.enums import Level
from reports.explained import explain
from reports.models import Edition


class Proposal(NamedTuple):
    """A node of the tree. Numbers in per cent; `leads` and `partners` are codes of ministries as
    the edition has them, those of all measures beneath; `lineages` those of the measures, of a
    measure its own.
    """

    level: str
    code: str
    name: str
    attainment: Decimal | None
    threshold: Decimal
    below: bool
    finding: str
    leads: tuple[str, ...]
    partners: tuple[str, ...]
    lineages: tuple[str, ...]


def proposed(edition: Edition) -> list[Proposal]:
    """What is below the threshold, the worst first; of equals the wider one first.

    A node of which nothing is known is not below: it is unknown, which is no finding.
    """
    order = list(Level.values)
    found = [one for one in nodes(edition) if one.below]
    return sorted(found, key=lambda one: (one.attainment, order.index(one.level), one.code))


def nodes(edition: Edition) -> Iterator[Proposal]:
    """Every node of the edition's tree that the plan itself has, from the goals down."""
    for goal in edition.head["tree"]:
        yield _proposal(edition, Level.GOAL, goal, [*_measures(goal)])
        for sub_goal in goal["sub_goals"]:
            if not sub_goal["implicit"]:
                yield _proposal(edition, Level.SUB_GOAL, sub_goal, [*_measures(sub_goal)])
            for strategy in sub_goal["strategies"]:
                yield _proposal(edition, Level.STRATEGY, strategy, strategy["measures"])
                for measure in strategy["measures"]:
                    yield _proposal(edition, Level.MEASURE, measure, [measure])


def _measures(node: Mapping) -> Iterator[Mapping]:
    for below in node.get("sub_goals") or node["strategies"]:
        yield from below["measures"] if "measures" in below else _measures(below)


def _proposal(edition: Edition, level: Level, node: Mapping, measures: list[Mapping]) -> Proposal:
    standing = attainment.of(edition.standing, level, node["code"])
    reached, threshold = standing["attainment"], Decimal(edition.rules["threshold"])
    leads = tuple(dict.fromkeys(code for one in measures for code in one["leads"]))
    partners = dict.fromkeys(code for one in measures for code in one["partners"])
    if reached is None:
        finding = _("達成度未知。")
    elif standing["below"]:
        finding = _("達成度%(reached).1f%%，低於門檻%(threshold)s%%。") % {
            "reached": Decimal(reached),
            "threshold": f"{threshold:f}",
        }
    else:
        finding = _("達成度%(reached).1f%%，門檻%(threshold)s%%。") % {
            "reached": Decimal(reached),
            "threshold": f"{threshold:f}",
        }
    beneath = "strategy" if any(one["implicit"] for one in node.get("sub_goals", ())) else ""
    return Proposal(
        level.value,
        node["code"],
        node["name"],
        None if reached is None else Decimal(reached),
        threshold,
        standing["below"],
        finding + explain(standing, edition.head["version"]["level_names"], beneath),
        leads,
        tuple(code for code in partners if code not in leads),
        tuple(one["lineage"] for one in measures),
    )
