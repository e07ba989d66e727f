"""What the overview tells: the finding, four goals, what got worse, who filed, why, the money.

Everything is computed from few narrow reads, for one person and one year; nothing is stored. The
counts and the rows behind them come from the same lists, so that they can't disagree.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.prepared import prepared
from plan.models import Measure, PrintedFigure
from plan.queries import has_indicator
from reports import budget_path
from reports.pages.attention import Attention
from reports.pages.source import FrozenSource, Source
from tracking import lights, standing
from tracking.edition import printed
from tracking.enums import Cause, FilingState, Light
from tracking.lights import NO_LIGHT, MeasureLight
from tracking.standing import Filing

# Lights that always have a column; the others only where a measure bears them.
MAIN_LIGHTS = (
    Light.FAR_BEHIND.value,
    Light.BEHIND.value,
    Light.ON_TRACK.value,
    Light.AHEAD.value,
    Light.DONE.value,
)
WORST_SHOWN = 9


class Row(NamedTuple):
    """One measure with its light of this year and of the last, and whether it has an indicator."""

    code: str
    name: str
    goal: int
    now: MeasureLight
    before: MeasureLight
    lineage: UUID
    indicated: bool


@dataclass
class GoalLine:
    """One goal: its measures, how many bear each light, how many were late last year."""

    ordinal: int
    code: str
    name: str
    rows: list[Row] = field(default_factory=list)

    @cached_property
    def counts(self) -> Counter[str]:
        return lights.count(row.now for row in self.rows)

    @cached_property
    def late(self) -> int:
        return sum(row.now.late for row in self.rows)

    @cached_property
    def late_before(self) -> int:
        return sum(row.before.late for row in self.rows)


class Overview:
    """The numbers of one year for one person, live or of an edition. At most seven queries."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.edition = edition = source.edition
        self.year = edition.year
        self.last = edition.last
        self.user = source.user
        self.today = timezone.localdate()

    @cached_property
    def goals(self) -> list[GoalLine]:
        by_year = self.source.lights(self.edition.shown_years)
        now = by_year.get(self.year.pk, {}) if self.year else {}
        before = by_year.get(self.last.pk, {}) if self.last else {}
        goals: dict[str, GoalLine] = {}
        for lineage, indicated, code, name, name_en, ordinal, of_goal, *named in _rows_of(
            self.source
        ):
            line = goals.get(of_goal)
            if line is None:
                line = goals[of_goal] = GoalLine(ordinal, of_goal, printed(*named))
            measure = standing.lineage_of(lineage)
            line.rows.append(
                Row(
                    code,
                    printed(name, name_en),
                    ordinal,
                    now.get(measure, NO_LIGHT),
                    before.get(measure, NO_LIGHT),
                    measure,
                    bool(indicated),
                )
            )
        return list(goals.values())

    @cached_property
    def rows(self) -> list[Row]:
        return [row for goal in self.goals for row in goal.rows]

    @cached_property
    def counts(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for goal in self.goals:
            total.update(goal.counts)
        return total

    @cached_property
    def late(self) -> int:
        return sum(goal.late for goal in self.goals)

    @cached_property
    def late_before(self) -> int:
        return sum(goal.late_before for goal in self.goals)

    @property
    def known(self) -> bool:
        """Whether any measure has an accepted light of this year."""
        return any(row.now.so_far != lights.UNKNOWN or row.now.set_to for row in self.rows)

    @cached_property
    def comparable(self) -> bool:
        """Whether there is a last year with lights to compare with."""
        return any(row.before.shown in Light.values for row in self.rows)

    @cached_property
    def columns(self) -> list[str]:
        """Lights with a column: the main ones, and whatever else occurs; worst first."""
        return [code for code in lights.SHOWN_ORDER if code in MAIN_LIGHTS or self.counts[code]]

    @cached_property
    def moved(self) -> dict[int | None, list[Row]]:
        """Measures by how their light changed since last year, as `lights.change` counts."""
        found: dict[int | None, list[Row]] = defaultdict(list)
        for row in self.rows:
            found[lights.change(row.before.shown, row.now.shown)].append(row)
        return found

    @cached_property
    def worse(self) -> list[Row]:
        """What is late now or fell by a step, worst light first, then the longest fall."""
        return sorted(
            self.moved[-1],
            key=lambda row: (
                lights.RANK[row.now.shown],
                -lights.RANK[row.before.shown],
            ),
        )

    @property
    def better(self) -> int:
        return len(self.moved[1])

    @cached_property
    def filing(self) -> dict[int, Filing] | dict[str, Filing]:
        """Filing by what `decided_by` names, what needs somebody first, then by size."""
        if self.year is None:
            return {}
        found = self.source.filing(self.year, self.today)
        order = [FilingState.OVERDUE, FilingState.RETURNED]

        def key(item: tuple[int | str, Filing]) -> tuple:
            filing = item[1]
            return (*(-filing.states.get(state, 0) for state in order), -filing.duties, filing.code)

        return dict(sorted(found.items(), key=key))

    @cached_property
    def filing_totals(self) -> Counter[FilingState]:
        """Over all ministries; for people who know their own only, what they know."""
        total: Counter[FilingState] = Counter()
        for filing in self.filing.values():
            for state, number in filing.states.items():
                total[state] += number
        return total

    @property
    def duties(self) -> int:
        return sum(filing.duties for filing in self.filing.values())

    @property
    def accepted(self) -> int:
        totals = self.filing_totals
        return totals[FilingState.ACCEPTED] + totals[FilingState.NOTHING_TO_REPORT]

    @cached_property
    def causes(self) -> list[tuple[str, str, int, int]]:
        """(code, words, this year, last year), most frequent first; "" where none is known."""
        now = lights.causes(row.now for row in self.rows)
        before = lights.causes(row.before for row in self.rows)
        words = {code: str(word) for code, word in Cause.choices} | {"": _("沒有填原因")}
        found = [
            (code, word, now[code], before[code])
            for code, word in words.items()
            if now[code] or before[code]
        ]
        return sorted(found, key=lambda line: (-line[2], -line[3], line[0]))

    @cached_property
    def attention(self) -> Attention:
        return Attention(self)

    @cached_property
    def path(self) -> list[budget_path.PathRow]:
        return budget_path.path_rows(_figures(self.edition.plan.pk))

    # --- words ----------------------------------------------------------------------------------

    def finding(self) -> str:
        """The h1: what a reader should take away, from how many, of which year."""
        measures = len(self.rows)
        if isinstance(self.source, FrozenSource) and self.source.outside is not None:
            values = {"name": self.source.choice.name, "year": self.source.outside}
            return _("%(name)s不含%(year)s年度") % values
        if self.edition.hidden:
            return _("%(year)s年度的執行情形還沒有公布") % {"year": self.edition.hidden}
        if self.year is None:
            return _("%(n)s項措施，還沒有可以看的年度執行情形") % {"n": measures}
        values = {"year": self.year.year, "n": measures, "late": self.late}
        if not self.known:
            return _("%(year)s年度：%(n)s項措施都還沒有已接受的主辦報告") % values
        if not self.comparable:
            return _("%(year)s年度：%(n)s項措施有%(late)s項落後") % values
        more = self.late - self.late_before
        values["more"] = abs(more)
        if more > 0:
            return _("%(year)s年度：%(n)s項措施有%(late)s項落後，比去年多%(more)s項") % values
        if more < 0:
            return _("%(year)s年度：%(n)s項措施有%(late)s項落後，比去年少%(more)s項") % values
        return _("%(year)s年度：%(n)s項措施有%(late)s項落後，和去年一樣多") % values

    def most_late_goal(self) -> GoalLine | None:
        """The goal with most late measures; None when there is none or two have as many."""
        ranked = sorted(self.goals, key=lambda goal: -goal.late)
        if not ranked or not ranked[0].late:
            return None
        if len(ranked) > 1 and ranked[1].late == ranked[0].late:
            return None
        return ranked[0]


def _rows_of(source: Source) -> Iterable[tuple]:
    """Rows of `_measures`; of an edition with the names that were frozen."""
    if not isinstance(source, FrozenSource):
        return _measures(source.edition.version.pk)
    return (
        (
            *(str(measure.lineage), None, measure.code, measure.name, ""),
            *(measure.goal["ordinal"], measure.goal["code"], measure.goal["name"], ""),
        )
        for measure in source.frozen.measures()
    )


@prepared
def _measures(version: int) -> QuerySet:
    """Every measure of a version in the plan's order, with its goal."""
    goal = "strategy__sub_goal__goal__"
    return (
        Measure.objects.filter(version=version)
        .order_by("position")
        .values_list(
            *(standing.LINEAGE, has_indicator(), "code", "name", "name_en"),
            *(f"{goal}ordinal", f"{goal}code", f"{goal}name", f"{goal}name_en"),
        )
    )


@prepared
def _figures(plan: int) -> QuerySet:
    figures = PrintedFigure.objects.filter(
        table__in=[budget_path.TABLE, budget_path.TEXT], plan=plan
    )
    return figures.order_by().values_list("table", "row_ordinal", "year", "value")
