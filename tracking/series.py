"""One indicator through the years as one report shows it: derived figures, and what a correction of
this year does to later ones. Nothing here is stored; see `plan.attainment`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.forms import format_number
from plan.attainment import Effect, Target, ToDate, effects, to_date
from plan.enums import Accumulation, IndicatorKind
from plan.models import Indicator
from tracking.models import ProgressReport

Actuals = Mapping[int, Mapping[int, Decimal | None]]


class Through(NamedTuple):
    """`told` says in a sentence what the years so far make; `changes` what correcting this year
    does to the later ones, one sentence a year.
    """

    told: str
    changes: list[str]


def through(
    report: ProgressReport,
    indicator: Indicator,
    others: Actuals,
    said: Mapping[int, Decimal | None] | None = None,
) -> Through | None:
    """`others` are the actuals of other years by indicator, `said` those of this report before it
    was changed (None: it was never submitted). None where no other year says anything.
    """
    known = dict(others.get(indicator.pk, {}))
    if not known:
        return None
    year = report.reporting_year.year
    now = next(
        (row.actual for row in report.values.all() if row.indicator_id == indicator.pk), None
    )
    actuals = {**known, year: now}
    aims = {row.year: Target(row.value, row.low, row.high) for row in indicator.targets.all()}
    rows = to_date(indicator.kind, indicator.accumulation, indicator.direction, actuals, aims)
    row = next(row for row in rows if row.year == year)
    found: list[Effect] = []
    if said is not None and indicator.pk in said:
        found = effects(indicator.kind, indicator.accumulation, actuals, year, said[indicator.pk])
    return Through(
        _told(indicator, rows[0].year, row), [effect_text(indicator, one) for one in found]
    )


def _told(indicator: Indicator, first: int, row: ToDate) -> str:
    """What the years up to this one make; "" where it can't be said."""
    if indicator.accumulation == Accumulation.CUMULATIVE:
        if row.increase is None:
            return ""
        if row.increase < 0:
            return _("比前一次的累計值少%(n)s，請再看一次") % {"n": format_number(-row.increase)}
        return _("比前一次的累計值增加%(n)s") % {"n": format_number(row.increase)}
    if row.total is None or first == row.year:
        return ""
    values = {"first": first, "last": row.year, "n": format_number(_short(row.total))}
    if indicator.kind in (IndicatorKind.RATIO, IndicatorKind.YES_NO):
        text = _("%(first)d–%(last)d年平均%(n)s") % values
    else:
        text = _("%(first)d–%(last)d年合計%(n)s") % values
    if row.attainment is not None:
        rate = format_number(row.attainment.quantize(Decimal("0.1")))
        text = _("%(text)s，達成%(rate)s%%") % {"text": text, "rate": rate}
    return text


def effect_text(indicator: Indicator, effect: Effect) -> str:
    """One later year that follows from a correction, as a sentence."""
    values = {
        "year": effect.year,
        "before": _number(effect.before),
        "after": _number(effect.after),
    }
    if indicator.accumulation != Accumulation.CUMULATIVE:
        if indicator.kind in (IndicatorKind.RATIO, IndicatorKind.YES_NO):
            return _("到%(year)d年的平均由%(before)s變為%(after)s。") % values
        return _("到%(year)d年的合計由%(before)s變為%(after)s。") % values
    text = ""
    if effect.before != effect.after:
        text = _("%(year)d年當年增加的由%(before)s變為%(after)s。") % values
    if effect.proposed is not None:
        text += _("%(year)d年填的累計值若是接著這一年加的，應是%(n)s；要由那一年的報告更正。") % {
            "year": effect.year,
            "n": format_number(effect.proposed),
        }
    if effect.falls:
        text += _("%(year)d年的累計值現在低於這一年。") % {"year": effect.year}
    return text


def _short(value: Decimal) -> Decimal:
    """A mean without an endless fraction."""
    return value if value == value.to_integral_value() else value.quantize(Decimal("0.01"))


def _number(value: Decimal | None) -> str:
    return _("不明") if value is None else format_number(_short(value))
