"""The rows of one demo reporting year, gathered in memory and stored table by table."""

from dataclasses import dataclass, field
from datetime import datetime

from ministries import audit
from ministries.models import AuditEvent
from plan.models import Assignment
from tracking.models import (
    Evidence,
    IndicatorValue,
    MoneyLine,
    ProgressReport,
    ReportAuthor,
    ReportEvent,
    ReturnedPart,
)


@dataclass
class Rows:
    """`answers` are reports with the duties that they answer, `saves` (report, version, when)."""

    reports: list[ProgressReport] = field(default_factory=list)
    answers: list[tuple[ProgressReport, Assignment]] = field(default_factory=list)
    values: list[IndicatorValue] = field(default_factory=list)
    money: list[MoneyLine] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    authors: list[ReportAuthor] = field(default_factory=list)
    events: list[ReportEvent] = field(default_factory=list)
    returns: list[ReturnedPart] = field(default_factory=list)
    saves: list[tuple[ProgressReport, int, datetime]] = field(default_factory=list)

    def write(self) -> None:
        ProgressReport.objects.bulk_create(self.reports)
        through = ProgressReport.assignments.through
        through.objects.bulk_create(
            through(progressreport_id=report.pk, assignment_id=duty.pk)
            for report, duty in self.answers
        )
        for model, rows in (
            (IndicatorValue, self.values),
            (MoneyLine, self.money),
            (Evidence, self.evidence),
            (ReportAuthor, self.authors),
            (ReportEvent, self.events),
            (ReturnedPart, self.returns),
        ):
            model.objects.bulk_create(rows)
        audit.record_many(self._audit())

    def _audit(self) -> list[AuditEvent]:
        """What the actions would have logged: every saving and every move."""
        entries = [
            audit.entry(
                "report.save",
                report,
                by=report.saved_by,
                ministry=report.ministry,
                before={"version": version - 1},
                after={"version": version},
                at=at,
            )
            for report, version, at in self.saves
        ]
        entries += [
            audit.entry(
                f"report.{event.verb}",
                event.report,
                by=event.by,
                ministry=event.report.ministry,
                before={"status": event.from_status, "version": event.version - 1},
                after={"status": event.to_status, "version": event.version},
                at=event.at,
            )
            for event in self.events
        ]
        return sorted(entries, key=lambda row: row.at)
