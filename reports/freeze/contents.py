"""Lines and head, made of a reading: what an edition keeps, in the shapes that everybody reads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import override

from plan.enums import AssignmentRole
from reports import attainment
from reports.canonical import date_text, digest, digest_of_lines
from reports.enums import LineKind
from reports.freeze.reading import TEXT, Reading
from tracking.enums import Cause, FilingState, Part, Status
from tracking.lights import filing_state
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport
from tracking.parts import FIELDS

# Labels and causes are copied in the language of the documents, whoever compiles.
LANGUAGE = "zh-hant"
NOT_OPENED = "這一年還沒有開放填報。"


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of one year, as `SnapshotLine` keeps it; `content` by kind:

    report  year, measure {code, name, lineage}, ministry {code, short_name, full_name as filed},
            role, coordinating, light, completion, completed_on, nothing_to_report,
            nothing_reason, work_done, benefit, cause, cause_name, sub_cause, obstacle, response,
            others_must_act, catch_up_on, next_steps, filed_on, late, accepted_on, and lists:
            values {owner, indicator, unit, kind, accumulation, direction, target, low, high,
            actual, note, and where it has them formula, dimension and parts {name: number}},
            money {source, allocated_thousand, spent_thousand, note} (千元),
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
    """The inputs of an edition; `head` is described where it is made, `digest` covers all."""

    head: dict
    rules: dict
    lines: list[Line]
    digest: str


def frozen(reading: Reading, *, today: date | None = None) -> Frozen:
    """The contents with their digests; asks the database nothing. `today` tells what is overdue."""
    making = _Contents(reading, today or timezone.localdate())
    with override(LANGUAGE):
        lines = [
            _line(LineKind.GAP if "state" in content else LineKind.REPORT, content)
            for content in making.lines()
        ]
        head = making.head()
    return under_rules(head, reading.review.rules, lines)


def under_rules(head: dict, rules: dict, lines: list[Line]) -> Frozen:
    """These inputs under these rules, with the digest over all of them."""
    keys = digest_of_lines((line.key, line.digest) for line in lines)
    return Frozen(head, rules, lines, digest({"head": head, "rules": rules, "lines": keys}))


class _Contents:
    def __init__(self, reading: Reading, today: date) -> None:
        self.reading, self.today = reading, today
        self.zone = timezone.get_default_timezone()
        # Ids of the bodies that lines, duties and indicators name.
        self._used: set[int] = set()

    def lines(self) -> Iterator[dict]:
        """In the order of years, of the tree, leads before partners, then by ministry."""
        rows: dict[tuple[int, UUID, int], dict] = {}
        for row in self.reading.standings:
            row["measure"] = measure = self.reading.tree.node_of(row["measure_id"])
            key = (row["reporting_year__year"], measure.lineage, row["ministry_id"])
            # A duty may have a report under two versions in the year of a revision.
            if key not in rows or self._counts_more(row, rows[key]):
                rows[key] = row
        opened = {year for year, _lineage, _ministry in rows}
        for year in self.reading.review.years:
            if year not in opened:
                rows |= self._unopened(year)
        for (year, _lineage, ministry), row in sorted(rows.items(), key=self._place):
            yield self._content(year, ministry, row)

    def _counts_more(self, row: dict, other: dict) -> bool:
        def weight(one: dict) -> tuple[bool, int]:
            return one["status"] == Status.ACCEPTED, self.reading.tree.version_of(one["measure_id"])

        return weight(row) > weight(other)

    def _place(self, item: tuple) -> tuple:
        (year, _lineage, ministry), row = item
        return (
            year,
            row["measure"].position,
            row["role"] != AssignmentRole.LEAD,
            not row["coordinating"],
            self.reading.ministries[ministry].code,
        )

    def _unopened(self, year: int) -> dict[tuple[int, UUID, int], dict]:
        """Duties of a year that nobody was asked for yet: gaps too, or a review would look whole.

        Leads come first, so that a body with two duties has its lead's.
        """
        opens_on = (
            self.reading.years[year].opens_on if year in self.reading.years else self.reading.day
        )
        found: dict[tuple[int, UUID, int], dict] = {}
        for measure_id, ministry, role, order in self.reading.duties:
            measure = self.reading.tree.node_of(measure_id)
            holder = self.reading.lineage.holder(ministry, opens_on)
            found.setdefault(
                (year, measure.lineage, holder),
                {
                    "measure": measure,
                    "ministry_name": self.reading.ministries[holder].full_name,
                    "role": role,
                    "coordinating": role == AssignmentRole.LEAD and order == 1,
                    "status": None,
                },
            )
        return found

    def _content(self, year: int, ministry_id: int, row: dict) -> dict:
        self._used.add(ministry_id)
        measure, ministry = row["measure"], self.reading.ministries[ministry_id]
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
        expected = self.reading.expected.get((measure.lineage, year, ministry_id), [])
        if row["status"] == Status.ACCEPTED:
            pk = row["pk"]
            content |= self._told(pk)
            values = self.reading.values.get(pk, {})
            content["values"] = self._value_rows({*values, *expected}, year, values)
            content["money"] = self.reading.money.get(pk, [])
            content["evidence"] = self.reading.evidence.get(pk, [])
            return content
        state, reason = FilingState.NOT_DUE, NOT_OPENED
        if row["status"] is not None:
            state = filing_state(
                row["status"],
                row["nothing_to_report"],
                row["extended_until"] or self.reading.years[year].due_on,
                row["correction_due_on"],
                self.today,
            )
            reason = row["exempt_reason"] if state == FilingState.NOT_APPLICABLE else ""
        waits = state != FilingState.NOT_APPLICABLE
        content |= {"state": state.value, "reason": reason}
        content["values"] = self._value_rows(set(expected), year, {}) if waits else []
        return content

    def _told(self, pk: int) -> dict:
        """What an accepted report says, dates as ISO text in Asia/Taipei."""
        told = dict(zip(TEXT, self.reading.texts[pk], strict=True))
        filed_at, accepted_at = told.pop("filed_at"), told.pop("accepted_at")
        told["filed_on"] = filed_at and date_text(filed_at.astimezone(self.zone).date())
        told["accepted_on"] = accepted_at and date_text(accepted_at.astimezone(self.zone).date())
        told["completed_on"] = date_text(told["completed_on"])
        told["catch_up_on"] = date_text(told["catch_up_on"])
        told["cause_name"] = str(Cause(told["cause"]).label) if told["cause"] else ""
        return told

    def _value_rows(self, ids: set[int], year: int, values: Mapping[int, tuple]) -> list[dict]:
        rows = []
        for pk in sorted(ids, key=lambda pk: self.reading.indicators[pk].order):
            indicator = self.reading.indicators[pk]
            target, low, high = indicator.targets.get(year, (None, None, None))
            actual, note, parts = values.get(pk, (None, "", {}))
            amounts = {"target": target, "low": low, "high": high, "actual": actual}
            more = {"parts": parts} if parts else {}
            rows.append({**indicator.told, **amounts, "note": note, **more})
        return rows

    def head(self) -> dict:
        """What all lines share: plan, version, tree, names of ministries with the bodies that they
        came from, the reviewer's own lights, printed figures, the form's layout, and by which
        `method` (see `reports.attainment`) the standing was computed. `replaces` is there only
        where filings of the review were withdrawn.
        """
        plan, version = self.reading.plan, self.reading.version
        # Each as it stood when the last year opened.
        leads: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"lead": [], "partner": []})
        for measure_id, ministry, role, _order in self.reading.duties:
            holder = self.reading.lineage.holder(ministry, self.reading.day)
            self._used.add(holder)
            code, held = self.reading.ministries[holder].code, leads[measure_id]
            if code not in held["lead"] and code not in held[role]:
                held[role].append(code)
        for indicator in self.reading.indicators.values():
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
            "years": list(self.reading.review.years),
            "ministries": self._bodies(),
            "tree": self.reading.tree.nested(leads),
            "overrides": self.reading.overrides,
            "figures": self.reading.figures,
            "form": _form(),
        } | ({"replaces": self.reading.replaces} if self.reading.replaces else {})

    def _bodies(self) -> dict[str, dict]:
        line_of = {pk: self.reading.lineage.line(pk, self.reading.day) for pk in sorted(self._used)}
        bodies = self._used.union(*line_of.values())
        return {
            self.reading.ministries[pk].code: {
                "short_name": self.reading.ministries[pk].short_name,
                "full_name": self.reading.ministries[pk].full_name,
                "before": sorted(
                    self.reading.ministries[old].code for old in line_of.get(pk, [pk]) if old != pk
                ),
            }
            for pk in bodies
        }


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
