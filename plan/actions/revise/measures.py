"""Verbs that only measures know: split one into several, merge several into one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from ministries.models import User
from plan.actions.revise.door import Why, current, enter, leave, refuse, why_errors
from plan.actions.revise.duties import Duties, duty_errors, held_by, union
from plan.actions.revise.tree import connect, create, remove, settle, told
from plan.actions.revise.wording import clean, wording_errors
from plan.enums import ChangeKind, LineageKind, NodeLevel
from plan.models import Change, Measure, PlanVersion


@dataclass(frozen=True)
class Part:
    """What a split leaves: a name, a description, and duties (those of the source if empty)."""

    name: str
    description: str = ""
    duties: Duties = field(default_factory=Duties)


@transaction.atomic
def split(
    version: PlanVersion,
    measure: Measure,
    *,
    parts: Sequence[Part],
    why: Why,
    seen_edits: int,
    by: User,
) -> Change:
    """Put two or more measures in the place of one. Each is a new lineage with an edge from it;
    the first takes over its code, the others follow as the last of their siblings.
    """
    draft = enter(version, seen_edits, by)
    row, errors = current(draft, measure), why_errors(why)
    parts = [Part(clean(part.name), clean(part.description), part.duties) for part in parts]
    if len(parts) < 2:
        errors["parts"] = [_("分割後至少要有兩項。")]
    held = held_by(row)
    for part in parts:
        found = wording_errors(Measure(), {"name": part.name})
        if part.duties.leads or part.duties.partners:
            found |= duty_errors(part.duties)
        for sentences in found.values():
            errors.setdefault("parts", []).extend(sentences)
    refuse(errors)
    before, code, ordinal, strategy = told(row), row.code, row.ordinal, row.strategy
    remove(row)
    made = []
    for number, part in enumerate(parts):
        place = {"code": code, "ordinal": ordinal} if number == 0 else {}
        wanted = part.duties if part.duties.leads else held
        made.append(
            create(
                draft, NodeLevel.MEASURE, strategy,
                name=part.name, text=part.description, duties=wanted, why=why, **place,
            )
        )  # fmt: skip
    settle(draft)
    connect(draft, [UUID(before["lineage"])], [one.lineage for one in made], LineageKind.SPLIT)
    after = [told(one) for one in made]
    return leave(draft, ChangeKind.SPLIT, NodeLevel.MEASURE, why, [before], after, by)


@transaction.atomic
def merge(
    version: PlanVersion,
    measures: Sequence[Measure],
    *,
    name: str,
    description: str = "",
    duties: Duties | None = None,
    why: Why,
    seen_edits: int,
    by: User,
) -> Change:
    """Put one measure in the place of several: a new lineage with an edge from each. It takes over
    the place and code of the first; without `duties` all leads of all lead, the rest are partners.
    """
    draft = enter(version, seen_edits, by)
    rows = [current(draft, one) for one in {one.pk: one for one in measures}.values()]
    errors, name = why_errors(why), clean(name)
    if len(rows) < 2:
        errors["measures"] = [_("選兩項以上的措施來合併。")]
    errors |= wording_errors(Measure(), {"name": name})
    given = duties if duties is not None and duties.leads else union(rows)
    errors |= duty_errors(given)
    refuse(errors)
    before = [told(row) for row in rows]
    code, ordinal, strategy = rows[0].code, rows[0].ordinal, rows[0].strategy
    text = clean(description) or "\n".join(row.description for row in rows if row.description)
    for row in rows:
        remove(row)
    made = create(
        draft, NodeLevel.MEASURE, strategy,
        name=name, text=text, duties=given, why=why, code=code, ordinal=ordinal,
    )  # fmt: skip
    settle(draft)
    connect(draft, [row.lineage for row in rows], [made.lineage], LineageKind.MERGE)
    return leave(draft, ChangeKind.MERGE, NodeLevel.MEASURE, why, before, [told(made)], by)
