"""What a review rests on, gathered: the plan's tree, and a line for each duty of each of its years.

Pure reading, in a number of queries that doesn't grow with the reports. Everything is copied as it
stood: a line needs no row to be read again, and nothing in it depends on row ids or on the time of
reading, save that the day decides whether what is missing is overdue.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import override

from ministries.models import Ministry
from ministries.queries import Lineage
from plan.enums import AssignmentRole, IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, Measure, PlanVersion, PrintedFigure
from reports import attainment, budget_path
from reports.canonical import date_text, decimal_text, digest, digest_of_lines
from reports.enums import LineKind
from reports.models import Review
from tracking.enums import Cause, FilingState, Part, Status
from tracking.lights import filing_state
from tracking.models import (
    Evidence,
    IndicatorValue,
    LightOverride,
    MoneyLine,
    ProgressReport,
    ReportingYear,
)
from tracking.parts import FIELDS

# Labels and causes are copied in the language of the documents, whoever compiles.
LANGUAGE = "zh-hant"
NOT_OPENED = "這一年還沒有開放填報。"

_STANDING = (
    "pk", "reporting_year__year", "measure_id", "ministry_id", "ministry_name", "role",
    "coordinating",
)  # fmt: skip
_TEXT = (
    "light", "completion", "completed_on", "nothing_to_report", "nothing_reason", "work_done",
    "benefit", "cause", "sub_cause", "obstacle", "response", "others_must_act", "catch_up_on",
    "next_steps", "filed_at", "late", "accepted_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of one year, as `SnapshotLine` keeps it; `content` by kind:

    report  year, measure {code, name, lineage}, ministry {code, short_name, full_name as filed},
            role, coordinating, light, completion, completed_on, nothing_to_report,
            nothing_reason, work_done, benefit, cause, cause_name, sub_cause, obstacle, response,
            others_must_act, catch_up_on, next_steps, filed_on, late, accepted_on, and lists:
            values {owner, indicator, unit, kind, accumulation, direction, target, low, high,
            actual, note}, money {source, allocated_thousand, spent_thousand, note} (千元),
            evidence {title, url, sha256, size, media_type, public}
    gap     year, measure, ministry, role, coordinating, state (FilingState), reason, and values,
            whose actuals nobody reported; none where the duty is not applicable
    """

    key: str
    kind: str
    year: int
    measure_code: str
    ministry_code: str
    content: dict
    digest: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """The inputs of an edition. `head` is described at `_head`; `digest` covers all of it."""

    head: dict
    rules: dict
    lines: list[Line]
    digest: str


def gather(review: Review, *, today: date | None = None) -> Frozen:
    """All that the review's years hold today. At most twenty queries, whatever the plan's size."""
    gathering = Gathering(review, today=today)
    gathering.read()
    return gathering.frozen()


@dataclass(slots=True)
class _Owned:
    """An indicator with its targets by year: (value, low, high) as text."""

    owner: int
    told: dict
    order: tuple
    targets: dict[int, tuple] = field(default_factory=dict)


