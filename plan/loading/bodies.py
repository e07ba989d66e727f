"""The steps of a loading run that are about bodies: ministries, successions, a plan's own lists."""

from typing import Any

from config.kit.errors import Invalid
from ministries.actions.successions import date_problems, record_succession
from ministries.models import Ministry, Succession
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import PlanFacts
from plan.loading.ledger import Ledger
from plan.models import Objective, Participant, Plan

Ministries = dict[str, Ministry]  # by code


def load_ministries(facts: PlanFacts, known: Ministries, ledger: Ledger) -> Ministries:
    """Upsert the file's ministries; returns all by code. Others that are known stay as they are."""
    wanted = {
        row.code: {
            "short_name": row.short_name,
            "full_name": row.full_name,
            "name_en": row.name_en,
            "since": row.since,
            "until": row.until,
        }
        for row in facts.ministries or ()
    }
    return known | ledger.upsert(
        "部會", Ministry, known, wanted, lambda code: {"code": code}, audit=True
    )


def load_successions(facts: PlanFacts, ministries: Ministries, ledger: Ledger) -> None:
    """Record new edges by the action that refuses cycles and overlaps; change wording of others."""
    edges = sorted(facts.successions or (), key=lambda edge: edge.on)
    if not edges:
        return
    loaded = {
        (row.predecessor_id, row.successor_id, row.on): row for row in Succession.objects.all()
    }
    wording = {}
    for edge in edges:
        old, new = ministries[edge.predecessor], ministries[edge.successor]
        key = (old.pk, new.pk, edge.on)
        label = f"{old.short_name} → {new.short_name}（{edge.on}）"
        if key not in loaded:
            try:
                record_succession(
                    predecessor=old,
                    successor=new,
                    on=edge.on,
                    kind=edge.kind,
                    legal_basis=edge.legal_basis,
                    note=edge.note,
                    by=ledger.by,
                )
            except Invalid as error:
                raise FixtureError(edge.file, edge.place, str(error)) from None
            ledger.add("added", "部會承接", label)
        elif loaded[key].kind != edge.kind:
            raise FixtureError(edge.file, edge.place, "已登記的承接不能改變方式")
        else:
            wording[key] = label, {"legal_basis": edge.legal_basis, "note": edge.note}
    ledger.upsert(
        "部會承接",
        Succession,
        loaded,
        {key: values for key, (_, values) in wording.items()},
        lambda key: {},
        label=lambda key: wording[key][0],
        audit=True,
    )


def check_dates(facts: PlanFacts, ministries: Ministries) -> None:
    """Refuse dates of bodies that contradict the successions recorded by now."""
    edges = list(Succession.objects.all())
    for row in facts.ministries or ():
        found = date_problems(ministries[row.code], edges)
        if found:
            raise FixtureError(row.file, row.place, str(Invalid(found)))


def load_lists(facts: PlanFacts, plan: Plan, ministries: Ministries, ledger: Ledger) -> None:
    """A plan's participants and the bodies of chapter 陸."""

    def of_plan(code: str) -> dict[str, Any]:
        return {"plan": plan, "ministry": ministries[code]}

    if facts.participants is not None:
        ledger.upsert(
            "參與部會",
            Participant,
            {row.ministry.code: row for row in plan.participants.select_related("ministry")},
            {
                row.ministry: {"ordinal": ordinal, "counted": row.counted, "note": row.note}
                for ordinal, row in enumerate(facts.participants, start=1)
            },
            of_plan,
            whole=facts.file,
        )
    if facts.bodies is not None:
        ledger.upsert(
            "科技發展目標",
            Objective,
            {row.ministry.code: row for row in plan.objectives.select_related("ministry")},
            {
                row.ministry: {"ordinal": ordinal, "printed_name": row.name}
                for ordinal, row in enumerate(facts.bodies, start=1)
            },
            of_plan,
            whole=facts.file,
        )
