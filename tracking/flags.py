"""What a machine notices in a report: hints for the reviewer, who decides. Pure, no ORM.

Every rule is a function of plain rows that yields flags, each with the two numbers or texts that it
rests on and the place where they stand. What counts as nearly the same, off a trend or fitting a
light is a setting (`Limits`); the other rules are so or are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.forms import format_number
from plan.attainment import capped
from tracking.enums import LATE_LIGHTS, Light, Part
from tracking.flag_rows import Flag, Limits, Other, Said, Year
from tracking.likeness import LEAST, bare, crop, nearly_same, repeated

_GOOD = frozenset({Light.ON_TRACK, Light.AHEAD, Light.DONE})

# What is noticed, by the name that a list is filtered by.
RULES = {
    "same": gettext_lazy("與去年相同或幾乎相同"),
    "elsewhere": gettext_lazy("與同部會另一措施相同"),
    "repeated": gettext_lazy("有幾句與去年相同"),
    "trend": gettext_lazy("實績偏離趨勢"),
    "overspent": gettext_lazy("支用多於分配"),
    "light": gettext_lazy("燈號比指標好"),
    "completion": gettext_lazy("完成度不合理"),
    "better": gettext_lazy("燈號由落後轉好"),
    "missing": gettext_lazy("缺實績、經費或佐證"),
    "zero": gettext_lazy("連續兩年為0"),
    "target": gettext_lazy("本年目標改過"),
    "nothing": gettext_lazy("今年改填無事項"),
    "late": gettext_lazy("逾期送出"),
}


# Texts that a ministry writes anew each year, and the part in which each stands.
TEXTS = {
    "work_done": Part.PROGRESS,
    "benefit": Part.PROGRESS,
    "obstacle": Part.LATENESS,
    "response": Part.LATENESS,
    "next_steps": Part.NEXT_YEAR,
}


def flags(
    this: Year, last: Year | None = None, others: Iterable[Other] = (), limits: Limits | None = None
) -> list[Flag]:
    """What stands out, in the order of the report's parts as a reviewer reads them."""
    limits = limits or Limits()
    found = [
        *late(this),
        *nothing(this, last),
        *completion(this, last),
        *better(this, last),
        *same_as_last(this, last, limits),
        *same_elsewhere(this, others),
        *light_above_indicators(this, limits),
        *missing(this, last),
        *off_trend(this, limits),
        *zero_again(this),
        *targets(this),
        *overspent(this),
    ]
    order = [Part.PROGRESS, Part.INDICATORS, Part.LATENESS, Part.NEXT_YEAR, Part.MONEY]
    order.append(Part.EVIDENCE)
    return sorted(found, key=lambda flag: order.index(flag.part))


# --- state ----------------------------------------------------------------------------------------
def late(this: Year) -> Iterator[Flag]:
    """Filed after the due date."""
    if this.late:
        basis = (Said(_("期限"), this.due_on), Said(_("送出"), this.filed_on))
        yield Flag("late", Part.PROGRESS, _("逾期送出"), basis, "state")


def nothing(this: Year, last: Year | None) -> Iterator[Flag]:
    """Nothing to report this year, though there was something last year."""
    if this.nothing_to_report and last and not last.nothing_to_report:
        was = Said(last.label, crop(last.texts.get("work_done", "")) or _("有執行情形"))
        basis = (was, Said(this.label, _("無事項")))
        yield Flag("nothing", Part.PROGRESS, _("去年有執行情形，今年填無事項"), basis, "state")