class Gathering:
    """`read` asks the database for everything, `frozen` makes the contents of it without asking.

    The two are apart so that the first can stand in a transaction that sees one moment. `today`
    tells what is overdue.
    """

    def __init__(self, review: Review, *, today: date | None = None) -> None:
        self.review, self.plan = review, review.plan
        self.today = today or timezone.localdate()
        self.years = {
            year.year: year
            for year in ReportingYear.objects.filter(
                plan=review.plan, year__gte=review.first_year, year__lte=review.last_year
            )
        }
        self._used: set[int] = set()

    def read(self) -> None:
        """Every part once, in an order that doesn't matter."""
        for part in (
            *("_tree", "_duties", "_texts", "_values", "_money", "_evidence", "_indicators"),
            *("_expected", "_lineage", "_ministries", "_overrides", "_figures"),
        ):
            getattr(self, part)

    def frozen(self) -> Frozen:
        """The contents with their digests, as of the last reading."""
        with override(LANGUAGE):
            lines = [
                _line(LineKind.GAP if "state" in content else LineKind.REPORT, content)
                for content in self._contents()
            ]
            head = self._head()
        rules = self.review.rules
        keys = digest_of_lines((line.key, line.digest) for line in lines)
        whole = digest({"head": head, "rules": rules, "lines": keys})
        return Frozen(head, rules, lines, whole)

    # --- the tree ---------------------------------------------------------------------------------
    @cached_property
    def version(self) -> PlanVersion:
        """The version in force; while there is none, the newest draft (a plan not yet approved)."""
        versions = PlanVersion.objects.filter(plan=self.plan)
        return versions.in_force().first() or versions.order_by("-number").first()

    @cached_property
    def _tree(self) -> "_Tree":
        return _Tree(self.version, {row["measure_id"] for row in self._standings})

    @cached_property
    def _day(self) -> date:
        """The day on which the review looks at duties: the last opening of its years."""
        return max((year.opens_on for year in self.years.values()), default=date.max)

    @cached_property
    def _duties(self) -> list[tuple[int, int, str, int]]:
        """(measure, ministry, role, order) of the version's assignments on that day; of a measure
        that began later, those that last.
        """
        rows = Assignment.objects.filter(measure__version=self.version).order_by(
            "measure__position", "role", "order", "pk"
        )
        then: dict[int, list[tuple]] = defaultdict(list)
        later: dict[int, list[tuple]] = defaultdict(list)
        for *duty, since, until in rows.values_list(
            "measure_id", "ministry_id", "role", "order", "since", "until"
        ):
            later_on = since is not None and since > self._day
            if not later_on and (until is None or until > self._day):
                then[duty[0]].append(tuple(duty))
            if until is None:
                later[duty[0]].append(tuple(duty))
        return [duty for measure in later | then for duty in then.get(measure) or later[measure]]

    # --- rows ------------------------------------------------------------------------------------
    @cached_property
    def _standings(self) -> list[dict]:
        """Every report of the years, without its texts."""
        return list(
            self._reports()
            .order_by()
            .values(*_STANDING, "status", "nothing_to_report", "exempt_reason")
        )

    def _reports(self) -> QuerySet[ProgressReport]:
        return ProgressReport.objects.filter(reporting_year__in=self.years.values())

    @cached_property
    def _accepted(self) -> Q:
        """For rows of accepted reports only; joined, so that no list of ids is sent."""
        ids = [year.pk for year in self.years.values()]
        return Q(report__reporting_year__in=ids, report__status=Status.ACCEPTED)

    @cached_property
    def _texts(self) -> dict[int, tuple]:
        rows = self._reports().filter(status=Status.ACCEPTED).order_by()
        return {row[0]: row[1:] for row in rows.values_list("pk", *_TEXT)}

    @cached_property
    def _values(self) -> dict[int, dict[int, tuple]]:
        """Report → indicator → (actual, note)."""
        found: dict[int, dict[int, tuple]] = defaultdict(dict)
        rows = IndicatorValue.objects.filter(self._accepted).order_by()
        for report, indicator, actual, note in rows.values_list(
            "report_id", "indicator_id", "actual", "note"
        ):
            found[report][indicator] = (decimal_text(actual), note)
        return found

    @cached_property
    def _money(self) -> dict[int, list[dict]]:
        names = ("source", "allocated_thousand", "spent_thousand", "note")
        rows = MoneyLine.objects.filter(self._accepted).order_by("report_id", "ordinal")
        return _by_report(rows, names)

    @cached_property
    def _evidence(self) -> dict[int, list[dict]]:
        names = ("title", "url", "sha256", "size", "media_type", "public")
        rows = Evidence.objects.filter(self._accepted).order_by("report_id")
        found = _by_report(rows, names)
        for told in found.values():
            told.sort(key=lambda one: (one["title"], one["url"], one["sha256"]))
        return found

    @cached_property
    def _indicators(self) -> dict[int, _Owned]:
        """The plan's indicators that are approved or were reported on, by id."""
        reported = {pk for values in self._values.values() for pk in values}
        found = {}
        names = ("unit", "kind", "accumulation", "direction")
        rows = Indicator.objects.filter(measure__version__plan=self.plan).order_by()
        for pk, state, owner, ordinal, name, *rest in rows.values_list(
            "pk", "state", "ministry_id", "ordinal", "name", *names
        ):
            if state == IndicatorState.APPROVED or pk in reported:
                code = self._ministries[owner].code
                told = {"owner": code, "indicator": name, **dict(zip(names, rest, strict=True))}
                found[pk] = _Owned(owner, told, (code, ordinal, name))
        targets = IndicatorTarget.objects.filter(
            indicator__measure__version__plan=self.plan, year__in=self.review.years
        ).order_by()
        for pk, year, *amounts in targets.values_list(
            "indicator_id", "year", "value", "low", "high"
        ):
            if pk in found:
                found[pk].targets[year] = tuple(map(decimal_text, amounts))
        return found

    @cached_property
    def _expected(self) -> dict[tuple[UUID, int, int], list[int]]:
        """(lineage of a measure, year, ministry) → approved indicators with a target that year.

        An indicator belongs to the body that held its owner's duties when the year opened.
        """
        found: dict[tuple[UUID, int, int], list[int]] = defaultdict(list)
        rows = Indicator.objects.filter(
            measure__version__plan=self.plan, state=IndicatorState.APPROVED
        ).order_by()
        for pk, owner, lineage in rows.values_list("pk", "ministry_id", "measure__lineage"):
            for year in self._indicators[pk].targets:
                if year in self.years:
                    holder = self._lineage.holder(owner, self.years[year].opens_on)
                    found[lineage, year, holder].append(pk)
        return found

    @cached_property
    def _lineage(self) -> Lineage:
        return Lineage()

    @cached_property
    def _ministries(self) -> dict[int, Ministry]:
        return Ministry.objects.in_bulk()

    # --- lines ------------------------------------------------------------------------------------
    def _contents(self) -> Iterator[dict]:
        """In the order of years, of the tree, leads before partners, then by ministry."""
        rows: dict[tuple[int, UUID, int], dict] = {}
        for row in self._standings:
            row["measure"] = measure = self._tree.node_of(row["measure_id"])
            key = (row["reporting_year__year"], measure.lineage, row["ministry_id"])
            # A duty may have a report under two versions in the year of a revision.
            if key not in rows or self._counts_more(row, rows[key]):
                rows[key] = row
        opened = {year for year, _lineage, _ministry in rows}
        for year in self.review.years:
            if year not in opened:
                rows |= self._unopened(year)
        for (year, _lineage, ministry), row in sorted(rows.items(), key=self._place):
            yield self._content(year, ministry, row)

    def _counts_more(self, row: dict, other: dict) -> bool:
        def weight(one: dict) -> tuple[bool, int]:
            return one["status"] == Status.ACCEPTED, self._tree.version_of(one["measure_id"])

        return weight(row) > weight(other)

    def _place(self, item: tuple) -> tuple:
        (year, _lineage, ministry), row = item
        return (
            year,
            row["measure"].position,
            row["role"] != AssignmentRole.LEAD,
            not row["coordinating"],
            self._ministries[ministry].code,
        )

    def _unopened(self, year: int) -> dict[tuple[int, UUID, int], dict]:
        """Duties of a year that nobody was asked for yet: gaps too, or a review would look whole.

        Leads come first, so that a body with two duties has its lead's.
        """
        opens_on = self.years[year].opens_on if year in self.years else self._day
        found: dict[tuple[int, UUID, int], dict] = {}
        for measure_id, ministry, role, order in self._duties:
            measure = self._tree.node_of(measure_id)
            holder = self._lineage.holder(ministry, opens_on)
            found.setdefault(
                (year, measure.lineage, holder),
                {
                    "measure": measure,
                    "ministry_name": self._ministries[holder].full_name,
                    "role": role,
                    "coordinating": role == AssignmentRole.LEAD and order == 1,
                    "status": None,
                },
            )
        return found

    def _content(self, year: int, ministry_id: int, row: dict) -> dict:
        self._used.add(ministry_id)
        measure, ministry = row["measure"], self._ministries[ministry_id]
        content = {
            "year": year,
            "measure": {
                "code": measure.code,
                "name": measure.name,
                "lineage": str(measure.lineage),
            },
            "ministry": {
                "code": ministry.code,
                "short_name": ministry.short_name,
                "full_name": row["ministry_name"],
            },
            "role": row["role"],
            "coordinating": row["coordinating"],
        }
        expected = self._expected.get((measure.lineage, year, ministry_id), [])
        if row["status"] == Status.ACCEPTED:
            pk = row["pk"]
            content |= self._told(pk)
            values = self._values.get(pk, {})
            content["values"] = self._value_rows({*values, *expected}, year, values)
            content["money"] = self._money.get(pk, [])
            content["evidence"] = self._evidence.get(pk, [])
            return content
        state, reason = FilingState.NOT_DUE, NOT_OPENED
        if row["status"] is not None:
            state = filing_state(
                row["status"], row["nothing_to_report"], self.years[year].due_on, self.today
            )
            reason = row["exempt_reason"] if state == FilingState.NOT_APPLICABLE else ""
        waits = state != FilingState.NOT_APPLICABLE
        content |= {"state": state.value, "reason": reason}
        content["values"] = self._value_rows(set(expected), year, {}) if waits else []
        return content

    def _told(self, pk: int) -> dict:
        """What an accepted report says, dates as ISO text in Asia/Taipei."""
        told = dict(zip(_TEXT, self._texts[pk], strict=True))
        filed_at, accepted_at = told.pop("filed_at"), told.pop("accepted_at")
        told["filed_on"] = filed_at and date_text(timezone.localdate(filed_at))
        told["accepted_on"] = accepted_at and date_text(timezone.localdate(accepted_at))
        told["completed_on"] = date_text(told["completed_on"])
        told["catch_up_on"] = date_text(told["catch_up_on"])
        told["cause_name"] = str(Cause(told["cause"]).label) if told["cause"] else ""
        return told

    def _value_rows(self, ids: set[int], year: int, values: Mapping[int, tuple]) -> list[dict]:
        rows = []
        for pk in sorted(ids, key=lambda pk: self._indicators[pk].order):
            indicator = self._indicators[pk]
            target, low, high = indicator.targets.get(year, (None, None, None))
            actual, note = values.get(pk, (None, ""))
            amounts = {"target": target, "low": low, "high": high, "actual": actual}
            rows.append({**indicator.told, **amounts, "note": note})
        return rows

    # --- head ------------------------------------------------------------------------------------
    def _head(self) -> dict:
        """What all lines share: plan, version, tree, names of ministries with the bodies that they
        came from, the reviewer's own lights, printed figures, the form's layout, and by which
        `method` (see `reports.attainment`) the standing was computed.
        """
        plan, version = self.plan, self.version
        # Each as it stood when the last year opened.
        leads: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"lead": [], "partner": []})
        for measure_id, ministry, role, _order in self._duties:
            holder = self._lineage.holder(ministry, self._day)
            self._used.add(holder)
            code, held = self._ministries[holder].code, leads[measure_id]
            if code not in held["lead"] and code not in held[role]:
                held[role].append(code)
        for indicator in self._indicators.values():
            self._used.add(indicator.owner)
        return {
            "method": attainment.METHOD,
            "plan": {
                "slug": plan.slug,
                "name": plan.name,
                "first_year": plan.start_year,
                "last_year": plan.end_year,
            },
            "version": {
                "number": version.number,
                "title": version.title,
                "level_names": version.level_names,
            },
            "years": list(self.review.years),
            "ministries": self._bodies(),
            "tree": self._tree.nested(leads),
            "overrides": self._overrides,
            "figures": self._figures,
            "form": _form(),
        }

    def _bodies(self) -> dict[str, dict]:
        line_of = {pk: self._lineage.line(pk, self._day) for pk in sorted(self._used)}
        bodies = self._used.union(*line_of.values())
        return {
            self._ministries[pk].code: {
                "short_name": self._ministries[pk].short_name,
                "full_name": self._ministries[pk].full_name,
                "before": sorted(
                    self._ministries[old].code for old in line_of.get(pk, [pk]) if old != pk
                ),
            }
            for pk in bodies
        }

    @cached_property
    def _overrides(self) -> dict[str, dict]:
        found: dict[str, dict] = {}
        rows = LightOverride.objects.filter(reporting_year__in=self.years.values())
        # The newest version's word last, so that it is the one that stays.
        for year, measure, light, reason in rows.order_by(
            "reporting_year__year", "measure__version__number"
        ).values_list("reporting_year__year", "measure_id", "light", "reason"):
            code = self._tree.node_of(measure).code
            found.setdefault(str(year), {})[code] = {"light": light, "reason": reason}
        return found

    @cached_property
    def _figures(self) -> dict:
        rows = PrintedFigure.objects.filter(
            plan=self.plan, table__in=(budget_path.TABLE, budget_path.TEXT)
        )
        found: dict = {f"table_{budget_path.TABLE}": []}
        for row in budget_path.path_rows(
            list(rows.order_by().values_list("table", "row_ordinal", "year", "value"))
        ):
            if row.basis == "planned":
                found[f"table_{budget_path.TABLE}"].append(
                    {
                        "year": row.year,
                        "budget": decimal_text(row.budget),
                        "gdp": decimal_text(row.gdp),
                        "ratio": decimal_text(row.ratio),
                    }
                )
            else:
                found[f"statutory_{row.year}"] = decimal_text(row.budget)
        return found


