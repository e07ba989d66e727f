"""What a machine notices in a report: hints for the reviewer, who decides. Pure, no ORM.

No thresholds: each rule is a contradiction, a repetition or a gap that is so or is not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from tracking.enums import LATE_LIGHTS, Light, Part

_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
# A sentence shorter than this says too little to be a copy of anything.
_SENTENCE_LEAST = 12
_GOOD = frozenset({Light.ON_TRACK, Light.AHEAD, Light.DONE})


@dataclass(frozen=True, slots=True)
class Flag:
    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator: attainment in per cent, None where unknown; last year's likewise."""

    name: str
    actual: Decimal | None
    attainment: Decimal | float | None
    last_actual: Decimal | None = None
    target_changed: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """One source of money in 千元."""

    source: str
    allocated: int
    spent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of a report as the rules below want it."""

    light: str = ""
    completion: int | None = None
    nothing_to_report: bool = False
    late: bool = False
    work_done: str = ""
    benefit: str = ""
    response: str = ""
    next_steps: str = ""
    measured: tuple[Measured, ...] = ()
    money: tuple[Spent, ...] = ()
    evidence: int = 0


def flags(this: Year, last: Year | None = None) -> list[Flag]:
    """What stands out, in the order of the report's parts."""
    return [*_progress(this, last), *_indicators(this), *_texts(this, last), *_money(this)]


def _progress(this: Year, last: Year | None) -> Iterable[Flag]:
    if this.late:
        yield Flag(Part.PROGRESS, _("逾期送出"))
    if this.nothing_to_report:
        if last and not last.nothing_to_report:
            yield Flag(Part.PROGRESS, _("去年有執行情形，今年填無事項"))
        return
    if last and None not in (this.completion, last.completion):
        if this.completion < last.completion:
            yield Flag(
                Part.PROGRESS,
                _("累計完成度由%(last)d%%降為%(this)d%%")
                % {"last": last.completion, "this": this.completion},
            )
        elif this.completion == last.completion < 100 and this.light in _GOOD:
            yield Flag(
                Part.PROGRESS,
                _("完成度停在%(this)d%%，燈號卻不是落後") % {"this": this.completion},
            )
    if last and last.light in LATE_LIGHTS and this.light in _GOOD:
        yield Flag(Part.PROGRESS, _("燈號由去年的落後轉好，看執行情形有沒有說明"))
    if this.light == Light.DONE and this.completion not in (None, 100):
        yield Flag(Part.PROGRESS, _("燈號是已完成，完成度不到100%"))


def _indicators(this: Year) -> Iterable[Flag]:
    short = [
        row.name for row in this.measured if row.attainment is not None and row.attainment < 100
    ]
    if short and this.light in _GOOD:
        yield Flag(
            Part.INDICATORS,
            _("燈號比指標好：%(names)s未達目標") % {"names": "、".join(short)},
        )
    for row in this.measured:
        if row.actual is None:
            yield Flag(Part.INDICATORS, _("「%(name)s」沒有實績") % {"name": row.name})
        elif row.actual == 0 and row.last_actual == 0:
            yield Flag(Part.INDICATORS, _("「%(name)s」連續兩年為0") % {"name": row.name})
        if row.target_changed:
            yield Flag(Part.INDICATORS, _("「%(name)s」的本年目標改過") % {"name": row.name})


def _texts(this: Year, last: Year | None) -> Iterable[Flag]:
    if last is None:
        return
    for part, new, old in (
        (Part.PROGRESS, this.work_done, last.work_done),
        (Part.PROGRESS, this.benefit, last.benefit),
        (Part.LATENESS, this.response, last.response),
        (Part.NEXT_YEAR, this.next_steps, last.next_steps),
    ):
        if new and new == old:
            yield Flag(part, _("與去年一字未改"))
        elif copied := repeated(new, old):
            yield Flag(part, _("有%(n)d句與去年一字未改") % {"n": len(copied)})


def repeated(new: str, old: str) -> list[str]:
    """Sentences of `new` that stand word for word in `old`."""
    before = {text.strip() for text in _SENTENCE.findall(old)}
    sentences = (text.strip() for text in _SENTENCE.findall(new))
    return [text for text in sentences if len(text) >= _SENTENCE_LEAST and text in before]


def _money(this: Year) -> Iterable[Flag]:
    for row in this.money:
        if row.spent is not None and row.spent > row.allocated:
            yield Flag(
                Part.MONEY,
                _("「%(source)s」支用比分配多%(more)s千元")
                % {"source": row.source, "more": f"{row.spent - row.allocated:,}"},
            )
    if not this.nothing_to_report:
        if not this.money:
            yield Flag(Part.MONEY, _("沒有填經費"))
        if not this.evidence:
            yield Flag(Part.EVIDENCE, _("沒有佐證資料"))
