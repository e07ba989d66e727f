"""A rolling revision from its beginning to its end: open a draft, discard it, approve it.

What is changed in between has its verbs in `plan.actions.revise`.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid, NotNow, StaleVersion
from config.kit.verdicts import Verdict
from ministries import audit
from ministries.models import User
from plan import rules
from plan.actions.duty_dates import date_duties
from plan.enums import AssignmentRole, NodeLevel, RunningYearRule, VersionState
from plan.levels import ABOVE, BELOW, LEVELS
from plan.models import (
    Assignment,
    CellEntry,
    MeasureItem,
    Plan,
    PlanVersion,
    Revision,
)
from plan.signals import version_approved


def lock(version: PlanVersion, verdict: Verdict, seen_edits: int | None = None) -> PlanVersion:
    """The version's row, locked; refuse what the verdict refuses, and a draft changed meanwhile."""
    verdict.enforce()
    row = (
        PlanVersion.objects.select_for_update(of=("self",))
        .select_related("plan", "based_on")
        .get(pk=version.pk)
    )
    if row.state != version.state:
        raise NotNow(_("這個版本的狀態已經改變，請重新開啟頁面。"))
    if seen_edits is not None and row.edits != seen_edits:
        raise StaleVersion(_("這份草案在你打開以後，已經被別人改過。"), row)
    return row


# --- opening --------------------------------------------------------------------------------------
@transaction.atomic
def open_draft(plan: Plan, *, by: User, review_key: str = "") -> PlanVersion:
    """Copy the version in force into a draft: tree, items, cells and open duties, lineage kept.

    `review_key` names the review that it follows from, such as `review:3`. A collator or an
    administrator; NotNow while there is a draft already or nothing in force.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    rules.may_open_draft(plan, by).enforce()
    base = plan.versions.in_force().get()
    number = max(plan.versions.values_list("number", flat=True)) + 1
    draft = PlanVersion.objects.create(
        plan=plan,
        number=number,
        title=_("第%(number)s版") % {"number": number},
        level_names=base.level_names,
        based_on=base,
    )
    Revision.objects.create(version=draft, review_key=review_key, opened_by=by)
    measures = _copy_tree(base, draft)
    _copy(MeasureItem.objects.filter(measure__version=base), measure_id=measures)
    _copy(Assignment.objects.filter(measure__version=base, until__isnull=True), measure_id=measures)
    after = {"plan": plan.slug, "number": number, "based_on": base.number, "review": review_key}
    audit.record("revision.open", draft, by=by, after=after)
    return draft


def _copy_tree(base: PlanVersion, draft: PlanVersion) -> dict[int, int]:
    """Copy the four levels and the strategies' cells; old → new ids of the measures."""
    ids: dict[int, int] = {}
    for level, model in LEVELS.items():
        parents = {f"{ABOVE[level][1]}_id": ids} if level in ABOVE else {}
        ids = _copy(model.objects.filter(version=base), {"version_id": draft.pk}, **parents)
        if level == NodeLevel.STRATEGY:
            _copy(CellEntry.objects.filter(strategy__version=base), strategy_id=ids)
    return ids


def _copy(
    rows: QuerySet, fixed: dict[str, Any] | None = None, **replaced: dict[int, int]
) -> dict[int, int]:
    """Copy rows with some columns fixed and ids looked up; old → new ids. Two statements."""
    old = list(rows.order_by("pk"))
    new = []
    for row in old:
        values = {
            field.attname: getattr(row, field.attname)
            for field in rows.model._meta.concrete_fields
            if not field.primary_key
        }
        values |= fixed or {}
        values |= {name: ids[values[name]] for name, ids in replaced.items()}
        new.append(rows.model(**values))
    rows.model.objects.bulk_create(new)
    return {row.pk: copy.pk for row, copy in zip(old, new, strict=True)}