# --- the tree -------------------------------------------------------------------------------------
_NODES = (
    "pk", "version_id", "version__number", "lineage", "code", "name", "position",
    *(
        f"{path}__{name}"
        for path in ("strategy", "strategy__sub_goal", "strategy__sub_goal__goal")
        for name in ("lineage", "code", "name", "ordinal")
    ),
    "strategy__cell", "strategy__note", "strategy__sub_goal__implicit",
)  # fmt: skip


@dataclass(slots=True)
class _Node:
    """A measure of the frozen tree. `above` are strategy, sub-goal and goal as (lineage, code,
    name, ordinal); `own` whether it stands in the version itself."""

    lineage: UUID
    code: str
    name: str
    position: int
    above: tuple[tuple, tuple, tuple]
    extra: dict
    own: bool
    pks: list[int]


class _Tree:
    """The measures of a version, and after them those that a revision ended but were reported on.

    They keep their strategy where it lives on, else the one that they had. A code that another
    thing bears by now is told apart by the number of its version: `1.2.3.4@1`.
    """

    def __init__(self, version: PlanVersion, reported: set[int]) -> None:
        self._of: dict[int, _Node] = {}
        self._versions: dict[int, int] = {}
        self.nodes: dict[UUID, _Node] = {}
        rows = list(
            Measure.objects.filter(version__plan=version.plan_id)
            .order_by("position")
            .values_list(*_NODES)
        )
        # The version's own first, then the newest of the others.
        rows.sort(key=lambda row: (row[1] != version.pk, -row[2]))
        taken: dict[tuple[int, str], UUID] = {}
        # Strategy, sub-goal and goal by lineage, each with what is above it, as first met.
        above: dict[UUID, tuple[tuple, ...]] = {}
        for pk, version_id, number, lineage, code, name, position, *rest in rows:
            self._versions[pk] = number
            if lineage in self.nodes:
                self._of[pk] = self.nodes[lineage]
                self.nodes[lineage].pks.append(pk)
                continue
            own = version_id == version.pk
            if not own and pk not in reported:
                continue
            *levels, cell, note, implicit = rest
            higher: tuple[tuple, ...] = ()
            for start in (8, 4, 0):
                upper, upper_code, *named = levels[start : start + 4]
                if upper not in above:
                    free = _free(taken, start, upper, upper_code, number)
                    above[upper] = ((upper, free, *named), *higher)
                higher = above[upper]
            node = _Node(
                lineage,
                _free(taken, -1, lineage, code, number),
                name,
                position if own else 10_000 * number + position,
                higher,
                {"cell": cell, "note": note, "implicit": implicit},
                own,
                [pk],
            )
            self.nodes[lineage] = self._of[pk] = node

    def node_of(self, measure_id: int) -> _Node:
        return self._of[measure_id]

    def version_of(self, measure_id: int) -> int:
        return self._versions[measure_id]

    def nested(self, duties: Mapping[int, Mapping[str, list[str]]]) -> list[dict]:
        """Goals with everything beneath them, in the plan's order."""
        goals: dict[UUID, dict] = {}
        branches: dict[UUID, dict] = {}
        for node in sorted(self.nodes.values(), key=lambda node: node.position):
            strategy, sub_goal, goal = node.above
            top = goals.setdefault(goal[0], {**_named(goal), "sub_goals": []})
            if sub_goal[0] not in branches:
                branches[sub_goal[0]] = {
                    **_named(sub_goal),
                    "implicit": node.extra["implicit"],
                    "strategies": [],
                }
                top["sub_goals"].append(branches[sub_goal[0]])
            if strategy[0] not in branches:
                branches[strategy[0]] = {
                    **_named(strategy),
                    "cell": node.extra["cell"],
                    "note": node.extra["note"],
                    "measures": [],
                }
                branches[sub_goal[0]]["strategies"].append(branches[strategy[0]])
            held = next((duties[pk] for pk in node.pks if pk in duties), None)
            branches[strategy[0]]["measures"].append(
                {
                    "code": node.code,
                    "name": node.name,
                    "lineage": str(node.lineage),
                    "ended": not node.own,
                    "leads": held["lead"] if held else [],
                    "partners": held["partner"] if held else [],
                }
            )
        return list(goals.values())


