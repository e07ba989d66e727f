"""Shared reads of the synthesis: the nodes of an edition, whom they concern, what can be cited."""

from collections.abc import Iterator, Mapping, Sequence

from reports import attainment
from reports.documents.content.material import Branch, Line, Material, measures_of
from reports.enums import Level
from reports.models import Edition

Node = tuple[str, str]  # level, code; the plan's code is ""


def material_of(edition: Edition, lines: Sequence[Line] = ()) -> Material:
    """The frozen part of an edition with these of its lines; nothing that people said of it."""
    return Material(
        title=edition.review.title,
        kind="",
        edition=str(edition.number),
        digest=edition.digest,
        day="",
        head=edition.head,
        rules=edition.rules,
        standing=edition.standing,
        lines=lines,
        criteria=edition.review.criteria,
    )


def branches(edition: Edition) -> dict[Node, Branch]:
    """Every node that gets a conclusion, in the order of the plan, the plan itself first."""
    tree = material_of(edition).tree()
    whole = Branch(Level.PLAN.value, "", edition.head["plan"]["name"], edition.head, tree)
    return {(branch.level, branch.code): branch for branch in walk(whole)}


def walk(branch: Branch) -> Iterator[Branch]:
    """The branch and all beneath it, in the order of the plan."""
    yield branch
    for child in branch.beneath:
        yield from walk(child)


def concerned(branch: Branch) -> frozenset[str]:
    """Codes of the ministries that lead or share a measure at or beneath the node."""
    return frozenset(
        code
        for measure in measures_of(branch)
        for code in (*measure.data["leads"], *measure.data["partners"])
    )


def standing_of(edition: Edition, level: str, code: str) -> Mapping | None:
    """The node's numbers; None where the edition doesn't have it."""
    try:
        return attainment.of(edition.standing, level, code)
    except KeyError:
        return None
