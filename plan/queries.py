"""Shared reads of versions: their trees as plain values, and what lies between two of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from config.kit.prepared import prepared
from plan import revision, vision
from plan.enums import AssignmentRole, IndicatorState, NodeLevel, VersionState
from plan.models import Assignment, Indicator, LineageEdge, Measure, PlanVersion
from plan.revision import Edge, Entry, Pair, Row

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

Names = Iterable[tuple[str, str]]  # role, short name, in order


def spelled(names: Names) -> str:
    """Bodies as a cell of table 7 prints them: leads, then partners after a stroke."""
    sides: dict[str, list[str]] = defaultdict(list)
    for role, name in names:
        sides[role].append(name)
    return "／".join(
        "、".join(sides[role])
        for role in (AssignmentRole.LEAD, AssignmentRole.PARTNER)
        if sides[role]
    )


def printed(rows: QuerySet) -> str:
    """Rows of Assignment or CellEntry, spelled in their order."""
    return spelled(rows.order_by("role", "order").values_list("role", "ministry__short_name"))


def duties_text(row: Model) -> str:
    """Bodies of a measure as they stand, of a strategy as its cell names them; empty above."""
    if isinstance(row, Measure):
        return printed(row.assignments.filter(until__isnull=True))
    return getattr(row, "cell", "")


def has_indicator() -> Exists:
    """Whether a measure, in whichever version, has an approved indicator; for rows of Measure."""
    approved = Indicator.objects.filter(state=IndicatorState.APPROVED)
    return Exists(approved.filter(measure__lineage=OuterRef("lineage")))


def duties_of(
    version: PlanVersion, beside: PlanVersion | None = None
) -> dict[int, list[tuple[str, str]]]:
    """Measure id → (role, short name) of the duties that the version lays down, leads first.

    With `beside`, a revision of it: the duties as they stand when that one takes over, so that
    what moved by decree in between is not taken for a change of the revision.
    """
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Assignment.objects.as_written_in(version)
    if beside:
        rows = Assignment.objects.filter(measure__version=version)
        day = beside.effective_on
        rows = rows.on(day) if day else rows.filter(until__isnull=True)
    rows = rows.order_by("measure_id", "role", "order")
    for pk, role, name in rows.values_list("measure_id", "role", "ministry__short_name"):
        found[pk].append((role, name))
    return found


def entries(version: PlanVersion, beside: PlanVersion | None = None) -> list[Entry]:
    """The whole tree as plain values, in its own order; `beside` as in `duties_of`. 5 queries."""
    duties = duties_of(version, beside)
    measures = defaultdict(list)
    for row in version.measures.order_by("position", "pk"):
        measures[row.strategy_id].append(row)
    strategies, sub_goals = defaultdict(list), defaultdict(list)
    for row in version.strategies.order_by("ordinal"):
        strategies[row.sub_goal_id].append(row)
    for row in version.sub_goals.order_by("ordinal"):
        sub_goals[row.goal_id].append(row)
    found = []

    def put(level: NodeLevel, row, parent=None, **more) -> None:
        above = str(parent.lineage) if parent else ""
        found.append(Entry(level.value, str(row.lineage), row.code, row.name, above, **more))

    for goal in version.goals.order_by("ordinal"):
        put(NodeLevel.GOAL, goal, text=goal.text)
        for sub_goal in sub_goals[goal.pk]:
            put(NodeLevel.SUB_GOAL, sub_goal, goal, text=sub_goal.text, implicit=sub_goal.implicit)
            for strategy in strategies[sub_goal.pk]:
                put(
                    NodeLevel.STRATEGY,
                    strategy,
                    sub_goal,
                    text=strategy.text,
                    duties=strategy.cell,
                )
                for measure in measures[strategy.pk]:
                    put(
                        NodeLevel.MEASURE,
                        measure,
                        strategy,
                        text=measure.description,
                        duties=spelled(duties[measure.pk]),
                    )
    return found


def edges_of(version: PlanVersion) -> list[Edge]:
    """Splits and mergers that this version brought."""
    return [Edge(str(row.predecessor), str(row.successor), row.kind) for row in version.edges.all()]


def redline(version: PlanVersion, *, unchanged: bool = False) -> list[Row]:
    """The version against the one that it was copied from; no rows where there is none."""
    if version.based_on is None:
        return []
    return revision.redline(
        entries(version.based_on, version),
        entries(version),
        edges_of(version),
        unchanged=unchanged,
    )


def crosswalk(version: PlanVersion) -> list[Pair]:
    """Measures of the version before and of this one; no pairs where there is none before."""
    if version.based_on is None:
        return []
    return revision.crosswalk(
        revision.measures(entries(version.based_on, version)),
        revision.measures(entries(version)),
        edges_of(version),
    )


def vision_rows(
    version: PlanVersion, status: Mapping[str, Sequence[str]] | None = None
) -> list[vision.Row]:
    """遠景、策略及現況說明 of the version; `status` as in `plan.vision.build`."""
    return vision.build(
        entries(version), redline(version), levels=version.level_names, status=status
    )


def find_measure(
    code: str, user: "User | AnonymousUser", *, plan: str | None, version: str | None
) -> Measure | None:
    """The measure of that code in the newest version in force that has it.

    `plan` names another plan, also one that is filed against while it is a draft; `version` is a
    number as typed. None where there is none, or none in a version that this person may see.
    """
    if not plan and version is None:
        return next(iter(_in_force(code)), None)
    versions = PlanVersion.objects.visible_to(user)
    if plan:
        versions = versions.filter(plan__slug=plan)
    if version is None:
        versions = versions.to_file_against()
    elif version.isdecimal():
        versions = versions.filter(number=int(version))
    else:
        return None
    return _measures(code).filter(version__in=versions).first()


def _measures(code: str) -> QuerySet[Measure]:
    """Every measure of that code with its version and the nodes above, the newest plan's first."""
    found = Measure.objects.select_related("version__plan", "strategy__sub_goal__goal")
    return found.filter(code=code).order_by("-version__plan__start_year", "version__plan__slug")


