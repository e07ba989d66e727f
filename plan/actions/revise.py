"""The verbs of a rolling revision: what may be done to a draft, each with reason and basis.

Every one locks the draft, asks the rule, compares the number of edits that the person saw, changes
the tree, and writes a `Change` and the audit. Refusals: NotAllowed, NotNow, StaleVersion, Invalid,
all before anything is written. Codes and ordinals stay unique through every step; what is ended
leaves a gap until its siblings are renumbered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, F, Max, Model, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import Ministry, User
from plan import rules
from plan.actions.versions import LEVELS, lock
from plan.document.measures import read_items
from plan.enums import AssignmentRole, ChangeKind, Ground, LineageKind, NodeLevel
from plan.models import (
    Assignment,
    CellEntry,
    Change,
    Goal,
    LineageEdge,
    Measure,
    MeasureItem,
    PlanVersion,
    Strategy,
    SubGoal,
)
from plan.queries import spelled

Node = Goal | SubGoal | Strategy | Measure
Errors = dict[str, list[str]]

_ROOM = 10_000  # above every ordinal: rows step aside here while they change places
# level → (the level above it, the column that points there)
ABOVE = {
    NodeLevel.SUB_GOAL: (NodeLevel.GOAL, "goal"),
    NodeLevel.STRATEGY: (NodeLevel.SUB_GOAL, "sub_goal"),
    NodeLevel.MEASURE: (NodeLevel.STRATEGY, "strategy"),
}
BELOW = {
    NodeLevel.GOAL: "sub_goals",
    NodeLevel.SUB_GOAL: "strategies",
    NodeLevel.STRATEGY: "measures",
}
# What can be reworded, by level.
WORDING = {
    NodeLevel.GOAL: ("name", "name_en", "text"),
    NodeLevel.SUB_GOAL: ("name", "name_en", "text"),
    NodeLevel.STRATEGY: ("name", "name_en", "note", "text"),
    NodeLevel.MEASURE: ("name", "name_en", "description"),
}


@dataclass(frozen=True)
class Why:
    """Why something is changed: `ground` is one of Ground, `basis` a document or resolution."""

    ground: str
    reason: str
    basis: str


@dataclass(frozen=True)
class Duties:
    """Bodies by id, in order; the first lead coordinates."""

    leads: Sequence[int] = ()
    partners: Sequence[int] = ()

    def rows(self) -> Iterable[tuple[str, int, int]]:
        for role, ids in (
            (AssignmentRole.LEAD, self.leads),
            (AssignmentRole.PARTNER, self.partners),
        ):
            for order, pk in enumerate(ids, start=1):
                yield role.value, order, pk


@dataclass(frozen=True)
class Part:
    """What a split leaves: a name, a description, and duties (those of the source if empty)."""

    name: str
    description: str = ""
    duties: Duties = field(default_factory=Duties)


# --- verbs ----------------------------------------------------------------------------------------
@transaction.atomic
def reword(
    version: PlanVersion, node: Node, *, fields: dict[str, str], why: Why, seen_edits: int, by: User
) -> Change:
    """Change names and texts (`WORDING`); a new description of a measure is read for its items."""
    draft = _enter(version, seen_edits, by)
    row, level = _in(draft, node), level_of(node)
    given = {name: _clean(text) for name, text in fields.items() if name in WORDING[level]}
    given = {name: text for name, text in given.items() if text != getattr(row, name)}
    errors = _why_errors(why)
    if not given:
        errors["name"] = [_("文字沒有改變。")]
    errors |= _wording_errors(row, given)
    _refuse(errors)
    before = {**_told(row), **{name: getattr(row, name) for name in given}}
    for name, text in given.items():
        setattr(row, name, text)
    row.save(update_fields=list(given))
    if "description" in given:
        _write_items(row)
    after = {**_told(row), **given}
    return _leave(draft, ChangeKind.REWORD, level, why, [before], [after], by)


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
    draft, level = _enter(version, seen_edits, by), NodeLevel(level)
    parent = _in(draft, under) if under is not None else None
    errors, name = _why_errors(why), _clean(name)
    if (parent and level_of(parent)) != ABOVE.get(level, (None,))[0]:
        errors["under"] = [_("選它要放在哪裡。")]
    elif level == NodeLevel.SUB_GOAL and parent.sub_goals.filter(implicit=True).exists():
        errors["under"] = [_("這個計畫沒有這一層。")]
    given = duties if duties is not None and (duties.leads or duties.partners) else None
    if "under" not in errors and level == NodeLevel.MEASURE and given is None:
        given = _cell(parent)
    if level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        errors |= _duty_errors(given or Duties())
    errors |= _wording_errors(LEVELS[level](), {"name": name})
    _refuse(errors)
    row = _create(draft, level, parent, name=name, text=_clean(text), duties=given, why=why)
    if level == NodeLevel.GOAL and not draft.sub_goals.filter(implicit=False).exists():
        SubGoal.objects.create(
            version=draft, goal=row, code=row.code, ordinal=1, name=name, implicit=True
        )
    _settle(draft)
    row.refresh_from_db()
    return _leave(draft, ChangeKind.ADD, level, why, [], [_told(row)], by)


@transaction.atomic
def end(version: PlanVersion, node: Node, *, why: Why, seen_edits: int, by: User) -> Change:
    """Take a node out of the draft, with everything under it. Its reports stay where they are."""
    draft = _enter(version, seen_edits, by)
    row, level = _in(draft, node), level_of(node)
    errors = _why_errors(why)
    if level == NodeLevel.GOAL and draft.goals.count() == 1:
        errors["node"] = [_("計畫至少要有一項。")]
    if getattr(row, "implicit", False):
        errors["node"] = [_("這個計畫沒有這一層。")]
    _refuse(errors)
    before = [_told(one) for one in _branch(row)]
    _remove(row)
    _settle(draft)
    return _leave(draft, ChangeKind.END, level, why, before, [], by)


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
    draft = _enter(version, seen_edits, by)
    row, errors = _in(draft, measure), _why_errors(why)
    parts = [Part(_clean(part.name), _clean(part.description), part.duties) for part in parts]
    if len(parts) < 2:
        errors["parts"] = [_("分割後至少要有兩項。")]
    held = _duties(row)
    for part in parts:
        found = _wording_errors(Measure(), {"name": part.name})
        if part.duties.leads or part.duties.partners:
            found |= _duty_errors(part.duties)
        for sentences in found.values():
            errors.setdefault("parts", []).extend(sentences)
    _refuse(errors)
    before, code, ordinal, strategy = _told(row), row.code, row.ordinal, row.strategy
    _remove(row)
    made = []
    for number, part in enumerate(parts):
        place = {"code": code, "ordinal": ordinal} if number == 0 else {}
        wanted = part.duties if part.duties.leads else held
        made.append(
            _create(
                draft, NodeLevel.MEASURE, strategy,
                name=part.name, text=part.description, duties=wanted, why=why, **place,
            )
        )  # fmt: skip
    _settle(draft)
    _connect(draft, [UUID(before["lineage"])], [one.lineage for one in made], LineageKind.SPLIT)
    after = [_told(one) for one in made]
    return _leave(draft, ChangeKind.SPLIT, NodeLevel.MEASURE, why, [before], after, by)


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
    draft = _enter(version, seen_edits, by)
    rows = [_in(draft, one) for one in {one.pk: one for one in measures}.values()]
    errors, name = _why_errors(why), _clean(name)
    if len(rows) < 2:
        errors["measures"] = [_("選兩項以上的措施來合併。")]
    errors |= _wording_errors(Measure(), {"name": name})
    given = duties if duties is not None and duties.leads else _union(rows)
    errors |= _duty_errors(given)
    _refuse(errors)
    before = [_told(row) for row in rows]
    code, ordinal, strategy = rows[0].code, rows[0].ordinal, rows[0].strategy
    text = _clean(description) or "\n".join(row.description for row in rows if row.description)
    for row in rows:
        _remove(row)
    made = _create(
        draft, NodeLevel.MEASURE, strategy,
        name=name, text=text, duties=given, why=why, code=code, ordinal=ordinal,
    )  # fmt: skip
    _settle(draft)
    _connect(draft, [row.lineage for row in rows], [made.lineage], LineageKind.MERGE)
    return _leave(draft, ChangeKind.MERGE, NodeLevel.MEASURE, why, before, [_told(made)], by)


@transaction.atomic
def move(
    version: PlanVersion, node: Node, *, under: Node, why: Why, seen_edits: int, by: User
) -> Change:
    """Put a node with everything under it elsewhere, as the last, under the next free number."""
    draft = _enter(version, seen_edits, by)
    row, parent, level = _in(draft, node), _in(draft, under), level_of(node)
    errors = _why_errors(why)
    above = ABOVE.get(level)
    if above is None or level_of(parent) != above[0] or getattr(row, "implicit", False):
        errors["under"] = [_("它不能放在那裡。")]
    elif getattr(row, f"{above[1]}_id") == parent.pk:
        errors["under"] = [_("它已經在那裡。")]
    elif level == NodeLevel.SUB_GOAL and parent.sub_goals.filter(implicit=True).exists():
        errors["under"] = [_("這個計畫沒有這一層。")]
    _refuse(errors)
    before = _told(row)
    row.code, row.ordinal = _next_place(draft, level, parent)
    setattr(row, above[1], parent)
    row.save(update_fields=["code", "ordinal", above[1]])
    _settle(draft)
    row.refresh_from_db()
    return _leave(draft, ChangeKind.MOVE, level, why, [before], [_told(row)], by)


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
    draft = _enter(version, seen_edits, by)
    parent = _in(draft, under) if under is not None else None
    siblings = list(_children(draft, parent))
    level = level_of(siblings[0]) if siblings else NodeLevel.GOAL
    errors = _why_errors(why)
    by_pk = {row.pk: row for row in siblings}
    if sorted(order) != sorted(by_pk) or not order:
        errors["order"] = [_("每一項都要排一次，不多也不少。")]
    elif any(getattr(row, "implicit", False) for row in siblings):
        errors["order"] = [_("這個計畫沒有這一層。")]
    _refuse(errors)
    before = [_told(row) for row in siblings]
    places = {}
    for ordinal, pk in enumerate(order, start=1):
        places[pk] = ordinal, f"{parent.code}.{ordinal}" if parent else str(ordinal)
    if all((by_pk[pk].ordinal, by_pk[pk].code) == place for pk, place in places.items()):
        raise Invalid({"order": [_("編號沒有改變。")]})
    _place(siblings, places)
    _settle(draft)
    after = [_told(row) for row in _children(draft, parent)]
    return _leave(draft, ChangeKind.RENUMBER, level, why, before, after, by)


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
    draft = _enter(version, seen_edits, by)
    row, level = _in(draft, node), level_of(node)
    errors = _why_errors(why) | _duty_errors(duties)
    if level not in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        errors["node"] = [_("只有策略與措施有分工。")]
    _refuse(errors)
    wanted = list(duties.rows())
    if level == NodeLevel.MEASURE:
        touched: list[Node] = [row]
        same = list(_duties(row).rows()) == wanted
    else:
        former = list(_cell(row).rows())
        touched = [
            row,
            *(one for one in row.measures.all() if list(_duties(one).rows()) == former),
        ]
        same = former == wanted
    if same:
        raise Invalid({"leads": [_("分工沒有改變。")]})
    before = [_told(one) for one in touched]
    for one in touched:
        _assign(one, duties, why)
    after = [_told(one) for one in touched]
    return _leave(draft, ChangeKind.REASSIGN, level, why, before, after, by)


# --- the door -------------------------------------------------------------------------------------
def _enter(version: PlanVersion, seen_edits: int, by: User) -> PlanVersion:
    return lock(version, rules.may_edit_draft(version, by), seen_edits)


def _leave(
    draft: PlanVersion,
    kind: ChangeKind,
    level: NodeLevel,
    why: Why,
    before: list[dict],
    after: list[dict],
    by: User,
) -> Change:
    """Raise the draft's number of edits; write the change and the audit."""
    draft.edits += 1
    draft.save(update_fields=["edits"])
    change = Change.objects.create(
        version=draft,
        kind=kind,
        level=level,
        ground=why.ground,
        reason=why.reason.strip(),
        basis=why.basis.strip(),
        before=before,
        after=after,
        by=by,
    )
    told = {"ground": why.ground, "reason": change.reason, "basis": change.basis}
    audit.record(
        f"revision.{kind}",
        draft,
        by=by,
        before={"nodes": before, "edits": draft.edits - 1},
        after={"nodes": after, "edits": draft.edits, **told},
    )
    return change


