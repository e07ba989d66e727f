"""Rows read into what documents are made of: an edition, a year, a ministry's filing, a version.

From an edition nothing live is read but what people said of it until it is approved: conclusions,
comments, opinions that were handed in, and meetings (`reports.closing`).
"""

from collections import defaultdict
from datetime import date

from django.utils import timezone
from django.utils.translation import override

from ministries.models import Ministry
from plan.enums import ChangeKind
from plan.models import PlanVersion
from plan.queries import redline, vision_rows
from reports import attainment, closing
from reports.canonical import date_text, decimal_text, digest
from reports.documents.content import Material, words
from reports.documents.content.parts import LANGUAGE
from reports.documents.content.revision import Changed
from reports.enums import LineKind
from reports.freeze import Line, gather
from reports.models import Edition, Review
from reports.queries.reviews import published_filing
from tracking.enums import Cause, Status
from tracking.models import ProgressReport, ReportingYear

# A measure's report tells the same parts in a filing as in a frozen line.
_TOLD = (
    "light", "completion", "nothing_to_report", "nothing_reason", "work_done", "benefit", "cause",
    "sub_cause", "obstacle", "response", "others_must_act", "next_steps", "late", "role",
    "coordinating",
)  # fmt: skip


# --- an edition -----------------------------------------------------------------------------------
def of_edition(edition: Edition) -> Material:
    """Everything frozen with the edition, and what was said of its review: the copy that was made
    at approval, before it the rows as they are now.
    """
    said = closing.of_edition(edition)
    return Material(
        title=said["title"],
        kind=said["kind"],
        edition=str(edition.number),
        digest=edition.digest,
        day=date_text(timezone.localdate(edition.created_at)),
        head=edition.head,
        rules=edition.rules,
        standing=edition.standing,
        lines=list(edition.lines.order_by("ordinal")),
        criteria=said["criteria"],
        conclusions=_by_node(said["conclusions"], "paragraphs"),
        comments=_by_node(said["comments"]),
        opinions=said["opinions"],
        experts=said["experts"],
        meetings=said["meetings"],
    )


def _by_node(rows: list[dict], inside: str = "") -> dict[tuple[str, str], list[dict]]:
    """(level, code) → the rows about that node, or what they hold under `inside`."""
    found: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in rows:
        found[row["level"], row["code"]] += row[inside] if inside else [row]
    return dict(found)


# --- a year ---------------------------------------------------------------------------------------
def of_year(year: ReportingYear) -> Material:
    """The year as it stands now, in the shape of a review of one year with the usual rules."""
    review = Review(plan=year.plan, first_year=year.year, last_year=year.year)
    found = gather(review)
    days = [line.content["accepted_on"] for line in found.lines if line.content.get("accepted_on")]
    return Material(
        title=year.plan.name,
        kind=f"{year.year}年度執行情形彙整",
        edition="",
        digest=found.digest,
        day=max(days, default=date_text(year.opens_on)),
        head=found.head,
        rules=found.rules,
        standing=attainment.standing(found.head, found.rules, found.lines),
        lines=found.lines,
    )


# --- a ministry's filing --------------------------------------------------------------------------
def of_filing(ministry: Ministry, year: ReportingYear) -> list[Line]:
    """The ministry's reports of the year, whatever their status, in the plan's order.

    What doesn't apply is left out: nothing was filed for it.
    """
    rows = (
        ProgressReport.objects.filter(reporting_year=year, ministry=ministry)
        .exclude(status=Status.NOT_APPLICABLE)
        .select_related("reporting_year", "measure", "ministry")
        .prefetch_related("values__indicator__targets", "money_lines", "evidence")
        .order_by("measure__position")
    )
    with override(LANGUAGE):
        return [_filed(row) for row in rows]


def filing_day(year: ReportingYear, ministry: Ministry) -> str:
    """The last day on which anything of it was saved: the paper's date is that of its content."""
    saved = ProgressReport.objects.filter(
        reporting_year=year, ministry=ministry, saved_at__isnull=False
    ).order_by("-saved_at")
    last = saved.values_list("saved_at", flat=True).first()
    return date_text(timezone.localdate(last) if last else year.opens_on)


