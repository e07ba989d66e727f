"""The numbers of an edition as rows for pages: the tree with its standing, and what is missing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from reports import attainment
from reports.documents.content.material import Branch, Material
from reports.enums import LineKind
from reports.explained import explain
from reports.models import Edition, SnapshotLine
from tracking.enums import FilingState


@dataclass(frozen=True, slots=True)
class Row:
    """One node of the tree with its figures; `share` of unknown measures in per cent, `place` the
    number of the measure's first frozen line (None: it has none), `goal` the ordinal that colours,
    `basis` a measure's rule in a few words, or why there is no figure.
    """

    level: str
    level_name: str
    code: str
    name: str
    goal: int
    attainment: Decimal | None
    band: str
    below: bool
    known: int
    unknown: int
    share: Decimal | None
    excluded: int
    light: str | None
    completion: int | None
    leads: str
    explained: str
    basis: str = ""
    place: int | None = None

    @property
    def anchor(self) -> str:
        return f"n-{self.level}-{self.code}".replace("@", "-")


class Numbers:
    """The standing of an edition, asked for once."""

    def __init__(self, edition: Edition) -> None:
        self.edition, self.rules = edition, edition.rules
        self._material = Material(
            title="",
            kind="",
            edition=str(edition.number),
            digest=edition.digest,
            day="",
            head=edition.head,
            rules=edition.rules,
            standing=edition.standing,
            lines=(),
        )
        self._bands = {band["key"]: band["name"] for band in edition.rules["bands"]}
        self._places: Mapping[str, int] = {}

    def with_lines(self) -> "Numbers":
        """Measures then lead to their first frozen line; one query."""
        rows = self.edition.lines.order_by("-ordinal").values_list("measure_code", "ordinal")
        self._places = dict(rows)  # the lowest comes last and stays
        return self

    @property
    def plan(self) -> Row:
        return self._row("plan", "", self.edition.head["plan"]["name"], 0)

    def goals(self) -> list[Row]:
        return [self._of(branch, place) for place, branch in enumerate(self._material.tree(), 1)]

    def tree(self) -> list[tuple[Row, list[Row]]]:
        """Each goal with everything beneath it, in the order of the plan."""
        return [
            (self._of(branch, place), [self._of(one, place) for one in _below(branch)])
            for place, branch in enumerate(self._material.tree(), 1)
        ]

    def worst(self, most: int | None = None) -> list[Row]:
        """Measures below the threshold, the lowest first."""
        rows = [row for _goal, rows in self.tree() for row in rows if row.level == "measure"]
        below = [row for row in rows if row.below]
        return sorted(below, key=lambda row: (row.attainment, row.code))[:most]

    def below(self) -> int:
        """How many measures are below the threshold."""
        return sum(node["below"] for node in self.edition.standing["measures"].values())

    def level_name(self, level: str) -> str:
        return self._material.level(level)

    def _of(self, branch: Branch, goal: int) -> Row:
        place = branch.data.get("ordinal", goal) if branch.level == "goal" else goal
        return self._row(branch.level, branch.code, branch.name, place, branch)

    def _row(
        self, level: str, code: str, name: str, goal: int, branch: Branch | None = None
    ) -> Row:
        node = attainment.of(self.edition.standing, level, code)
        value = node["attainment"]
        beneath = branch.beneath if branch else ()
        names = self.edition.head["version"]["level_names"]
        explained = explain(node, names, beneath[0].level if beneath else "")
        leads = branch.data.get("leads", ()) if branch else ()
        return Row(
            level=level,
            level_name=self._material.level(level),
            code=code,
            name=name,
            goal=goal,
            attainment=None if value is None else Decimal(value),
            band=self._bands.get(node["band"], ""),
            below=node["below"],
            known=node["known"],
            unknown=node["unknown"],
            share=attainment.unknown_share(node),
            excluded=node["excluded"],
            light=node["light"],
            completion=node["completion"],
            leads="、".join(self._material.ministry(one) for one in leads),
            explained=explained,
            basis=_basis(node, explained) if level == "measure" else "",
            place=self._places.get(code) if level == "measure" else None,
        )


def _basis(node: Mapping, explained: str) -> str:
    if node["attainment"] is None:
        return explained
    if node["basis"] == attainment.INDICATORS:
        return _("%(n)d個指標的平均") % {"n": node["indicators"]["known"]}
    return _("以燈號換算")


def _below(branch: Branch) -> Iterator[Branch]:
    for child in branch.beneath:
        yield child
        yield from _below(child)


# --- what is missing ------------------------------------------------------------------------------
def counts_of_lines(edition: Edition) -> list[tuple[int, dict[str, int]]]:
    """For each year: state → how many duties are in it; accepted ones with nothing to report
    apart. One query.
    """
    rows = edition.lines.order_by().values_list(
        "year",
        "kind",
        KeyTextTransform("state", "content"),
        KeyTextTransform("nothing_to_report", "content"),
    )
    found: dict[int, Counter[str]] = {year: Counter() for year in edition.head["years"]}
    for year, kind, state, nothing in rows:
        if kind == LineKind.REPORT:
            state = "nothing_to_report" if str(nothing).lower() in ("true", "1") else "accepted"
        found[year][state] += 1
    return [(year, dict(counts)) for year, counts in sorted(found.items())]


def gaps(edition: Edition) -> list[SnapshotLine]:
    """Duties without an accepted report, the not applicable ones left out: nobody owes them."""
    lines = edition.lines.filter(kind=LineKind.GAP).order_by("ordinal")
    return [line for line in lines if line.content["state"] != FilingState.NOT_APPLICABLE.value]