def _free(
    taken: dict[tuple[int, str], UUID], level: int, lineage: UUID, code: str, number: int
) -> str:
    """The code, marked by its version where another thing of the level has it already."""
    if taken.setdefault((level, code), lineage) == lineage:
        return code
    marked = f"{code}@{number}"
    taken[level, marked] = lineage
    return marked


def _named(node: tuple) -> dict:
    _lineage, code, name, ordinal = node
    return {"code": code, "name": name, "ordinal": ordinal}


# --- small pieces ---------------------------------------------------------------------------------
def _line(kind: LineKind, content: dict) -> Line:
    code, ministry = content["measure"]["code"], content["ministry"]["code"]
    return Line(
        key=f"{content['year']}/{code}/{ministry}",
        kind=kind.value,
        year=content["year"],
        measure_code=code,
        ministry_code=ministry,
        content=content,
        digest=digest(content),
    )


def _by_report(rows: QuerySet, names: tuple[str, ...]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = defaultdict(list)
    for report, *values in rows.values_list("report_id", *names):
        found[report].append(dict(zip(names, values, strict=True)))
    return found


def _form() -> list[dict]:
    """Parts of the form with their questions, as they are worded today."""
    children: dict[Part, tuple[type[Model], tuple[str, ...]]] = {
        Part.INDICATORS: (IndicatorValue, ("actual", "note")),
        Part.MONEY: (MoneyLine, ("source", "allocated_thousand", "spent_thousand", "note")),
        Part.EVIDENCE: (Evidence, ("title", "url", "file", "public")),
    }
    form = []
    for part in Part:
        model, names = children.get(part) or (ProgressReport, FIELDS[part])
        form.append(
            {
                "part": part.value,
                "label": str(part.label),
                "fields": [
                    {"name": name, "label": str(model._meta.get_field(name).verbose_name)}
                    for name in names
                ],
            }
        )
    return form