def _filed(report: ProgressReport) -> Line:
    year, code = report.reporting_year.year, report.measure.code
    content = {
        "year": year,
        "measure": {
            "code": code,
            "name": report.measure.name,
            "lineage": str(report.measure.lineage),
        },
        "ministry": {
            "code": report.ministry.code,
            "short_name": report.ministry.short_name,
            "full_name": report.ministry_name,
        },
        **{name: getattr(report, name) for name in _TOLD},
        "cause_name": str(Cause(report.cause).label) if report.cause else "",
        "completed_on": date_text(report.completed_on),
        "catch_up_on": date_text(report.catch_up_on),
        "filed_on": _day(report.filed_at),
        "accepted_on": _day(report.accepted_at),
        "status_name": str(Status(report.status).label),
        "values": [_value(row, year) for row in report.values.all()],
        "money": [
            {
                "source": row.source,
                "allocated_thousand": row.allocated_thousand,
                "spent_thousand": row.spent_thousand,
                "note": row.note,
            }
            for row in report.money_lines.all()
        ],
        "evidence": [
            {
                "title": row.title,
                "url": row.url,
                "sha256": row.sha256,
                "size": row.size,
                "media_type": row.media_type,
                "public": row.public,
            }
            for row in report.evidence.all()
        ],
    }
    key = f"{year}/{code}/{report.ministry.code}"
    return Line(
        key, LineKind.REPORT.value, year, code, report.ministry.code, content, digest(content)
    )


def _value(row, year: int) -> dict:
    target = next((one for one in row.indicator.targets.all() if one.year == year), None)
    return {
        "owner": "",
        "indicator": row.indicator.name,
        "unit": row.indicator.unit,
        "kind": row.indicator.kind,
        "accumulation": row.indicator.accumulation,
        "direction": row.indicator.direction,
        "target": decimal_text(target.value) if target else None,
        "low": decimal_text(target.low) if target else None,
        "high": decimal_text(target.high) if target else None,
        "actual": decimal_text(row.actual),
        "note": row.note,
        **({"parts": row.parts} if row.parts else {}),
    }


def _day(moment) -> str | None:
    return date_text(timezone.localdate(moment)) if moment else None


# --- a version ------------------------------------------------------------------------------------
def version_cover(version: PlanVersion) -> dict[str, str]:
    """What names the version on the cover."""
    told = {"計畫": version.plan.name, "版次": f"第{version.number}版（{version.title}）"}
    if version.based_on:
        told["對照"] = f"第{version.based_on.number}版（{version.based_on.title}）"
    if version.effective_on:
        told["生效日期"] = words.full_day(version.effective_on.isoformat())
    return told


def version_day(version: PlanVersion) -> str:
    """The day from which the version counts; for a draft the plan's first day."""
    day = version.effective_on or version.approved_on or date(version.plan.start_year + 1911, 1, 1)
    return day.isoformat()


def of_redline(version: PlanVersion) -> list[Changed]:
    """The redline with its kinds and reasons in Chinese words."""
    reasons = defaultdict(list)
    for change in version.changes.all():
        for lineage in change.lineages:
            reasons[lineage].append(change)
    names = version.level_names
    found = []
    with override(LANGUAGE):
        for row in redline(version):
            changes = {one.pk: one for lineage in row.lineages for one in reasons[lineage]}
            found.append(
                Changed(
                    row,
                    names.get(row.level, ""),
                    [str(ChangeKind(kind).label) for kind in row.kinds],
                    [_reason(changes[pk]) for pk in sorted(changes)],
                )
            )
    return found


def _reason(change) -> str:
    return f"{change.reason}（{change.basis}）" if change.basis else change.reason


def of_vision(version: PlanVersion) -> list:
    """The rows of 遠景、策略及現況說明, the status as the newest published review concluded it.

    The paper goes wherever the version may be read: what is still being written, or was filed but
    not published, must not stand in it.
    """
    review = Review.objects.filter(plan=version.plan).published().order_by("-last_year").first()
    closed = published_filing(review).edition.closing if review else None
    status = {
        row["code"]: [paragraph["text"] for paragraph in row["paragraphs"]]
        for row in (closed or {"conclusions": []})["conclusions"]
        if row["level"] in ("plan", "goal")
    }
    with override(LANGUAGE):
        return vision_rows(version, status)
