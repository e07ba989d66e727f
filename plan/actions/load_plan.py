"""Loads a plan's facts into the database: an upsert by code, in one transaction, run as often as
one likes. `preview` says what would change, `load_plan` does it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Model, ProtectedError

from ministries.audit import record
from ministries.models import Ministry, Succession
from plan.enums import AssignmentRole, VersionState
from plan.fixture_files.check import check, check_successions
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import PlanFacts, SuccessionFact
from plan.fixture_files.read import read_companion
from plan.models import (
    Assignment,
    CellEntry,
    Goal,
    Measure,
    Objective,
    Participant,
    Plan,
    PlanVersion,
    PrintedFigure,
    Strategy,
    SubGoal,
)

if TYPE_CHECKING:
    from ministries.models import User

BASIS = "計畫表 7"
_LEVELS = {Goal: "目標", SubGoal: "子目標", Strategy: "策略", Measure: "措施"}
# What an approved version may still have changed; everything else is structure.
_WORDING = {"name", "name_en", "cell", "note", "uncertain"}
_STRUCTURE = "核定版本只能改文字；結構（節點、順序、分工）要經由滾動修正"
_ROOM = 10_000  # above every ordinal: rows step aside here while they change places


@dataclass(frozen=True)
class Change:
    """One thing that loading changes. ``field`` is empty for a row that is added or removed."""

    kind: str  # added, changed, removed
    what: str
    where: str
    field: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"{self.what} {self.where} {self.field}：「{self.before}」→「{self.after}」"
        return f"{'新增' if self.kind == 'added' else '移除'}{self.what} {self.where}"


@transaction.atomic
def load_plan(facts: PlanFacts, *, by: "User | str") -> list[Change]:
    """Bring the database to what ``facts`` say, and return what changed (nothing twice).

    In order: ministries, successions, the plan, its version, participants, bodies of chapter 陸,
    printed figures, the tree with the cells of table 7, the assignments; then the audit. A draft
    follows the file in everything; an approved version has its wording changed, each change
    audited, and nothing ever deleted. A plan whose file names only slug and tree, and that is not
    loaded yet, takes everything else from its folder in `fixtures/`.

    Raises FixtureError (file, place, reason), leaving everything as it was, when the file is
    broken, does not agree with the plan's claim, would change the structure of an approved
    version, or names a version that does not exist.
    """
    plan = Plan.objects.select_for_update().filter(slug=facts.slug).first()
    if plan is None and facts.about is None:
        facts = _with_companion(facts)
    return _Loading(facts, plan, by).run()


def preview(facts: PlanFacts, *, by: "User | str" = "system:preview") -> list[Change]:
    """What `load_plan` would change; nothing is kept. Raises FixtureError likewise."""
    with transaction.atomic():
        changes = load_plan(facts, by=by)
        transaction.set_rollback(True)
    return changes


def _with_companion(facts: PlanFacts) -> PlanFacts:
    companion = read_companion(facts.slug)
    if companion is None or companion.version != facts.version:
        raise FixtureError(
            facts.file, "plan", f"計畫「{facts.slug}」還沒有載入，檔案裡要有它的名稱與年度"
        )
    return PlanFacts(
        facts.file,
        facts.slug,
        facts.version,
        facts.goals,
        companion.about,
        companion.ministries,
        companion.successions,
        companion.participants,
        companion.bodies,
        companion.figures,
    )


class _Loading:
    """One run. The methods are its steps, in the order of `run`."""

    def __init__(self, facts: PlanFacts, plan: Plan | None, by: "User | str"):
        self.facts, self.plan, self.by = facts, plan, by
        self.changes: list[Change] = []
        self.frozen = False

    def run(self) -> list[Change]:
        known = {ministry.code: ministry for ministry in Ministry.objects.all()}
        self._check(known)
        self._ministries(known)
        self.ministries = {ministry.code: ministry for ministry in Ministry.objects.all()}
        self.codes = self._short_names(self.ministries.values())
        self._successions()
        self._plan()
        self._version()
        self._participants()
        self._bodies()
        self._figures()
        self._tree()
        self._duties()
        if self.changes:
            counts = {"added": 0, "changed": 0, "removed": 0}
            for change in self.changes:
                counts[change.kind] += 1
            after = {"source": self.facts.file, "version": self.version.number, **counts}
            record("plan.load", self.plan, by=self.by, after=after)
        return self.changes

    # --- before anything is written -----------------------------------------------------------
    def _check(self, known: dict[str, Ministry]) -> None:
        facts = self.facts
        uncounted = [row.ministry for row in facts.participants or () if not row.counted]
        if facts.participants is None and self.plan is not None:
            uncounted = self.plan.participants.filter(counted=False).values_list(
                "ministry__code", flat=True
            )
        claim = facts.about.claim if facts.about else self.plan.claim
        codes = [*known, *(row.code for row in facts.ministries or ())]
        check(facts, self._short_names(known.values()), codes, claim, uncounted)
        if facts.successions is not None:
            kept = {(row.predecessor, row.successor, row.on) for row in facts.successions}
            loaded = Succession.objects.select_related("predecessor", "successor")
            check_successions(
                [
                    *facts.successions,
                    *(
                        SuccessionFact(
                            facts.file,
                            "",
                            row.predecessor.code,
                            row.successor.code,
                            row.on,
                            row.kind,
                            row.legal_basis,
                            row.note,
                        )
                        for row in loaded
                        if (row.predecessor.code, row.successor.code, row.on) not in kept
                    ),
                ]
            )

    def _short_names(self, known: Iterable[Ministry]) -> dict[str, str]:
        """Short name → code; what the file itself says of a ministry goes first."""
        names = {ministry.short_name: ministry.code for ministry in known}
        return names | {row.short_name: row.code for row in self.facts.ministries or ()}

    # --- who ----------------------------------------------------------------------------------
    def _ministries(self, known: dict[str, Ministry]) -> None:
        wanted = {
            row.code: {
                "short_name": row.short_name,
                "full_name": row.full_name,
                "name_en": row.name_en,
                "since": row.since,
                "until": row.until,
            }
            for row in self.facts.ministries or ()
        }
        self._upsert("部會", Ministry, known, wanted, lambda code: {"code": code}, audit=True)

    def _successions(self) -> None:
        existing = {
            (row.predecessor_id, row.successor_id, row.on): row for row in Succession.objects.all()
        }
        wanted = {
            (self.ministries[row.predecessor].pk, self.ministries[row.successor].pk, row.on): {
                "kind": row.kind,
                "legal_basis": row.legal_basis,
                "note": row.note,
            }
            for row in self.facts.successions or ()
        }
        names = {ministry.pk: ministry.short_name for ministry in self.ministries.values()}
        self._upsert(
            "部會承接",
            Succession,
            existing,
            wanted,
            lambda key: {"predecessor_id": key[0], "successor_id": key[1], "on": key[2]},
            label=lambda key: f"{names[key[0]]} → {names[key[1]]}（{key[2]}）",
            audit=True,
        )

    # --- the plan and its version -------------------------------------------------------------
    def _plan(self) -> None:
        about = self.facts.about
        if about is None:
            return
        values = {
            "name": about.name,
            "name_en": about.name_en,
            "start_year": about.start_year,
            "end_year": about.end_year,
            "claim": about.claim,
        }
        if about.start_year > about.end_year:
            raise FixtureError(about.file, about.place, "起始年在結束年之後")
        self.plan = self._upsert(
            "計畫",
            Plan,
            {self.plan.slug: self.plan} if self.plan else {},
            {self.facts.slug: values},
            lambda slug: {"slug": slug},
        )[self.facts.slug]

    def _version(self) -> None:
        facts, about = self.facts, self.facts.about
        versions = {row.number: row for row in self.plan.versions.select_for_update()}
        version = versions.get(facts.version)
        if version is None and versions:
            raise FixtureError(
                facts.file, "version", f"沒有第 {facts.version} 版；新的版本要經由滾動修正建立"
            )
        if version is not None and version.state == VersionState.SUPERSEDED:
            raise FixtureError(facts.file, "version", f"第 {facts.version} 版已被取代")
        self.frozen = version is not None and version.state == VersionState.APPROVED
        values = {"title": about.title, "level_names": about.level_names} if about else {}
        start = {"plan": self.plan, "number": facts.version}
        if version is None:
            start["state"] = about.state
        self.version = self._upsert(
            "版本",
            PlanVersion,
            {facts.version: version} if version else {},
            {facts.version: values},
            lambda number: start,
            audit=True,
        )[facts.version]

    def _participants(self) -> None:
        if self.facts.participants is None:
            return
        wanted = {
            row.ministry: {"ordinal": ordinal, "counted": row.counted, "note": row.note}
            for ordinal, row in enumerate(self.facts.participants, start=1)
        }
        existing = {
            row.ministry.code: row for row in self.plan.participants.select_related("ministry")
        }
        self._upsert(
            "參與部會", Participant, existing, wanted, self._of_plan, whole=self.facts.file
        )

    def _bodies(self) -> None:
        if self.facts.bodies is None:
            return
        wanted = {
            row.ministry: {"ordinal": ordinal, "printed_name": row.name}
            for ordinal, row in enumerate(self.facts.bodies, start=1)
        }
        existing = {
            row.ministry.code: row for row in self.plan.objectives.select_related("ministry")
        }
        self._upsert(
            "科技發展目標", Objective, existing, wanted, self._of_plan, whole=self.facts.file
        )

    def _of_plan(self, code: str) -> dict[str, Any]:
        return {"plan": self.plan, "ministry": self.ministries[code]}

    def _figures(self) -> None:
        if self.facts.figures is None:
            return
        wanted = {
            (row.table, row.row_ordinal, row.column_ordinal): {
                "row": row.row,
                "column": row.column,
                "year": row.year,
                "unit": row.unit,
                "printed": row.printed,
                "value": row.value,
                "ministry_id": self.ministries[row.ministry].pk if row.ministry else None,
            }
            for row in self.facts.figures
        }
        existing = {
            (row.table, row.row_ordinal, row.column_ordinal): row
            for row in self.plan.printed_figures.all()
        }
        self._upsert(
            "原文數字",
            PrintedFigure,
            existing,
            wanted,
            lambda key: {
                "plan": self.plan,
                "table": key[0],
                "row_ordinal": key[1],
                "column_ordinal": key[2],
            },
            label=lambda key: f"表 {key[0]} 第 {key[1]} 列第 {key[2]} 欄",
            whole=self.facts.file,
        )

    # --- the tree -----------------------------------------------------------------------------
    def _tree(self) -> None:
        facts = self.facts
        goals = self._level(
            Goal,
            [(goal, {"ordinal": ordinal}) for ordinal, goal in enumerate(facts.goals, start=1)],
        )
        sub_goals = self._level(
            SubGoal,
            [
                (
                    sub,
                    {"ordinal": ordinal, "goal_id": goals[goal.code].pk, "implicit": sub.implicit},
                )
                for goal in facts.goals
                for ordinal, sub in enumerate(goal.sub_goals, start=1)
            ],
        )
        strategies = self._level(
            Strategy,
            [
                (
                    strategy,
                    {
                        "ordinal": ordinal,
                        "sub_goal_id": sub_goals[sub.code].pk,
                        "cell": strategy.cell,
                        "note": strategy.note,
                        "uncertain": strategy.uncertain,
                    },
                )
                for _, sub in facts.sub_goals()
                for ordinal, strategy in enumerate(sub.strategies, start=1)
            ],
        )
        ordinals = {
            measure.code: ordinal
            for _, strategy in facts.strategies()
            for ordinal, measure in enumerate(strategy.measures, start=1)
        }
        measures = self._level(
            Measure,
            [
                (
                    measure,
                    {
                        "ordinal": ordinals[measure.code],
                        "position": position,
                        "strategy_id": strategies[strategy.code].pk,
                    },
                )
                for position, (strategy, measure) in enumerate(facts.measures(), start=1)
            ],
        )
        self.strategies, self.measures = strategies, measures
        if not self.frozen:
            self._prune(
                (Measure, measures), (Strategy, strategies), (SubGoal, sub_goals), (Goal, goals)
            )

    def _level(self, model: type[Model], nodes: list[tuple[Any, dict]]) -> dict[str, Any]:
        """Upsert one level; what the file does not say (None) is left as it is."""
        existing = {row.code: row for row in model.objects.filter(version=self.version)}
        wanted = {
            node.code: {
                key: value
                for key, value in {"name": node.name, "name_en": node.name_en, **values}.items()
                if value is not None
            }
            for node, values in nodes
        }
        if self.frozen:
            self._refuse_structure(model, existing, wanted, {node.code: node for node, _ in nodes})
        return self._upsert(
            _LEVELS[model],
            model,
            existing,
            wanted,
            lambda code: {"version": self.version, "code": code},
            audit=self.frozen,
        )

    def _refuse_structure(self, model: type[Model], existing: dict, wanted: dict, nodes: dict):
        for code in existing:
            if code not in wanted:
                reason = f"檔案裡少了{_LEVELS[model]} {code}；{_STRUCTURE}"
                raise FixtureError(self.facts.file, code, reason)
        for code, values in wanted.items():
            row = existing.get(code)
            changed = row is None or any(
                getattr(row, key) != value for key, value in values.items() if key not in _WORDING
            )
            if changed:
                raise FixtureError(nodes[code].file, nodes[code].place, _STRUCTURE)

    def _prune(self, *levels: tuple[type[Model], dict[str, Any]]) -> None:
        """A draft follows the file: what the file no longer names goes, from below."""
        for model, kept in levels:
            gone = model.objects.filter(version=self.version).exclude(code__in=kept)
            codes = list(gone.values_list("code", flat=True))
            if not codes:
                continue
            if model is Measure:
                Assignment.objects.filter(measure__in=gone).delete()
            try:
                gone.delete()
            except ProtectedError:
                reason = f"{_LEVELS[model]} {'、'.join(codes)} 已經有指標或報告，不能移除"
                raise FixtureError(self.facts.file, codes[0], reason) from None
            self.changes += [Change("removed", _LEVELS[model], code) for code in codes]

    # --- who answers for what -----------------------------------------------------------------
    def _duties(self) -> None:
        facts = self.facts
        self._assign(
            "表 7 參與部會",
            CellEntry,
            "strategy",
            CellEntry.objects.filter(strategy__version=self.version),
            [(self.strategies[node.code], node) for _, node in facts.strategies()],
            {},
        )
        self._assign(
            "分工",
            Assignment,
            "measure",
            # Later transfers carry a date and are none of the file's business.
            Assignment.objects.filter(measure__version=self.version, since__isnull=True),
            [(self.measures[node.code], node) for _, node in facts.measures()],
            {"basis": BASIS},
        )

    def _assign(
        self,
        what: str,
        model: type[Model],
        owner: str,
        rows: Any,
        nodes: list[tuple[Any, Any]],
        extra: dict[str, str],
    ) -> None:
        """Replace the names of every owner whose names differ from the file's."""
        loaded: dict[int, set[tuple[str, int, int]]] = {}
        for owner_id, role, order, ministry in rows.values_list(
            f"{owner}_id", "role", "order", "ministry_id"
        ):
            loaded.setdefault(owner_id, set()).add((role, order, ministry))
        new, replaced = [], []
        for row, node in nodes:
            wanted = {
                (role.value, order, self.ministries[self.codes[name]].pk)
                for role, names in (
                    (AssignmentRole.LEAD, node.leads),
                    (AssignmentRole.PARTNER, node.partners),
                )
                for order, name in enumerate(names, start=1)
            }
            before = loaded.get(row.pk, set())
            if wanted == before:
                continue
            if self.frozen:
                raise FixtureError(node.file, node.place, _STRUCTURE)
            replaced.append(row.pk)
            new += [
                model(**{owner: row}, role=role, order=order, ministry_id=ministry, **extra)
                for role, order, ministry in sorted(wanted)
            ]
            shown = "、".join(node.leads) + ("／" + "、".join(node.partners)) * bool(node.partners)
            if before:
                self.changes.append(
                    Change("changed", what, row.code, "", self._names(before), shown)
                )
            else:
                self.changes.append(Change("added", what, f"{row.code} {shown}"))
        rows.filter(**{f"{owner}_id__in": replaced}).delete()
        model.objects.bulk_create(new)

    def _names(self, entries: set[tuple[str, int, int]]) -> str:
        names = {ministry.pk: ministry.short_name for ministry in self.ministries.values()}
        sides = [
            "、".join(names[pk] for side, _, pk in sorted(entries) if side == role)
            for role in (AssignmentRole.LEAD, AssignmentRole.PARTNER)
        ]
        return "／".join(side for side in sides if side)

    # --- one upsert for all -------------------------------------------------------------------
    def _upsert(
        self,
        what: str,
        model: type[Model],
        existing: dict[Any, Any],
        wanted: dict[Any, dict[str, Any]],
        identity: Callable[[Any], dict[str, Any]],
        *,
        label: Callable[[Any], str] = str,
        audit: bool = False,
        whole: str | None = None,
    ) -> dict[Any, Any]:
        """Create what is missing and change what differs; returns the rows by key.

        ``whole`` is the file that lists all rows of a plan: one that it lacks is refused, since
        loading never deletes them. With ``audit`` a changed row leaves an event of its own.
        """
        if whole is not None and (missing := [key for key in existing if key not in wanted]):
            raise FixtureError(whole, label(missing[0]), f"檔案裡少了{what}；已載入的不會刪除")
        rows, new, changed, fields, moved = {}, [], [], set(), []
        for key, values in wanted.items():
            row = existing.get(key)
            if row is None:
                row = model(**identity(key), **values)
                new.append(row)
                self.changes.append(Change("added", what, label(key)))
            else:
                before = {
                    field: getattr(row, field)
                    for field, value in values.items()
                    if getattr(row, field) != value
                }
                for field, old in before.items():
                    setattr(row, field, values[field])
                    verbose = str(model._meta.get_field(field).verbose_name)
                    self.changes.append(
                        Change(
                            "changed", what, label(key), verbose, _text(old), _text(values[field])
                        )
                    )
                if before:
                    changed.append(row)
                    fields |= before.keys()
                    moved += [row.pk] * ("ordinal" in before)
                    if audit:
                        after = {field: values[field] for field in before}
                        record(
                            f"{model._meta.model_name}.change",
                            row,
                            by=self.by,
                            before=before,
                            after=after,
                        )
            rows[key] = row
        if moved:
            model.objects.filter(pk__in=moved).update(ordinal=F("ordinal") + _ROOM)
        if changed:
            model.objects.bulk_update(changed, fields)
        model.objects.bulk_create(new)
        return rows


def _text(value: Any) -> str:
    return "" if value is None else str(value)
