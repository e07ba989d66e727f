"""A report as its pages show it: eight sections, rows of indicators, rows of money."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import format_number
from plan.attainment import attainment
from plan.enums import IndicatorKind
from plan.models import Indicator, IndicatorTarget
from tracking.enums import LATE_LIGHTS, Part, Verb
from tracking.models import IndicatorValue, MoneyLine, ProgressReport, ReportEvent
from tracking.parts import FIELDS

# key, number on the page, title, part, fields
SECTIONS = (
    (
        "state",
        1,
        _("燈號與完成度"),
        Part.PROGRESS,
        ("nothing_to_report", "nothing_reason", "light", "completion", "completed_on"),
    ),
    ("work", 2, _("執行情形"), Part.PROGRESS, ("work_done",)),
    ("indicators", 3, _("量化指標"), Part.INDICATORS, ()),
    ("lateness", 4, _("落後說明"), Part.LATENESS, FIELDS[Part.LATENESS]),
    ("benefit", 5, _("效益"), Part.PROGRESS, ("benefit",)),
    ("next_year", 6, _("次年計畫"), Part.NEXT_YEAR, FIELDS[Part.NEXT_YEAR]),
    ("money", 7, _("經費"), Part.MONEY, ()),
    ("evidence", 8, _("佐證資料"), Part.EVIDENCE, ()),
)
FIRST_SECTION_OF = {part: key for key, _n, _t, part, _f in reversed(SECTIONS)}
KEY_OF_FIELD = {name: key for key, _n, _t, _p, names in SECTIONS for name in names}


@dataclass
class Section:
    """One section of the form: its place on the rail, and what the reviewer asked for."""

    key: str
    number: int
    title: str
    part: Part
    writable: bool
    filled: bool
    asked: str = ""
    asked_at: str = ""  # key of the section that holds the reason, where it is not this one
    idle: str = ""  # why nothing is to be filled in here
    problems: list[tuple[str, str]] = field(default_factory=list)  # (anchor, sentence)

    @property
    def anchor(self) -> str:
        return f"s{self.number}"

    @property
    def mark(self) -> str:
        """Class on the rail: bad, ok, idle (nothing to fill in), open (nothing yet)."""
        if self.problems:
            return "bad"
        if self.idle:
            return "idle"
        return "ok" if self.filled else "open"


def sections_of(
    report: ProgressReport, writable: frozenset[str], indicators: Iterable[Indicator]
) -> dict[str, Section]:
    """The sections by key; `report` as read by `queries.full_reports`."""
    reasons = last_return(report)
    answered = {value.indicator_id for value in report.values.all()}
    indicators = list(indicators)
    idle = {} if indicators else {"indicators": gettext("沒有指標")}
    if report.light not in LATE_LIGHTS and not report.cause:
        idle["lateness"] = gettext("不必填")
    filled = {
        "indicators": all(
            indicator.pk in answered for indicator in indicators if not indicator.formula
        ),
        "money": bool(report.money_lines.all()),
        "evidence": bool(report.evidence.all()),
    }
    found = {}
    for key, number, title, part, names in SECTIONS:
        home = FIRST_SECTION_OF[part]
        found[key] = Section(
            key=key,
            number=number,
            title=str(title),
            part=part,
            writable=part in writable,
            filled=filled.get(
                key,
                any(
                    getattr(report, name) not in ("", None) and getattr(report, name) is not False
                    for name in names
                ),
            ),
            asked=reasons.get(part, "") if key == home else "",
            asked_at=home if part in reasons and key != home else "",
            idle=idle.get(key, ""),
        )
    return found


def sent_back(move: ReportEvent | None) -> ReportEvent | None:
    """The window's "send back", while it is the last thing that befell the report."""
    return move if move and move.verb == Verb.SEND_BACK else None


def last_return(report: ProgressReport) -> dict[str, str]:
    """Part → reason of the last return, while its parts are what can be written."""
    if not report.returned_parts:
        return {}
    last = max((row.submission for row in report.returned), default=0)
    return {row.part: row.reason for row in report.returned if row.submission == last}