# --- discarding -----------------------------------------------------------------------------------
@transaction.atomic
def discard_draft(version: PlanVersion, *, seen_edits: int, by: User) -> None:
    """Remove the draft of a revision with all that was written in it; the audit keeps the list.

    NotNow where rows of other rooms point into it already.
    """
    row = lock(version, rules.may_edit_draft(version, by), seen_edits)
    before = {
        "plan": row.plan.slug,
        "number": row.number,
        "changes": [
            {"kind": change.kind, "reason": change.reason, "basis": change.basis}
            for change in row.changes.all()
        ],
    }
    audit.record("revision.discard", row, by=by, before=before)
    Assignment.objects.filter(measure__version=row).delete()
    try:
        for model in reversed(LEVELS.values()):
            model.objects.filter(version=row).delete()
        row.delete()
    except ProtectedError:
        raise NotNow(_("已經有指標或報告指向這份草案，不能捨棄。")) from None


# --- approving ------------------------------------------------------------------------------------
def problems(version: PlanVersion) -> list[str]:
    """Why the draft can't be approved yet: nothing changed, or branches that carry nothing."""
    found = []
    if version.based_on_id and not version.changes.exists():
        found.append(_("草案和現行版本完全相同。"))
    for level, below in BELOW.items():
        empty = LEVELS[level].objects.filter(version=version, **{f"{below}__isnull": True})
        if level == NodeLevel.SUB_GOAL:
            empty = empty.filter(implicit=False)
        found += [
            _("%(node)s底下沒有任何內容；新增、移入，或終止它。") % {"node": node} for node in empty
        ]
    led = Assignment.objects.as_written_in(version).filter(role=AssignmentRole.LEAD)
    orphans = version.measures.exclude(pk__in=led.values("measure"))
    found += [_("%(node)s沒有主辦部會。") % {"node": node} for node in orphans]
    return found


@transaction.atomic
def approve_draft(
    version: PlanVersion,
    *,
    seen_edits: int,
    document_number: str,
    on: date,
    running_year_rule: str,
    by: User,
) -> PlanVersion:
    """Record that the draft was approved: it is in force from `on`, and supersedes the other.

    In order: the version before becomes superseded, this one approved, its duties get their dates
    (`date_duties`), then the drafts of running years follow `running_year_rule`, and what
    became of them is kept in the revision's `outcome`. A reviewer or an administrator who had no
    hand in the draft. Invalid for a missing number, a day in the future or before the version that
    it supersedes, or a draft with `problems`.
    """
    row = lock(version, rules.may_approve_draft(version, by), seen_edits)
    number, errors = document_number.strip(), {}
    if not number:
        errors["document_number"] = [_("請寫核定文號。")]
    if running_year_rule not in RunningYearRule.values:
        errors["running_year_rule"] = [_("選一種處理方式。")]
    before, today = row.plan.versions.in_force().first(), timezone.localdate()
    earliest = before and (before.effective_on or before.approved_on)
    if on > today:
        errors["on"] = [_("生效日還沒有到；到了那一天再登錄核定。")]
    elif earliest and on <= earliest:
        errors["on"] = [_("生效日要在前一版的%(day)s之後。") % {"day": roc.format_date(earliest)}]
    if found := problems(row):
        errors["version"] = found
    if errors:
        raise Invalid(errors)
    if before:
        before.state = VersionState.SUPERSEDED
        before.save(update_fields=["state"])
    row.state, row.approved_on = VersionState.APPROVED, today
    row.effective_on = on if row.based_on_id else None
    row.edits += 1
    row.save()
    if row.based_on_id:
        date_duties(row, row.based_on, on)
    file, _made = Revision.objects.get_or_create(version=row, defaults={"opened_by": None})
    file.document_number, file.running_year_rule = number, running_year_rule
    file.approved_by, file.approved_at = by, timezone.now()
    for _listener, told in version_approved.send(
        PlanVersion, version=row, before=before, rule=running_year_rule, by=by
    ):
        file.outcome |= told or {}
    file.save()
    audit.record(
        "revision.approve",
        row,
        by=by,
        before={"in_force": before.number if before else None},
        after={
            "in_force": row.number,
            "document_number": number,
            "effective_on": on,
            "running_year_rule": running_year_rule,
            **file.outcome,
        },
    )
    return row
