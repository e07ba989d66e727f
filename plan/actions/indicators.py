"""The verbs of an indicator: propose, change, approve, decline; and change a target afterwards.

Targets are given as {ROC year: {"value"} or {"low", "high"}}. Errors of Invalid are at the field's
name, at `targets` or at `target_YEAR`.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import Ministry, User
from plan import rules
from plan.enums import Direction, IndicatorKind, IndicatorState
from plan.models import Indicator, IndicatorTarget, Measure, TargetChange

FIELDS = (
    "name",
    "unit",
    "kind",
    "accumulation",
    "direction",
    "baseline",
    "baseline_year",
    "source",
    "note",
)
SHORTEST_REASON = 10
_TARGET = ("value", "low", "high")

Errors = dict[str, list[str]]


@transaction.atomic
def propose(
    measure: Measure, ministry: Ministry, *, by: User, targets: dict[int, dict], **fields
) -> Indicator:
    """Add an indicator of the ministry to the measure, waiting for the reviewer's approval."""
    # The measure's lock gives two proposals at once different ordinals.
    measure = Measure.objects.select_for_update(of=("self",)).get(pk=measure.pk)
    rules.may_propose(measure, ministry, by).enforce()
    siblings = Indicator.objects.filter(measure=measure, ministry=ministry)
    last = siblings.aggregate(last=models.Max("ordinal"))["last"] or 0
    row = Indicator(measure=measure, ministry=ministry, ordinal=last + 1, proposed_by=by)
    _write(row, fields, targets)
    audit.record("indicator.propose", row, by=by, ministry=ministry, after=told(row))
    return row


@transaction.atomic
def change(
    indicator: Indicator,
    *,
    seen_revision: int,
    by: User,
    targets: dict[int, dict],
    **fields,
) -> Indicator:
    """Rewrite an indicator that is not approved yet; a declined one is proposed again."""
    row = _lock(indicator)
    rules.may_change(row, by).enforce()
    _compare(row, seen_revision)
    before = told(row)
    row.state, row.decision_note, row.proposed_by = IndicatorState.PROPOSED, "", by
    row.revision += 1
    _write(row, fields, targets)
    audit.record(
        "indicator.change", row, by=by, ministry=row.ministry, before=before, after=told(row)
    )
    return row


def approve(indicator: Indicator, *, by: User, seen_revision: int | None = None) -> Indicator:
    """The reviewer approves; from now on reports give its actuals."""
    return _decide(indicator, IndicatorState.APPROVED, "", by, seen_revision)


def decline(
    indicator: Indicator, *, by: User, note: str, seen_revision: int | None = None
) -> Indicator:
    """The reviewer declines with a reason; the ministry may mend it and propose it again."""
    note = note.strip()
    if not note:
        raise Invalid({"note": [_("寫下不核定的理由。")]})
    if len(note) > 500:
        raise Invalid({"note": [_("理由最多%(count)d個字。") % {"count": 500}]})
    return _decide(indicator, IndicatorState.DECLINED, note, by, seen_revision)


@transaction.atomic
def change_target(
    indicator: Indicator,
    *,
    year: int,
    reason: str,
    by: User,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    seen_revision: int | None = None,
) -> IndicatorTarget:
    """Change an approved indicator's target of one year; the old one and the reason are kept."""
    row = _lock(indicator)
    rules.may_change_target(row, by).enforce()
    _compare(row, seen_revision)
    errors: Errors = {}
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= 500:
        errors["reason"] = [
            _("寫下變更目標的理由，%(least)d到%(most)d個字。")
            % {"least": SHORTEST_REASON, "most": 500}
        ]
    wanted = _targets(row, {year: {"value": value, "low": low, "high": high}}, errors)
    if not errors and not wanted:
        errors[f"target_{year}"] = [_("填新的目標。")]
    if errors:
        raise Invalid(errors)
    target = row.targets.filter(year=year).first() or IndicatorTarget(indicator=row, year=year)
    before = _told_target(target) if target.pk else {}
    for name, number in wanted[year].items():
        setattr(target, name, number)
    after = _told_target(target)
    if before == after:
        raise Invalid({f"target_{year}": [_("新目標與原目標相同。")]})
    target.save()
    row.revision += 1
    row.save(update_fields=["revision"])
    TargetChange.objects.create(
        indicator=row, year=year, before=before, after=after, reason=reason, by=by
    )
    audit.record(
        "indicator.change_target",
        row,
        by=by,
        ministry=row.ministry,
        before={str(year): before},
        after={str(year): after, "reason": reason},
    )
    return target