@dataclass(frozen=True)
class PartRow:
    """One part of an indicator's dimension; texts are ready to print, "" means unknown."""

    name: str
    actual: str
    last_actual: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator in one report's year; texts are ready to print, "" means unknown."""

    indicator: Indicator
    target: str
    actual: str
    note: str
    attainment: Decimal | None
    last_actual: str
    target_changed: bool
    missing: bool
    parts: tuple[PartRow, ...] = ()
    parts_sum: str = ""

    @property
    def changed(self) -> bool:
        return self.actual != self.last_actual


def indicator_rows(
    report: ProgressReport,
    indicators: Iterable[Indicator],
    last: ProgressReport | None = None,
) -> list[IndicatorRow]:
    """What the report says of each indicator, with last year's actual beside it."""
    year = report.reporting_year.year
    values = {value.indicator_id: value for value in report.values.all()}
    last_values = {value.indicator_id: value for value in last.values.all()} if last else {}
    rows = []
    for indicator in indicators:
        value, before = values.get(indicator.pk), last_values.get(indicator.pk)
        target = next((row for row in indicator.targets.all() if row.year == year), None)
        actual = value.actual if value else None
        rows.append(
            IndicatorRow(
                indicator=indicator,
                target=target_text(indicator, target),
                actual=number_text(indicator, actual),
                note=value.note if value else "",
                attainment=attainment(
                    indicator.direction, actual, target.value, target.low, target.high
                )
                if target
                else None,
                last_actual=number_text(indicator, before.actual if before else None),
                target_changed=any(
                    change.year == year for change in indicator.target_changes.all()
                ),
                missing=actual is None,
                parts=_part_rows(indicator, value, before),
                parts_sum=_parts_sum(value) if indicator.adds_up else "",
            )
        )
    return rows


def _part_rows(
    indicator: Indicator, value: IndicatorValue | None, last: IndicatorValue | None
) -> tuple[PartRow, ...]:
    given, before = (one.parts if one else {} for one in (value, last))
    return tuple(
        PartRow(name, _part_text(given.get(name)), _part_text(before.get(name)))
        for name in indicator.parts
    )


def _part_text(number: str | None) -> str:
    return "" if number is None else format_number(Decimal(number))


def _parts_sum(value: IndicatorValue | None) -> str:
    """What the parts add up to; "" until each of them is known."""
    numbers = [Decimal(number) for number in (value.parts if value else {}).values() if number]
    whole = value is not None and len(numbers) == len(value.indicator.parts)
    return format_number(sum(numbers, Decimal(0))) if whole else ""


def number_text(indicator: Indicator, value: Decimal | None) -> str:
    """An actual or a target as it is printed; "" for unknown."""
    if value is None:
        return ""
    if indicator.kind == IndicatorKind.YES_NO:
        return gettext("是") if value else gettext("否")
    return format_number(value)


def target_text(indicator: Indicator, target: IndicatorTarget | None) -> str:
    """A value, or a range written with a dash; "" where the year has no target."""
    if target is None:
        return ""
    if target.value is not None:
        return number_text(indicator, target.value)
    return f"{format_number(target.low)}–{format_number(target.high)}"


@dataclass(frozen=True)
class Sum:
    """Money in 千元 over some lines. `spent` is None until every line says what was spent."""

    allocated: int | None
    spent: int | None

    @property
    def rate(self) -> float | None:
        """Spent of allocated, per cent; None where it can't be said."""
        return rate(self.allocated, self.spent)


def rate(allocated: int | None, spent: int | None) -> float | None:
    return 100 * spent / allocated if allocated and spent is not None else None


def money_sum(lines: Iterable[MoneyLine]) -> Sum:
    """The sum of a report's lines; no lines is unknown, not zero."""
    lines = list(lines)
    if not lines:
        return Sum(None, None)
    spent = [line.spent_thousand for line in lines]
    return Sum(
        sum(line.allocated_thousand for line in lines),
        None if None in spent else sum(spent),
    )


def money_rows(report: ProgressReport) -> list[dict]:
    """The lines with their rates, for the tables that are read."""
    return [
        {"line": line, "rate": rate(line.allocated_thousand, line.spent_thousand)}
        for line in report.money_lines.all()
    ]
