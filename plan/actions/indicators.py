"""The verbs of an indicator: propose, change, approve, decline; and afterwards change a target, or
redefine it from a later year on.

Targets are given as {ROC year: {"value"} or {"low", "high"}}. Errors of Invalid are at the field's
name, at `targets` or at `target_YEAR`.
"""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import Ministry, User
from plan import rules
from plan.actions.definition import check_definition, next_ordinal
from plan.enums import Direction, IndicatorKind, IndicatorState
from plan.models import Indicator, IndicatorTarget, Measure, TargetChange

FIELDS = (
    "name",
    "unit",
    "kind",
    "accumulation",
    "direction",
    "formula",
    "dimension",
    "parts",
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
    ordinal = next_ordinal(measure, ministry)
    row = Indicator(measure=measure, ministry=ministry, ordinal=ordinal, proposed_by=by)
    _write(row, fields, targets)
    audit.record("indicator.propose", row, by=by, ministry=ministry, after=told(row))
    return row


@transaction.atomic
def redefine(
    indicator: Indicator,
    *,
    from_year: int,
    seen_revision: int,
    by: User,
    targets: dict[int, dict],
    **fields,
) -> Indicator:
    """Propose another definition of an approved indicator, from a ROC year on.

    The approved one stays as it is, and holds for the years before once the new one is approved.
    Which years are free to begin with is known in `tracking`, which calls this.
    """
    measure = Measure.objects.select_for_update(of=("self",)).get(pk=indicator.measure_id)
    old = _lock(indicator)
    rules.may_redefine(old, by).enforce()
    _compare(old, seen_revision)
    row = Indicator(
        measure=measure,
        ministry=old.ministry,
        ordinal=next_ordinal(measure, old.ministry),
        proposed_by=by,
        replaces=old,
        from_year=from_year,
    )
    _write(row, fields, targets)
    audit.record("indicator.redefine", row, by=by, ministry=row.ministry, after=told(row))
    return row


@transaction.atomic
def change(
    indicator: Indicator,
    *,
    seen_revision: int,
    by: User,
    targets: dict[int, dict],
    from_year: int | None = None,
    **fields,
) -> Indicator:
    """Rewrite an indicator that is not approved yet; a declined one is proposed again.

    `from_year` counts where the indicator is to replace another one; None leaves it as it is.
    """
    # The measure's lock keeps two formulas from coming to ask for each other at once.
    Measure.objects.select_for_update(of=("self",)).get(pk=indicator.measure_id)
    row = _lock(indicator)
    rules.may_change(row, by).enforce()
    _compare(row, seen_revision)
    before = told(row)
    if from_year is not None and row.replaces_id:
        row.from_year = from_year
    row.state, row.decision_note, row.proposed_by = IndicatorState.PROPOSED, "", by
    row.revision += 1
    _write(row, fields, targets)
    audit.record(
        "indicator.change", row, by=by, ministry=row.ministry, before=before, after=told(row)
    )
    return row


def approve(indicator: Indicator, *, by: User, seen_revision: int | None = None) -> Indicator:
    """The reviewer approves; from now on reports give its actuals. What it replaces ends with the
    year before, with the targets of the years from then on kept as changes.
    """
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
    if state == IndicatorState.APPROVED:
        if not row.targets.exists():
            raise Invalid({"targets": [_("還沒有年度目標；請部會先填，再核定。")]})
        if row.replaces_id:
            _end(row, by)
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


def _end(row: Indicator, by: User) -> None:
    """The indicator that `row` replaces ends with the year before `row` begins."""
    old = Indicator.objects.select_for_update(of=("self",)).get(pk=row.replaces_id)
    if old.until_year is not None:
        raise Invalid({"from_year": [_("「%(name)s」已經有新的定義。") % {"name": old.name}]})
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("自%(year)d年起改用「%(name)s」。") % {"year": row.from_year, "name": row.name}
    gone = list(old.targets.filter(year__gte=row.from_year))
    TargetChange.objects.bulk_create(
        TargetChange(
            indicator=old,
            year=target.year,
            before=_told_target(target),
            after={},
            reason=reason,
            by=by,
        )
        for target in gone
    )
    old.targets.filter(year__gte=row.from_year).delete()
    old.until_year = row.from_year - 1
    old.revision += 1
    old.save(update_fields=["until_year", "revision"])
    audit.record(
        "indicator.end",
        old,
        by=by,
        ministry=old.ministry,
        after={"until_year": old.until_year, "replaced_by": row.pk, "reason": reason},
    )


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
    check_definition(row, errors)
    try:
        row.clean_fields(exclude=["measure", "ministry", "proposed_by", "ordinal"])
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            errors.setdefault(name, list(texts))
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
        elif year < (row.from_year or year):
            errors[key] = [
                _("新的定義自%(year)d年起，之前的年度不填目標。") % {"year": row.from_year}
            ]
        elif year > (row.until_year or year):
            errors[key] = [
                _("這個指標用到%(year)d年為止，之後的年度不填目標。") % {"year": row.until_year}
            ]
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
        "from_year": row.from_year,
        "until_year": row.until_year,
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
