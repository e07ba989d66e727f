"""The reading: what a review's years hold in the database, asked once and ready to be copied."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from ministries.models import Lineage, Ministry
from plan.enums import IndicatorState
from plan.models import Assignment, Indicator, IndicatorTarget, PlanVersion, PrintedFigure
from reports import budget_path
from reports.canonical import date_text, decimal_text
from reports.freeze.tree import Tree
from reports.models import Filing, Review
from tracking.enums import Status
from tracking.models import (
    Evidence,
    IndicatorValue,
    LightOverride,
    MoneyLine,
    ProgressReport,
    ReportingYear,
)

STANDING = (
    "pk", "reporting_year__year", "measure_id", "ministry_id", "ministry_name", "role",
    "coordinating",
)  # fmt: skip
TEXT = (
    "light", "completion", "completed_on", "nothing_to_report", "nothing_reason", "work_done",
    "benefit", "cause", "sub_cause", "obstacle", "response", "others_must_act", "catch_up_on",
    "next_steps", "filed_at", "late", "accepted_at",
)  # fmt: skip


_ADDED = ("formula", "dimension")


@dataclass(slots=True)
class Owned:
    """An indicator with its targets by year: (value, low, high) as text."""

    owner: int
    told: dict
    order: tuple
    targets: dict[int, tuple] = field(default_factory=dict)


class Reading:
    """Every part is asked for once and kept; what is made of it asks nothing more.

    So it can stand in a transaction that sees one moment, and the rest outside of it.
    """

    def __init__(self, review: Review) -> None:
        self.review, self.plan = review, review.plan
        self.years = {
            year.year: year
            for year in ReportingYear.objects.filter(
                plan=review.plan, year__gte=review.first_year, year__lte=review.last_year
            )
        }
        for part in (
            *("tree", "duties", "texts", "values", "money", "evidence", "indicators"),
            *("expected", "lineage", "ministries", "overrides", "figures", "replaces"),
        ):
            getattr(self, part)

    @cached_property
    def version(self) -> PlanVersion:
        """The version in force; while there is none, the newest draft (a plan not yet approved)."""
        versions = PlanVersion.objects.filter(plan=self.plan)
        return versions.in_force().first() or versions.order_by("-number").first()

    @cached_property
    def tree(self) -> Tree:
        return Tree(self.version, {row["measure_id"] for row in self.standings})

    @cached_property
    def day(self) -> date:
        """The day on which the review looks at duties: the last opening of its years."""
        return max((year.opens_on for year in self.years.values()), default=date.max)

    @cached_property
    def duties(self) -> list[tuple[int, int, str, int]]:
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
            later_on = since is not None and since > self.day
            if not later_on and (until is None or until > self.day):
                then[duty[0]].append(tuple(duty))
            if until is None:
                later[duty[0]].append(tuple(duty))
        return [duty for measure in later | then for duty in then.get(measure) or later[measure]]

    @cached_property
    def standings(self) -> list[dict]:
        """Every report of the years, without its texts."""
        return list(
            self._reports()
            .order_by()
            .values(
                *STANDING,
                *("status", "nothing_to_report", "correction_due_on", "extended_until"),
                "exempt_reason",
            )
        )

    def _reports(self) -> QuerySet[ProgressReport]:
        return ProgressReport.objects.filter(reporting_year__in=self.years.values())

    @cached_property
    def _accepted(self) -> Q:
        """For rows of accepted reports only; joined, so that no list of ids is sent."""
        ids = [year.pk for year in self.years.values()]
        return Q(report__reporting_year__in=ids, report__status=Status.ACCEPTED)

    @cached_property
    def texts(self) -> dict[int, tuple]:
        rows = self._reports().filter(status=Status.ACCEPTED).order_by()
        return {row[0]: row[1:] for row in rows.values_list("pk", *TEXT)}

    @cached_property
    def values(self) -> dict[int, dict[int, tuple]]:
        """Report → indicator → (actual, note, {part: number})."""
        found: dict[int, dict[int, tuple]] = defaultdict(dict)
        rows = IndicatorValue.objects.filter(self._accepted).order_by()
        for report, indicator, actual, note, parts in rows.values_list(
            "report_id", "indicator_id", "actual", "note", "parts"
        ):
            found[report][indicator] = (decimal_text(actual), note, parts)
        return found

    @cached_property
    def money(self) -> dict[int, list[dict]]:
        names = ("source", "allocated_thousand", "spent_thousand", "note")
        rows = MoneyLine.objects.filter(self._accepted).order_by("report_id", "ordinal")
        return _by_report(rows, names)

    @cached_property
    def evidence(self) -> dict[int, list[dict]]:
        names = ("title", "url", "sha256", "size", "media_type", "public")
        rows = Evidence.held.filter(self._accepted).order_by("report_id")
        found = _by_report(rows, names)
        for told in found.values():
            told.sort(key=lambda one: (one["title"], one["url"], one["sha256"]))
        return found

    @cached_property
    def indicators(self) -> dict[int, Owned]:
        """The plan's indicators that are approved or were reported on, by id."""
        reported = {pk for values in self.values.values() for pk in values}
        found = {}
        names = ("unit", "kind", "accumulation", "direction", *_ADDED)
        rows = Indicator.objects.filter(measure__version__plan=self.plan).order_by()
        for pk, state, owner, ordinal, name, *rest in rows.values_list(
            "pk", "state", "ministry_id", "ordinal", "name", *names
        ):
            if state == IndicatorState.APPROVED or pk in reported:
                code = self.ministries[owner].code
                told = {"owner": code, "indicator": name, **dict(zip(names, rest, strict=True))}
                # Only where there is one: what editions said before keeps its digest.
                told = {key: text for key, text in told.items() if text or key not in _ADDED}
                found[pk] = Owned(owner, told, (code, ordinal, name))
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
    def expected(self) -> dict[tuple[UUID, int, int], list[int]]:
        """(lineage of a measure, year, ministry) → approved indicators with a target that year.

        An indicator belongs to the body that held its owner's duties when the year opened.
        """
        found: dict[tuple[UUID, int, int], list[int]] = defaultdict(list)
        rows = Indicator.objects.filter(
            measure__version__plan=self.plan, state=IndicatorState.APPROVED
        ).order_by()
        for pk, owner, lineage in rows.values_list("pk", "ministry_id", "measure__lineage"):
            for year in self.indicators[pk].targets:
                if year in self.years:
                    holder = self.lineage.holder(owner, self.years[year].opens_on)
                    found[lineage, year, holder].append(pk)
        return found

    @cached_property
    def lineage(self) -> Lineage:
        return Lineage()

    @cached_property
    def ministries(self) -> dict[int, Ministry]:
        return Ministry.objects.in_bulk()

    @cached_property
    def overrides(self) -> dict[str, dict]:
        found: dict[str, dict] = {}
        rows = LightOverride.objects.filter(reporting_year__in=self.years.values())
        # The newest version's word last, so that it is the one that stays.
        for year, measure, light, reason in rows.order_by(
            "reporting_year__year", "measure__version__number"
        ).values_list("reporting_year__year", "measure_id", "light", "reason"):
            if node := self.tree.find(measure):
                found.setdefault(str(year), {})[node.code] = {"light": light, "reason": reason}
        return found

    @cached_property
    def figures(self) -> dict:
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

    @cached_property
    def replaces(self) -> list[dict]:
        """Filings of the review that were withdrawn: what is compiled after them is for them."""
        rows = Filing.objects.filter(review_id=self.review.pk, withdrawn_at__isnull=False)
        return [
            {
                "step": filing.step,
                "document_number": filing.document_number,
                "on": date_text(filing.on),
                "edition": filing.edition.number,
                "withdrawn_on": date_text(timezone.localdate(filing.withdrawn_at)),
                "reason": filing.withdrawal_reason,
            }
            for filing in rows.select_related("edition").order_by("withdrawn_at", "pk")
        ]


def _by_report(rows: QuerySet, names: tuple[str, ...]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = defaultdict(list)
    for report, *values in rows.values_list("report_id", *names):
        found[report].append(dict(zip(names, values, strict=True)))
    return found
