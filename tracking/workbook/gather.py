"""The rows of a ministry's year as they are now, as a `Book`. A fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import chain

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import translation

from ministries.enums import MembershipRole
from ministries.models import Lineage, Ministry, User
from plan.enums import IndicatorKind, IndicatorState
from plan.models import Indicator, IndicatorTarget
from tracking.enums import Part, Verb
from tracking.models import ProgressReport, ReportingYear
from tracking.queries.people import bodies_of, members_of
from tracking.queries.reports import previous_reports
from tracking.rules import reports as rules
from tracking.workbook import cells
from tracking.workbook.layout import (
    INDICATORS,
    MONEY,
    NO,
    REPORTS,
    YES,
    Book,
    BookRow,
    Column,
    Layout,
)

LAST = ("light", "completion", "work_done", "benefit", "obstacle", "response", "next_steps")
_SHOWN = {name: next(c for c in REPORTS.columns if c.key == name) for name in LAST}


def gather(ministry: Ministry, year: ReportingYear, user: User | AnonymousUser) -> Book:
    """The book as this person may write it: what they cannot write now is marked."""
    with translation.override(settings.LANGUAGE_CODE):
        book = Book(
            plan=year.plan.slug,
            plan_name=year.plan.name,
            ministry=ministry.code,
            ministry_name=ministry.full_name,
            year=year.year,
        )
        reports = reports_of(ministry, year)
        last = previous_reports(reports, user)
        prefetch_related_objects(list(last.values()), "values", "money_lines")
        indicators = _indicators(reports, ministry, year)
        for report in reports:
            report.reporting_year = year
            _add(book, report, last.get(report.pk), indicators[report.measure.lineage], user)
    return book


def reports_of(ministry: Ministry, year: ReportingYear) -> list[ProgressReport]:
    """The ministry's reports of the year, in the order of the plan, with their parts."""
    return list(
        ProgressReport.objects.filter(ministry=ministry, reporting_year=year)
        .select_related("measure", "ministry", "reporting_year__plan")
        .defer("measure__description")
        .prefetch_related("values", "money_lines")
        .order_by("measure__position", "pk")
    )


def filler(ministry: Ministry, user: User | AnonymousUser | None = None) -> User | AnonymousUser:
    """In whose eyes a row can be filled: this person's where they are an officer of the ministry,
    else those of its first officer, since a window passes the file on.
    """
    if user is not None and ministry.pk in getattr(user, "ministries_as", lambda *_roles: ())(
        MembershipRole.OFFICER
    ):
        return user
    officers = members_of(bodies_of(ministry.pk), MembershipRole.OFFICER)
    return min(officers, key=lambda one: one.pk, default=AnonymousUser())


def _indicators(
    reports: Iterable[ProgressReport], ministry: Ministry, year: ReportingYear
) -> dict[object, list[Indicator]]:
    """Lineage of a measure → the indicators of it that this ministry answers for; as
    `tracking.parts.indicators_of`, for all reports in two queries.
    """
    found = defaultdict(list)
    lineage = Lineage()
    rows = (
        Indicator.objects.in_force(year.year)
        .filter(
            measure__lineage__in=[report.measure.lineage for report in reports],
            ministry__in={body for report in reports for body in report.bodies(lineage)},
            state=IndicatorState.APPROVED,
        )
        .select_related("measure")
        .defer("measure__description")
        .order_by("ordinal", "pk")
        .prefetch_related(
            Prefetch("targets", IndicatorTarget.objects.filter(year=year.year), "year_targets")
        )
    )
    for row in rows:
        found[row.measure.lineage].append(row)
    return found


def _add(
    book: Book,
    report: ProgressReport,
    last: ProgressReport | None,
    indicators: list[Indicator],
    user: User | AnonymousUser,
) -> None:
    verdict = rules.verdict(Verb.SAVE, report, user)
    parts = rules.writable(report, user)
    why = "" if verdict else str(verdict.reason)
    _add_report(book, report, last, parts, why)
    _add_indicators(book, report, last, parts, why, indicators)
    _add_money(book, report, last, parts)


def _row(report: ProgressReport, child: str, values: dict, shown: dict, **more) -> BookRow:
    about = {"code": report.measure.code, "measure": report.measure.name}
    return BookRow(
        report.pk, report.version, report.measure.code, child, values, {**about, **shown}, **more
    )


