"""Saved scenarios side by side: what each assumes, and what follows from it."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.roc import gregorian_year
from plan import money
from plan.budget_path import Path
from plan.models import Scenario
from reports.figures.budget import Drawn, path_figure, target_words
from reports.forms.budget import vintage_words
from reports.pages.budget import Budget
from reports.pages.budget_words import (
    amount,
    growth_words,
    listed,
    reached_words,
    share_words,
    way_words,
)

MOST = 4


def _origin(side: "Side") -> str:
    return dict(side.page.form.fields["origin"].choices)[side.page.form.data["origin"]]


def _gdp(side: "Side") -> str:
    growth = listed(side.page.form.cleaned_data["gdp_growth"])
    return _("%(vintage)s，每年成長%(growth)s%%") % {
        "vintage": vintage_words(side.page.gdp_line),
        "growth": growth,
    }


class Side(NamedTuple):
    """One column; `path` is None where the figures that it rests on are gone."""

    saved: Scenario
    page: Budget
    path: Path | None


class Comparison:
    """The first `MOST` of the scenarios, each on its own basis and vintage."""

    def __init__(self, saved: Sequence[Scenario]) -> None:
        self.saved = list(saved[:MOST])
        self.left_out = len(saved) - len(self.saved)

    @cached_property
    def sides(self) -> list[Side]:
        found, lines = [], {}
        for row in self.saved:
            if row.plan_id not in lines:
                lines[row.plan_id] = money.read(row.plan)
            page = Budget(row.plan, row.parameters, lines[row.plan_id])
            found.append(Side(row, page, page.path if page.ready else None))
        return found

    @property
    def worked_out(self) -> list[Side]:
        return [side for side in self.sides if side.path is not None]

    @property
    def years(self) -> list[tuple[int, list]]:
        """ROC year and each side's year, None where it has none."""
        every = [{one.year: one for one in side.path.years} for side in self.worked_out]
        span = sorted({year for one in every for year in one})
        return [(year, [one.get(year) for one in every]) for year in span]

    @property
    def year_cells(self) -> list[tuple[int, list[tuple[str, str]]]]:
        """ROC year and, for each side, its share and what lacks."""
        targets = [side.path.scenario.target for side in self.worked_out]
        return [
            (
                year,
                [
                    (share_words(one.ratio, target), amount(one.gap)) if one else ("—", "—")
                    for one, target in zip(ends, targets, strict=True)
                ],
            )
            for year, ends in self.years
        ]

    @property
    def facts(self) -> list[tuple[str, list[str]]]:
        """What each assumes and what it needs: a label, and a cell for each side."""
        sides = self.worked_out
        ends = [side.path.at_target for side in sides]
        growth = [side.path.required_growth for side in sides]
        notes = [side.saved.note for side in sides]
        return [
            (_("起點"), [_origin(side) for side in sides]),
            (_("GDP"), [_gdp(side) for side in sides]),
            (_("預算"), [way_words(side.page) for side in sides]),
            (_("目標"), [
                f"{one.year}{_('年')} {target_words(side.path.scenario.target)}%"
                for one, side in zip(ends, sides, strict=True)
            ]),
            (_("目標年占比"), [
                "—"
                if one.ratio is None
                else f"{share_words(one.ratio, side.path.scenario.target)}%"
                for one, side in zip(ends, sides, strict=True)
            ]),
            (_("達標需要（億元）"), [amount(one.needed) for one in ends]),
            (_("還差（億元）"), [amount(one.gap) for one in ends]),
            (_("每年須增"), ["—" if one is None else f"{growth_words(one)}%" for one in growth]),
            (_("達到目標"), [reached_words(side.page) for side in sides]),
            *([(_("說明"), notes)] if any(notes) else []),
        ]  # fmt: skip

    def finding(self) -> str:
        """How many of them reach their target in its year."""
        ends = [(side.path.at_target.ratio, side.path.scenario.target) for side in self.worked_out]
        reached = sum(1 for share, target in ends if share is not None and share >= target)
        values = {"n": len(ends), "reached": reached}
        return _("%(n)s個情境裡，%(reached)s個在目標年達到目標占比") % values

    def figure(self) -> dict:
        """One line a scenario, and the first one's target."""
        lines = [
            Drawn(
                _("情境%(n)s") % {"n": place + 1}, {one.year: one.ratio for one in side.path.years},
                  kind="scenario" if place else "later")
            for place, side in enumerate(self.worked_out)
        ]  # fmt: skip
        if not lines:
            return {"data": [], "layout": {}}
        return path_figure(lines, None, self.worked_out[0].path.scenario.target, None)

    def table(self) -> tuple[list[str], list[list[object]]]:
        """Header and a row for each scenario and year."""
        return [
            *("scenario", "roc_year", "year", "budget_100_million", "gdp_100_million", "percent"),
            *("lacking_100_million", "lacking_points"),
        ], [
            [
                side.saved.name,
                one.year,
                gregorian_year(one.year),
                *(
                    None if value is None else round(value, 6)
                    for value in (one.budget, one.gdp, one.ratio, one.gap, one.points)
                ),
            ]
            for side in self.worked_out
            for one in side.path.years
        ]
