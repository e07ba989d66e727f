"""Writing the parts of one report: fields and money (actuals: `indicator_values`). Called by
`save_draft` under its lock.

Each function compares what was given with what is there. Differences go to `before` and `after`
(for the audit log), what can't be taken to `errors` (keys as in `tracking.parts.part_of`). Child
rows are written by the function that is handed back, once nothing at all was refused.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from tracking.actions.cleaning import Errors, cleaned, closed
from tracking.enums import Part
from tracking.models import MoneyLine, ProgressReport
from tracking.parts import WRITABLE_FIELDS, part_of

MOST_MONEY_LINES = 50
_MONEY_COLUMNS = ("source", "allocated_thousand", "spent_thousand", "note")


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
        value = cleaned(ProgressReport, name, given, errors, name)
        if name in errors:
            continue
        if name == "completion" and value is not None and value > 100:
            errors[name] = [_("完成度是0到100的整數。")]
        elif value != (was := getattr(row, name)):
            if part_of(name) not in open_parts:
                errors[name] = [closed(part_of(name))]
                continue
            setattr(row, name, value)
            before[name], after[name] = was, value


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
            line[column] = cleaned(MoneyLine, column, given.get(column), errors, key)
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
        errors["money"] = [closed(Part.MONEY)]
    before["money"], after["money"] = present, lines

    def keep() -> None:
        row.money_lines.all().delete()
        MoneyLine.objects.bulk_create(
            MoneyLine(report=row, ordinal=ordinal, **line)
            for ordinal, line in enumerate(lines, start=1)
        )

    return keep
