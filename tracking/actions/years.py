"""The collator's verbs: add, open, close, reopen and release a reporting year."""

from collections import defaultdict
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed
from ministries import audit
from ministries.models import Lineage, Ministry, User
from plan.enums import AssignmentRole
from plan.models import Assignment, Plan, PlanVersion
from tracking.actions.reports import reason_for_later_years
from tracking.enums import FINAL_LIGHTS, Status, YearState, YearVerb
from tracking.models import ProgressReport, ReportingYear
from tracking.models.year import MOST_PARTNER_DAYS, PARTNER_DAYS
from tracking.queries.requests import granted_until
from tracking.rules import years as rules
from tracking.rules.pages import may_keep_years
from tracking.workflow import YEAR_ROAD


@transaction.atomic
def add_year(
    plan: Plan,
    *,
    year: int,
    opens_on: date,
    due_on: date,
    closes_on: date,
    by: User,
    partner_days: int = PARTNER_DAYS,
) -> ReportingYear:
    """Plan a year of reporting; `year` is a ROC year of the plan. It is not open yet. Partners are
    asked to file `partner_days` before `due_on`.
    """
    if not may_keep_years(by):
        raise NotAllowed(_("新增填報年度是彙整人的事，你不是彙整人。"))
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    errors: dict[str, list[str]] = {}
    if year not in plan.years:
        errors["year"] = [
            _("計畫的年度是%(first)s到%(last)s。")
            % {"first": plan.start_year, "last": plan.end_year}
        ]
    elif plan.reporting_years.filter(year=year).exists():
        errors["year"] = [_("%(year)s年度已經有了。") % {"year": year}]
    if not opens_on <= due_on:
        errors["due_on"] = [_("截止日不能在開放日以前。")]
    if not due_on <= closes_on:
        errors["closes_on"] = [_("關閉日不能在截止日以前。")]
    errors |= _wrong_partner_days(partner_days)
    if errors:
        raise Invalid(errors)
    row = ReportingYear.objects.create(
        plan=plan,
        year=year,
        opens_on=opens_on,
        due_on=due_on,
        closes_on=closes_on,
        partner_days=partner_days,
    )
    audit.record("year.add", row, by=by, after=_dates(row))
    return row


@transaction.atomic
def change_partner_days(year: ReportingYear, *, partner_days: int, by: User) -> ReportingYear:
    """Ask partners to file that many days before the due date, from now on. Refuses with NotAllowed
    who keeps no years, with NotNow a year that takes no filings any more, with Invalid a number
    that is out of range. The same number changes nothing.
    """
    row = ReportingYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    rules.partner_days_verdict(row, by).enforce()
    if errors := _wrong_partner_days(partner_days):
        raise Invalid(errors)
    if partner_days == row.partner_days:
        return row
    before = {"partner_days": row.partner_days}
    row.partner_days = partner_days
    row.save(update_fields=["partner_days"])
    audit.record("year.change", row, by=by, before=before, after={"partner_days": partner_days})
    return row


def _wrong_partner_days(days: int) -> dict[str, list[str]]:
    if 0 <= days <= MOST_PARTNER_DAYS:
        return {}
    return {"partner_days": [_("協辦提前0到%(n)d天。") % {"n": MOST_PARTNER_DAYS}]}


@transaction.atomic
def open_year(year: ReportingYear, *, by: User) -> ReportingYear:
    """Open the year and make one blank report for each measure and body that answers for it.

    The body is the holder of the duty on the opening day; two assignments of a measure that reach
    one body make one report, as lead, naming both. A duty that was done or stopped, as the
    reviewer agreed, opens as not applicable with the reason. A second run adds what is missing
    and never deletes. `made` on the row that comes back counts the reports made now.
    """
    row = _enter(year, YearVerb.OPEN, by)
    row.made = _make_reports(row)
    if row.state == YearState.PLANNED:
        row.opened_at = timezone.now()
    return _leave(row, YearVerb.OPEN, by, reports_made=row.made)


@transaction.atomic
def close_year(year: ReportingYear, *, by: User) -> ReportingYear:
    """Take no more filings; corrections that a reviewer asked for go on until their own day."""
    row = _enter(year, YearVerb.CLOSE, by)
    row.closed_at = timezone.now()
    return _leave(row, YearVerb.CLOSE, by)


@transaction.atomic
def reopen_year(year: ReportingYear, *, by: User, closes_on: date) -> ReportingYear:
    """Take filings again until `closes_on`, inclusive; the due date stays, so they are late."""
    row = _enter(year, YearVerb.REOPEN, by)
    if closes_on < max(row.due_on, timezone.localdate()):
        raise Invalid({"closes_on": [_("新的關閉日不能在今天以前，也不能在截止日以前。")]})
    row.closes_on, row.closed_at = closes_on, None
    return _leave(row, YearVerb.REOPEN, by)


