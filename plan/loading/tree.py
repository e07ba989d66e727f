"""The steps of a loading run that are about the tree: four levels, cells of table 7, assignments.

A draft follows the file in everything. An approved version is frozen: its wording may change, and
whatever else would change is refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Model, ProtectedError, QuerySet

from ministries.models import Ministry
from plan.enums import AssignmentRole, VersionState
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import MeasureFact, PlanFacts, StrategyFact
from plan.loading.ledger import Ledger
from plan.models import (
    Assignment,
    CellEntry,
    Goal,
    Measure,
    PlanVersion,
    Strategy,
    SubGoal,
)

BASIS = "計畫表 7"
_LABELS = {Goal: "目標", SubGoal: "子目標", Strategy: "策略", Measure: "措施"}
_WORDING = {"name", "name_en", "cell", "note", "uncertain"}
_STRUCTURE = "核定版本只能改文字；結構（節點、順序、分工）要經由滾動修正"

Names = tuple[str, int, int]  # role, order, ministry's id


class TreeLoader:
    """Brings the tree of one version to what the facts say."""

    def __init__(
        self,
        facts: PlanFacts,
        version: PlanVersion,
        bodies: Mapping[str, Ministry],
        ledger: Ledger,
        *,
        is_new: bool,
    ):
        """``bodies`` are all ministries by short name."""
        self.facts, self.version, self.bodies, self.ledger = facts, version, bodies, ledger
        self.frozen = not is_new and version.state == VersionState.APPROVED

    def load(self) -> None:
        """Levels from above, what a draft no longer has from below, then who answers for what."""
        facts = self.facts
        goals = self._level(
            Goal, [(goal, {"ordinal": n}) for n, goal in enumerate(facts.goals, start=1)]
        )
        sub_goals = self._level(
            SubGoal,
            [
                (sub, {"ordinal": n, "goal_id": goals[goal.code].pk, "implicit": sub.implicit})
                for goal in facts.goals
                for n, sub in enumerate(goal.sub_goals, start=1)
            ],
        )
        strategies = self._level(
            Strategy,
            [
                (strategy, {"ordinal": n, "sub_goal_id": sub_goals[sub.code].pk, **_said(strategy)})
                for _, sub in facts.sub_goals()
                for n, strategy in enumerate(sub.strategies, start=1)
            ],
        )
        places = [
            (strategy, measure, n)
            for _, strategy in facts.strategies()
            for n, measure in enumerate(strategy.measures, start=1)
        ]
        measures = self._level(
            Measure,
            [
                (
                    measure,
                    {
                        "ordinal": ordinal,
                        "position": position,
                        "strategy_id": strategies[strategy.code].pk,
                    },
                )
                for position, (strategy, measure, ordinal) in enumerate(places, start=1)
            ],
        )
        if not self.frozen:
            self._prune(
                (Measure, measures), (Strategy, strategies), (SubGoal, sub_goals), (Goal, goals)
            )
        self._name(
            "表 7 參與部會",
            CellEntry.objects.filter(strategy__version=self.version),
            "strategy",
            [(strategies[fact.code], fact) for _, fact in facts.strategies()],
        )
        self._name(
            "分工",
            # Later transfers carry a date and are none of the file's business.
            Assignment.objects.filter(measure__version=self.version, since__isnull=True),
            "measure",
            [(measures[fact.code], fact) for _, fact in facts.measures()],
            basis=BASIS,
        )

    def _lineage(self, model: type[Model], code: str) -> UUID:
        """The same for the same plan in every database: snapshots hold it, and their digests must
        not depend on where the plan was loaded."""
        version = f"{self.version.plan.slug}/{self.version.number}"
        return uuid5(NAMESPACE_URL, f"{version}/{model._meta.model_name}/{code}")

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
        return self.ledger.upsert(
            _LABELS[model],
            model,
            existing,
            wanted,
            lambda code: {
                "version": self.version,
                "code": code,
                "lineage": self._lineage(model, code),
            },
            audit=self.frozen,
        )

    def _refuse_structure(
        self, model: type[Model], existing: dict, wanted: dict, nodes: dict
    ) -> None:
        for code in existing:
            if code not in wanted:
                reason = f"檔案裡少了{_LABELS[model]} {code}；{_STRUCTURE}"
                raise FixtureError(self.facts.file, code, reason)
        for code, values in wanted.items():
            row = existing.get(code)
            if row is None or any(
                getattr(row, key) != value for key, value in values.items() if key not in _WORDING
            ):
                raise FixtureError(nodes[code].file, nodes[code].place, _STRUCTURE)

    def _prune(self, *levels: tuple[type[Model], Iterable[str]]) -> None:
        """What the file no longer names goes from a draft."""
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
                reason = f"{_LABELS[model]} {'、'.join(codes)} 已經有指標或報告，不能移除"
                raise FixtureError(self.facts.file, codes[0], reason) from None
            for code in codes:
                self.ledger.add("removed", _LABELS[model], code)

    def _name(
        self,
        what: str,
        rows: QuerySet,
        owner: str,
        nodes: list[tuple[Any, StrategyFact | MeasureFact]],
        **extra: str,
    ) -> None:
        """Replace the names of every owner (strategy or measure) whose names differ."""
        loaded: dict[int, set[Names]] = {}
        for owner_id, *name in rows.values_list(f"{owner}_id", "role", "order", "ministry_id"):
            loaded.setdefault(owner_id, set()).add(tuple(name))
        new, replaced = [], []
        for row, fact in nodes:
            wanted, before = self._names(fact), loaded.get(row.pk, set())
            if wanted == before:
                continue
            if self.frozen:
                raise FixtureError(fact.file, fact.place, _STRUCTURE)
            replaced.append(row.pk)
            new += [
                rows.model(**{owner: row}, role=role, order=order, ministry_id=ministry, **extra)
                for role, order, ministry in sorted(wanted)
            ]
            if before:
                self.ledger.add(
                    "changed", what, row.code, "", self._spell(before), self._spell(wanted)
                )
            else:
                self.ledger.add("added", what, f"{row.code} {self._spell(wanted)}")
        rows.filter(**{f"{owner}_id__in": replaced}).delete()
        rows.model.objects.bulk_create(new)

    def _names(self, fact: StrategyFact | MeasureFact) -> set[Names]:
        return {
            (role.value, order, self.bodies[name].pk)
            for role, names in (
                (AssignmentRole.LEAD, fact.leads),
                (AssignmentRole.PARTNER, fact.partners),
            )
            for order, name in enumerate(names, start=1)
        }

    def _spell(self, names: set[Names]) -> str:
        """As a cell of table 7 would print them."""
        short_names = {body.pk: body.short_name for body in self.bodies.values()}
        sides = [
            "、".join(short_names[pk] for side, _, pk in sorted(names) if side == role)
            for role in (AssignmentRole.LEAD, AssignmentRole.PARTNER)
        ]
        return "／".join(side for side in sides if side)


def _said(strategy: StrategyFact) -> dict[str, str | None]:
    return {"cell": strategy.cell, "note": strategy.note, "uncertain": strategy.uncertain}