def completion(this: Year, last: Year | None) -> Iterator[Flag]:
    """Completion that fell, that stands still under a good light, or done below 100 %."""
    if this.nothing_to_report or this.completion is None:
        return
    now = Said(this.label, f"{this.completion}%")
    if last and last.completion is not None:
        basis = (Said(last.label, f"{last.completion}%"), now)
        if this.completion < last.completion:
            values = {"last": last.completion, "this": this.completion}
            text = _("累計完成度由%(last)d%%降為%(this)d%%") % values
            yield Flag("completion", Part.PROGRESS, text, basis, "state")
        elif this.completion == last.completion < 100 and this.light in _GOOD:
            text = _("完成度停在%(this)d%%，燈號卻不是落後") % {"this": this.completion}
            yield Flag("completion", Part.PROGRESS, text, basis, "state")
    if this.light == Light.DONE and this.completion != 100:
        basis = (Said(_("燈號"), word(this.light)), Said(_("完成度"), now.text))
        text = _("燈號是已完成，完成度不到100%")
        yield Flag("completion", Part.PROGRESS, text, basis, "state")


def better(this: Year, last: Year | None) -> Iterator[Flag]:
    """Late last year, good this year: the text should say how."""
    if last and last.light in LATE_LIGHTS and this.light in _GOOD and not this.nothing_to_report:
        basis = (Said(last.label, word(last.light)), Said(this.label, word(this.light)))
        text = _("燈號由去年的落後轉好，看執行情形有沒有說明")
        yield Flag("better", Part.PROGRESS, text, basis, "state")


# --- texts ----------------------------------------------------------------------------------------
def same_as_last(this: Year, last: Year | None, limits: Limits) -> Iterator[Flag]:
    """A text that is last year's, word for word, nearly, or in whole sentences."""
    for name, part in TEXTS.items() if last else ():
        new, old = this.texts.get(name, ""), last.texts.get(name, "")
        if not bare(new) or not bare(old):
            continue
        basis = (Said(last.label, crop(old)), Said(this.label, crop(new)))
        if bare(new) == bare(old):
            yield Flag("same", part, _("與去年一字未改"), basis, name)
        elif (share := nearly_same(new, old, limits.same)) is not None:
            text = _("與去年有%(share)d%%相同") % {"share": int(share)}
            yield Flag("same", part, text, basis, name)
        elif copied := repeated(new, old):
            text = _("有%(n)d句與去年一字未改") % {"n": len(copied)}
            both = crop(copied[0])
            basis = (Said(last.label, both), Said(this.label, both))
            yield Flag("repeated", part, text, basis, name)


def same_elsewhere(this: Year, others: Iterable[Other]) -> Iterator[Flag]:
    """A text that the ministry also filed, word for word, for another measure this year."""
    filed: dict[str, Other] = {}
    for other in others:
        if len(bare(other.text)) >= LEAST:
            filed.setdefault(bare(other.text), other)
    for name, part in TEXTS.items():
        text = this.texts.get(name, "")
        if found := filed.get(bare(text)):
            basis = (
                Said(found.code, crop(found.text)),
                Said(this.label, crop(text)),
            )
            words = _("與%(code)s的報告一字不差") % {"code": found.code}
            yield Flag("elsewhere", part, words, basis, name, found.report, found.code)


# --- figures --------------------------------------------------------------------------------------
def light_above_indicators(this: Year, limits: Limits) -> Iterator[Flag]:
    """Indicators that on average reach less than the light stands for; each counts at most 100."""
    known = [capped(row.attainment) for row in this.measured if row.attainment is not None]
    least = limits.bands.get(this.light)
    if not known or least is None:
        return
    mean = sum(known, Decimal(0)) / len(known)
    if mean < least:
        said = {"light": word(this.light), "least": least}
        basis = (
            Said(_("燈號"), _("%(light)s（%(least)d%%以上）") % said),
            Said(_("指標平均達成率"), f"{format_number(mean.quantize(Decimal('0.1')))}%"),
        )
        short = min(
            (row for row in this.measured if row.attainment is not None),
            key=lambda row: row.attainment,
        )
        text = _("燈號「%(light)s」比指標好") % said
        yield Flag("light", Part.INDICATORS, text, basis, short.place)


