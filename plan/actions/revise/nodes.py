"""Verbs of any level: reword, add, end, move, renumber; of strategies and measures, reassign."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries.models import User
from plan.actions.revise.door import Why, current, enter, leave, refuse, why_errors
from plan.actions.revise.duties import Duties, assign, cell_of, duty_errors, held_by
from plan.actions.revise.tree import (
    branch,
    create,
    next_place,
    place_all,
    remove,
    settle,
    told,
    write_items,
)
from plan.actions.revise.wording import WORDING, clean, wording_errors
from plan.enums import ChangeKind, NodeLevel
from plan.levels import ABOVE, LEVELS, Node, children, level_of
from plan.models import Change, Measure, PlanVersion, Strategy, SubGoal


@transaction.atomic
def reword(
    version: PlanVersion, node: Node, *, fields: dict[str, str], why: Why, seen_edits: int, by: User
) -> Change:
    """Change names and texts (`WORDING`); a new description of a measure is read for its items."""
    draft = enter(version, seen_edits, by)
    row, level = current(draft, node), level_of(node)
    given = {name: clean(text) for name, text in fields.items() if name in WORDING[level]}
    given = {name: text for name, text in given.items() if text != getattr(row, name)}
    errors = why_errors(why)
    if not given:
        errors["name"] = [_("文字沒有改變。")]
    errors |= wording_errors(row, given)
    refuse(errors)
    before = {**told(row), **{name: getattr(row, name) for name in given}}
    for name, text in given.items():
        setattr(row, name, text)
    row.save(update_fields=list(given))
    if "description" in given:
        write_items(row)
    after = {**told(row), **given}
    return leave(draft, ChangeKind.REWORD, level, why, [before], [after], by)


@transaction.atomic
def add(
    version: PlanVersion,
    level: str,
    *,
    under: Node | None,
    name: str,
    text: str = "",
    duties: Duties | None = None,
    why: Why,
    seen_edits: int,
    by: User,
) -> Change:
    """Add a node as the last of its siblings, under the next free number.

    `under` is what it stands under (None for a goal). Strategies and measures take `duties`; a
    measure without any takes those of its strategy's cell. In a plan without sub-goals a new goal
    gets its implicit one.
    """
    draft, level = enter(version, seen_edits, by), NodeLevel(level)
    parent = current(draft, under) if under is not None else None
    errors, name = why_errors(why), clean(name)
    if (parent and level_of(parent)) != ABOVE.get(level, (None,))[0]:
        errors["under"] = [_("選它要放在哪裡。")]
    elif level == NodeLevel.SUB_GOAL and parent.sub_goals.filter(implicit=True).exists():
        errors["under"] = [_("這個計畫沒有這一層。")]
    given = duties if duties is not None and (duties.leads or duties.partners) else None
    if "under" not in errors and level == NodeLevel.MEASURE and given is None:
        given = cell_of(parent)
    if level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        errors |= duty_errors(given or Duties())
    errors |= wording_errors(LEVELS[level](), {"name": name})
    refuse(errors)
    row = create(draft, level, parent, name=name, text=clean(text), duties=given, why=why)
    if level == NodeLevel.GOAL and not draft.sub_goals.filter(implicit=False).exists():
        SubGoal.objects.create(
            version=draft, goal=row, code=row.code, ordinal=1, name=name, implicit=True
        )
    settle(draft)
    row.refresh_from_db()
    return leave(draft, ChangeKind.ADD, level, why, [], [told(row)], by)


@transaction.atomic
def end(version: PlanVersion, node: Node, *, why: Why, seen_edits: int, by: User) -> Change:
    """Take a node out of the draft, with everything under it. Its reports stay where they are."""
    draft = enter(version, seen_edits, by)
    row, level = current(draft, node), level_of(node)
    errors = why_errors(why)
    if level == NodeLevel.GOAL and draft.goals.count() == 1:
        errors["node"] = [_("計畫至少要有一項。")]
    if getattr(row, "implicit", False):
        errors["node"] = [_("這個計畫沒有這一層。")]
    refuse(errors)
    before = [told(one) for one in branch(row)]
    remove(row)
    settle(draft)
    return leave(draft, ChangeKind.END, level, why, before, [], by)


@transaction.atomic
def move(
    version: PlanVersion, node: Node, *, under: Node, why: Why, seen_edits: int, by: User
) -> Change:
    """Put a node with everything under it elsewhere, as the last, under the next free number."""
    draft = enter(version, seen_edits, by)
    row, parent, level = current(draft, node), current(draft, under), level_of(node)
    errors = why_errors(why)
    above = ABOVE.get(level)
    if above is None or level_of(parent) != above[0] or getattr(row, "implicit", False):
        errors["under"] = [_("它不能放在那裡。")]
    elif getattr(row, f"{above[1]}_id") == parent.pk:
        errors["under"] = [_("它已經在那裡。")]
    elif level == NodeLevel.SUB_GOAL and parent.sub_goals.filter(implicit=True).exists():
        errors["under"] = [_("這個計畫沒有這一層。")]
    refuse(errors)
    before = told(row)
    row.code, row.ordinal = next_place(draft, level, parent)
    setattr(row, above[1], parent)
    row.save(update_fields=["code", "ordinal", above[1]])
    settle(draft)
    row.refresh_from_db()
    return leave(draft, ChangeKind.MOVE, level, why, [before], [told(row)], by)


@transaction.atomic
def renumber(
    version: PlanVersion,
    under: Node | None,
    *,
    order: Sequence[int],
    why: Why,
    seen_edits: int,
    by: User,
) -> Change:
    """Number all siblings anew, 1 to n in the order given (ids), and what is under them with them.

    `under` is their parent, None for the goals. The whole of the siblings moves in one step, so
    that two may change places.
    """
    draft = enter(version, seen_edits, by)
    parent = current(draft, under) if under is not None else None
    siblings = list(children(draft, parent))
    level = level_of(siblings[0]) if siblings else NodeLevel.GOAL
    errors = why_errors(why)
    by_pk = {row.pk: row for row in siblings}
    if sorted(order) != sorted(by_pk) or not order:
        errors["order"] = [_("每一項都要排一次，不多也不少。")]
    elif any(getattr(row, "implicit", False) for row in siblings):
        errors["order"] = [_("這個計畫沒有這一層。")]
    refuse(errors)
    before = [told(row) for row in siblings]
    places = {}
    for ordinal, pk in enumerate(order, start=1):
        places[pk] = ordinal, f"{parent.code}.{ordinal}" if parent else str(ordinal)
    if all((by_pk[pk].ordinal, by_pk[pk].code) == place for pk, place in places.items()):
        raise Invalid({"order": [_("編號沒有改變。")]})
    place_all(siblings, places)
    settle(draft)
    after = [told(row) for row in children(draft, parent)]
    return leave(draft, ChangeKind.RENUMBER, level, why, before, after, by)


@transaction.atomic
def reassign(
    version: PlanVersion,
    node: Strategy | Measure,
    *,
    duties: Duties,
    why: Why,
    seen_edits: int,
    by: User,
) -> Change:
    """Give a measure other leads and partners. For a strategy its cell is written anew, and its
    measures that had the same bodies follow; those that were narrowed before keep theirs.

    The dates of the duties are set at approval.
    """
    draft = enter(version, seen_edits, by)
    row, level = current(draft, node), level_of(node)
    errors = why_errors(why) | duty_errors(duties)
    if level not in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        errors["node"] = [_("只有策略與措施有分工。")]
    refuse(errors)
    wanted = list(duties.rows())
    if level == NodeLevel.MEASURE:
        touched: list[Node] = [row]
        same = list(held_by(row).rows()) == wanted
    else:
        former = list(cell_of(row).rows())
        touched = [
            row,
            *(one for one in row.measures.all() if list(held_by(one).rows()) == former),
        ]
        same = former == wanted
    if same:
        raise Invalid({"leads": [_("分工沒有改變。")]})
    before = [told(one) for one in touched]
    for one in touched:
        assign(one, duties, why)
    after = [told(one) for one in touched]
    return leave(draft, ChangeKind.REASSIGN, level, why, before, after, by)
