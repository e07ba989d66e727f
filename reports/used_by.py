"""Whoever used a report in a review, to be told when it is corrected.

Who wrote or settled a conclusion that cites a line of the report, experts whose opinion is on its
measure, leads of the measure's other reports of that year, and who quoted it. Registered with
`tracking.notices.requests.add_users_of`.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from ministries.enums import MembershipRole
from plan.enums import AssignmentRole
from reports.models import Citation, Opinion
from tracking.models import ProgressReport
from tracking.notices.requests import Use
from tracking.queries.people import bodies_of, members_of, windows_of


def users_of(report: ProgressReport) -> Iterator[Use]:
    """People and where they used the report; one person may come more than once."""
    yield from _conclusions(report)
    yield from _opinions(report)
    yield from _leads(report)
    for quotation in report.quoted_in.select_related("by", "report__measure"):
        values = {"code": quotation.report.measure.code, "year": report.reporting_year.year}
        yield Use(quotation.by, _("%(year)s年度%(code)s報告的引文") % values)


def _conclusions(report: ProgressReport) -> Iterator[Use]:
    """Whoever saved or settled a conclusion whose paragraphs cite the report's line."""
    cited = Citation.objects.filter(
        line__edition__review__plan=report.reporting_year.plan_id,
        line__year=report.reporting_year.year,
        line__measure_code=report.measure.code,
        line__ministry_code=report.ministry.code,
    ).select_related(
        *("paragraph__conclusion__review", "paragraph__conclusion__saved_by"),
        "paragraph__conclusion__ready_by",
    )
    for citation in cited:
        conclusion = citation.paragraph.conclusion
        values = {
            "review": conclusion.review.title,
            "node": conclusion.code or conclusion.get_level_display(),
        }
        for person in filter(None, (conclusion.saved_by, conclusion.ready_by)):
            yield Use(person, _("「%(review)s」%(node)s的結論") % values)


def _opinions(report: ProgressReport) -> Iterator[Use]:
    """Experts who gave their opinion on the measure in a review that has the year."""
    given = Opinion.objects.filter(
        seat__review__plan=report.reporting_year.plan_id,
        seat__ended_at__isnull=True,
        measure_code=report.measure.code,
    ).select_related("seat__review", "seat__user")
    for opinion in given:
        if report.reporting_year.year in opinion.seat.review.years:
            values = {"review": opinion.seat.review.title, "code": opinion.measure_code}
            yield Use(opinion.seat.user, _("「%(review)s」%(code)s的專家意見") % values)


def _leads(report: ProgressReport) -> Iterator[Use]:
    """Officers and windows of the measure's other leads, who read this report beside theirs."""
    others = ProgressReport.objects.filter(
        reporting_year=report.reporting_year_id,
        measure=report.measure_id,
        role=AssignmentRole.LEAD,
    ).exclude(ministry=report.ministry_id)
    for ministry in others.order_by().values_list("ministry", flat=True):
        bodies = bodies_of(ministry)
        where = _("%(code)s的主辦") % {"code": report.measure.code}
        for person in windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER):
            yield Use(person, where)