def _in(draft: PlanVersion, node: Node) -> Any:
    """The node as it is now; NotNow where it is gone from the draft or belongs to another one."""
    row = type(node).objects.filter(version=draft, pk=node.pk).first()
    if row is None:
        raise NotNow(_("草案裡已經沒有這一項，請重新開啟頁面。"))
    return row


def level_of(node: Model) -> NodeLevel:
    return next(NodeLevel(level) for level, model in LEVELS.items() if isinstance(node, model))


# --- checks ---------------------------------------------------------------------------------------
def _clean(text: str) -> str:
    # Browsers send CR LF; NUL can't be stored in PostgreSQL.
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def _refuse(errors: Errors) -> None:
    if errors:
        raise Invalid(errors)


def _why_errors(why: Why) -> Errors:
    errors: Errors = {}
    if why.ground not in Ground.values:
        errors["ground"] = [_("選一種緣由。")]
    for name, sentence in (("reason", _("請寫理由。")), ("basis", _("請寫依據。"))):
        text, limit = getattr(why, name).strip(), Change._meta.get_field(name).max_length
        if not text:
            errors[name] = [sentence]
        elif len(text) > limit:
            errors[name] = [_("最多%(limit)d個字。") % {"limit": limit}]
    return errors


def _wording_errors(row: Model, given: dict[str, str]) -> Errors:
    errors: Errors = {}
    for name, text in given.items():
        limit = row._meta.get_field(name).max_length
        if name == "name" and not text:
            errors[name] = [_("請寫名稱。")]
        elif limit and len(text) > limit:
            errors[name] = [_("最多%(limit)d個字。") % {"limit": limit}]
    return errors


