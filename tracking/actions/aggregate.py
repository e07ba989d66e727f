"""Writing the parts of one report: fields, actuals, money. Called by `save_draft` under its lock.

Each function compares what was given with what is there. Differences go to `before` and `after`
(for the audit log), what can't be taken to `errors` (keys as in `tracking.parts.part_of`). Child
rows are written by the function that is handed back, once nothing at all was refused.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from config.kit import roc
from plan.enums import IndicatorKind
from plan.models import Indicator
from tracking.enums import Part
from tracking.models import IndicatorValue, MoneyLine, ProgressReport
from tracking.parts import WRITABLE_FIELDS, indicators_of, part_of

MOST_MONEY_LINES = 50
_MONEY_COLUMNS = ("source", "allocated_thousand", "spent_thousand", "note")

Errors = dict[str, list[str]]


def write_fields(
    row: ProgressReport,
    fields: dict,
    open_parts: frozenset[str],
    before: dict,
    after: dict,
    errors: Errors,
) -> None:
    """Set the given fields on the row, unsaved."""
    for name, given in fields.items():
        if name not in WRITABLE_FIELDS:
            errors[name] = [_("這個欄位不能填寫。")]
            continue
        value = _cleaned(ProgressReport, name, given, errors, name)
        if name in errors:
            continue
        if name == "completion" and value is not None and value > 100:
            errors[name] = [_("完成度是0到100的整數。")]
        elif value != (was := getattr(row, name)):
            if part_of(name) not in open_parts:
                errors[name] = [_closed(part_of(name))]
                continue
            setattr(row, name, value)
            before[name], after[name] = was, value


def write_values(
    row: ProgressReport,
    values: dict[int, dict],
    open_parts: frozenset[str],
    before: dict,
    after: dict,
    errors: Errors,
) -> Callable[[], None]:
    """Actuals by indicator id. An empty actual is unknown and stays so."""
    indicators = {indicator.pk: indicator for indicator in indicators_of(row)} if values else {}
    present = {value.indicator_id: value for value in row.values.all()} if values else {}
    changed: list[IndicatorValue] = []
    for pk, given in values.items():
        if pk not in indicators:
            errors.setdefault("indicators", []).append(
                _("指標%(id)s不是這份報告的指標。") % {"id": pk}
            )
            continue
        value = present.get(pk) or IndicatorValue(report=row, indicator=indicators[pk])
        was = (value.actual, value.note)
        for column in ("actual", "note"):
            if column in given:
                key = f"indicator_{pk}_{column}"
                cleaned = _cleaned(IndicatorValue, column, given[column], errors, key)
                setattr(value, column, cleaned)
        _check_kind(indicators[pk], value, errors)
        if (value.actual, value.note) != was:
            if Part.INDICATORS not in open_parts:
                errors[f"indicator_{pk}_actual"] = [_closed(Part.INDICATORS)]
                continue
            changed.append(value)
            before[f"indicator_{pk}"] = list(was)
            after[f"indicator_{pk}"] = [value.actual, value.note]

    def keep() -> None:
        for value in changed:
            value.save()

    return keep


def write_money(
    row: ProgressReport,
    money: list[dict],
    open_parts: frozenset[str],
    before: dict,
    after: dict,
    errors: Errors,
) -> Callable[[], None] | None:
    """All money lines anew, in 千元; lines without any entry are dropped."""
    lines, sources = [], set()
    for index, given in enumerate(money):
        if all(given.get(column) in (None, "") for column in _MONEY_COLUMNS):
            continue
        line = {}
        for column in _MONEY_COLUMNS:
            key = f"money_{index}_{column}"
            line[column] = _cleaned(MoneyLine, column, given.get(column), errors, key)
        if line["source"] in sources:
            errors[f"money_{index}_source"] = [_("同一個經費來源只填一列。")]
        sources.add(line["source"])
        lines.append(line)
    if len(lines) > MOST_MONEY_LINES:
        errors["money"] = [_("經費最多%(count)d列。") % {"count": MOST_MONEY_LINES}]
    present = [
        {column: getattr(line, column) for column in _MONEY_COLUMNS}
        for line in row.money_lines.all()
    ]
    if lines == present:
        return None
    if Part.MONEY not in open_parts:
        errors["money"] = [_closed(Part.MONEY)]
    before["money"], after["money"] = present, lines

    def keep() -> None:
        row.money_lines.all().delete()
        MoneyLine.objects.bulk_create(
            MoneyLine(report=row, ordinal=ordinal, **line)
            for ordinal, line in enumerate(lines, start=1)
        )

    return keep


def _cleaned(model: type[models.Model], name: str, given: Any, errors: Errors, key: str) -> Any:
    """The value as the model's field wants it; its sentences go to `errors[key]`."""
    field = model._meta.get_field(name)
    if isinstance(given, str):
        # Browsers send CR LF; NUL can't be stored in PostgreSQL.
        given = given.replace("\r\n", "\n").replace("\0", "").strip()
    if given in (None, ""):
        if isinstance(field, models.CharField | models.TextField):
            given = ""
        elif not isinstance(field, models.BooleanField):
            given = None
    try:
        value = field.clean(given, None)
        # A text's own limit is not checked by its model field.
        if isinstance(field, models.TextField) and len(value) > field.max_length:
            raise ValidationError(
                _("最多%(limit)d個字，現在是%(count)d個字。")
                % {"limit": field.max_length, "count": len(value)}
            )
        if isinstance(value, date) and not roc.FIRST_DAY <= value <= roc.LAST_DAY:
            raise ValidationError(_("沒有這一天，請再看一次年、月、日。"))
        return value
    except ValidationError as error:
        errors[key] = list(error.messages)
        return None


def _check_kind(indicator: Indicator, value: IndicatorValue, errors: Errors) -> None:
    actual, key = value.actual, f"indicator_{indicator.pk}_actual"
    if actual is None or key in errors:
        return
    if indicator.kind == IndicatorKind.YES_NO and actual not in (0, 1):
        errors[key] = [_("是填1，否填0。")]
    elif indicator.kind == IndicatorKind.COUNT and (actual < 0 or actual != int(actual)):
        errors[key] = [_("件數是0或正整數。")]


def _closed(part: Part) -> str:
    return _("這次退回的部分不含「%(part)s」，所以不能更動。") % {"part": Part(part).label}
