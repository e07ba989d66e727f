"""The version in force as plain values, and in the terms that the document reader compares with."""

from collections import defaultdict

from plan.document.compare import Loaded
from plan.enums import AssignmentRole
from plan.models import Assignment, CellEntry, Plan, PlanVersion

_TABLE_8 = ("整體科技預算", "GDP 預估數", "占比")


class NoPlanError(LookupError):
    """No such plan is loaded, or it has no version in force."""


def find_version(slug: str | None = None) -> PlanVersion:
    """The version in force of the named plan, or of the newest plan that has one.

    Raises NoPlanError when there is none.
    """
    versions = PlanVersion.objects.in_force().select_related("plan")
    if slug is not None:
        if not Plan.objects.filter(slug=slug).exists():
            raise NoPlanError(f"沒有計畫「{slug}」")
        versions = versions.filter(plan__slug=slug)
    version = versions.order_by("-plan__start_year", "plan__slug").first()
    if version is None:
        raise NoPlanError(f"計畫「{slug}」沒有核定的版本" if slug else "還沒有載入任何核定的計畫")
    return version


def export_plan(version: PlanVersion) -> dict:
    """The tree of a version with its ministries' short names, as `load_plan` takes it back.

    Assignments are those of the plan itself; duties that moved later are not part of the version.
    """
    cells = _names(
        CellEntry.objects.filter(strategy__version=version).order_by(
            "strategy_id", "role", "order"
        ),
        "strategy_id",
    )
    duties = _names(
        Assignment.objects.as_written_in(version).order_by("measure_id", "role", "order"),
        "measure_id",
    )
    measures = defaultdict(list)
    for row in version.measures.order_by("position"):
        measures[row.strategy_id].append({"code": row.code, "name": row.name, **duties[row.pk]})
    strategies = defaultdict(list)
    for row in version.strategies.order_by("ordinal"):
        strategies[row.sub_goal_id].append(
            {
                "code": row.code,
                "name": row.name,
                "cell": row.cell,
                "note": row.note,
                **cells[row.pk],
                "measures": measures[row.pk],
            }
        )
    sub_goals = defaultdict(list)
    for row in version.sub_goals.order_by("ordinal"):
        sub_goals[row.goal_id].append(
            {
                "code": row.code,
                "name": row.name,
                **({"implicit": True} if row.implicit else {}),
                "strategies": strategies[row.pk],
            }
        )
    return {
        "plan": version.plan.slug,
        "version": version.number,
        "goals": [
            {"code": row.code, "name": row.name, "sub_goals": sub_goals[row.pk]}
            for row in version.goals.order_by("ordinal")
        ],
    }


def as_loaded(version: PlanVersion) -> Loaded:
    """What `plan.document.compare` sets the published text against."""
    names: dict[str, str] = {}
    for level in ("goals", "sub_goals", "strategies", "measures"):
        nodes = getattr(version, level).order_by()
        if level == "sub_goals":
            nodes = nodes.filter(implicit=False)
        order = "position" if level == "measures" else "pk"
        names |= dict(nodes.order_by(order).values_list("code", "name"))
    plan = version.plan
    table_8: dict[int, dict[str, str]] = defaultdict(dict)
    figures = plan.printed_figures.filter(table="8", year__isnull=False)
    for year, row, printed in figures.values_list("year", "row", "printed"):
        table_8[year][row] = printed.replace(",", "")
    return Loaded(
        names=names,
        cells=dict(version.strategies.order_by("pk").values_list("code", "cell")),
        claim=plan.claim,
        objectives=list(plan.objectives.order_by("ordinal").values_list("printed_name", flat=True)),
        table_8={
            year: tuple(rows.get(label, "") for label in _TABLE_8)
            for year, rows in sorted(table_8.items())
        },
    )


def _names(rows, owner: str) -> dict[int, dict[str, list[str]]]:
    """Owner's id → its leads and partners by short name, in printed order."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"leads": [], "partners": []})
    for owner_id, role, name in rows.values_list(owner, "role", "ministry__short_name"):
        found[owner_id]["leads" if role == AssignmentRole.LEAD else "partners"].append(name)
    return found