@transaction.atomic
def _decide(
    indicator: Indicator, state: IndicatorState, note: str, by: User, seen_revision: int | None
) -> Indicator:
    row = _lock(indicator)
    rules.may_decide(row, by).enforce()
    _compare(row, seen_revision)
    before = str(row.state)
    row.state, row.decision_note = state, note
    row.revision += 1
    row.save(update_fields=["state", "decision_note", "revision"])
    verb = "approve" if state == IndicatorState.APPROVED else "decline"
    audit.record(
        f"indicator.{verb}",
        row,
        by=by,
        ministry=row.ministry,
        before={"state": before},
        after={"state": str(state), "note": note},
    )
    return row


def _lock(indicator: Indicator) -> Indicator:
    return (
        Indicator.objects.select_for_update(of=("self",))
        .select_related("measure__version__plan", "ministry")
        .get(pk=indicator.pk)
    )


def _compare(row: Indicator, seen_revision: int | None) -> None:
    """A page sends the revision that it showed; a program that just read the row need not."""
    if seen_revision is not None and row.revision != seen_revision:
        raise StaleVersion(_("這個指標在你打開以後，已經被別人改過。"), row)


def _write(row: Indicator, fields: dict[str, Any], targets: dict[int, dict]) -> None:
    """Set, check and save the row and its targets; Invalid before anything is written."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"no such fields: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    errors: Errors = {}
    try:
        row.clean_fields(exclude=["measure", "ministry", "proposed_by", "ordinal"])
    except ValidationError as error:
        errors |= {name: list(texts) for name, texts in error.message_dict.items()}
    same_name = Indicator.objects.filter(
        measure=row.measure, ministry=row.ministry, name=row.name
    ).exclude(pk=row.pk)
    if same_name.exists():
        errors["name"] = [_("這項措施已經有同名的指標。")]
    if (row.baseline is None) != (row.baseline_year is None):
        errors["baseline"] = [_("基期值與基期年要一起填，或都不填。")]
    wanted = _targets(row, targets, errors)
    if not wanted and not any(key.startswith("target_") for key in errors):
        errors["targets"] = [_("至少填一個年度的目標。")]
    if errors:
        raise Invalid(errors)
    row.save()
    row.targets.all().delete()
    IndicatorTarget.objects.bulk_create(
        IndicatorTarget(indicator=row, year=year, **numbers) for year, numbers in wanted.items()
    )


def _targets(
    row: Indicator, targets: dict[int, dict], errors: Errors
) -> dict[int, dict[str, Decimal | None]]:
    """Targets as the direction and the kind want them; years without any number are left out."""
    years = row.measure.version.plan.years
    within = row.direction == Direction.WITHIN
    found = {}
    for year, given in sorted(targets.items()):
        key = f"target_{year}"
        numbers: dict[str, Decimal | None] = {}
        for name in _TARGET:
            raw = given.get(name)
            field = IndicatorTarget._meta.get_field(name)
            try:
                numbers[name] = field.clean(None if raw == "" else raw, None)
            except ValidationError as error:
                errors[key] = list(error.messages)
                numbers[name] = None
        if key in errors or all(number is None for number in numbers.values()):
            continue
        value, low, high = (numbers[name] for name in _TARGET)
        if year not in years:
            errors[key] = [_("%(year)s年度不在計畫期間。") % {"year": year}]
        elif within and (value is not None or low is None or high is None):
            errors[key] = [_("「維持在範圍內」的目標要填下限與上限。")]
        elif within and low > high:
            errors[key] = [_("下限不能大於上限。")]
        elif not within and (value is None or low is not None or high is not None):
            errors[key] = [_("填一個目標值，不填上下限。")]
        elif row.kind == IndicatorKind.YES_NO and value not in (0, 1):
            errors[key] = [_("是填1，否填0。")]
        found[year] = numbers
    return found


def told(row: Indicator) -> dict:
    """What the audit log keeps of an indicator."""
    return {
        **{name: getattr(row, name) for name in FIELDS},
        "state": str(row.state),
        "revision": row.revision,
        "targets": {str(target.year): _told_target(target) for target in row.targets.all()},
    }


def _told_target(target: IndicatorTarget) -> dict:
    """Numbers as text of one scale, so that the same target reads the same on either database."""
    return {
        name: None if number is None else f"{Decimal(number).normalize():f}"
        for name in _TARGET
        for number in [getattr(target, name)]
    }
