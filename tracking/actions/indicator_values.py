"""Writing the actuals of one report: what was typed, its parts, and what is calculated of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plan.enums import IndicatorKind
from plan.models import Indicator
from tracking.actions.cleaning import Errors, cleaned, closed
from tracking.calculated import calculate
from tracking.enums import Part
from tracking.models import IndicatorValue, ProgressReport


def write_values(
    row: ProgressReport,
    indicators: Iterable[Indicator],
    values: Mapping[int, Mapping],
    open_parts: frozenset[str],
    before: dict,
    after: dict,
    errors: Errors,
) -> Callable[[], None]:
    """Actuals by indicator id: {"actual", "note", "parts": {name: number}}, those left out stay;
    `indicators` are those of the report.

    An empty actual is unknown and stays so. Calculated ones follow from the others and can't be
    given, but a note on them can. What differs goes to `before` and `after`, what can't be taken
    to `errors`; rows are written by the function that is handed back.
    """
    indicators = {indicator.pk: indicator for indicator in indicators}
    present = {value.indicator_id: value for value in row.values.all()} if values else {}
    touched: dict[int, IndicatorValue] = {}
    was: dict[int, tuple] = {}

    def taken(pk: int) -> IndicatorValue:
        if pk not in touched:
            value = present.get(pk) or IndicatorValue(report=row, indicator=indicators[pk])
            touched[pk], was[pk] = value, _told(value)
        return touched[pk]

    given_results: dict[int, Any] = {}
    for pk, given in values.items():
        if pk not in indicators:
            errors.setdefault("indicators", []).append(
                _("指標%(id)s不是這份報告的指標。") % {"id": pk}
            )
            continue
        indicator, value = indicators[pk], taken(pk)
        for column in ("actual", "note"):
            if column not in given:
                continue
            found = cleaned(
                IndicatorValue, column, given[column], errors, f"indicator_{pk}_{column}"
            )
            if column == "actual" and indicator.formula:
                given_results[pk] = found
            else:
                setattr(value, column, found)
        if "parts" in given:
            value.parts = _parts(indicator, given["parts"], errors)
        _check_kind(indicator, value, errors)
    if Part.INDICATORS in open_parts and not errors:
        typed = {pk: value.actual for pk, value in {**present, **touched}.items()}
        for pk, result in calculate(indicators.values(), typed).items():
            taken(pk).actual = result
    changed = []
    for pk, value in touched.items():
        key = f"indicator_{pk}_actual"
        if given_results.get(pk) not in (None, value.actual):
            errors[key] = [_("這個指標由算式計算，不能填。")]
        if _told(value) == was[pk]:
            continue
        if Part.INDICATORS not in open_parts:
            errors[key] = [closed(Part.INDICATORS)]
            continue
        changed.append(value)
        before[f"indicator_{pk}"] = [part for part in was[pk] if part != {}]
        after[f"indicator_{pk}"] = [part for part in _told(value) if part != {}]

    def keep() -> None:
        for value in changed:
            value.save()

    return keep


def recalculate(row: ProgressReport, indicators: Sequence[Indicator]) -> None:
    """Bring the calculated actuals up to what the report says now: a formula may have been approved
    after the last save. For the doors that hand the report on, under their lock; `indicators` are
    those of the report.
    """
    if not any(indicator.formula for indicator in indicators):
        return
    present = {value.indicator_id: value for value in row.values.all()}
    typed = {pk: value.actual for pk, value in present.items()}
    for pk, result in calculate(indicators, typed).items():
        value = present.get(pk)
        if value is None and result is not None:
            IndicatorValue.objects.create(report=row, indicator_id=pk, actual=result)
        elif value is not None and value.actual != result:
            value.actual = result
            value.save(update_fields=["actual"])
    row._prefetched_objects_cache = {}


def _told(value: IndicatorValue) -> tuple:
    return value.actual, value.note, value.parts


def _parts(indicator: Indicator, given: Any, errors: Errors) -> dict[str, str | None]:
    """The numbers of the parts as they are kept; {} where none is known."""
    if not isinstance(given, Mapping) or (strange := sorted(set(given) - set(indicator.parts))):
        names = "、".join(strange) if isinstance(given, Mapping) else str(given)
        errors[f"indicator_{indicator.pk}_actual"] = [
            _("「%(name)s」不是這個指標的分項。") % {"name": names}
        ]
        return {}
    field = IndicatorValue._meta.get_field("actual")
    found: dict[str, str | None] = {}
    for place, name in enumerate(indicator.parts):
        raw = given.get(name)
        raw = raw.strip() if isinstance(raw, str) else raw
        try:
            number = field.clean(None if raw == "" else raw, None)
        except ValidationError as error:
            errors[f"indicator_{indicator.pk}_part_{place}"] = list(error.messages)
            continue
        if number is not None and not _counts(indicator, number):
            errors[f"indicator_{indicator.pk}_part_{place}"] = [_("件數是0或正整數。")]
        found[name] = None if number is None else f"{Decimal(number).normalize():f}"
    return found if any(found.values()) else {}


def _counts(indicator: Indicator, number: Decimal) -> bool:
    return indicator.kind != IndicatorKind.COUNT or (number >= 0 and number == int(number))


def _check_kind(indicator: Indicator, value: IndicatorValue, errors: Errors) -> None:
    actual, key = value.actual, f"indicator_{indicator.pk}_actual"
    if actual is None or key in errors or indicator.formula:
        return
    if indicator.kind == IndicatorKind.YES_NO and actual not in (0, 1):
        errors[key] = [_("是填1，否填0。")]
    elif not _counts(indicator, actual):
        errors[key] = [_("件數是0或正整數。")]