@transaction.atomic
def release_year(year: ReportingYear, *, by: User) -> ReportingYear:
    """Publish: from now on everybody reads the year's accepted reports."""
    row = _enter(year, YearVerb.RELEASE, by)
    row.released_at = timezone.now()
    return _leave(row, YearVerb.RELEASE, by)


def _enter(year: ReportingYear, verb: YearVerb, by: User) -> ReportingYear:
    row = ReportingYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    rules.year_verdict(verb, row, by).enforce()
    return row


def _leave(row: ReportingYear, verb: YearVerb, by: User, **told: object) -> ReportingYear:
    before = {"state": str(row.state)}
    row.state = YEAR_ROAD[YearState(row.state), verb]
    row.save()
    after = {"state": str(row.state), **_dates(row), **told}
    audit.record(f"year.{verb}", row, by=by, before=before, after=after)
    return row


def _dates(row: ReportingYear) -> dict:
    return {
        "year": row.year,
        "opens_on": row.opens_on,
        "due_on": row.due_on,
        "closes_on": row.closes_on,
        "partner_days": row.partner_days,
    }


def _make_reports(year: ReportingYear) -> int:
    """Blank reports for duties that have none yet, in a fixed number of queries; how many.

    What is there is told by the measure's lineage, so that a new version of the plan makes no
    second report of the same duty.
    """
    lineage = Lineage()
    version = PlanVersion.objects.to_file_against().filter(plan=year.plan)
    duties: dict[tuple, list[Assignment]] = defaultdict(list)
    coordinator: dict[int, tuple[int, int]] = {}
    assignments = Assignment.objects.on(year.opens_on).filter(measure__version__in=version)
    for duty in assignments.select_related("measure").order_by("measure__position", "order", "pk"):
        holder = lineage.holder(duty.ministry_id, year.opens_on)
        duties[duty.measure.lineage, holder].append(duty)
        if duty.role == AssignmentRole.LEAD:
            first = coordinator.get(duty.measure_id, (duty.order, holder))
            coordinator[duty.measure_id] = min(first, (duty.order, holder))

    present = {
        (measure, opened_for or ministry): pk
        for pk, measure, ministry, opened_for in year.reports.values_list(
            "pk", "measure__lineage", "ministry_id", "opened_for_id"
        ).order_by("pk")
    }
    missing = [key for key in duties if key not in present]
    names = dict(
        Ministry.objects.filter(pk__in={holder for _lineage, holder in missing}).values_list(
            "pk", "full_name"
        )
    )
    ended = _ended_duties(year, lineage)
    extended = granted_until(year)
    made = []
    for key in missing:
        held, holder = duties[key], key[1]
        leads = any(duty.role == AssignmentRole.LEAD for duty in held)
        measure_id = held[0].measure_id
        made.append(
            ProgressReport(
                reporting_year=year,
                measure_id=measure_id,
                ministry_id=holder,
                ministry_name=names[holder],
                role=AssignmentRole.LEAD if leads else AssignmentRole.PARTNER,
                coordinating=leads and coordinator[measure_id][1] == holder,
                status=Status.NOT_APPLICABLE if key in ended else Status.DRAFT,
                exempt_reason=ended.get(key, ""),
                extended_until=extended.get(holder),
            )
        )
    ProgressReport.objects.bulk_create(made)
    ids = present | {key: report.pk for key, report in zip(missing, made, strict=True)}
    answers = ProgressReport.assignments.through
    answers.objects.bulk_create(
        (
            answers(progressreport_id=ids[key], assignment_id=duty.pk)
            for key, held in duties.items()
            for duty in held
        ),
        ignore_conflicts=True,
    )
    return len(made)


def _ended_duties(year: ReportingYear, lineage: Lineage) -> dict[tuple, str]:
    """(measure's lineage, holder) → reason, for duties that an earlier year ended.

    The last earlier report that is not itself not-applicable decides: resuming a later year after
    "done" therefore lasts.
    """
    earlier = (
        ProgressReport.objects.filter(
            reporting_year__plan=year.plan, reporting_year__year__lt=year.year
        )
        .exclude(status=Status.NOT_APPLICABLE)
        .select_related("reporting_year", "measure")
        .only(
            "status", "light", "accepted_at", "ministry_id",
            "reporting_year__year", "measure__lineage",
        )
        .order_by("reporting_year__year")
    )  # fmt: skip
    last = {
        (report.measure.lineage, lineage.holder(report.ministry_id, year.opens_on)): report
        for report in earlier
    }
    return {
        key: reason_for_later_years(report)
        for key, report in last.items()
        if report.status == Status.ACCEPTED and report.light in FINAL_LIGHTS
    }