def off_trend(this: Year, limits: Limits) -> Iterator[Flag]:
    """An actual away from the straight line of the earlier years, or of the other sign than last
    year's. A line takes two earlier years.
    """
    for row in this.measured:
        if row.actual is None or not row.history:
            continue
        year, before = max(row.history)
        last = Said(_("%(year)s年") % {"year": year}, format_number(before))
        now = Said(this.label, format_number(row.actual))
        if row.actual * before < 0:
            text = _("「%(name)s」由正轉負，或由負轉正") % {"name": row.name}
            yield Flag("trend", Part.INDICATORS, text, (last, now), row.place)
            continue
        expected = line_at(row.history, this.year)
        if expected is None:
            continue
        if abs(row.actual - expected) * 100 > limits.trend * abs(expected):
            line = Said(_("依前幾年的直線"), format_number(expected.quantize(Decimal("0.1"))))
            text = _("「%(name)s」偏離前幾年的趨勢") % {"name": row.name}
            yield Flag("trend", Part.INDICATORS, text, (line, now), row.place)


def line_at(points: Sequence[tuple[int, Decimal]], year: int) -> Decimal | None:
    """Where the straight line of least squares through (year, value) stands in `year`; None for
    fewer than two years.
    """
    if len({at for at, _value in points}) < 2:
        return None
    n = len(points)
    mid = Decimal(sum(at for at, _value in points)) / n
    mean = sum((value for _at, value in points), Decimal(0)) / n
    spread = sum((at - mid) ** 2 for at, _value in points)
    slope = sum((at - mid) * (value - mean) for at, value in points) / spread
    return mean + slope * (year - mid)


def zero_again(this: Year) -> Iterator[Flag]:
    """Nothing was reached two years running."""
    for row in this.measured:
        before = dict(row.history).get(this.year - 1)
        if row.actual == 0 and before == 0:
            last = Said(_("%(year)s年") % {"year": this.year - 1}, "0")
            text = _("「%(name)s」連續兩年為0") % {"name": row.name}
            yield Flag("zero", Part.INDICATORS, text, (last, Said(this.label, "0")), row.place)


def targets(this: Year) -> Iterator[Flag]:
    """This year's target was changed after it was approved."""
    for row in this.measured:
        if row.target_was:
            basis = (Said(_("原目標"), row.target_was), Said(_("新目標"), row.target_is))
            text = _("「%(name)s」的本年目標改過") % {"name": row.name}
            yield Flag("target", Part.INDICATORS, text, basis, row.place)


def overspent(this: Year) -> Iterator[Flag]:
    """Money spent above its allocation, source by source."""
    for row in this.money:
        if row.spent is not None and row.spent > row.allocated:
            basis = (
                Said(_("分配"), _("%(n)s千元") % {"n": f"{row.allocated:,}"}),
                Said(_("支用"), _("%(n)s千元") % {"n": f"{row.spent:,}"}),
            )
            values = {"source": row.source, "more": f"{row.spent - row.allocated:,}"}
            text = _("「%(source)s」支用比分配多%(more)s千元") % values
            yield Flag("overspent", Part.MONEY, text, basis, row.place)


def missing(this: Year, last: Year | None) -> Iterator[Flag]:
    """What a report should hold and doesn't."""
    for row in this.measured:
        if row.actual is None:
            before = dict(row.history).get(this.year - 1)
            basis = _counted(last, this, "—" if before is None else format_number(before), "—")
            text = _("「%(name)s」沒有實績") % {"name": row.name}
            yield Flag("missing", Part.INDICATORS, text, basis, row.place)
    if this.nothing_to_report:
        return
    if not this.money:
        basis = _counted(last, this, _rows(len(last.money) if last else 0), _rows(0))
        yield Flag("missing", Part.MONEY, _("沒有填經費"), basis)
    if not this.evidence:
        basis = _counted(last, this, _rows(last.evidence if last else 0), _rows(0))
        yield Flag("missing", Part.EVIDENCE, _("沒有佐證資料"), basis)


# --- words ----------------------------------------------------------------------------------------
def _counted(last: Year | None, this: Year, was: str, now: str) -> tuple[Said, ...]:
    before = (Said(last.label, was),) if last else ()
    return (*before, Said(this.label, now))


def _rows(count: int) -> str:
    return _("%(n)d筆") % {"n": count}


def word(light: str) -> str:
    return str(Light(light).label)