def _duty_errors(duties: Duties) -> Errors:
    ids = [*duties.leads, *duties.partners]
    if not duties.leads:
        return {"leads": [_("至少要有一個主辦部會。")]}
    if len(set(ids)) != len(ids):
        return {"partners": [_("同一個部會只能列一次。")]}
    known = Ministry.objects.filter(pk__in=ids).count()
    return {} if known == len(ids) else {"leads": [_("選列出的部會。")]}


# --- duties ---------------------------------------------------------------------------------------
def _duties(measure: Measure) -> Duties:
    return _read(measure.assignments.filter(until__isnull=True))


def _cell(strategy: Strategy) -> Duties:
    return _read(strategy.entries.all())


def _read(rows: QuerySet) -> Duties:
    sides: dict[str, list[int]] = {role: [] for role in AssignmentRole.values}
    for role, pk in rows.order_by("role", "order").values_list("role", "ministry_id"):
        sides[role].append(pk)
    return Duties(sides[AssignmentRole.LEAD], sides[AssignmentRole.PARTNER])


def _union(measures: Sequence[Measure]) -> Duties:
    held = [_duties(measure) for measure in measures]
    leads = dict.fromkeys(pk for one in held for pk in one.leads)
    partners = dict.fromkeys(pk for one in held for pk in one.partners if pk not in leads)
    return Duties(list(leads), list(partners))


