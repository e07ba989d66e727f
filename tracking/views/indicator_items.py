"""The indicators of the form: boxes beside what is known, and what follows for other years."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.forms.boundfield import BoundField

from plan.models import Indicator
from tracking.forms.report import ReportForm
from tracking.models import ProgressReport
from tracking.queries.indicators import last_said, yearly_actuals
from tracking.series import Through, through
from tracking.views.sections import IndicatorRow, PartRow, indicator_rows


@dataclass(frozen=True)
class PartItem:
    """One part with its box; None where nothing can be typed."""

    row: PartRow
    box: BoundField | None


@dataclass(frozen=True)
class IndicatorItem:
    """One indicator; `through` is None while no other year says anything."""

    row: IndicatorRow
    actual: BoundField | None
    note: BoundField | None
    parts: list[PartItem]
    through: Through | None

    @property
    def boxes(self) -> list[BoundField]:
        found = [self.actual, *(part.box for part in self.parts), self.note]
        return [box for box in found if box is not None]

    @property
    def wrong(self) -> list[BoundField]:
        """Boxes that have errors."""
        return [box for box in self.boxes if box.errors]


def indicator_items(
    form: ReportForm,
    report: ProgressReport,
    indicators: Iterable[Indicator],
    last: ProgressReport | None,
    user,
) -> list[IndicatorItem]:
    """The rows of the form. Two queries where there are indicators, however many."""
    indicators = list(indicators)
    if not indicators:
        return []
    others = yearly_actuals(report, indicators, user)
    said = last_said(report)

    def box(name: str) -> BoundField | None:
        return form[name] if name in form.fields else None

    found = []
    for row in indicator_rows(report, indicators, last):
        prefix = f"indicator_{row.indicator.pk}"
        found.append(
            IndicatorItem(
                row=row,
                actual=box(f"{prefix}_actual"),
                note=box(f"{prefix}_note"),
                parts=[
                    PartItem(part, box(f"{prefix}_part_{place}"))
                    for place, part in enumerate(row.parts)
                ],
                through=through(report, row.indicator, others, said),
            )
        )
    return found
