"""Proposed indicators that wait for a reviewer, and what reports of other years say of one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, Q
from django.urls import reverse

from config.kit.fragments import with_query
from ministries.models import AuditEvent, Lineage
from plan import formula, rules
from plan.actions.definition import siblings_of
from plan.enums import IndicatorState
from plan.models import Indicator
from tracking.enums import Status
from tracking.models import IndicatorValue, ProgressReport, Submission

PROPOSING = ("indicator.propose", "indicator.change", "indicator.redefine", "indicator.copy")


class Proposal(NamedTuple):
    """`at` is when it was proposed, or mended after it was declined; None where no log says so.
    `own`: the reader has a hand in it, and another reviewer decides.
    """

    indicator: Indicator
    at: datetime | None
    url: str
    own: bool


def waiting_proposals(user) -> list[Proposal]:
    """All that this person may see, oldest first, each with where it is decided on. Two queries."""
    rows = list(
        Indicator.objects.visible_to(user)
        .filter(state=IndicatorState.PROPOSED)
        .select_related("measure__version__plan", "ministry", "proposed_by")
        .defer("measure__description")
        .order_by("measure__position", "ministry__code", "ordinal")
    )
    targets = {f"{Indicator._meta.label_lower}:{row.pk}": row.pk for row in rows}
    told = (
        AuditEvent.objects.filter(target__in=targets, verb__in=PROPOSING)
        .order_by()
        .values_list("target")
        .annotate(at=Max("at"))
    )
    proposed = {targets[target]: at for target, at in told}
    found = [
        Proposal(row, proposed.get(row.pk), _address(row), not rules.may_decide(row, user))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.at is None, one.at or 0))


def _address(indicator: Indicator) -> str:
    version = indicator.measure.version
    page = reverse("indicator-list", args=[indicator.measure.code])
    return with_query(page, plan=version.plan.slug, version=version.number) + f"#i{indicator.pk}"


def yearly_actuals(
    report: ProgressReport, indicators: Iterable[Indicator], user
) -> dict[int, dict[int, Decimal | None]]:
    """Indicator id → ROC year → actual, of other years' reports: accepted ones that this person may
    read, and whatever its own ministry wrote. One query.
    """
    own = user.ministry_ids if user.is_authenticated else ()
    readable = ProgressReport.objects.visible_to(user).filter(
        Q(status=Status.ACCEPTED) | Q(ministry__in=own)
    )
    rows = IndicatorValue.objects.filter(indicator__in=list(indicators), report__in=readable)
    found: dict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for indicator, year, actual in rows.exclude(
        report__reporting_year__year=report.reporting_year.year
    ).values_list("indicator_id", "report__reporting_year__year", "actual"):
        found[indicator][year] = actual
    return found


def last_said(report: ProgressReport) -> dict[int, Decimal | None] | None:
    """Indicator id → actual as the report, or the one that it corrects, was submitted last; None
    where it never was. At most one query.
    """
    first = report.corrects_id or report.pk
    if not report.corrects_id and not report.submissions:
        return None
    copy = Submission.objects.filter(report=first).order_by("-number").first()
    return None if copy is None else _said(copy)


def _said(copy: Submission) -> dict[int, Decimal | None]:
    return {
        row["indicator"]: None if row["actual"] is None else Decimal(row["actual"])
        for row in copy.content["values"]
    }


class Corrected(NamedTuple):
    """An actual that another submission of the same report gave otherwise."""

    year: int
    number: int
    at: datetime
    indicator: Indicator
    before: Decimal | None
    after: Decimal | None


def corrections(report: ProgressReport, indicators: Iterable[Indicator]) -> list[Corrected]:
    """Actuals of this year and of earlier ones that were submitted anew with another number, oldest
    first. For those who may see the report's history. Two queries.
    """
    by_pk = {indicator.pk: indicator for indicator in indicators}
    if not by_pk:
        return []
    bodies = report.bodies(Lineage())
    rows = Submission.objects.filter(
        report__measure__lineage=report.measure.lineage,
        report__ministry__in={report.ministry_id, *bodies},
        report__reporting_year__plan=report.reporting_year.plan_id,
        report__reporting_year__year__lte=report.reporting_year.year,
    )
    found, before = [], {}
    for copy in rows.select_related("report__reporting_year").order_by("number"):
        said, year = _said(copy), copy.report.reporting_year.year
        old = before.get(copy.report_id, {})
        found += [
            Corrected(year, copy.number, copy.at, by_pk[pk], old[pk], actual)
            for pk, actual in said.items()
            if pk in by_pk and pk in old and old[pk] != actual
        ]
        before[copy.report_id] = said
    return sorted(found, key=lambda one: (one.at, one.indicator.ordinal))


def calculated_from(indicator: Indicator) -> list[Indicator]:
    """Calculated indicators of the measure whose formula asks for this one."""
    rows = siblings_of(indicator.measure, indicator.ministry).exclude(formula="")
    return [
        row
        for row in rows.exclude(state=IndicatorState.DECLINED)
        if indicator.letter in formula.names(formula.parse(row.formula))
    ]