def _assign(row: Strategy | Measure, duties: Duties, why: Why) -> None:
    """Write the bodies of a measure, or of a strategy's cell with its printed form."""
    if isinstance(row, Measure):
        row.assignments.all().delete()
        Assignment.objects.bulk_create(
            Assignment(measure=row, role=role, order=order, ministry_id=pk, basis=why.basis.strip())
            for role, order, pk in duties.rows()
        )
        return
    row.entries.all().delete()
    CellEntry.objects.bulk_create(
        CellEntry(strategy=row, role=role, order=order, ministry_id=pk)
        for role, order, pk in duties.rows()
    )
    row.cell = _names(row.entries)
    row.save(update_fields=["cell"])


def _names(rows: Any) -> str:
    return spelled(rows.order_by("role", "order").values_list("role", "ministry__short_name"))


# --- the tree -------------------------------------------------------------------------------------
def _told(row: Node) -> dict[str, str]:
    """What a change says of a node."""
    told = {
        "level": level_of(row).value,
        "lineage": str(row.lineage),
        "code": row.code,
        "name": row.name,
    }
    if isinstance(row, Measure):
        told["duties"] = _names(row.assignments.filter(until__isnull=True))
    elif isinstance(row, Strategy):
        told["duties"] = row.cell
    return told


def _children(draft: PlanVersion | None, parent: Node | None) -> QuerySet:
    """What stands under the parent, or the draft's goals."""
    rows = draft.goals if parent is None else getattr(parent, BELOW[level_of(parent)])
    return rows.order_by("ordinal")


def _branch(row: Node) -> list[Node]:
    """The node and everything under it, from above."""
    found = [row]
    if level_of(row) in BELOW:
        for child in _children(None, row):
            found += _branch(child)
    return found


