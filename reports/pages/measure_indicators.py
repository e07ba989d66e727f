"""Approved indicators on a measure's page: targets and accepted actuals through the years, with
their parts and what follows from them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from config.kit.forms import format_number
from config.kit.prepared import prepared
from config.kit.templatetags.kit import nbsp_unit, percent, thousands
from plan.attainment import attainment
from plan.enums import IndicatorKind, IndicatorState
from plan.models import Indicator, TargetChange
from reports.figures.indicator import Point
from tracking.enums import Status
from tracking.models import IndicatorValue, ProgressReport

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser


class Change(NamedTuple):
    """A target changed after approval; `before` and `after` as a reader writes them."""

    row: TargetChange
    before: str
    after: str


class PartOfIndicator(NamedTuple):
    """One part of a dimension through the years; None is unknown."""

    name: str
    actuals: list[Decimal | None]

    @property
    def texts(self) -> list[str]:
        return [thousands(number) for number in self.actuals]


class IndicatorRow(NamedTuple):
    """An approved indicator with a point and an attainment in per cent for every plan year."""

    indicator: Indicator
    points: list[Point]
    rates: list[Decimal | None]
    changes: list["Change"]
    parts: list["PartOfIndicator"] = []

    @property
    def targets(self) -> list[str]:
        """The targets of the points as they are printed."""
        return [
            amount(self.indicator, point.target)
            if point.low is None
            else f"{thousands(point.low)}–{thousands(point.high)}"
            for point in self.points
        ]

    @property
    def actuals(self) -> list[str]:
        """The actuals of the points as they are printed."""
        return [amount(self.indicator, point.actual) for point in self.points]

    def by_part(self, place: int) -> str:
        """The parts of the n-th point as text, 女12；男8; "" where none is known."""
        known = [(part.name, part.actuals[place]) for part in self.parts]
        return "；".join(f"{name}{format_number(n)}" for name, n in known if n is not None)

    @property
    def baseline(self) -> str:
        """The number that it started from as it is printed; "" where there is none."""
        known = self.indicator.baseline is not None
        return amount(self.indicator, self.indicator.baseline) if known else ""

    @property
    def finding(self) -> str:
        """What the numbers say, as the chart's title."""
        name, unit = self.indicator.name, self.indicator.unit
        known = [
            (point, rate)
            for point, rate in zip(self.points, self.rates, strict=True)
            if point.actual is not None
        ]
        if not known:
            return _("%(name)s：還沒有已接受的實績") % {"name": name}
        last, rate = known[-1]
        values = {
            "name": name,
            "year": last.year,
            "actual": amount(self.indicator, last.actual)
            if self.indicator.kind == IndicatorKind.YES_NO
            else nbsp_unit(thousands(last.actual), unit),
            "rate": percent(rate),
        }
        if rate is None:
            return _("%(name)s：%(year)s年實績%(actual)s，沒有可以相比的目標") % values
        if rate >= 100:
            return _("%(name)s：%(year)s年實績%(actual)s，達到目標") % values
        return _("%(name)s：%(year)s年實績%(actual)s，是目標的%(rate)s") % values


def amount(indicator: Indicator, value: Decimal | None) -> str:
    """A number of the indicator as it is printed: yes or no where that is what it counts."""
    if indicator.kind == IndicatorKind.YES_NO and value is not None:
        return _("是") if value else _("否")
    return thousands(value)


@prepared
def _approved(lineages: tuple[UUID, ...]) -> QuerySet[Indicator]:
    found = Indicator.objects.filter(measure__lineage__in=lineages, state=IndicatorState.APPROVED)
    return found.select_related("ministry").order_by("ministry__code", "ordinal")


def indicator_rows(
    lineages: Sequence[UUID], years: Iterable[int], user: "Person"
) -> list[IndicatorRow]:
    """Approved indicators with targets and accepted actuals that `user` may see. Four queries.

    `lineages` here and below are the measure's own and those of what became it.
    """
    indicators = _approved(tuple(lineages))
    if not indicators:
        return []
    prefetch_related_objects(indicators, "targets", "target_changes__by")
    actuals = {
        (indicator_id, year): (actual, parts)
        for indicator_id, year, actual, parts in IndicatorValue.objects.filter(
            indicator__in=indicators,
            report__in=ProgressReport.objects.visible_to(user).filter(status=Status.ACCEPTED),
        ).values_list("indicator_id", "report__reporting_year__year", "actual", "parts")
    }
    return [_indicator_row(indicator, list(years), actuals) for indicator in indicators]


_NOTHING: tuple[None, dict] = (None, {})


def _indicator_row(
    indicator: Indicator, years: list[int], actuals: dict[tuple[int, int], tuple]
) -> IndicatorRow:
    targets = {target.year: target for target in indicator.targets.all()}
    points = []
    for year in years:
        target = targets.get(year)
        points.append(
            Point(
                year,
                target.value if target else None,
                target.low if target else None,
                target.high if target else None,
                actuals.get((indicator.pk, year), _NOTHING)[0],
            )
        )
    rates = [
        attainment(indicator.direction, point.actual, point.target, point.low, point.high)
        for point in points
    ]
    changes = [
        Change(row, _target_text(indicator, row.before), _target_text(indicator, row.after))
        for row in indicator.target_changes.all()
    ]
    given = [actuals.get((indicator.pk, year), _NOTHING)[1] for year in years]
    parts = [
        PartOfIndicator(
            name, [None if one.get(name) is None else Decimal(one[name]) for one in given]
        )
        for name in indicator.parts
    ]
    return IndicatorRow(indicator, points, rates, changes, parts)


def _target_text(indicator: Indicator, target: dict[str, str | None]) -> str:
    """`{"value", "low", "high"}` of a target as one number, a range, or a dash."""
    low, high, value = (
        None if target.get(key) is None else Decimal(target[key])
        for key in ("low", "high", "value")
    )
    if low is not None:
        return f"{thousands(low)}–{thousands(high)}"
    return "—" if value is None else amount(indicator, value)
