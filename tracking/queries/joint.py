"""The other reports of a measure and year: partners' beside the lead's, and what both said."""

from dataclasses import dataclass, field

from django.db.models import Q

from plan.enums import AssignmentRole
from tracking.enums import Verb
from tracking.models import Dissent, ProgressReport, Quotation
from tracking.models.scope import SUBMITTED_ONCE
from tracking.rules import joint as rules
from tracking.rules import reports as report_rules
from tracking.submitted import shown

# What a lead may quote of a partner, into its own field of the same name.
QUOTABLE = ("work_done", "benefit", "obstacle", "response", "next_steps")


@dataclass
class Text:
    """One text of a partner. `quoted`: it stands in the lead's report as a citation."""

    name: str
    label: str
    text: str
    quoted: bool


@dataclass
class PartnerPart:
    """A partner's report beside the lead's; without texts until the partner has filed."""

    report: ProgressReport
    readable: bool
    texts: list[Text] = field(default_factory=list)


@dataclass
class LeadPart:
    """A lead's report as its partner knows it: that it was filed, and what it quotes of its own."""

    report: ProgressReport
    filed: bool
    readable: bool
    quotations: list[Quotation]
    dissent: Dissent | None
    may: object


def _others(report: ProgressReport, role: str):
    """Reports of the same measure and year in this role, of other bodies."""
    return (
        ProgressReport.objects.filter(
            measure=report.measure_id, reporting_year=report.reporting_year_id, role=role
        )
        .exclude(ministry=report.ministry_id)
        .select_related("ministry", "reporting_year")
        .order_by("-coordinating", "ministry__code")
    )


def partner_parts(report: ProgressReport, user) -> list[PartnerPart]:
    """Partners' parts for the lead's people, from sign-off on; of a correction what was filed."""
    if report.role != AssignmentRole.LEAD or report.ministry_id not in user.ministry_ids:
        return []
    rows = list(_others(report, AssignmentRole.PARTNER))
    if not rows:
        return []
    readable = ProgressReport.objects.visible_to(user).filter(SUBMITTED_ONCE)
    known = set(readable.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    shown([row for row in rows if row.pk in known], user)
    quoted = {
        (one.source_id, one.field): one for one in quotations_of(report) if stands(one, report)
    }
    return [
        PartnerPart(row, row.pk in known, _texts(row, quoted) if row.pk in known else [])
        for row in rows
    ]


def _texts(row: ProgressReport, quoted: dict) -> list[Text]:
    return [
        Text(name, label(name), text, (row.pk, name) in quoted)
        for name in QUOTABLE
        if (text := getattr(row, name))
    ]


def label(name: str) -> str:
    return str(ProgressReport._meta.get_field(name).verbose_name)


def quotations_of(report: ProgressReport) -> list[Quotation]:
    rows = Quotation.objects.filter(report=report)
    return list(rows.select_related("source__ministry", "source__reporting_year"))


def stands(one: Quotation, report: ProgressReport) -> bool:
    """Whether the quoted text still stands in the report, word for word."""
    return one.text in getattr(report, one.field)


def lead_parts(report: ProgressReport, user) -> list[LeadPart]:
    """For a partner's people: the leads of the measure. That a lead has filed is told to its
    partners, its text is not, before it is accepted; only what it quotes of their own.
    """
    if report.role != AssignmentRole.PARTNER or report.ministry_id not in user.ministry_ids:
        return []
    rows = list(_others(report, AssignmentRole.LEAD))
    keys = [row.pk for row in rows]
    readable = set(
        ProgressReport.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)
    )
    filed = set(
        ProgressReport.objects.filter(SUBMITTED_ONCE, pk__in=keys).values_list("pk", flat=True)
    )
    dissents = {
        one.report_id: one
        for one in Dissent.objects.standing()
        .filter(report__in=keys, ministry=report.ministry_id)
        .select_related("by", "answered_by")
    }
    quoted: dict[int, list[Quotation]] = {}
    for one in Quotation.objects.filter(report__in=filed, source=report):
        quoted.setdefault(one.report_id, []).append(one)
    return [
        LeadPart(
            row,
            row.pk in filed,
            row.pk in readable,
            [one for one in quoted.get(row.pk, []) if stands(one, row)],
            dissents.get(row.pk),
            rules.dissent_verdict(report, row, user),
        )
        for row in rows
    ]


def dissents_on(reports: list[ProgressReport], user) -> dict[int, list[Dissent]]:
    """Report id → dissent that stands on these reports, as far as `user` may read it. One query."""
    rows = Dissent.objects.visible_to(user).standing().filter(report__in=reports)
    found: dict[int, list[Dissent]] = {}
    for row in rows.select_related("ministry", "by", "answered_by", "report"):
        found.setdefault(row.report_id, []).append(row)
    return found


def joint_context(report: ProgressReport, user, *, readable: bool) -> dict:
    """What a report's page tells of the other ministries of its measure."""
    if not user.is_authenticated and not readable:
        return {}
    quotations = quotations_of(report) if readable else []
    sources = ProgressReport.objects.visible_to(user).filter(
        Q(pk__in=[one.source_id for one in quotations])
    )
    open_to = set(sources.values_list("pk", flat=True)) if quotations else set()
    dissents = dissents_on([report], user).get(report.pk, [])
    answerable = (
        {one.pk for one in dissents if rules.answer_verdict(one, user)}
        if (user.is_authenticated)
        else set()
    )
    return {
        "quotations": [
            {"row": one, "label": label(one.field), "open": one.source_id in open_to}
            for one in quotations
            if stands(one, report)
        ],
        "dissents": [{"row": one, "may_answer": one.pk in answerable} for one in dissents],
        "leads": lead_parts(report, user) if user.is_authenticated else [],
        "partner_parts": partner_parts(report, user) if user.is_authenticated else [],
        "may_quote": user.is_authenticated and bool(report_rules.verdict(Verb.SAVE, report, user)),
    }
