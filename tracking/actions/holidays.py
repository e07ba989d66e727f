"""Import the government's office calendar of one or more years, after a look at what it changes."""

from calendar import isleap
from collections import Counter
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit, rules
from ministries.models import User
from tracking.models import Holiday
from tracking.reminders.working_days import differing, read, shipped

# The government publishes the file in either.
ENCODINGS = ("utf-8-sig", "cp950")


class Change(NamedTuple):
    """One day that is told otherwise from now on; None: as the week says."""

    day: date
    before: str | None
    after: str | None


def preview(content: bytes) -> list[Change]:
    """What importing the file would change, by day. Raises Invalid as the import does."""
    years, found = _read(content)
    before = _known(years)
    after = {day: _word(off, name) for day, (off, name) in found.items()}
    return [
        Change(day, before.get(day), after.get(day))
        for day in sorted(before.keys() | after.keys())
        if before.get(day) != after.get(day)
    ]


@transaction.atomic
def import_calendar(content: bytes, *, name: str, by: User) -> int:
    """Replace the years that the file holds; how many days changed. Administrators only.

    Raises NotAllowed; Invalid for a file that is not the official list or holds half a year.
    """
    rules.may_administer(by).enforce()
    changed = len(preview(content))
    years, found = _read(content)
    Holiday.objects.filter(day__year__in=years).delete()
    Holiday.objects.bulk_create(
        Holiday(day=day, name=told[:80], off=off) for day, (off, told) in sorted(found.items())
    )
    after = {"file": name, "years": sorted(map(str, years)), "days": len(found)}
    audit.record("holiday.import", "tracking.holiday", by=by, after=after)
    return changed


def _read(content: bytes) -> tuple[set[int], dict[date, tuple[bool, str]]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid({"file": [_("檔案不是UTF-8或Big5的文字檔。")]})
    try:
        days = read(text.splitlines())
    except ValueError as error:
        if error.args == (0,):
            sentence = _("這不是官方的辦公日曆表：找不到「西元日期」與「是否放假」兩欄。")
        else:
            sentence = _("第%(line)d行讀不懂。") % {"line": error.args[0]}
        raise Invalid({"file": [sentence]}) from error
    for year, count in sorted(Counter(day.year for day in days).items()):
        if count != 365 + isleap(year):
            values = {"year": year - 1911, "n": count}
            raise Invalid({"file": [_("%(year)d年只有%(n)d天，要有整年。") % values]})
    if not days:
        raise Invalid({"file": [_("檔案裡沒有日期。")]})
    return {day.year for day in days}, differing(days)


def _known(years: set[int]) -> dict[date, str]:
    """What is said now of the days of these years that differ from the week."""
    rows = list(Holiday.objects.filter(day__year__in=years))
    imported = {row.day.year for row in rows}
    known = {row.day: _word(row.off, row.name) for row in rows}
    for day, off in shipped()[0].items():
        if day.year in years - imported:
            known[day] = _word(off, "")
    return known


def _word(off: bool, name: str) -> str:
    word = _("放假") if off else _("上班")
    return f"{word} {name}".strip()
