"""Record by which decree a body's duties went to another; cycles and overlaps are refused."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid, Refused
from ministries import audit, rules
from ministries.enums import SuccessionKind
from ministries.models import Ministry, Succession, User
from ministries.signals import succession_leaving, succession_recorded

Problems = dict[str, list[str]]

# After these the predecessor is gone. The first and third also begin the successor.
ENDING = (SuccessionKind.RENAMED, SuccessionKind.MERGED, SuccessionKind.SPLIT)
FOUNDING = (SuccessionKind.RENAMED, SuccessionKind.SPLIT)


@transaction.atomic
def record_succession(
    *,
    predecessor: Ministry,
    successor: Ministry,
    on: date,
    kind: str,
    legal_basis: str,
    note: str = "",
    by: object,
) -> Succession:
    """Write one edge, end the predecessor and begin the successor where their dates are open.
    What is open of the predecessor's papers follows, or refuses (`succession_recorded`).

    `by` is an administrator, or a text such as `system:load_plan`. Raises NotAllowed, and
    Invalid with a sentence for each thing that `problems` finds.
    """
    if not isinstance(by, str):
        rules.may_administer(by).enforce()
    pks = sorted([predecessor.pk, successor.pk])
    rows = {row.pk: row for row in Ministry.objects.select_for_update().filter(pk__in=pks)}
    old, new = rows[predecessor.pk], rows[successor.pk]
    found = problems(predecessor=old, successor=new, on=on, kind=kind)
    if not legal_basis.strip():
        found.setdefault("legal_basis", []).append(_("請寫法律依據。"))
    if found:
        raise Invalid(found)
    edge = Succession.objects.create(
        predecessor=old,
        successor=new,
        on=on,
        kind=kind,
        legal_basis=legal_basis.strip(),
        note=note.strip(),
    )
    after = {
        "predecessor": old.code,
        "successor": new.code,
        "on": on,
        "kind": kind,
        "legal_basis": edge.legal_basis,
        "note": edge.note,
    }
    if kind in ENDING and old.until is None:
        old.until = after["predecessor_until"] = on
        old.save(update_fields=["until"])
    if kind in FOUNDING and new.since is None:
        new.since = after["successor_since"] = on
        new.save(update_fields=["since"])
    audit.record("succession.record", edge, by=by, ministry=new, after=after)
    succession_recorded.send(Succession, succession=edge, by=by)
    return edge


@transaction.atomic
def delete_succession(edge: Succession, *, by: User) -> None:
    """Remove an edge that was recorded by mistake, while nothing followed it; the dates of the
    bodies stay as they are. Refuses with NotAllowed who is no administrator, with NotNow what
    rooms above have acted on (`succession_leaving`).
    """
    rules.may_administer(by).enforce()
    row = Succession.objects.select_for_update().get(pk=edge.pk)
    succession_leaving.send(Succession, succession=row, by=by)
    before = {
        "predecessor": row.predecessor.code,
        "successor": row.successor.code,
        **{name: getattr(row, name) for name in ("on", "kind", "legal_basis", "note")},
    }
    audit.record("succession.delete", row, by=by, ministry=row.successor, before=before)
    row.delete()


def reason_to_stay(edge: Succession, *, by: User) -> str:
    """Why `delete_succession` refuses; "" where it would not. Nothing is written."""
    try:
        with transaction.atomic():
            delete_succession(edge, by=by)
            transaction.set_rollback(True)
    except Refused as refusal:
        return str(refusal)
    return ""


def problems(*, predecessor: Ministry, successor: Ministry, on: date, kind: str) -> Problems:
    """What keeps this edge from being recorded, as sentences by field; empty if nothing does.

    Reads all edges once and writes nothing.
    """
    old, new, day = predecessor, successor, roc.format_date(on)
    if old.pk == new.pk:
        return {"successor": [_("部會不能由自己承接。")]}
    edges = list(Succession.objects.select_related("predecessor", "successor"))
    if any((e.predecessor_id, e.successor_id, e.on) == (old.pk, new.pk, on) for e in edges):
        return {"successor": [_("這一筆承接已經登記過。")]}

    found: Problems = {}

    def refuse(field: str, sentence: str, **values: object) -> None:
        found.setdefault(field, []).append(sentence % values)

    if _leads_to(edges, new.pk, old.pk):
        refuse(
            "successor",
            _("%(new)s的業務後來由%(old)s承接，再反過來會成為循環。"),
            new=new,
            old=old,
        )
    # The predecessor must exist that day, and end on it if this ends it.
    began = max([d for d in (old.since, _founded(edges, old.pk)) if d], default=None)
    if began and on <= began:
        refuse(
            "on",
            _("%(old)s在%(began)s才成立，不能在%(day)s移出業務。"),
            old=old,
            began=roc.format_date(began),
            day=day,
        )
    ending = next((e for e in edges if e.predecessor_id == old.pk and e.kind in ENDING), None)
    ended = ending.on if ending else old.until
    both_split = bool(ending) and ending.kind == kind == SuccessionKind.SPLIT and ended == on
    if ending and kind in ENDING and not both_split:
        refuse(
            "predecessor",
            _("%(old)s已經在%(ended)s由%(heir)s承接（%(kind)s），不能再有一個後繼部會。"),
            old=old,
            ended=roc.format_date(ended),
            heir=ending.successor,
            kind=ending.get_kind_display(),
        )
    elif ended and kind in ENDING and on != ended:
        refuse(
            "on",
            _("%(old)s的終止日是%(ended)s，和生效日%(day)s不同。"),
            old=old,
            ended=roc.format_date(ended),
            day=day,
        )
    elif ended and on > ended:
        refuse(
            "on",
            _("%(old)s在%(ended)s已經終止，不能在%(day)s移出業務。"),
            old=old,
            ended=roc.format_date(ended),
            day=day,
        )
    later = [e.on for e in edges if old.pk in (e.predecessor_id, e.successor_id) and e.on > on]
    if kind in ENDING and later:
        refuse(
            "on",
            _("%(old)s在%(later)s還有另一筆承接，不能在%(day)s就終止。"),
            old=old,
            later=roc.format_date(max(later)),
            day=day,
        )
    # The successor must exist from that day, and if it is a new name, from no earlier day.
    if new.until and on >= new.until:
        refuse(
            "successor",
            _("%(new)s在%(ended)s已經終止，不能在%(day)s承接業務。"),
            new=new,
            ended=roc.format_date(new.until),
            day=day,
        )
    if new.since and on < new.since:
        refuse(
            "successor",
            _("%(new)s在%(began)s才成立，不能在%(day)s承接業務。"),
            new=new,
            began=roc.format_date(new.since),
            day=day,
        )
    if kind == SuccessionKind.RENAMED:
        if new.since and new.since < on:
            refuse(
                "kind",
                _("%(new)s在%(began)s已經存在：這不是更名，是併入。"),
                new=new,
                began=roc.format_date(new.since),
            )
        if any(e.successor_id == new.pk and e.kind == SuccessionKind.RENAMED for e in edges):
            refuse("kind", _("%(new)s已經是另一個部會更名而來。"), new=new)
    return found


def date_problems(ministry: Ministry, edges: Iterable[Succession]) -> Problems:
    """What in the body's own dates contradicts the edges recorded of it, as sentences by field.

    Otherwise changing a date would make the overlap that recording an edge refuses. Edges of
    other bodies are passed over; `edges` need predecessor and successor only by id.
    """
    since, until = ministry.since, ministry.until
    began = roc.format_date(since) if since else "—"
    ended = roc.format_date(until) if until else "—"
    found: Problems = {}

    def refuse(field: str, sentence: str, **values: object) -> None:
        found.setdefault(field, []).append(sentence % values)

    for edge in edges:
        on, day = edge.on, roc.format_date(edge.on)
        if edge.predecessor_id == ministry.pk:
            names = {"old": ministry, "began": began, "ended": ended, "day": day}
            if since and since >= on:
                refuse("since", _("%(old)s在%(began)s才成立，不能在%(day)s移出業務。"), **names)
            if edge.kind in ENDING and until != on:
                refuse("until", _("%(old)s的終止日是%(ended)s，和生效日%(day)s不同。"), **names)
            elif until and until < on:
                refuse("until", _("%(old)s在%(ended)s已經終止，不能在%(day)s移出業務。"), **names)
        elif edge.successor_id == ministry.pk:
            names = {"new": ministry, "began": began, "ended": ended, "day": day}
            if since and since > on:
                refuse("since", _("%(new)s在%(began)s才成立，不能在%(day)s承接業務。"), **names)
            elif since and since < on and edge.kind == SuccessionKind.RENAMED:
                refuse("since", _("%(new)s在%(began)s已經存在：這不是更名，是併入。"), **names)
            if until and until <= on:
                refuse("until", _("%(new)s在%(ended)s已經終止，不能在%(day)s承接業務。"), **names)
    return found


def _leads_to(edges: list[Succession], start: int, goal: int) -> bool:
    """Whether duties, in whole or in part, ever went from `start` to `goal`."""
    seen, todo = set(), [start]
    while todo:
        current = todo.pop()
        if current == goal:
            return True
        if current not in seen:
            seen.add(current)
            todo += [e.successor_id for e in edges if e.predecessor_id == current]
    return False


def _founded(edges: list[Succession], ministry_id: int) -> date | None:
    """The day on which another body's renaming or splitting made this one."""
    days = [e.on for e in edges if e.successor_id == ministry_id and e.kind in FOUNDING]
    return min(days, default=None)
