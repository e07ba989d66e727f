"""A report's indicators with the other years: what they make together, and what was corrected."""

from collections.abc import Sequence

from plan.attainment import effects
from plan.models import Indicator
from tracking.models import ProgressReport
from tracking.queries.indicators import Corrected, corrections, yearly_actuals
from tracking.series import effect_text, through
from tracking.views.sections import number_text


def indicator_story(
    report: ProgressReport, indicators: Sequence[Indicator], user, *, history: bool
) -> dict:
    """Context of `_indicator_story.html`: `told` [(indicator, sentence)], and where the person may
    see the report's history `corrected`, actuals of this year and of earlier ones that were
    submitted anew with another number. At most three queries.
    """
    if not indicators:
        return {}
    others = yearly_actuals(report, indicators, user)
    told = [
        (indicator, found.told)
        for indicator in indicators
        if (found := through(report, indicator, others)) and found.told
    ]
    rows = corrections(report, indicators) if history else []
    own = {row.indicator_id: row.actual for row in report.values.all()}
    year = report.reporting_year.year
    return {
        "told": told,
        "corrected": [
            {
                "row": row,
                "before": number_text(row.indicator, row.before),
                "after": number_text(row.indicator, row.after),
                "follows": _follows(
                    row, year, {**others.get(row.indicator.pk, {}), year: own.get(row.indicator.pk)}
                ),
            }
            for row in rows
        ],
    }


def _follows(row: Corrected, year: int, actuals: dict) -> str:
    """What the correction of an earlier year changed in this one."""
    found = effects(
        row.indicator.kind,
        row.indicator.accumulation,
        {**actuals, row.year: row.after},
        row.year,
        row.before,
    )
    return "".join(effect_text(row.indicator, one) for one in found if one.year == year)
