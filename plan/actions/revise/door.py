"""The way into every verb (lock, rule, number of edits) and out of it (the change, the audit)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import User
from plan import rules
from plan.actions.versions import lock
from plan.enums import ChangeKind, Ground, NodeLevel
from plan.levels import Node
from plan.models import Change, PlanVersion

Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Why:
    """Why something is changed: `ground` is one of Ground, `basis` a document or resolution."""

    ground: str
    reason: str
    basis: str


def enter(version: PlanVersion, seen_edits: int, by: User) -> PlanVersion:
    """The draft, locked; NotAllowed, NotNow or StaleVersion where it may not be edited."""
    return lock(version, rules.may_edit_draft(version, by), seen_edits)


def current(draft: PlanVersion, node: Node) -> Any:
    """The node as it is now; NotNow where it is gone from the draft or belongs to another one."""
    row = type(node).objects.filter(version=draft, pk=node.pk).first()
    if row is None:
        raise NotNow(_("草案裡已經沒有這一項，請重新開啟頁面。"))
    return row


def why_errors(why: Why) -> Errors:
    """What is wrong with the reason, by field."""
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


def refuse(errors: Errors) -> None:
    """Invalid where anything is wrong."""
    if errors:
        raise Invalid(errors)


def leave(
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
    why_told = {"ground": why.ground, "reason": change.reason, "basis": change.basis}
    audit.record(
        f"revision.{kind}",
        draft,
        by=by,
        before={"nodes": before, "edits": draft.edits - 1},
        after={"nodes": after, "edits": draft.edits, **why_told},
    )
    return change