@prepared
def _in_force(code: str) -> QuerySet[Measure]:
    """That of the newest version in force, which everybody may see. It is chosen by its key, so
    that nothing is joined to the measures of that code in all other plans.
    """
    every = _measures(code)
    chosen = every.filter(version__state=VersionState.APPROVED).values("pk")[:1]
    return every.filter(pk=chosen).order_by()


class Family(NamedTuple):
    """A measure among the versions of its plan.

    `lineages` are its own and those of all measures that became it; `before` and `after` the
    measures of other versions that it goes back to and leads to, itself under another code too.
    """

    lineages: list[UUID]
    before: list[Measure]
    after: list[Measure]


def family(measure: Measure) -> Family:
    """Two queries; none where the plan was never revised."""
    version = measure.version
    if version.state == VersionState.APPROVED and version.based_on_id is None:
        return Family([measure.lineage], [], [])
    settled = LineageEdge.objects.filter(version__plan=version.plan_id).exclude(
        version__state=VersionState.DRAFT
    )
    edges = [
        Edge(str(one), str(other), kind)
        for one, other, kind in settled.order_by().values_list("predecessor", "successor", "kind")
    ]
    own = str(measure.lineage)
    earlier, later = revision.forebears(own, edges), revision.heirs(own, edges)
    others = list(
        Measure.objects.filter(
            version__plan=version.plan_id, lineage__in=map(UUID, earlier | later | {own})
        )
        .exclude(version=version.pk)
        .exclude(version__state=VersionState.DRAFT)
        .select_related("version__plan")
        .defer("description")
        .order_by("version__number", "position")
    )
    return Family(
        [measure.lineage, *map(UUID, sorted(earlier))],
        [row for row in others if row.version.number < version.number],
        [row for row in others if row.version.number > version.number],
    )
