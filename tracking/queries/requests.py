"""Shared reads of what ministries ask of reviewers: more time, and corrections."""

from datetime import date

from django.db.models import QuerySet

from tracking.enums import RequestState
from tracking.models import CorrectionRequest, ExtensionRequest, ProgressReport, ReportingYear


def granted_until(year: ReportingYear) -> dict[int, date]:
    """Ministry id → the last day in time that a reviewer granted it for this year. One query."""
    rows = ExtensionRequest.objects.filter(reporting_year=year, state=RequestState.GRANTED)
    found: dict[int, date] = {}
    for ministry, until in rows.values_list("ministry_id", "granted_until"):
        found[ministry] = max(until, found.get(ministry, until))
    return found


def full_extensions() -> QuerySet[ExtensionRequest]:
    """With all that a page shows of them; scope it before use."""
    return ExtensionRequest.objects.select_related(
        "reporting_year__plan", "ministry", "asked_by", "on_behalf_of", "decided_by"
    )


def full_corrections() -> QuerySet[CorrectionRequest]:
    return CorrectionRequest.objects.select_related(
        *("report__reporting_year__plan", "report__measure__version", "report__ministry"),
        *("asked_by", "on_behalf_of", "decided_by"),
    )


def waiting_requests(user) -> tuple[list[ExtensionRequest], list[CorrectionRequest]]:
    """What waits for a reviewer's decision, oldest first. Two queries."""
    return (
        list(full_extensions().visible_to(user).waiting()),
        list(full_corrections().visible_to(user).waiting()),
    )


def running_correction(report: ProgressReport, user) -> CorrectionRequest | None:
    """The correction in which this report is, for those who may know of it."""
    rows = CorrectionRequest.objects.visible_to(user).filter(
        report=report, state=RequestState.GRANTED, ended_at__isnull=True
    )
    return rows.first()