def _open(layout: Layout, parts: frozenset[str]) -> frozenset[str]:
    return frozenset(column.key for column in layout.fields if column.part in parts)


def _add_report(book, report, last, parts, why: str) -> None:
    named = [str(part.label) for part in Part if part in parts and part != Part.EVIDENCE]
    whole = len(named) == len(Part) - 1
    shown = {
        "role": "統籌主辦" if report.coordinating else str(report.get_role_display()),
        "status": str(report.get_status_display()),
        "open": "全部" if whole else "、".join(named) or f"不能填：{why}",
        "why": why,
    }
    if last is not None:
        shown |= {f"last_{key}": cells.shown(_SHOWN[key], getattr(last, key)) for key in LAST}
        if last.nothing_to_report:
            shown["last_light"] = "無事項"
    values = {c.key: cells.shown(c, getattr(report, c.key)) for c in REPORTS.fields}
    book.rows["reports"].append(_row(report, "", values, shown, open=_open(REPORTS, parts)))


def _add_indicators(book, report, last, parts, why: str, indicators: list[Indicator]) -> None:
    """An indicator a row; below one that is told by parts, a row for each of them."""
    values = {value.indicator_id: value for value in report.values.all()}
    before = {value.indicator_id: value for value in last.values.all()} if last else {}
    opened = _open(INDICATORS, parts)
    for indicator in indicators:
        value, old = values.get(indicator.pk), before.get(indicator.pk)
        yes_no = indicator.kind == IndicatorKind.YES_NO
        shown = {
            "name": cells.fit(indicator.name),
            "unit": cells.fit(indicator.unit),
            "kind": str(indicator.get_kind_display()),
            "target": _target(indicator, yes_no),
            "last_actual": _number(old.actual if old else None, yes_no),
            "open": "可以填" if opened else "不能填",
            "why": why,
        }
        told = {
            "actual": _number(value.actual if value else None, yes_no),
            "note": cells.fit(value.note) if value else "",
        }
        mine = opened
        if indicator.formula:
            mine = opened - {"actual"}
            shown |= {"open": "實績自動計算，只填說明", "why": "這個指標由算式計算，不能填。"}
        row = _row(report, f"{indicator.pk:x}", told, shown, open=mine, yes_no=yes_no)
        book.rows["indicators"].append(row)
        given = (value.parts if value else None) or {}
        for place, name in enumerate(indicator.parts):
            part = {
                **shown, "name": f"{shown['name']}：{cells.fit(name)}", "part": name,
                "target": "", "last_actual": "", "why": why or "分項只填實績，說明寫在上一列。",
            }  # fmt: skip
            number = given.get(name)
            told = {"actual": "" if number is None else cells.plain(Decimal(number)), "note": ""}
            row = _row(report, f"{indicator.pk:x}.{place}", told, part, open=mine - {"note"})
            book.rows["indicators"].append(row)


def _number(value, yes_no: bool) -> str:
    if value is None:
        return ""
    return (YES if value else NO) if yes_no else cells.plain(value)


def _target(indicator: Indicator, yes_no: bool) -> str:
    for target in indicator.year_targets:
        if target.value is not None:
            return _number(target.value, yes_no)
        return f"{cells.plain(target.low)}–{cells.plain(target.high)}"
    return ""


def _add_money(book, report, last, parts) -> None:
    """This year's lines, last year's sources that have none yet, and an empty row."""
    fields: tuple[Column, ...] = MONEY.fields
    opened = _open(MONEY, parts)
    old = {line.source: line for line in last.money_lines.all()} if last else {}
    lines = {line.source: line for line in report.money_lines.all()}
    waiting = [source for source in old if source not in lines] if opened else []
    blanks = [*waiting, ""] if opened else []
    for source in chain(lines, blanks):
        line, before = lines.get(source), old.get(source)
        values = {c.key: cells.shown(c, getattr(line, c.key)) if line else "" for c in fields}
        values["source"] = cells.fit(source)
        shown = {"open": "可以填" if opened else "不能填"}
        if before is not None:
            shown |= {
                "last_allocated": str(before.allocated_thousand),
                "last_spent": "" if before.spent_thousand is None else str(before.spent_thousand),
            }
        child = cells.digest(values["source"]) if line else ""
        row = _row(report, child, values, shown, open=opened, blank=line is None)
        book.rows["money"].append(row)