def _remove(row: Node) -> None:
    for one in reversed(_branch(row)):
        if isinstance(one, Measure):
            one.assignments.all().delete()
        one.delete()


def _create(
    draft: PlanVersion,
    level: NodeLevel,
    parent: Node | None,
    *,
    name: str,
    text: str,
    duties: Duties | None,
    why: Why,
    **place: Any,
) -> Node:
    """A new node of a lineage of its own, at the place given or else as the last."""
    if not place:
        place["code"], place["ordinal"] = _next_place(draft, level, parent)
    values = {"version": draft, "name": name, **place}
    if level in ABOVE:
        values[ABOVE[level][1]] = parent
    if level == NodeLevel.MEASURE:
        values |= {"description": text, "position": 0}
    else:
        values["text"] = text
    row = LEVELS[level].objects.create(**values)
    if duties is not None and level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
        _assign(row, duties, why)
    if level == NodeLevel.MEASURE:
        _write_items(row)
    return row


def _next_place(draft: PlanVersion, level: NodeLevel, parent: Node | None) -> tuple[str, int]:
    """(code, ordinal) after the last sibling.

    Numbers that the version before used there are passed over: a code that another measure bears
    in the version in force would be read as that one.
    """
    siblings = _children(draft, parent)
    last = siblings.aggregate(last=Max("ordinal"))["last"] or 0
    above = f"{parent.code}." if parent else ""
    used = LEVELS[level].objects.filter(
        version__in=[draft.pk, draft.based_on_id], code__startswith=above
    )
    numbers = [last]
    for code in used.values_list("code", flat=True):
        label = code.removeprefix(above)
        if label.isdecimal():
            numbers.append(int(label))
    return f"{above}{max(numbers) + 1}", last + 1


def _write_items(measure: Measure) -> None:
    measure.items.all().delete()
    MeasureItem.objects.bulk_create(
        MeasureItem(
            measure=measure,
            ordinal=ordinal,
            level=item.level,
            marker=item.marker,
            title=item.title or "",
            text=item.text,
        )
        for ordinal, item in enumerate(read_items(measure.description), start=1)
    )


def _connect(
    draft: PlanVersion, old: Iterable[UUID], new: Iterable[UUID], kind: LineageKind
) -> None:
    new = list(new)
    LineageEdge.objects.bulk_create(
        LineageEdge(version=draft, predecessor=one, successor=other, kind=kind)
        for one in old
        for other in new
    )


def _settle(draft: PlanVersion) -> None:
    """Bring codes in line with their parents', each node keeping the part after its last dot (an
    implicit sub-goal has its goal's code), and the measures' positions with their order.
    """
    codes = dict(draft.goals.values_list("pk", "code"))
    for level, (_above, column) in ABOVE.items():
        rows = list(LEVELS[level].objects.filter(version=draft))
        below, wanted = {}, {}
        for row in rows:
            parent = codes[getattr(row, f"{column}_id")]
            code = row.code
            if getattr(row, "implicit", False):
                code = parent
            elif not code.startswith(f"{parent}."):
                code = f"{parent}.{code.rpartition('.')[2]}"
            below[row.pk] = code
            if code != row.code:
                wanted[row.pk] = row.ordinal, code
        _place([row for row in rows if row.pk in wanted], wanted)
        codes = below
    strategies = draft.strategies.order_by(
        "sub_goal__goal__ordinal", "sub_goal__ordinal", "ordinal"
    )
    order = {pk: number for number, pk in enumerate(strategies.values_list("pk", flat=True))}
    measures = sorted(draft.measures.all(), key=lambda row: (order[row.strategy_id], row.ordinal))
    moved = []
    for position, row in enumerate(measures, start=1):
        if row.position != position:
            row.position = position
            moved.append(row)
    Measure.objects.bulk_update(moved, ["position"])


def _place(rows: Sequence[Node], places: dict[int, tuple[int, str]]) -> None:
    """Write ordinal and code by id. All step aside first, so that they may change places."""
    if not rows:
        return
    model = type(rows[0])
    model.objects.filter(pk__in=places).update(
        ordinal=F("ordinal") + _ROOM, code=Concat(Value("~"), Cast("pk", CharField()))
    )
    for row in rows:
        row.ordinal, row.code = places[row.pk]
    model.objects.bulk_update(rows, ["ordinal", "code"])
